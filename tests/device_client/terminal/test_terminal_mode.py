"""A terminal that is given back whatever happens: real processes in real terminals."""

import os
import signal
import sys
import termios
from collections.abc import Callable, Iterator

import pytest

from tests.journeys.terminal import Terminal

# A shell with job control: runs a program in the foreground, and goes on with it once it stops.
SHELL = """
import os, signal, sys
for number in (signal.SIGTTOU, signal.SIGTSTP):
    signal.signal(number, signal.SIG_IGN)
child = os.fork()
if not child:
    os.setpgid(0, 0)
    os.tcsetpgrp(0, os.getpid())
    os.execv(sys.executable, [sys.executable, "-c", sys.argv[1]])
os.waitpid(child, os.WUNTRACED)
print("stopped", flush=True)
os.kill(child, signal.SIGCONT)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""
PROGRAM = """
import os, resource, signal, sys, time
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
signal.signal(signal.SIGTSTP, signal.SIG_DFL)
from device_client.terminal.terminal_mode import TerminalMode
mode = TerminalMode(sys.stdout, "<", ">", lambda: print("again", flush=True))
mode.enter()
try:
    print("ready", flush=True)
    {body}
finally:
    {finally_}
"""
FOR_EVER = "while True: time.sleep(.01)"

Start = Callable[..., Terminal]


@pytest.fixture
def start() -> Iterator[Start]:
    """Start a program that has taken over its terminal."""
    terminals: list[Terminal] = []

    def start(body: str = FOR_EVER, finally_: str = "mode.leave()") -> Terminal:
        program = PROGRAM.format(body=body, finally_=finally_)
        terminals.append(Terminal([sys.executable, "-c", program], dict(os.environ)))
        terminals[-1].read("(ready)")
        return terminals[-1]

    yield start
    for terminal in terminals:
        terminal.close()


def send(terminal: Terminal, number: signal.Signals) -> None:
    """Send a signal to the program."""
    terminal._process.send_signal(number)


def test_leave(start: Start) -> None:
    """Begin and end are written once, however often one enters or leaves. CL-06."""
    terminal = start("mode.enter(); mode.leave()")
    assert terminal.finish() == 0
    assert terminal.written.split() == ["<ready", ">"]


def test_exception(start: Start) -> None:
    """An error gives the terminal back before it is told. CL-06."""
    terminal = start("1 / 0")
    assert terminal.finish() == 1
    assert terminal.written.index(">") < terminal.written.index("ZeroDivisionError")


def test_interrupt(start: Start) -> None:
    """So does Ctrl-C. CL-06."""
    terminal = start()
    terminal.interrupt()
    assert terminal.finish() != 0
    assert terminal.written.index(">") < terminal.written.index("KeyboardInterrupt")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT])
def test_told_to_end(start: Start, number: signal.Signals) -> None:
    """A signal that ends the process gives the terminal back first, and still ends it. CL-06."""
    terminal = start(finally_="pass")
    send(terminal, number)
    assert terminal.finish() == -number
    assert terminal.written.endswith(">")


@pytest.mark.parametrize(
    "end", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGCONT]
)
def test_keys_as_before(start: Start, end: signal.Signals) -> None:
    """Keys come one by one until the end, whatever that is, and then as before. CL-06, XD-20."""
    terminal = start("while not sys.stdin.read(1): pass\n    1 / 0")
    taken = termios.tcgetattr(terminal._keyboard)[3]
    assert not taken & (termios.ICANON | termios.ECHO)
    assert taken & termios.ISIG
    send(terminal, end)
    os.write(terminal._keyboard, b"x")
    assert terminal.finish() != 0
    given = termios.tcgetattr(terminal._keyboard)[3]
    assert given & termios.ICANON
    assert given & termios.ECHO


def test_stopped_for_a_while(start: Start) -> None:
    """Ctrl-Z gives the terminal to the shell; when it goes on it is taken over and drawn. CL-06."""
    program = PROGRAM.format(body="os.kill(0, signal.SIGTSTP)", finally_="mode.leave()")
    terminal = Terminal([sys.executable, "-c", SHELL, program], dict(os.environ))
    assert terminal.finish() == 0
    assert terminal.written.split() == ["<ready", ">stopped", "<again", ">"]
    terminal.close()


def test_keys_are_not_echoed(start: Start) -> None:
    """What is typed meanwhile is not on the screen, and goes nowhere afterwards. CL-06."""
    terminal = start("sys.stdin.readline(); mode.leave(); print('left')")
    os.write(terminal._keyboard, b"typed\n")
    assert terminal.finish() == 0
    assert "typed" not in terminal.written


def test_handlers_of_others_stay(start: Start) -> None:
    """A program that catches a signal itself goes on doing so. CL-06."""
    own = "import signal; signal.signal(signal.SIGTERM, lambda *_: print('own', flush=True))"
    terminal = start(f"mode.leave(); {own}; mode.enter(); print('set', flush=True); time.sleep(9)")
    terminal.read("(set)")
    send(terminal, signal.SIGTERM)
    terminal.read("(own)")
