/* The authorization server's endpoints from its metadata (RFC 8414), by the steps of a flow. */

(function (tv) {
  "use strict";

  var NEEDED = ["device_authorization_endpoint", "token_endpoint"];
  var USED = NEEDED.concat("revocation_endpoint", "userinfo_endpoint");
  var ADDRESS = /^https?:\/\/([\w.-]+|\[[0-9a-f:.]+\])(:\d+)?([\/?]\S*)?$/i;

  /* STARTING, then FOUND with `metadata`, FAILED with `error`, or UNREACHABLE by silence. */
  function Discovery(issuer, now) {
    tv.Flow.call(this, "", "", "", now);
    this.issuer = issuer;
    this.addresses = addresses(issuer);
  }

  Discovery.prototype = Object.create(tv.Flow.prototype);

  Discovery.prototype.request = function () {
    this.asking = true;
    return { url: this.addresses[0] };
  };

  Discovery.prototype.settle = function (status, answer) {
    this.error = "";
    this.waitMs = 0;
    if (status !== 200 && this.addresses.length > 1) {
      this.addresses.shift();
    } else {
      this.error = status === 200 ? problem(answer, this.issuer) : "no_metadata";
      this.metadata = answer;
      this.state = this.error ? "FAILED" : "FOUND";
    }
  };

  /* RFC 8414 section 3.3: character for character, or another server could speak in this one's
     name. */
  function problem(metadata, issuer) {
    if (metadata.issuer !== issuer) {
      return "another_issuer";
    }
    if (!NEEDED.every(function (name) { return typeof metadata[name] === "string"; })) {
      return "no_device_flow";
    }
    var usable = USED.every(function (name) {
      return !metadata[name] || isUsable(metadata[name], issuer);
    });
    return usable ? "" : "bad_endpoint";
  }

  /* Tokens go by https, or in the clear if the issuer itself does so. */
  function isUsable(address, issuer) {
    return ADDRESS.test(address) && (/^https:/i.test(address) || /^http:/.test(issuer));
  }

  /* RFC 8414 section 3.1 puts the well-known part before the issuer's path, OpenID Connect after. */
  function addresses(issuer) {
    var parts = /^([a-z]+:\/\/[^\/]+)(.*?)\/*$/.exec(issuer) || ["", issuer, ""];
    return [
      parts[1] + "/.well-known/oauth-authorization-server" + parts[2],
      parts[1] + parts[2] + "/.well-known/openid-configuration"
    ];
  }

  tv.Discovery = Discovery;
})(PairlightTV);
