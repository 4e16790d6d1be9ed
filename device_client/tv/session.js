/* Takes the TV through discovery, sign-in and renewal, and keeps the tokens.

   They are in this object alone, and where token_store.js keeps them: never in the document, an
   address or the console. */

(function (tv) {
  "use strict";

  var WAIT = 25; // seconds that a poll may be held; proxies end what is silent for 30
  var TICK_MS = 250; // how often the time left is looked at

  /* show(state, flow): called whenever something may have changed. */
  function Session(config, show) {
    this.config = config;
    this.show = show;
    this.metadata = null;
    this.tokens = null;
    this.holds = true;
    this.stop = nothing;
    this.renewing = []; // who waits for the renewal under way
    this.store = new tv.TokenStore(config);
  }

  /* Renew what is kept if that can be done, else ask a person. */
  Session.prototype.start = function () {
    var session = this;
    session.discover(function () {
      var kept = session.store.load();
      if (kept.refresh_token) {
        session.tokens = kept;
        session.renew(function (flow) {
          if (flow.error === "invalid_grant") {
            session.ask();
          } else {
            session.end(flow);
          }
        }, session.show);
      } else {
        session.ask();
      }
    });
  };

  Session.prototype.discover = function (found) {
    var session = this;
    if (session.metadata) {
      found();
      return;
    }
    session.drive(new tv.Discovery(session.config.issuer, now()), function (flow) {
      if (flow.state === "FOUND") {
        session.metadata = flow.metadata;
        found();
      } else {
        session.end(flow);
      }
    }, session.show);
  };

  Session.prototype.ask = function () {
    var flow = new tv.ReturnCodeFlow(this.config.clientId, this.config.scope, tv.random(32), now());
    this.drive(flow, this.end.bind(this), this.show);
  };

  /* Get new tokens for the refresh token; done(flow) when that is settled. Nothing of it is shown
     unless `show` is given, but that the tokens are worth nothing now. One at a time: who comes
     meanwhile hears of the one under way. */
  Session.prototype.renew = function (done, show) {
    var session = this;
    var flow = new tv.Renewal(session.config.clientId, (session.tokens || {}).refresh_token, now());
    if (!flow.refreshToken) {
      flow.receive(400, { error: "invalid_grant" }, now());
      done(flow);
    } else if (session.renewing.push(done) === 1) {
      session.drive(flow, function () {
        if (flow.state === "SIGNED_IN") {
          session.keep(flow.tokens);
        } else if (flow.error === "invalid_grant") {
          session.forget();
          session.show("WELCOME", null);
        }
        session.renewing.splice(0).forEach(function (waiting) { waiting(flow); });
      }, show || nothing);
    }
  };

  /* A sign-in is over, in whichever way. */
  Session.prototype.end = function (flow) {
    if (flow.state === "SIGNED_IN" && flow.tokens !== this.tokens) {
      this.keep(flow.tokens);
    }
    this.show(flow.state, flow);
  };

  /* End what is under way, if anything is. */
  Session.prototype.cancel = function () {
    this.stop();
    this.renewing = [];
    this.show("WELCOME", null);
  };

  /* End the grant at the server and forget it here. */
  Session.prototype.signOut = function () {
    var tokens = this.tokens;
    var endpoint = tokens && this.metadata.revocation_endpoint;
    this.forget();
    this.cancel();
    if (endpoint) {
      var token = tokens.refresh_token || tokens.access_token;
      tv.send({ url: endpoint, form: { client_id: this.config.clientId, token: token } }, nothing);
    }
  };

  /* Ask who signed in (OpenID Connect Core 5.3); told(name), "" when nobody says. */
  Session.prototype.name = function (told) {
    var endpoint = this.metadata.userinfo_endpoint;
    if (!endpoint) {
      told("");
      return;
    }
    tv.send({ url: endpoint, bearer: this.tokens.access_token }, function (status, claims) {
      told(status === 200 ? String(claims.name || claims.preferred_username || "") : "");
    });
  };

  /* Take a flow to its final state. */
  Session.prototype.drive = function (flow, done, show) {
    var session = this;
    var timer = null;
    var giveUp = nothing;
    session.stop();
    session.stop = function () {
      clearTimeout(timer);
      giveUp();
    };
    function turn() {
      var waitMs = flow.step(now());
      if (!flow.isWaiting()) {
        session.stop = nothing;
        done(flow);
        return;
      }
      show(flow.state, flow);
      if (waitMs > 0) {
        timer = setTimeout(turn, Math.min(waitMs, TICK_MS));
      } else {
        giveUp = session.exchange(flow, function () {
          clearTimeout(timer);
          turn();
        });
        timer = setTimeout(count, TICK_MS);
      }
    }
    function count() {
      flow.step(now());
      show(flow.state, flow);
      timer = setTimeout(count, TICK_MS);
    }
    turn();
  };

  /* Make the request that a flow asks for. */
  Session.prototype.exchange = function (flow, done) {
    var session = this;
    var asked = flow.request();
    asked.url = asked.url || session.metadata[asked.endpoint];
    // Something on the way may end what is silent for so long, or a server elsewhere may not allow
    // the header: after one failure polls are not held any more.
    asked.wait = flow.state === "PENDING" && session.holds && !flow.returnCode ? WAIT : 0;
    return tv.send(asked, function (status, answer) {
      session.holds = session.holds && !(asked.wait && status === 0);
      flow.receive(status, answer, now());
      done();
    });
  };

  /* Kept before anybody uses them: the refresh token that they replace dies with their use. */
  Session.prototype.keep = function (tokens) {
    this.tokens = tokens;
    this.store.save(tokens);
    if (this.config.onSignedIn) {
      this.config.onSignedIn(tokens);
    }
  };

  Session.prototype.forget = function () {
    this.tokens = null;
    this.store.forget();
  };

  function nothing() {}

  /* Milliseconds of a clock that nobody sets: TVs learn the time some while after they start. */
  function now() {
    return performance.now();
  }

  tv.Session = Session;
})(PairlightTV);
