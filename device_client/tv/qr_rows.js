/* The QR symbol of a flow: the server's bits (docs/wire_extensions.md), or our own encoder's, which
   is loaded only then. */

(function (tv) {
  "use strict";

  var LARGEST = 57; // modules a side: version 9, all that the encoder makes

  /* drawn(rows): rows of true for dark modules, from the top, without a quiet zone; [] without a
     symbol. */
  tv.qrRows = function (flow, drawn) {
    var sent = rowsOf(flow.verificationQr);
    if (sent) {
      drawn(sent);
    } else {
      load(function () {
        drawn(encoded(flow.verificationUriComplete || flow.verificationUri));
      });
    }
  };

  /* The rows of {size, bits}, or null for what is no such thing. */
  function rowsOf(symbol) {
    var size = symbol && symbol.size;
    if (typeof size !== "number" || size % 4 !== 1 || size < 21 || size > LARGEST) {
      return null;
    }
    var bytes;
    try {
      bytes = atob(String(symbol.bits).replace(/-/g, "+").replace(/_/g, "/"));
    } catch (error) {
      return null;
    }
    var width = Math.ceil(size / 8);
    return bytes.length === width * size ? unpacked(bytes, size, width) : null;
  }

  function unpacked(bytes, size, width) {
    var rows = [];
    for (var y = 0; y < size; y++) {
      var row = [];
      for (var x = 0; x < size; x++) {
        row.push(((bytes.charCodeAt(width * y + (x >> 3)) >> (7 - (x & 7))) & 1) === 1);
      }
      rows.push(row);
    }
    return rows;
  }

  function load(loaded) {
    if (tv.qr) {
      loaded();
      return;
    }
    var script = document.createElement("script");
    script.src = "qr.js";
    script.onload = script.onerror = loaded;
    document.body.appendChild(script);
  }

  function encoded(text) {
    try {
      return tv.qr(text);
    } catch (error) {
      return []; // too long, or the encoder could not be loaded: the address and the code are enough
    }
  }
})(PairlightTV);
