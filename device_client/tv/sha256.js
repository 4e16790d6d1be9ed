/* SHA-256 (FIPS 180-4): engines of old TVs have no crypto.subtle, nor has a page by plain http. */

(function (tv) {
  "use strict";

  var PRIMES = primes(64);
  var START = PRIMES.slice(0, 8).map(function (prime) { return fraction(Math.sqrt(prime)); });
  var ROUNDS = PRIMES.map(function (prime) { return fraction(Math.pow(prime, 1 / 3)); });

  function primes(count) {
    var found = [];
    for (var number = 2; found.length < count; number++) {
      if (found.every(function (prime) { return number % prime; })) {
        found.push(number);
      }
    }
    return found;
  }

  function fraction(number) {
    return ((number - Math.floor(number)) * 4294967296) | 0;
  }

  function rotated(word, by) {
    return (word >>> by) | (word << (32 - by));
  }

  /* The 32-bit words of the padded message. */
  function words(text) {
    var length = (((text.length + 8) >> 6) + 1) * 16;
    var found = [];
    for (var index = 0; index < length; index++) {
      found.push(0);
    }
    for (var at = 0; at <= text.length; at++) {
      var byte = at < text.length ? text.charCodeAt(at) : 0x80;
      found[at >> 2] |= byte << (24 - (at & 3) * 8);
    }
    found[length - 1] = text.length * 8;
    return found;
  }

  function schedule(block) {
    for (var at = 16; at < 64; at++) {
      var early = block[at - 15];
      var late = block[at - 2];
      var one = rotated(early, 7) ^ rotated(early, 18) ^ (early >>> 3);
      var two = rotated(late, 17) ^ rotated(late, 19) ^ (late >>> 10);
      block[at] = (block[at - 16] + one + block[at - 7] + two) | 0;
    }
    return block;
  }

  function mixed(state, block) {
    var s = state.slice();
    for (var at = 0; at < 64; at++) {
      var choice = (s[4] & s[5]) ^ (~s[4] & s[6]);
      var most = (s[0] & s[1]) ^ (s[0] & s[2]) ^ (s[1] & s[2]);
      var one = rotated(s[4], 6) ^ rotated(s[4], 11) ^ rotated(s[4], 25);
      var two = rotated(s[0], 2) ^ rotated(s[0], 13) ^ rotated(s[0], 22);
      var first = (s[7] + one + choice + ROUNDS[at] + block[at]) | 0;
      s = [(first + two + most) | 0, s[0], s[1], s[2], (s[3] + first) | 0, s[4], s[5], s[6]];
    }
    return s.map(function (word, index) { return (word + state[index]) | 0; });
  }

  /* The digest of an ASCII text, as 32 bytes. */
  tv.sha256 = function (text) {
    var message = words(text);
    var state = START;
    for (var at = 0; at < message.length; at += 16) {
      state = mixed(state, schedule(message.slice(at, at + 16)));
    }
    var bytes = [];
    state.forEach(function (word) {
      bytes.push(word >>> 24, (word >>> 16) & 255, (word >>> 8) & 255, word & 255);
    });
    return bytes;
  };
})(PairlightTV);
