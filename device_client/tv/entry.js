/* Where the person enters the return code: a box for each digit, and keys on the screen, for many
   remote controls have none of their own. */

(function (tv) {
  "use strict";

  var ACROSS = 3; // keys in a row; the last row has no third
  var USUAL = 4; // digits that have room in one row
  var FIRST = 4; // the key that has the focus at first: in the middle, so that no way is long

  /* entered(flow): called when the last digit was entered, which needs no further key. */
  function Entry(entered) {
    this.entered = entered;
    this.boxes = document.getElementById("boxes");
    this.keys = document.querySelectorAll("#keypad button");
    this.flow = null;
    this.digits = "";
    for (var at = 0; at < this.keys.length; at++) {
      this.keys[at].addEventListener("click", this.press.bind(this, this.keys[at].value));
    }
  }

  /* Ask for the return code of a flow; null: for none any more. */
  Entry.prototype.show = function (flow) {
    if (flow === this.flow) {
      return;
    }
    this.flow = flow;
    this.digits = "";
    this.draw();
    if (flow) {
      this.focus();
    }
  };

  Entry.prototype.focus = function () {
    this.keys[FIRST].focus();
  };

  /* Take a digit, or take the last one back: "". */
  Entry.prototype.press = function (digit) {
    var flow = this.flow;
    if (!flow) {
      return;
    }
    this.digits = digit ? this.digits + digit : this.digits.slice(0, -1);
    this.draw();
    if (this.digits.length === flow.returnCodeLength) {
      flow.enter(this.digits);
      this.entered(flow);
    }
  };

  /* Give the focus to the next key in a direction, if there is one. */
  Entry.prototype.move = function (across, down) {
    var at = Array.prototype.indexOf.call(this.keys, document.activeElement);
    if (at < 0) {
      this.focus();
      return;
    }
    var column = within(at % ACROSS + across, ACROSS - 1);
    var row = within(Math.floor(at / ACROSS) + down, Math.floor(this.keys.length / ACROSS));
    this.keys[within(row * ACROSS + column, this.keys.length - 1)].focus();
  };

  Entry.prototype.draw = function () {
    var count = this.flow ? this.flow.returnCodeLength : 0;
    this.boxes.textContent = "";
    this.boxes.className = count > USUAL ? "many" : "";
    this.boxes.setAttribute("aria-label", this.digits + " " + this.digits.length + "/" + count);
    for (var at = 0; at < count; at++) {
      var box = document.createElement("span");
      box.textContent = this.digits.charAt(at);
      box.className = at === this.digits.length ? "next" : "";
      this.boxes.appendChild(box);
    }
  };

  function within(number, most) {
    return Math.max(0, Math.min(most, number));
  }

  tv.Entry = Entry;
})(PairlightTV);
