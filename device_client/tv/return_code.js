/* The return code (RFC 10027 section 6.1.16), where a client is registered for it: after the
   approval the phone shows a number of few digits, and only who enters it here gets the tokens.
   device_client/return_code.py in ES5. */

(function (tv) {
  "use strict";

  var LONGEST = 12; // digits that there is room for

  /* Adds to a Flow: returnCodeLength, the digits that the person is to enter now, 0 while none are
     asked for; returnCode, what was entered. The state stays PENDING. Between the two nothing is
     polled: only time can end it. */
  function ReturnCodeFlow(clientId, scope, verifier, now) {
    tv.Flow.call(this, clientId, scope, verifier, now);
    this.returnCodeLength = 0;
    this.returnCode = "";
  }

  ReturnCodeFlow.prototype = Object.create(tv.Flow.prototype);

  /* Sends it with the next poll, which is due at once; a wrong one ends the sign-in. */
  ReturnCodeFlow.prototype.enter = function (returnCode) {
    this.returnCode = returnCode;
    this.returnCodeLength = 0;
    this.waitMs = 0;
  };

  ReturnCodeFlow.prototype.poll = function () {
    var asked = tv.Flow.prototype.poll.call(this);
    if (this.returnCode) {
      asked.form.return_code = this.returnCode;
    }
    return asked;
  };

  ReturnCodeFlow.prototype.receive = function (status, answer, now) {
    var length = this.state === "PENDING" && answer.error === "authorization_pending"
      ? tv.whole(answer.return_code_length) : 0;
    this.returnCodeLength = length <= LONGEST ? length : 0;
    this.step(now);
    if (this.returnCodeLength) {
      // Also after the code's own time: who approved in its last moment gets some to enter this.
      this.leftMs = this.lifetimeMs = tv.whole(answer.expires_in) * 1000 || this.leftMs;
    }
    tv.Flow.prototype.receive.call(this, status, answer, now);
    if (this.returnCodeLength) {
      this.waitMs = Math.max(this.waitMs, this.leftMs); // then one last poll settles it
    }
  };

  tv.ReturnCodeFlow = ReturnCodeFlow;
})(PairlightTV);
