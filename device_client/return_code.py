"""The return code: a number that the person brings from the phone back to the device.

A server that asks for it (RFC 10027 section 6.1.16) gives the tokens for no approval alone, so
nobody can be talked into approving a device that is somewhere else. Not every device has a way to
enter digits; one that has takes this flow.
"""

from .flow import PENDING, DeviceFlow


class ReturnCodeFlow(DeviceFlow):
    """A flow in which the number of a phone may have to be entered.

    return_code_length   digits that the person is to enter now, 0 while none are asked for
    typed                those that are there already, for a display to show: digits may be put
                         here one by one, until `enter` takes them all
    """

    return_code_length = 0
    typed = ""

    def step(self, now_ms: int) -> tuple[str, int]:
        """As `DeviceFlow.step`. While digits are asked for there is nothing to poll for."""
        state, wait_ms = super().step(now_ms)
        if self.return_code_length:
            wait_ms = max(wait_ms, self.left_ms)
        return state, wait_ms

    def receive(self, status: int, answer: dict[str, object], now_ms: int) -> None:
        """As `DeviceFlow.receive`. Asks for digits when the server does."""
        pending = self.state == PENDING
        super().receive(status, answer, now_ms)
        self.return_code_length = 0
        length = answer.get("return_code_length")
        pending = pending and self.error == "authorization_pending"
        if not (pending and isinstance(length, int) and 0 < length < 13):
            return
        seconds = answer.get("expires_in")
        if isinstance(seconds, int) and seconds > 0:
            # After the code's own end too: who approved in its last moment has time for this.
            self.state = PENDING
            self.left_ms = seconds * 1000
        if self.state == PENDING:
            self.return_code_length = length
            self.typed = ""

    def enter(self, return_code: str) -> None:
        """Send the number, at once; again with every poll should the answer be lost.

        Only as many digits as are asked for count: one wrong number ends the sign-in.
        """
        if len(return_code) == self.return_code_length and return_code.encode().isdigit():
            self.return_code_length = 0
            self.typed = return_code
            self.grant["return_code"] = return_code
            self._wait_ms = 0
