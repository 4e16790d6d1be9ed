/* The remote control: OK presses the button, whatever has the focus; Back is what it says. */

(function (tv) {
  "use strict";

  var OK = [13];
  var ARROWS = [37, 38, 39, 40];
  // webOS, Tizen, and keyboards: Escape and the key for going back.
  var BACK = [461, 10009, 27, 8];

  /* back(): what Back does. There is one button at most, and it never loses the focus for long. */
  tv.listen = function (button, back) {
    document.addEventListener("keydown", function (event) {
      if (BACK.indexOf(event.keyCode) >= 0) {
        event.preventDefault();
        back();
      } else if (ARROWS.indexOf(event.keyCode) >= 0) {
        event.preventDefault();
        button.focus();
      } else if (OK.indexOf(event.keyCode) >= 0 && document.activeElement !== button) {
        event.preventDefault();
        button.focus();
      }
    });
  };
})(PairlightTV);
