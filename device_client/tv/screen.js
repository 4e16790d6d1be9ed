/* What is on the screen. All of it is text put into index.html: no markup comes from a server. */

(function (tv) {
  "use strict";

  var SVG = "http://www.w3.org/2000/svg";
  var QUIET_ZONE = 4; // modules on each side
  var SLACK = 0.98; // of a width, for engines that round
  // Shares of their usual size. A code that must be smaller than LONG gets a row of its own; what
  // must be smaller than its least is broken into lines.
  var LONG = 0.6;
  var LEAST = { code: 0.3, address: 0.55, heading: 0.7 };

  function Screen(config, language) {
    this.words = tv.words(language);
    this.shown = "";
    this.code = "";
    this.rows = [];
    document.documentElement.lang = language;
    document.title = config.title;
    say("brand", config.title);
    say("heading", this.words.heading);
    say("code-label", this.words.code);
    say("entry-heading", this.words.entry[0]);
    say("entry-advice", this.words.entry[1]);
    element("delete").setAttribute("aria-label", this.words.erase);
    this.entry = new tv.Entry(this.show.bind(this, "PENDING"));
  }

  /* Cheap when nothing has changed, for it is called several times a second. */
  Screen.prototype.show = function (state, flow) {
    var name = nameOf(state, flow);
    if (name === "pending") {
      this.showCode(flow);
      this.countDown(flow, flow.backoffMs ? this.words.silent : this.words.waiting);
    } else if (name === "entry") {
      this.shown = name;
      this.turnTo(name);
      this.countDown(flow, this.words.left);
    } else if (name !== this.shown) {
      this.shown = name;
      this.showMessage(this.words[name], flow ? flow.error : "");
    }
    this.entry.show(name === "entry" ? flow : null);
  };

  /* Say who signed in. */
  Screen.prototype.name = function (name) {
    if (name && this.shown === "signed_in") {
      say("title", tv.filled(this.words.signed_in_as, "name", name));
    }
  };

  Screen.prototype.showMessage = function (words, error) {
    say("title", words[0]);
    say("advice", tv.filled(words[1], "error", error));
    say("button", words[2] || "");
    this.turnTo(this.shown);
    // An OK too many must not sign out what it has just signed in: an arrow or OK comes first.
    if (this.shown === "signed_in") {
      element("button").blur();
    } else if (words[2]) {
      element("button").focus();
    }
  };

  Screen.prototype.showCode = function (flow) {
    if (this.shown === "pending" && this.code === flow.userCode) {
      return;
    }
    this.shown = "pending";
    this.code = flow.userCode;
    say("address", flow.verificationUri);
    say("code", flow.userCode);
    say("open", this.words.open);
    this.rows = [];
    this.fit();
    tv.qrRows(flow, this.showSymbol.bind(this, flow.userCode));
  };

  Screen.prototype.showSymbol = function (code, rows) {
    if (!rows.length || this.shown !== "pending" || this.code !== code) {
      return;
    }
    say("open", this.words.scan);
    this.rows = rows;
    this.fit();
  };

  Screen.prototype.countDown = function (flow, sentence) {
    var left = Math.max(0, Math.ceil(flow.leftMs / 1000));
    var time = Math.floor(left / 60) + ":" + ("0" + (left % 60)).slice(-2);
    say("status", tv.filled(sentence, "time", time));
    var share = Math.max(0, Math.min(1, flow.leftMs / flow.lifetimeMs));
    element("bar").style.width = 100 * share + "%";
  };

  /* Draw the symbol, and make the words beside it as large as there is room for. */
  Screen.prototype.fit = function () {
    var name = "pending" + (this.rows.length ? " with-symbol" : "");
    this.turnTo(name);
    if (shrunk("code") < LONG) {
      this.turnTo(name + " long");
      shrunk("code");
    }
    shrunk("heading");
    shrunk("address");
    element("symbol").textContent = "";
    if (this.rows.length) {
      element("symbol").appendChild(drawing(this.rows, element("card").clientWidth));
    }
  };

  Screen.prototype.turnTo = function (name) {
    document.body.className = name;
  };

  /* Which screen it is: of a flow that asks for a return code or has got one, there are more. */
  function nameOf(state, flow) {
    if (state === "PENDING" && flow.returnCodeLength) {
      return "entry";
    }
    if (state === "DENIED" && flow.returnCode) {
      return "denied_number";
    }
    var name = state === "PENDING" && flow.returnCode ? "checking" : state.toLowerCase();
    var silent = (name === "starting" || name === "checking") && flow.backoffMs > 0;
    return name + (silent ? "_silent" : "");
  }

  /* Make a line as large as it is meant to be, or as there is room for; the share of that size. */
  function shrunk(id) {
    var line = element(id);
    line.className = line.style.fontSize = "";
    var share = Math.min(1, line.parentNode.clientWidth / line.offsetWidth);
    if (share < 1) {
      var size = parseFloat(window.getComputedStyle(line).fontSize);
      line.className = share < LEAST[id] ? "broken" : "";
      line.style.fontSize = Math.floor(size * Math.max(share, LEAST[id]) * SLACK) + "px";
    }
    return share;
  }

  function element(id) {
    return document.getElementById(id);
  }

  function say(id, text) {
    var place = element(id);
    if (place.textContent !== text) {
      place.textContent = text;
    }
  }

  /* A picture of the rows with its quiet zone, each module the same whole number of pixels. */
  function drawing(rows, width) {
    var size = rows.length + 2 * QUIET_ZONE;
    var picture = document.createElementNS(SVG, "svg");
    var path = document.createElementNS(SVG, "path");
    var side = size * Math.floor(width / size);
    picture.setAttribute("viewBox", "0 0 " + size + " " + size);
    picture.setAttribute("width", side);
    picture.setAttribute("height", side);
    picture.setAttribute("shape-rendering", "crispEdges");
    path.setAttribute("d", strokes(rows));
    picture.appendChild(path);
    return picture;
  }

  /* The dark modules as an SVG path, a rectangle for each run. */
  function strokes(rows) {
    var found = "";
    rows.forEach(function (row, y) {
      var line = row.map(Number).join("");
      line.replace(/1+/g, function (run, x) {
        var place = (x + QUIET_ZONE) + " " + (y + QUIET_ZONE);
        found += "M" + place + "h" + run.length + "v1h-" + run.length + "z";
      });
    });
    return found;
  }

  tv.Screen = Screen;
})(PairlightTV);
