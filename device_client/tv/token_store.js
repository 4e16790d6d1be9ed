/* Tokens that survive a restart: in localStorage if config.keepTokens says so, else nowhere. */

(function (tv) {
  "use strict";

  var KEPT = ["access_token", "refresh_token"];

  function TokenStore(config) {
    this.keeps = config.keepTokens;
    this.place = "pairlight " + config.issuer + " " + config.clientId;
    if (!this.keeps) {
      this.forget(); // what an earlier configuration kept
    }
  }

  /* The tokens, {} when there are none. */
  TokenStore.prototype.load = function () {
    try {
      return JSON.parse(localStorage.getItem(this.place)) || {};
    } catch (error) {
      return {};
    }
  };

  TokenStore.prototype.save = function (tokens) {
    if (!this.keeps) {
      return;
    }
    var kept = {};
    KEPT.forEach(function (name) { kept[name] = tokens[name]; });
    try {
      localStorage.setItem(this.place, JSON.stringify(kept));
    } catch (error) {
      // Full, or switched off: signed in until the page is closed.
    }
  };

  TokenStore.prototype.forget = function () {
    try {
      localStorage.removeItem(this.place);
    } catch (error) {
      // Switched off: nothing was kept.
    }
  };

  tv.TokenStore = TokenStore;
})(PairlightTV);
