/* The remote control: OK presses what has the focus, arrows move it; Back is what it says. */

(function (tv) {
  "use strict";

  var OK = [13];
  var ARROWS = { 37: [-1, 0], 38: [0, -1], 39: [1, 0], 40: [0, 1] };
  // webOS, Tizen, and keyboards: Escape and the key for going back.
  var BACK = [461, 10009, 27, 8];
  var DELETE = [8, 46];

  /* back(): what Back does where it deletes no digit. Where none are asked for, there is one button
     at most, and it never loses the focus for long. */
  tv.listen = function (button, entry, back) {
    document.addEventListener("keydown", function (event) {
      var act = meaning(event.keyCode, button, entry, back);
      if (act) {
        event.preventDefault();
        // A key held down counts once, for a digit too many ends the sign-in; but arrows run.
        if (!event.repeat || ARROWS.hasOwnProperty(event.keyCode)) {
          act();
        }
      }
    });
  };

  /* What a key does: a function, or null for nothing. */
  function meaning(key, button, entry, back) {
    if (OK.indexOf(key) >= 0) {
      return press.bind(null, entry.flow ? entry : button);
    }
    if (ARROWS.hasOwnProperty(key)) {
      var way = ARROWS[key];
      return entry.flow ? entry.move.bind(entry, way[0], way[1]) : button.focus.bind(button);
    }
    if (entry.flow && digit(key)) {
      return entry.press.bind(entry, digit(key));
    }
    if (entry.flow && DELETE.indexOf(key) >= 0 || entry.digits && BACK.indexOf(key) >= 0) {
      return entry.press.bind(entry, "");
    }
    return BACK.indexOf(key) >= 0 ? back : null;
  }

  /* Press what has the focus; if nothing has it, this gets it. */
  function press(home) {
    if (document.activeElement.tagName === "BUTTON") {
      document.activeElement.click();
    } else {
      home.focus();
    }
  }

  /* The digit on a key, also on those of a number pad, or "". */
  function digit(key) {
    var number = key < 96 ? key - 48 : key - 96;
    return number >= 0 && number <= 9 ? String(number) : "";
  }
})(PairlightTV);
