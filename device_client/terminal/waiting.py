"""What a sign-in waits for, in words. CPython only."""

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
