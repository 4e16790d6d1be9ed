"""What happens, in plain lines: for a serial console, a log, and whatever is no terminal."""

from .flow import DENIED, EXPIRED, PENDING, SIGNED_IN, UNREACHABLE

IDLE = "IDLE"  # a board that waits for its button

OUTCOMES = {
    IDLE: "Press the button to sign in.",
    DENIED: "Sign-in was denied.",
    EXPIRED: "The code has expired. Start again for a new one.",
    UNREACHABLE: "The server does not answer.",
}


class TextDisplay:
    """Writes each line with `write`: the address and the code, then every minute the time left.

    And that a return code is to be entered, where the flow can ask for one.
    """

    def __init__(self, write=print) -> None:  # type: ignore[no-untyped-def]
        self._write = write
        self._minutes = 0
        self._asked = 0

    def show(self, flow) -> None:  # type: ignore[no-untyped-def]
        """Say what is new since the last call; cheap when nothing is."""
        if flow.state != PENDING:
            return
        minutes = max(1, (flow.left_ms + 59999) // 60000)  # the last poll comes after the end
        if not self._minutes:
            self._write("To sign in, open  " + printable(flow.verification_uri))
            self._write("and enter         " + printable(flow.user_code))
        asked = getattr(flow, "return_code_length", 0)
        if asked > self._asked:
            self._write("Within %d min enter here the %d digits on your phone." % (minutes, asked))
        self._asked = asked
        if minutes != self._minutes and not asked:  # a line would land amid the digits
            self._write("%d min left" % minutes)
        self._minutes = minutes

    def finish(self, flow, name: str = "") -> None:  # type: ignore[no-untyped-def]
        """Say how it ended."""
        self._minutes = self._asked = 0  # whatever comes next is another sign-in
        self._write(outcome(flow, name))

    def close(self) -> None:
        """Nothing to put back."""


def outcome(flow, name: str = "") -> str:  # type: ignore[no-untyped-def]
    """One sentence for the final state of `flow`; `name` is who signed in, if that is known."""
    if flow.state == SIGNED_IN:
        return "Signed in as %s." % printable(name) if name else "Signed in."
    if flow.state == DENIED and "return_code" in flow.grant:
        return "The number was wrong, or sign-in was denied."
    return OUTCOMES.get(flow.state) or "Sign-in failed: %s." % printable(flow.error)


def printable(text: str) -> str:
    """`text` without control characters, which steer a terminal, and halves of surrogate pairs."""
    return "".join(
        [c if " " <= c < "\x7f" or "\x9f" < c < "\ud800" or c > "\udfff" else "?" for c in text]
    )
