"""The digits of a return code: from a terminal key by key, from anything else by lines."""

import io
import os
import pty
import sys
import tty
from collections.abc import Callable, Iterator
from select import select

import pytest

from device_client.return_code import ReturnCodeFlow
from device_client.terminal.keyboard import WithKeyboard
from tests.device_client.fakes import Display, asked
from tests.journeys.terminal import Terminal

Press = Callable[[bytes], None]

# Reads keys in the background of its terminal, where a reader is stopped.
IN_BACKGROUND = """
import os, sys
from device_client.terminal.keyboard import WithKeyboard
from tests.device_client.fakes import Display, asked
child = os.fork()
if not child:
    os.setpgid(0, 0)
    WithKeyboard(Display(), sys.stdin).show(asked())
    os._exit(7)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, os.WUNTRACED)[1]))
"""


@pytest.fixture
def keys() -> Iterator[tuple[io.TextIOWrapper, Press]]:
    """Give a terminal as TerminalMode leaves it, and how to press its keys."""
    keyboard, screen = pty.openpty()
    tty.setcbreak(screen)
    with os.fdopen(screen) as stream:

        def press(pressed: bytes) -> None:
            os.write(keyboard, pressed)
            assert select([stream], [], [], 10)[0]  # a terminal takes its time

        yield stream, press
    os.close(keyboard)


@pytest.fixture
def pipe() -> Iterator[tuple[io.TextIOWrapper, io.FileIO]]:
    """Give both ends of a pipe."""
    reading, writing = os.pipe()
    with os.fdopen(reading) as stream, os.fdopen(writing, "wb", buffering=0) as script:
        yield stream, script


def typed(keys: tuple[io.TextIOWrapper, Press], *pressed: bytes) -> ReturnCodeFlow:
    """Return a flow that asks for four digits, after these keys, with a look at it between them."""
    stream, press = keys
    flow = asked()
    display = WithKeyboard(Display(), stream)
    display.show(flow)
    for some in pressed:
        press(some)
        display.show(flow)
    return flow


def test_keys(keys: tuple[io.TextIOWrapper, Press]) -> None:
    """Each digit is there at once, and the last one sends the number. XD-20."""
    flow = typed(keys, b"0", b"42")
    assert (flow.typed, flow.return_code_length) == ("042", 4)
    assert typed(keys, b"0", b"42", b"7\n").grant["return_code"] == "0427"


@pytest.mark.parametrize(
    "pressed",
    [
        [b"05", b"\x7f", b"427"],  # Backspace
        [b"05\b427"],
        [b"12", b"\n", b"0427"],  # Enter
        [b"\x7f\x7f0427"],
        [b"0 4-2.7"],
        [b"0\x1b[D\x1b[3~\x1b[15~427", b"\x1bOB"],  # Left, Delete, F5, Down
        [b"\x1b[200~0427\x1b[201~"],  # pasted
        [b"042\x1b[", b"3~7"],  # Delete, in two parts
        [b"042", b"\x1b", b"7"],  # Escape
        ["\u06600é427".encode()],
    ],
)
def test_corrections(keys: tuple[io.TextIOWrapper, Press], pressed: list[bytes]) -> None:
    """Backspace takes a digit back, Enter all of them; what is no digit counts for none. XD-20."""
    assert typed(keys, *pressed).grant["return_code"] == "0427"


def test_keys_from_before(keys: tuple[io.TextIOWrapper, Press]) -> None:
    """What was typed before digits were asked for is discarded, in each sign-in. XD-20."""
    stream, press = keys
    display = WithKeyboard(Display(), stream)
    for _ in range(2):
        press(b"99")
        flow = asked()
        display.show(flow)
        assert flow.typed == ""
        press(b"1")
        display.show(flow)
        assert flow.typed == "1"


def test_script(pipe: tuple[io.TextIOWrapper, io.FileIO]) -> None:
    """A line of what is no terminal is the number, in whatever parts it comes. XD-20."""
    stream, script = pipe
    display, flow = WithKeyboard(Display(), stream), asked()
    for part in (b"", b"04", b"27\n"):
        script.write(part)
        display.show(flow)
    assert flow.grant["return_code"] == "0427"


@pytest.mark.parametrize("lines", [b"04\n27\n", b"04275\n", b"04 27\n", b"0427"])
def test_what_is_no_line_of_as_many_digits(
    pipe: tuple[io.TextIOWrapper, io.FileIO], lines: bytes
) -> None:
    """Two lines are not one number, nor is half a line or more than is asked for. XD-20."""
    stream, script = pipe
    flow = asked()
    script.write(lines)
    display = WithKeyboard(Display(), stream)
    display.show(flow)
    assert flow.return_code_length == 4


def test_last_line(pipe: tuple[io.TextIOWrapper, io.FileIO]) -> None:
    """The last line needs no end of its own. XD-20."""
    stream, script = pipe
    script.write(b"0427")
    script.close()
    display, flow = WithKeyboard(Display(), stream), asked()
    for _ in range(2):
        display.show(flow)
    assert flow.grant["return_code"] == "0427"


def test_nothing_is_read_unasked(pipe: tuple[io.TextIOWrapper, io.FileIO]) -> None:
    """Before digits are asked for, standard input is the program's own. XD-20."""
    stream, script = pipe
    flow = asked()
    flow.return_code_length = 0
    script.write(b"data")
    WithKeyboard(Display(), stream).show(flow)
    assert os.read(stream.fileno(), 9) == b"data"


def test_end(pipe: tuple[io.TextIOWrapper, io.FileIO]) -> None:
    """When no more can come it says so, instead of waiting in vain. XD-20."""
    stream, script = pipe
    script.write(b"04")
    script.close()
    display, flow = WithKeyboard(Display(), stream), asked()
    display.show(flow)
    with pytest.raises(EOFError, match="neither keyboard nor other input"):
        display.show(flow)


@pytest.mark.parametrize("keys", [None, io.StringIO("0427\n"), open(os.devnull, "w")])  # noqa: PTH123, SIM115
def test_nothing_to_read_from(keys: io.StringIO | None) -> None:
    """So it does where there is nothing to read from. XD-20."""
    with pytest.raises(EOFError, match="neither keyboard nor other input"):
        WithKeyboard(Display(), keys).show(asked())


def test_in_the_background() -> None:
    """In the background nothing is read, for that would stop the program. XD-20."""
    terminal = Terminal([sys.executable, "-c", IN_BACKGROUND], dict(os.environ))
    os.write(terminal._keyboard, b"0427\n")
    assert terminal.finish() == 7, terminal.written
    terminal.close()
