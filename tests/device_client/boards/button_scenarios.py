"""A number entered by one button, on CPython and MicroPython alike. Nothing waits."""

from device_client.button_digits import ButtonFlow
from device_client.flow import EXPIRED, PENDING
from tests.device_client.boards.board_scenarios import CODES

WRAP = 1 << 30
ASKED = {"error": "authorization_pending", "return_code_length": 4, "expires_in": 65}
PRESS, GAP, PAUSE = 80, 120, 3000  # ms, as people do


class Button:
    """Is down in each of `presses`: (from, to) in milliseconds. `looks` are when it was seen."""

    def __init__(self) -> None:
        self.presses: list[tuple[int, int]] = []
        self.now_ms = 0
        self.looks: list[int] = []
        self.bounces_ms = 0

    def __call__(self) -> bool:
        self.looks.append(self.now_ms)
        for begin, end in self.presses:
            if begin <= self.now_ms < begin + self.bounces_ms or end <= self.now_ms < (
                end + self.bounces_ms
            ):
                return len(self.looks) % 2 > 0  # down and up, however often one looks
            if begin <= self.now_ms < end:
                return True
        return False

    def enter(self, number: str, at: int = 1000) -> int:
        """Plan the presses for these digits; the time when they are over."""
        for digit in number:
            for _ in range(int(digit) or 10):
                self.presses.append((at, at + PRESS))
                at += PRESS + GAP
            at += PAUSE
        return at


class Entry:
    """A flow that has just been asked for four digits at `began`, a button, and what was said."""

    def __init__(self, began: int = 0) -> None:
        self.began = began
        self.button = Button()
        self.said: list[str] = []
        self.counts: list[str] = []
        self.flow = ButtonFlow(self.button, self.said.append, "tv", "profile", "0" * 64, began)
        self.flow.receive(200, dict(CODES), began)
        self.flow.request()
        self.flow.receive(400, dict(ASKED), began)

    def live(self, until: int) -> None:
        """Let time pass as a loop does, in steps as long as the flow says, at most 200 ms."""
        while self.button.now_ms < until:
            wait_ms = self.step()
            if not wait_ms:
                return
            self.button.now_ms += min(wait_ms, 200)

    def step(self) -> int:
        wait_ms = self.flow.step((self.button.now_ms + self.began) % WRAP)[1]
        if self.counts[-1:] != [self.flow.count]:
            self.counts.append(self.flow.count)
        return wait_ms


def test_number() -> None:
    """As many presses as each digit says enter the number, which is sent at once. XD-20."""
    entry = Entry()
    entry.live(entry.button.enter("3427"))
    assert entry.flow.step(entry.button.now_ms) == (PENDING, 0)
    assert entry.flow.request()[1]["return_code"] == "3427"


def test_ten_presses_are_0() -> None:
    """The digit goes up with each press, and from 9 to 0. XD-20."""
    entry = Entry()
    entry.live(entry.button.enter("0"))
    assert entry.counts == ["", "1", "2", "3", "4", "5", "6", "7", "8", "9", "0", ""]
    assert entry.flow.typed == "0"


def test_one_press_too_many() -> None:
    """Whoever pressed too often goes round once more. XD-20."""
    entry = Entry()
    entry.button.enter("9")
    entry.live(entry.button.enter("3", at=2900))
    assert entry.flow.typed == "2"


def test_pause() -> None:
    """A digit is taken 2 s after its last press, not sooner. XD-20."""
    entry = Entry()
    entry.button.presses = [(1000, 1080)]
    entry.live(2800)
    assert (entry.flow.typed, entry.flow.count) == ("", "1")
    entry.live(3200)
    assert (entry.flow.typed, entry.flow.count) == ("1", "")


def test_bounces() -> None:
    """A button that goes down and up for 20 ms at either end counts once. XD-20."""
    entry = Entry()
    entry.button.bounces_ms = 20
    entry.live(entry.button.enter("45"))
    assert entry.flow.typed == "45"


def test_shortest_press() -> None:
    """One look is enough to see a press: a picture that is drawn may hide the rest. XD-20."""
    entry = Entry()
    entry.button.presses = [(1000, 1020), (1200, 1220)]
    entry.live(4000)
    assert entry.flow.typed == "2"


def test_long_press() -> None:
    """However long it is held, a press is one, and its digit is taken after it. XD-20."""
    entry = Entry()
    entry.button.presses = [(1000, 6000)]
    entry.live(7000)
    assert entry.flow.count == "1"
    entry.live(8200)
    assert entry.flow.typed == "1"


def test_press_from_before() -> None:
    """A press that began before digits were asked for is none of them. XD-20."""
    entry = Entry()
    entry.button.presses = [(-1000, 500)]
    entry.live(3000)
    assert (entry.flow.typed, entry.flow.count) == ("", "")
    entry.live(entry.button.enter("1", at=3000))
    assert entry.flow.typed == "1"


def test_slow_picture() -> None:
    """Time in which nobody could look, as e-paper takes, ends no digit and adds no press. XD-20."""
    entry = Entry()
    entry.button.presses = [(1000, 1080), (1200, 9000)]
    for until in (1200, 1300):
        entry.live(until)
        entry.button.now_ms += 3000
        entry.step()
    assert (entry.flow.typed, entry.flow.count) == ("", "2")


def test_clock_that_wraps() -> None:
    """A clock that begins anew in the middle of a digit does no harm. CL-03."""
    entry = Entry(WRAP - 2000)
    entry.live(entry.button.enter("34"))
    assert entry.flow.typed == "34"


def test_time_is_over() -> None:
    """A number that is not complete is not sent: one last poll settles it as ever. XD-20, CL-05."""
    entry = Entry()
    entry.button.enter("34")
    entry.live(70_000)
    assert entry.button.now_ms == 65_000
    form = entry.flow.request()[1]
    looked = len(entry.button.looks)
    entry.step()
    assert len(entry.button.looks) == looked  # nor is one completed meanwhile
    assert "return_code" not in form
    entry.flow.receive(400, {"error": "authorization_pending"}, 65_100)
    assert entry.flow.step(65_100)[0] == EXPIRED


def test_looks() -> None:
    """The button is looked at every 20 ms while digits are asked for, and else not. CL-04."""
    entry = Entry()
    entry.live(entry.button.enter("1111"))
    looks = entry.button.looks
    assert [later - looks[at] for at, later in enumerate(looks[1:])] == [20] * (len(looks) - 1)
    looks.clear()
    entry.step()
    assert not looks


def test_said() -> None:
    """A console hears what to do, once, and each digit taken. XD-20."""
    entry = Entry()
    entry.live(entry.button.enter("121"))
    assert entry.said == [ButtonFlow.how, "So far: 1", "So far: 12", "So far: 121"]
