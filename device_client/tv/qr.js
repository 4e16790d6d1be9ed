/* A QR encoder (ISO/IEC 18004): versions 1 to 9, level L, bytes or capitals. */

(function (tv) {
  "use strict";

  var CAPITALS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
  // By version: code words in all, those for correction in each block, and blocks.
  var CODE_WORDS = [0, 26, 44, 70, 100, 134, 172, 196, 242, 292];
  var CORRECTION = [0, 7, 10, 15, 20, 26, 18, 20, 24, 30];
  var BLOCKS = [0, 1, 1, 1, 1, 1, 2, 2, 2, 2];
  var LARGEST = 9;
  var LEVEL_L = 1;

  var MASKS = [
    function (x, y) { return (x + y) % 2; },
    function (x, y) { return y % 2; },
    function (x) { return x % 3; },
    function (x, y) { return (x + y) % 3; },
    function (x, y) { return (Math.floor(y / 2) + Math.floor(x / 3)) % 2; },
    function (x, y) { return (x * y) % 2 + (x * y) % 3; },
    function (x, y) { return ((x * y) % 2 + (x * y) % 3) % 2; },
    function (x, y) { return ((x + y) % 2 + (x * y) % 3) % 2; }
  ];

  /* Rows of true for dark modules, without a quiet zone. Throws RangeError for what does not fit. */
  tv.qr = function (text) {
    var segment = segmentOf(text);
    var version = versionFor(segment);
    var words = interleaved(dataWords(segment, version), version);
    var best = null;
    MASKS.forEach(function (mask, number) {
      var symbol = drawn(version, words, mask, number);
      symbol.penalty = penalty(symbol.rows);
      if (!best || symbol.penalty < best.penalty) {
        best = symbol;
      }
    });
    return best.rows;
  };

  // What is encoded

  /* {mode, count, bits}: the mode's number, how many characters, and their bits. */
  function segmentOf(text) {
    return isCapitals(text) ? capitals(text) : utf8(text);
  }

  function isCapitals(text) {
    return text.split("").every(function (letter) { return CAPITALS.indexOf(letter) >= 0; });
  }

  function capitals(text) {
    var bits = [];
    for (var at = 0; at < text.length; at += 2) {
      var first = CAPITALS.indexOf(text[at]);
      if (at + 1 < text.length) {
        push(bits, first * 45 + CAPITALS.indexOf(text[at + 1]), 11);
      } else {
        push(bits, first, 6);
      }
    }
    return { mode: 2, count: text.length, countBits: 9, bits: bits };
  }

  function utf8(text) {
    var bytes = unescape(encodeURIComponent(text));
    var bits = [];
    for (var at = 0; at < bytes.length; at++) {
      push(bits, bytes.charCodeAt(at), 8);
    }
    return { mode: 4, count: bytes.length, countBits: 8, bits: bits };
  }

  function push(bits, value, length) {
    for (var at = length - 1; at >= 0; at--) {
      bits.push((value >> at) & 1);
    }
  }

  function room(version) {
    return CODE_WORDS[version] - CORRECTION[version] * BLOCKS[version];
  }

  function versionFor(segment) {
    var needed = 4 + segment.countBits + segment.bits.length;
    for (var version = 1; version <= LARGEST; version++) {
      if (needed <= 8 * room(version)) {
        return version;
      }
    }
    throw new RangeError("too long for a symbol of version 9");
  }

  function dataWords(segment, version) {
    var bits = [];
    push(bits, segment.mode, 4);
    push(bits, segment.count, segment.countBits);
    bits = bits.concat(segment.bits);
    push(bits, 0, Math.min(4, 8 * room(version) - bits.length));
    push(bits, 0, (8 - (bits.length % 8)) % 8);
    var words = [];
    for (var at = 0; at < bits.length; at += 8) {
      words.push(parseInt(bits.slice(at, at + 8).join(""), 2));
    }
    for (var pad = 0xec; words.length < room(version); pad ^= 0xec ^ 0x11) {
      words.push(pad);
    }
    return words;
  }

  // Correction

  function times(one, other) {
    var product = 0;
    for (var bit = 7; bit >= 0; bit--) {
      product = (product << 1) ^ (product >> 7 ? 0x11d : 0);
      product ^= (other >> bit) & 1 ? one : 0;
    }
    return product;
  }

  /* The generator polynomial of a degree, from the second coefficient on. */
  function generator(degree) {
    var found = [];
    for (var index = 0; index < degree; index++) {
      found.push(index === degree - 1 ? 1 : 0);
    }
    for (var root = 1, step = 0; step < degree; step++, root = times(root, 2)) {
      for (var at = 0; at < degree; at++) {
        found[at] = times(found[at], root) ^ (at + 1 < degree ? found[at + 1] : 0);
      }
    }
    return found;
  }

  function correction(words, divisor) {
    var rest = divisor.map(function () { return 0; });
    words.forEach(function (word) {
      var factor = word ^ rest.shift();
      rest.push(0);
      divisor.forEach(function (coefficient, at) { rest[at] ^= times(coefficient, factor); });
    });
    return rest;
  }

  /* The words of all blocks, which are of one length in these versions, in turn. */
  function interleaved(words, version) {
    var length = words.length / BLOCKS[version];
    var divisor = generator(CORRECTION[version]);
    var data = [];
    var checks = [];
    for (var block = 0; block < BLOCKS[version]; block++) {
      data.push(words.slice(block * length, (block + 1) * length));
      checks.push(correction(data[block], divisor));
    }
    return inTurn(data).concat(inTurn(checks));
  }

  function inTurn(lists) {
    var found = [];
    lists[0].forEach(function (_, at) {
      lists.forEach(function (list) { found.push(list[at]); });
    });
    return found;
  }

  // The symbol

  /* {rows, taken}: modules, and which of them are not for data. */
  function blank(size) {
    var symbol = { size: size, rows: [], taken: [] };
    for (var y = 0; y < size; y++) {
      symbol.rows.push([]);
      symbol.taken.push([]);
      for (var x = 0; x < size; x++) {
        symbol.rows[y].push(false);
        symbol.taken[y].push(false);
      }
    }
    return symbol;
  }

  function put(symbol, x, y, dark) {
    if (x >= 0 && y >= 0 && x < symbol.size && y < symbol.size) {
      symbol.rows[y][x] = Boolean(dark);
      symbol.taken[y][x] = true;
    }
  }

  /* Squares around a middle; `light` are the rings that are light. */
  function target(symbol, middleX, middleY, reach, light) {
    for (var y = -reach; y <= reach; y++) {
      for (var x = -reach; x <= reach; x++) {
        var ring = Math.max(Math.abs(x), Math.abs(y));
        put(symbol, middleX + x, middleY + y, light.indexOf(ring) < 0);
      }
    }
  }

  function drawn(version, words, mask, number) {
    var symbol = blank(17 + 4 * version);
    drawPatterns(symbol, version);
    drawFormat(symbol, number);
    drawVersion(symbol, version);
    drawWords(symbol, words, mask);
    return symbol;
  }

  function drawPatterns(symbol, version) {
    var far = symbol.size - 4;
    for (var at = 0; at < symbol.size; at++) {
      put(symbol, 6, at, at % 2 === 0);
      put(symbol, at, 6, at % 2 === 0);
    }
    target(symbol, 3, 3, 4, [2, 4]);
    target(symbol, far, 3, 4, [2, 4]);
    target(symbol, 3, far, 4, [2, 4]);
    var places = version === 1 ? [] : [6, symbol.size - 7];
    if (version > 6) {
      places.splice(1, 0, 8 + 2 * version);
    }
    places.forEach(function (y) {
      places.forEach(function (x) {
        var atFinder = (x === 6 && (y === 6 || y === far - 3)) || (x === far - 3 && y === 6);
        if (!atFinder) {
          target(symbol, x, y, 2, [1]);
        }
      });
    });
  }

  /* A value with the remainder of its division behind it. */
  function checked(value, divisor, length) {
    var rest = value << length;
    for (var at = 31 - length; at >= 0; at--) {
      rest ^= (rest >> (at + length)) & 1 ? divisor << at : 0;
    }
    return (value << length) | rest;
  }

  function drawFormat(symbol, mask) {
    var bits = checked((LEVEL_L << 3) | mask, 0x537, 10) ^ 0x5412;
    for (var at = 0; at < 15; at++) {
      var dark = (bits >> at) & 1;
      var skipping = at + (at > 5 ? 1 : 0) + (at > 7 ? 1 : 0);
      // Down beside the first finder and up beside the third; left below the first and the second.
      if (at < 8) {
        put(symbol, 8, skipping, dark);
        put(symbol, symbol.size - 1 - at, 8, dark);
      } else {
        put(symbol, at === 8 ? 7 : 14 - at, 8, dark);
        put(symbol, 8, symbol.size - 15 + at, dark);
      }
    }
    put(symbol, 8, symbol.size - 8, true);
  }

  function drawVersion(symbol, version) {
    var bits = checked(version, 0x1f25, 12);
    for (var at = 0; version > 6 && at < 18; at++) {
      var near = Math.floor(at / 3);
      var far = symbol.size - 11 + (at % 3);
      put(symbol, near, far, (bits >> at) & 1);
      put(symbol, far, near, (bits >> at) & 1);
    }
  }

  function drawWords(symbol, words, mask) {
    var bit = 0;
    var last = symbol.size - 1;
    for (var right = last, up = true; right > 0; right -= 2, up = !up) {
      right -= right === 6 ? 1 : 0;
      for (var step = 0; step <= last; step++) {
        for (var x = right; x > right - 2; x--) {
          var y = up ? last - step : step;
          if (!symbol.taken[y][x]) {
            var dark = (words[bit >> 3] >> (7 - (bit & 7))) & 1;
            symbol.rows[y][x] = Boolean(dark) !== (mask(x, y) === 0);
            bit++;
          }
        }
      }
    }
  }

  // How hard a symbol would be to read (section 7.8.3)

  function penalty(rows) {
    var columns = rows.map(function (_, x) {
      return rows.map(function (row) { return row[x]; });
    });
    var lines = rows.concat(columns).map(function (line) {
      return line.map(Number).join("");
    });
    return total(lines, ofLine) + ofSquares(rows) + ofBalance(rows);
  }

  function total(values, weigh) {
    return values.reduce(function (sum, value) { return sum + weigh(value); }, 0);
  }

  function ofLine(line) {
    var runs = line.match(/0{5,}|1{5,}/g) || [];
    var finders = 0;
    for (var at = 0; at <= line.length - 11; at++) {
      var part = line.substr(at, 11);
      finders += part === "10111010000" || part === "00001011101" ? 40 : 0;
    }
    return finders + total(runs, function (run) { return run.length - 2; });
  }

  function ofSquares(rows) {
    var found = 0;
    for (var y = 1; y < rows.length; y++) {
      for (var x = 1; x < rows.length; x++) {
        var dark = rows[y][x] + rows[y - 1][x] + rows[y][x - 1] + rows[y - 1][x - 1];
        found += dark % 4 === 0 ? 3 : 0;
      }
    }
    return found;
  }

  function ofBalance(rows) {
    var dark = total(rows, function (row) { return row.filter(Boolean).length; });
    return 10 * Math.floor(Math.abs((20 * dark) / (rows.length * rows.length) - 10));
  }
})(PairlightTV);
