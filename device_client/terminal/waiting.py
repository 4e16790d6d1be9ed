"""What a sign-in waits for, in words, and for how long. CPython only."""

from device_client.flow import DeviceFlow

ENTER = "Enter the number that your phone shows"


def going_on(flow: DeviceFlow) -> str:
    """What has to happen next, while the flow is PENDING."""
    if flow.backoff_ms:
        return "No answer yet, trying again"
    if asked(flow):
        return ENTER
    return "Checking the number" if digits(flow) else "Waiting for your approval"


def asked(flow: DeviceFlow) -> int:
    """How many digits of a return code are to be entered now."""
    return getattr(flow, "return_code_length", 0)


def digits(flow: DeviceFlow) -> str:
    """Those that are there, and a _ for each that is not: "04__". Empty before they are asked."""
    typed: str = getattr(flow, "typed", "")
    return typed + "_" * (asked(flow) - len(typed))


class Lifetime:
    """The whole of the time that is left: a code's own, then that of its number.

    ms  milliseconds, 0 before the first `follow`
    """

    def __init__(self) -> None:
        self.ms = 0
        self._asked = False

    def follow(self, flow: DeviceFlow) -> None:
        """Begin with the flow, and anew when it asks for digits."""
        asks = asked(flow) > 0
        if not self.ms or (asks and not self._asked):
            self.ms = max(1, flow.left_ms)
        self._asked = asks
