/* One HTTP request by XMLHttpRequest, which the oldest TVs have. It takes cookies to the page's own
   origin, and to no other. */

(function (tv) {
  "use strict";

  var ANSWER_MS = 10000;

  /* asked: {url, form, bearer, wait}, of which only url must be there; `wait` is for how many seconds
     the answer may be held back (RFC 7240 section 4.3). done(status, answer): status 0 without an
     answer, -1 when the browser refuses to ask, as by what is no address; answer is an object, {} when
     there was none. Returns a function that gives up. */
  tv.send = function (asked, done) {
    var request = new XMLHttpRequest();
    try {
      prepare(request, asked);
    } catch (error) {
      return clearTimeout.bind(window, setTimeout(done, 0, -1, {}));
    }
    request.onloadend = function () {
      done(request.status, parsed(request.responseText));
    };
    request.send(asked.form ? encoded(asked.form) : null);
    return function () {
      request.onloadend = null;
      request.abort();
    };
  };

  function prepare(request, asked) {
    request.open(asked.form ? "POST" : "GET", asked.url);
    request.timeout = ANSWER_MS + 1000 * (asked.wait || 0);
    if (asked.form) {
      request.setRequestHeader("Content-Type", "application/x-www-form-urlencoded");
    }
    // Without these two a page elsewhere needs no preflight.
    if (asked.wait) {
      request.setRequestHeader("Prefer", "wait=" + asked.wait);
    }
    if (asked.bearer) {
      request.setRequestHeader("Authorization", "Bearer " + asked.bearer);
    }
  }

  function encoded(form) {
    return Object.keys(form).map(function (name) {
      return encodeURIComponent(name) + "=" + encodeURIComponent(form[name]);
    }).join("&");
  }

  function parsed(body) {
    try {
      var value = JSON.parse(body);
      return value && typeof value === "object" ? value : {};
    } catch (error) {
      return {};
    }
  }

  tv.base64url = function (bytes) {
    var encodedBytes = btoa(String.fromCharCode.apply(null, bytes));
    return encodedBytes.replace(/\+/g, "-").replace(/\//g, "_").replace(/=/g, "");
  };

  /* As many random bytes, in hexadecimal. */
  tv.random = function (count) {
    var bytes = new Uint8Array(count);
    window.crypto.getRandomValues(bytes);
    return Array.prototype.map.call(bytes, function (byte) {
      return (byte + 256).toString(16).slice(1);
    }).join("");
  };
})(PairlightTV);
