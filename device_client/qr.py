"""QR symbols (ISO/IEC 18004), versions 1 to 9, small enough to be made on the smallest boards.

A whole symbol is one integer, a "plane", with a bit for each module. What would be a loop over the
modules is a few shifts over all of them at once, which on MicroPython saves time and memory alike.

    bit = stride * y + x    x counts from the right, y from the bottom: there the data begin
    stride = size + 1       one bit that is always 0 parts a row from the next
"""

# For each version at level L, then at level M: how many bytes of data; how many blocks (times 32)
# and bytes of error correction in each.
CAPACITIES = b"\x13\x22\x37\x50\x6c\x88\x9c\xc2\xe8\x10\x1c\x2c\x40\x56\x6c\x7c\x9a\xb6"
BLOCKS = b"\x27\x2a\x2f\x34\x3a\x52\x54\x58\x5e\x2a\x30\x3a\x52\x58\x90\x92\x96\xb6"

# For each mask six rows of six modules. To the right they repeat, as they do downwards; mask 4,
# the only one with a period of four, shows each of its rows twice.
TILES = (
    b"\x2a\x15\x2a\x15\x2a\x15\x3f\x00\x3f\x00\x3f\x00\x24\x24\x24\x24\x24\x24\x24\x09\x12\x24\x09\x12"
    b"\x38\x07\x38\x07\x38\x07\x3f\x20\x24\x2a\x24\x20\x3f\x38\x36\x2a\x2d\x23\x2a\x07\x23\x15\x38\x1c"
)

ONES = b"\0\1\1\2\1\2\2\3\1\2\2\3\2\3\3\4"  # the bits that are set in 0 to 15
LANES = (1 << 248) // 255  # 1 in each of 31 bytes


def encode(text: bytes, level: str = "L", mask: int = -1) -> list[int]:
    """The rows of the smallest symbol that holds `text`, from the top.

    The leftmost module is the highest of len(rows) bits, and 1 is dark; there is no quiet zone.
    `level` is "L" or "M"; `mask` is 0 to 7, or -1 for the one that reads best. Text that allows it
    is in alphanumeric mode. ValueError when version 9 is too small.
    """
    size, codewords = _codewords(text, level)
    dark, free = _frame(size)
    dark |= _placed(codewords, _rows(free, size))
    del codewords  # the search for a mask needs the room
    if mask < 0:
        least = 65536
        for candidate in range(8):
            penalty = _penalty(_masked(dark, free, level, candidate, size), size)
            if penalty < least:
                least = penalty
                mask = candidate
    return _rows(_masked(dark, free, level, mask, size), size)


def _codewords(text: bytes, level: str) -> tuple[int, bytes]:
    # The size of the symbol, and what goes into it. `stream` begins with mode and length: 0x400 is
    # byte mode and eight bits for the length, or alphanumeric mode and nine.
    text = text[:336]  # one more than version 9 holds, whatever a server has sent
    count = len(text)
    stream = 0x400 | count
    # Never a character: a board would keep each for ever.
    known = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
    values = [known.find(text[i : i + 1]) for i in range(count)]
    if -1 in values:
        stream = stream << 8 * count | int.from_bytes(text, "big")
        bits = 12 + 8 * count
    else:
        for i in range(1, count, 2):
            stream = stream << 11 | 45 * values[i - 1] + values[i]
        if count & 1:
            stream = stream << 6 | values[-1]
        bits = 13 + (11 * count + 1) // 2
    del values  # as large as the text
    for version in range(9):
        kind = 9 * "LM".index(level) + version
        capacity = CAPACITIES[kind]
        if bits <= 8 * capacity:
            break
    else:
        raise ValueError("too long for a QR symbol")
    # Up to four zeros end the stream, more fill the byte, and two bytes in turn fill the rest.
    used = min(bits + 11 >> 3, capacity)
    data = (stream << 8 * used - bits).to_bytes(used, "big") + b"\xec\x11" * capacity
    blocks = BLOCKS[kind]
    return 4 * version + 21, _interleaved(data[:capacity], blocks >> 5, blocks & 31)


def _interleaved(data: bytes, count: int, parity: int) -> bytes:
    # `data` in `count` blocks, each with `parity` bytes of Reed-Solomon code: the first bytes of
    # all blocks, then the second ones. A polynomial is an integer with a byte for each coefficient.
    generator = root = 1
    for _ in range(parity):
        generator = generator << 8 ^ _times(_multiples(generator), root)
        root = root << 1 ^ (root >> 7) * 0x11D
    multiples = _multiples(generator)
    blocks = []
    start = 0
    for left in range(count, 0, -1):
        end = start + (len(data) - start) // left  # the last blocks may be longer by one
        remainder = 0
        for byte in data[start:end]:
            remainder = remainder << 8 ^ byte << 8 * parity
            remainder ^= _times(multiples, remainder >> 8 * parity)
        blocks.append((data[start:end], remainder.to_bytes(parity, "big")))
        start = end
    codewords = b""
    for part in (0, 1):
        for i in range(len(blocks[-1][part])):
            for block in blocks:
                codewords += block[part][i : i + 1]
    return codewords


def _multiples(polynomial: int) -> list[int]:
    # The polynomial times 1, 2, 4 to 128 in GF(256): all its coefficients are doubled at once.
    multiples = []
    for _ in range(8):
        multiples.append(polynomial)
        high = polynomial >> 7 & LANES
        polynomial = (polynomial ^ high << 7) << 1 ^ high * 0x1D
    return multiples


def _times(multiples: list[int], factor: int) -> int:
    product = 0
    for multiple in multiples:
        if factor & 1:
            product ^= multiple
        factor >>= 1
    return product


def _frame(size: int) -> tuple[int, int]:
    # What is dark whatever the text, but for the format; and where the text goes.
    stride = size + 1
    far = size - 9
    near = size - 7  # the timing patterns' row and column
    dark = (1 << stride) // 3 << stride * near
    dark |= ((1 << stride * stride) - 1) // ((1 << 2 * stride) - 1) << near
    taken = _rectangle(size, near, 0, 1, size) | _rectangle(size, 0, near, size, 1)
    for x, y in ((far, far), (0, far), (far, 0)):
        dark |= _rings(size, x and near, y and near, 7)
        taken |= _rectangle(size, x, y, 9 if x else 8, 9 if y else 8)
    middle = size // 2
    centres = (6, middle, near) if size > 44 else (6,) * (size > 21)
    for x in centres:
        for y in centres:
            if x == y == 6 or middle in (x, y):  # elsewhere is a finder pattern
                dark |= _rings(size, x - 2, y - 2, 5)
                taken |= _rectangle(size, x - 2, y - 2, 5, 5)
    if size > 44:
        version = (0x7C94, 0x85BC, 0x9A99)[size - 45 >> 2]
        taken |= _rectangle(size, 8, size - 6, 3, 6) | _rectangle(size, size - 6, 8, 6, 3)
        for i in range(18):
            if version >> i & 1:
                x, y = 10 - i % 3, size - 1 - i // 3
                dark |= 1 << stride * y + x | 1 << stride * x + y
    return dark, _rectangle(size, 0, 0, size, size) & ~taken


def _rings(size: int, x: int, y: int, width: int) -> int:
    # A finder or alignment pattern: three squares, one in the other.
    dark = 0
    for i in range(3):
        dark ^= _rectangle(size, x + i, y + i, width - 2 * i, width - 2 * i)
    return dark


def _rectangle(size: int, x: int, y: int, width: int, height: int) -> int:
    column = ((1 << size * height + height) - 1) // ((2 << size) - 1)
    return ((1 << width) - 1) * column << size * y + y + x


def _placed(codewords: bytes, rows: list[int]) -> int:
    # `rows` are 1 where data go, and become the data: up and down in pairs of columns, from the
    # right, a pair's right module first.
    size = len(rows)
    left = 8 * len(codewords) + 7  # up to seven modules stay light
    stream = int.from_bytes(codewords, "big") << 7
    for column in range(0, size - 1, 2):
        x = column + (column >= size - 7)  # past the timing pattern
        for y in range(size) if column & 2 else range(size - 1, -1, -1):
            pair = rows[y] >> x & 3
            if pair == 3:
                left -= 2
                rows[y] ^= b"\3\1\2\0"[stream >> left & 3] << x
            elif pair:
                left -= 1
                rows[y] ^= (~stream >> left & 1) << x + pair - 1
    plane = 0
    for row in rows:
        plane = plane << size + 1 | row
    return plane


def _rows(plane: int, size: int) -> list[int]:
    rows = [0] * size
    for y in range(size):
        rows[~y] = plane >> size * y + y & (1 << size) - 1
    return rows


def _masked(dark: int, free: int, level: str, mask: int, size: int) -> int:
    # `dark` with the mask where data are, and with the format, twice.
    stride = size + 1
    tiles = 0
    cut = -size % 6
    repeat = (1 << size + cut) // 63
    for row in range(size):
        tile = TILES[6 * mask + (row >> (mask == 4)) % 6]
        tiles = tiles << stride | tile * repeat >> cut
    dark ^= tiles & free | 1 << 7 * stride + size - 9
    bits = remainder = (level == "L") << 3 | mask
    for _ in range(10):
        remainder = remainder << 1 ^ (remainder >> 9) * 0x537
    bits = (bits << 10 | remainder) ^ 0x5412
    for i in range(15):
        if bits >> i & 1:
            x = i if i < 8 else size - 15 + i - (i == 8)
            y = 14 - i if i > 7 else size - 1 - i - (i > 5)
            dark |= 1 << stride * (size - 9) + x | 1 << stride * y + size - 9
    return dark


def _penalty(dark: int, size: int) -> int:
    # The four rules of ISO/IEC 18004 section 7.8.3. A window that leaves its row meets the bit
    # between rows, which is in neither plane.
    stride = size + 1
    light = dark ^ _rectangle(size, 0, 0, size, size)
    penalty = abs(20 * _count(dark, size) - 10 * size * size) // (size * size) * 10
    for step in (1, stride):
        penalty += _lines(dark, light, step, size)
    dark &= dark >> 1
    light &= light >> 1
    return penalty + 3 * _count(dark & dark >> stride | light & light >> stride, size)


def _lines(dark: int, light: int, step: int, size: int) -> int:
    # The rules about single rows (step 1) and columns (step `stride`).
    threes = dark & dark >> step | light & light >> step
    threes &= threes >> step
    # A run of n from five on costs n - 2; it has n - 4 windows of five and n - 5 of six.
    penalty = 3 * _count(threes & threes >> 2 * step, size)
    penalty -= 2 * _count(threes & threes >> 2 * step & threes >> 3 * step, size)
    fours = light & threes & threes >> step
    finders = dark & light >> step & light >> 5 * step & dark >> 6 * step
    finders &= (dark & threes) >> 2 * step
    return penalty + 40 * _count(fours & finders >> 4 * step | finders & fours >> 7 * step, size)


def _count(plane: int, size: int) -> int:
    count = 0
    for byte in plane.to_bytes(size * size + size + 7 >> 3, "little"):
        if byte:
            count += ONES[byte & 15] + ONES[byte >> 4]
    return count
