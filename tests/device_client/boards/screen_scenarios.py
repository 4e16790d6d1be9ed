"""What ends on a panel is what was drawn: on MicroPython, with its own framebuf."""

from device_client.boards.screens import epaper29, st7789
from device_client.boards.screens.epaper29 import EPaper
from device_client.boards.screens.ssd1306 import SSD1306
from device_client.boards.screens.st7789 import ST7789
from tests.device_client.boards.panels import Lcd, Oled, Paper

RECTANGLES = (
    (0, 0, 1, 1), (5, 3, 17, 9), (100, 40, 28, 24), (-4, 60, 10, 10), (120, -2, 50, 7),
    (30, 30, 0, 5), (60, 10, 3, 200), (500, 5, 9, 9),
)  # fmt: skip


class Instant:
    """In place of the module `time`: nothing waits, but it is added up."""

    slept_ms = 0

    @staticmethod
    def sleep_ms(duration: int) -> None:
        Instant.slept_ms += duration


epaper29.time = st7789.time = Instant  # type: ignore[assignment, attr-defined]


def paint(screen, colours: tuple[int, ...]) -> None:  # type: ignore[no-untyped-def]
    for number, (x, y, width, height) in enumerate(RECTANGLES):
        screen.fill_rect(x, y, width, height, colours[number % len(colours)])


def test_oled() -> None:
    """Every pixel of the buffer is on an SSD1306 once it is flushed, and the display is on."""
    oled = Oled()
    screen = SSD1306(oled)
    paint(screen, (1, 1, 0))
    screen.flush()
    assert oled.is_on
    assert oled.addresses == {0x3C}
    for y in range(64):
        for x in range(128):
            assert oled.pixel(x, y) == screen.pixel(x, y), (x, y)


def test_oled_of_132_columns() -> None:
    """An SH1106 gets the same, two columns further right."""
    oled = Oled(132)
    screen = SSD1306(oled, left=2)
    paint(screen, (1,))
    screen.flush()
    assert all(oled.pixel(x + 2, y) == screen.pixel(x, y) for y in range(64) for x in range(128))


def test_oled_is_flushed_again() -> None:
    """A second picture takes the place of the first."""
    oled = Oled()
    screen = SSD1306(oled)
    screen.fill(1)
    screen.flush()
    screen.fill(0)
    screen.flush()
    assert oled.memory == [bytearray(128)] * 8


def painted(colours: tuple[int, ...]) -> list[list[int]]:
    expected = [[0] * 240 for _ in range(240)]
    for number, (left, top, width, height) in enumerate(RECTANGLES):
        for y in range(max(0, top), min(240, top + height)):
            for x in range(max(0, left), min(240, left + width)):
                expected[y][x] = colours[number % len(colours)]
    return expected


def test_lcd() -> None:
    """Rectangles are where they belong on an ST7789, cut at its edges, in their colours."""
    lcd = Lcd()
    colours = (0xFFFF, 0xF800, 0x1234)
    paint(ST7789(lcd, lcd.dc, lcd.reset, lcd.cs), colours)
    assert lcd.is_on
    assert [row[:240] for row in lcd.memory[:240]] == painted(colours)


def test_lcd_without_chip_select() -> None:
    """A module without a CS pin is driven without one."""
    lcd = Lcd()
    lcd.cs.level = 0
    ST7789(lcd, lcd.dc, lcd.reset).fill_rect(7, 8, 1, 1, 0xABCD)
    assert lcd.memory[8][7] == 0xABCD
    assert lcd.memory[8][8] == 0


def test_lcd_on_its_side() -> None:
    """A display of 320x240 lies on its long side and is used to its far corner."""
    lcd = Lcd()
    screen = ST7789(lcd, lcd.dc, lcd.reset, lcd.cs, width=320, height=240, turn=0x60)
    screen.fill_rect(300, 230, 50, 50, 0xFFFF)
    assert lcd.turn == 0x60
    assert lcd.memory[239][319] == lcd.memory[230][300] == 0xFFFF
    assert lcd.memory[229][300] == lcd.memory[230][299] == 0


def test_lcd_is_black_before_it_is_on() -> None:
    """Nobody sees what the memory holds by chance after power comes."""
    lcd = Lcd()
    begin = lcd.begin
    seen = []

    def watch(command: int) -> None:
        if command == 0x29:
            seen.append([row[:240] for row in lcd.memory[:240]])
        begin(command)

    lcd.begin = watch  # type: ignore[method-assign]
    ST7789(lcd, lcd.dc, lcd.reset, lcd.cs)
    assert seen == [[[0] * 240] * 240]


def paper_screen(paper: Paper) -> EPaper:
    return EPaper(paper, paper.cs, paper.dc, paper.reset, paper.busy)


def test_paper() -> None:
    """E-paper shows the buffer, turned onto its long side, after one full refresh."""
    paper = Paper()
    screen = paper_screen(paper)
    paint(screen, (0, 0, 1))
    screen.flush()
    assert paper.refreshes == 1
    for y in range(128):
        for x in range(296):
            assert paper.pixel(127 - y, x) == screen.pixel(x, y), (x, y)


def test_paper_sleeps_and_wakes() -> None:
    """After each refresh the controller sleeps; the next one wakes it."""
    paper = Paper()
    screen = paper_screen(paper)
    for white in (0, 1):
        screen.fill(white)
        screen.flush()
        assert paper.asleep
        assert paper.shown == [bytes([255 * white] * 16)] * 296


def test_paper_that_is_not_there() -> None:
    """A busy pin that never falls is an error, told before a watchdog of 8 s bites. CL-06."""
    paper = Paper()
    paper.busy = lambda: True  # type: ignore[method-assign]
    told = ""
    Instant.slept_ms = 0
    try:
        paper_screen(paper)
    except OSError as error:
        told = str(error)
    assert "wires" in told
    assert Instant.slept_ms < 8000
