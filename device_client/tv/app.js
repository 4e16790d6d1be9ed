/* Joins the session with the screen and the remote control. */

(function (tv) {
  "use strict";

  var config = tv.config;
  var button = document.getElementById("button");
  var screen = new tv.Screen(config, tv.language(location.search, navigator.language));
  var state = "";

  var session = new tv.Session(config, function (next, flow) {
    var arrived = next === "SIGNED_IN" && state !== next;
    state = next;
    screen.show(next, flow);
    if (arrived) {
      session.name(screen.name.bind(screen));
    }
  });

  /* The button of every screen but one begins anew: nothing begins by itself (RFC 8628 3.5). */
  button.addEventListener("click", function () {
    if (state === "SIGNED_IN") {
      session.signOut();
    } else {
      session.start();
    }
  });

  tv.listen(button, screen.entry, function () {
    if (state === "STARTING" || state === "PENDING") {
      session.cancel();
    } else if (config.onBack) {
      config.onBack();
    }
  });

  window.addEventListener("resize", function () {
    if (screen.shown === "pending") {
      screen.fit();
    }
  });

  tv.session = session;
  if (config.startAtOnce || session.store.load().refresh_token) {
    session.start();
  } else {
    session.cancel();
  }
})(PairlightTV);
