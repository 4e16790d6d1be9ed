/* RFC 8628 from the TV's side, without network, clock or randomness: device_client/flow.py in ES5.

   flow.step(now)        milliseconds until request() is due; flow.state says whether one is to come
   flow.request()        {endpoint, form}: what to POST
   flow.receive(...)     takes the answer, {} for one that was no JSON, status 0 for none

   STARTING --codes--> PENDING --tokens--> SIGNED_IN
       |                  |
       +------------------+--> DENIED, EXPIRED or FAILED by what the server says
       +--> UNREACHABLE   +--> EXPIRED  by the clock, when one last request has settled nothing */

(function (tv) {
  "use strict";

  /* RFC 8628 section 3.5: the first two continue. Every code that is not here is FAILED. */
  var AFTER_ERROR = {
    authorization_pending: "",
    slow_down: "",
    access_denied: "DENIED",
    expired_token: "EXPIRED"
  };
  var START_MS = 120000;
  var LONGEST_BACKOFF_MS = 60000;

  /* `verifier`: 43 to 128 random characters, for PKCE (RFC 7636). Times are in milliseconds.

     state, userCode, verificationUri, verificationUriComplete ("" without), verificationQr (or
     null), leftMs (as of the last step), lifetimeMs, backoffMs (above 0 while the server does not
     answer), error, tokens */
  function Flow(clientId, scope, verifier, now) {
    this.state = "STARTING";
    this.leftMs = START_MS;
    this.backoffMs = 0;
    this.error = "";
    this.clientId = clientId;
    this.scope = scope;
    this.verifier = verifier;
    this.interval = 0;
    this.waitMs = 0; // during a request 0 when it was sent, then falling
    this.asking = false;
    this.now = now;
  }

  Flow.prototype.isWaiting = function () {
    return this.state === "STARTING" || this.state === "PENDING";
  };

  /* May be called during a request: the first call says that it is sent now. */
  Flow.prototype.step = function (now) {
    var passed = now - this.now;
    this.now = now;
    this.leftMs -= passed;
    this.waitMs = this.asking ? 0 : this.waitMs - passed;
    this.asking = false;
    return this.isWaiting() ? Math.max(0, this.waitMs) : 0;
  };

  Flow.prototype.request = function () {
    this.asking = true;
    return this.state === "STARTING" ? this.askForCodes() : this.poll();
  };

  Flow.prototype.askForCodes = function () {
    var form = {
      client_id: this.clientId,
      code_challenge: tv.base64url(tv.sha256(this.verifier)),
      code_challenge_method: "S256",
      qr: "bits"
    };
    if (this.scope) {
      form.scope = this.scope;
    }
    return { endpoint: "device_authorization_endpoint", form: form };
  };

  Flow.prototype.poll = function () {
    return {
      endpoint: "token_endpoint",
      form: {
        client_id: this.clientId,
        grant_type: "urn:ietf:params:oauth:grant-type:device_code",
        device_code: this.deviceCode,
        code_verifier: this.verifier
      }
    };
  };

  /* An error code counts whatever the status, for servers send authorization_pending with 200, 400,
     403 and 428. A server in trouble (no answer, 408, 429, 5xx) is asked again later. */
  Flow.prototype.receive = function (status, answer, now) {
    var before = this.state;
    this.step(now);
    var last = this.leftMs <= this.waitMs; // sent after the end
    this.error = text(answer.error);
    if (!AFTER_ERROR.hasOwnProperty(this.error) && isTrouble(status)) {
      // Apart from the interval, which only the server changes.
      this.backoffMs = Math.min(2 * (this.backoffMs || this.pace()), LONGEST_BACKOFF_MS);
      this.waitMs = Math.max(this.pace(), Math.min(this.backoffMs, this.leftMs));
    } else {
      this.backoffMs = 0;
      this.settle(status, answer);
    }
    if (last && this.state === before) {
      this.state = before === "PENDING" ? "EXPIRED" : "UNREACHABLE";
    }
  };

  Flow.prototype.settle = function (status, answer) {
    if (this.error === "slow_down") {
      this.interval = Math.max(this.interval + 5, whole(answer.interval));
    }
    if (this.error) {
      var next = AFTER_ERROR.hasOwnProperty(this.error) ? AFTER_ERROR[this.error] : "FAILED";
      this.state = next || this.state;
    } else if (status !== 200 || !this.accept(answer)) {
      this.state = "FAILED";
      this.error = "invalid_response";
    }
    // The interval counts from sending (CIBA Core 10.1), but of an answer that came sooner nobody
    // knows which part of the time was the way there.
    var held = this.error && this.waitMs <= -1000 * this.interval;
    this.waitMs = held ? 1000 : this.pace();
  };

  Flow.prototype.accept = function (answer) {
    if (this.state === "PENDING") {
      return this.acceptTokens(answer);
    }
    this.deviceCode = text(answer.device_code);
    this.userCode = text(answer.user_code);
    // Google says url.
    this.verificationUri = text(answer.verification_uri) || text(answer.verification_url);
    this.verificationUriComplete = text(answer.verification_uri_complete);
    this.verificationQr = answer.verification_qr || null;
    this.interval = whole(answer.interval) || 5;
    this.leftMs = this.lifetimeMs = whole(answer.expires_in) * 1000;
    this.state = "PENDING";
    return this.deviceCode && this.userCode && this.verificationUri && this.leftMs;
  };

  Flow.prototype.acceptTokens = function (answer) {
    this.tokens = answer;
    this.state = "SIGNED_IN";
    // RFC 6749 section 7.1: a token of an unknown type is not to be used.
    return text(answer.token_type).toLowerCase() === "bearer" && answer.access_token;
  };

  /* Polling at exactly the interval is early whenever our clock runs fast, and is answered with
     slow_down for ever: stay 20 %, and at least 1 s, behind. */
  Flow.prototype.pace = function () {
    return this.interval * 1000 + Math.max(1000, this.interval * 200);
  };

  /* New tokens for a refresh token (RFC 6749 section 6): SIGNED_IN, or FAILED by a refusal, of which
     "invalid_grant" alone means that the refresh token is worth nothing any more, or UNREACHABLE. */
  function Renewal(clientId, refreshToken, now) {
    Flow.call(this, clientId, "", "", now);
    this.refreshToken = refreshToken;
  }

  Renewal.prototype = Object.create(Flow.prototype);

  Renewal.prototype.request = function () {
    this.asking = true;
    return {
      endpoint: "token_endpoint",
      form: {
        client_id: this.clientId,
        grant_type: "refresh_token",
        refresh_token: this.refreshToken
      }
    };
  };

  Renewal.prototype.accept = function (answer) {
    // A server that does not rotate refresh tokens sends none, and the old one stays good.
    answer.refresh_token = answer.refresh_token || this.refreshToken;
    return this.acceptTokens(answer);
  };

  function isTrouble(status) {
    return status === 0 || status === 408 || status === 429 || status >= 500;
  }

  function text(value) {
    return value === undefined || value === null ? "" : String(value);
  }

  /* Servers send numbers in quotes too. 0 for what is absent or no number. */
  function whole(value) {
    var number = parseInt(value, 10);
    return number > 0 && isFinite(number) ? number : 0;
  }

  tv.Flow = Flow;
  tv.Renewal = Renewal;
  tv.whole = whole;
})(PairlightTV);
