"""The return code by one button: as many presses as a digit says, ten for 0, then a pause."""

from .return_code import ReturnCodeFlow

LOOK_MS = 20
# In looks, each of which takes a little longer than that. Time in which nobody looked, as while a
# picture is drawn, ends no digit.
STILL = 2  # from then on the button is up, and no longer bounces
PAUSE = 90  # about 2 s: the digit is taken


class ButtonFlow(ReturnCodeFlow):
    """A flow that counts the presses of a button while digits are asked for: each step looks at it.

    pressed   pressed() -> whether the button is down
    say       say(line) hears what to do, and each digit taken
    how       what to do
    count     the digit as far as it has been pressed, "" before that
    """

    how = "Phone's number: press 3x for 3, 10x for 0, then wait"
    count = ""
    # Looks since the button was down. At first it may still be, from a press before.
    _up = 0

    def __init__(self, pressed, say, *arguments) -> None:  # type: ignore[no-untyped-def]
        super().__init__(*arguments)
        self._pressed = pressed
        self._say = say

    def step(self, now_ms: int) -> tuple[str, int]:
        """As `ReturnCodeFlow.step`, due for the next look while digits are asked for."""
        state, wait_ms = super().step(now_ms)
        if self.return_code_length and wait_ms:
            self._look()
            wait_ms = min(wait_ms, LOOK_MS)
        return state, wait_ms

    def _look(self) -> None:
        if self._pressed():
            if self._up >= STILL:
                self.count = str(int("0" + self.count) + 1)[-1]
            self._up = 0
            return
        self._up += 1
        if self.count and self._up == PAUSE:
            self.typed += self.count
            self.count = ""
            self._say("So far: " + self.typed)
            self.enter(self.typed)
        elif self._up == STILL and not self.typed + self.count:
            self._say(self.how)
