"""What a flow with a return code does, as plain functions that run on CPython and MicroPython."""

from device_client.flow import DENIED, EXPIRED, PENDING, SIGNED_IN, STARTING
from device_client.return_code import ReturnCodeFlow
from tests.device_client.scripted_world import CODES, TOKENS

WRAP = 1 << 30
ASKED = {"error": "authorization_pending", "return_code_length": 4, "expires_in": 65}


def pending(now_ms: int = 0) -> ReturnCodeFlow:
    flow = ReturnCodeFlow("tv", "profile", "0" * 64, now_ms)
    flow.receive(200, dict(CODES), now_ms)
    return flow


def asked(now_ms: int = 0) -> ReturnCodeFlow:
    flow = pending(now_ms)
    answer(flow, ASKED, now_ms)
    return flow


def answer(flow: ReturnCodeFlow, members: dict, now_ms: int = 0, status: int = 400) -> None:  # type: ignore[type-arg]
    flow.request()
    flow.receive(status, dict(members), now_ms)


def test_nothing_is_asked_before_the_approval() -> None:
    """While nobody has decided it is polled as ever. XD-20."""
    flow = pending()
    answer(flow, {"error": "authorization_pending"})
    assert flow.return_code_length == 0
    assert flow.step(0) == (PENDING, 6000)


def test_digits_are_asked_for() -> None:
    """After the approval there is a number of digits to enter, and a time for that. XD-20."""
    flow = asked()
    assert (flow.state, flow.return_code_length, flow.typed) == (PENDING, 4, "")
    assert flow.left_ms == 65000


def test_no_polls_meanwhile() -> None:
    """Until they are there nothing is polled, but once when the time is over. XD-20, CL-05."""
    flow = asked()
    assert flow.step(0) == (PENDING, 65000)
    assert flow.step(64000) == (PENDING, 1000)
    assert flow.step(65000) == (PENDING, 0)
    answer(flow, {"error": "authorization_pending", "return_code_length": 4}, 65100)
    assert flow.step(65100)[0] == EXPIRED
    assert flow.return_code_length == 0


def test_approved_in_the_last_moment() -> None:
    """The poll that settles it may be told that there is time for the number. XD-20, STM-08."""
    flow = pending()
    flow.step(600000)
    answer(flow, ASKED, 600100)
    assert flow.step(600100) == (PENDING, 65000)
    assert flow.return_code_length == 4


def test_time_is_prolonged() -> None:
    """A code that is nearly over leaves the time that the server says. XD-20."""
    flow = pending()
    flow.step(599000)
    answer(flow, ASKED, 599000)
    assert flow.step(660000) == (PENDING, 4000)


def test_clock_that_wraps() -> None:
    """A clock that begins anew while digits are asked for does no harm. CL-03."""
    flow = asked(WRAP - 10000)
    assert flow.step(WRAP - 10000) == (PENDING, 65000)
    assert flow.step(20000) == (PENDING, 35000)


def test_time_that_is_none() -> None:
    """Without a time to read the one of the code goes on. CL-08."""
    junk: list[object] = [None, 0, -5, "65", 6.5, []]
    for seconds in junk:
        flow = pending()
        answer(
            flow, {"error": "authorization_pending", "return_code_length": 4, "expires_in": seconds}
        )
        assert (flow.return_code_length, flow.left_ms) == (4, 600000), seconds


def test_length_that_is_none() -> None:
    """What is no number of digits asks for nothing. CL-08."""
    junk: list[object] = [None, 0, -4, 13, 1000, "4", "four", 4.0, [4], {}]
    for length in junk:
        flow = pending()
        answer(flow, {"error": "authorization_pending", "return_code_length": length})
        assert flow.return_code_length == 0, length
        assert flow.step(0) == (PENDING, 6000)


def test_only_a_poll_asks() -> None:
    """Codes ask for no digits, nor does what comes before them or has no JSON. CL-08."""
    flow = ReturnCodeFlow("tv", "profile", "0" * 64, 0)
    answer(flow, ASKED)
    assert (flow.state, flow.return_code_length) == (STARTING, 0)
    codes = dict(CODES)
    codes["return_code_length"] = 4
    answer(flow, codes, status=200)
    assert (flow.state, flow.return_code_length) == (PENDING, 0)
    answer(flow, {}, status=503)
    assert flow.return_code_length == 0


def test_enter() -> None:
    """The number goes with the next poll, which is due at once, zeros and all. XD-20."""
    flow = asked()
    flow.step(3000)
    flow.enter("0427")
    assert (flow.return_code_length, flow.typed) == (0, "0427")
    assert flow.step(3000) == (PENDING, 0)
    endpoint, form = flow.request()
    assert endpoint == "token_endpoint"
    assert form["return_code"] == "0427"
    flow.receive(200, dict(TOKENS), 3000)
    assert flow.state == SIGNED_IN


def test_what_is_no_such_number() -> None:
    """Only so many digits are taken: there is no second try on the server. XD-20."""
    for typed in ("", "042", "04271", "042x", "-427", "4.27", "٠٤٢٧"):
        flow = asked()
        flow.enter(typed)
        assert flow.return_code_length == 4, typed
        assert "return_code" not in flow.grant


def test_enter_before_digits_are_asked_for() -> None:
    """What nobody has asked for is not sent, nor left to the next sign-in. XD-20."""
    early = ReturnCodeFlow("tv", "profile", "0" * 64, 0)
    early.enter("0427")
    early.enter("")
    flow = pending()
    flow.enter("0427")
    assert "return_code" not in flow.grant
    assert "return_code" not in ReturnCodeFlow.grant


def test_wrong_number() -> None:
    """A wrong number is the end. XD-20."""
    flow = asked()
    flow.enter("0428")
    answer(flow, {"error": "access_denied"})
    assert flow.step(0)[0] == DENIED


def test_answer_that_is_lost() -> None:
    """Without an answer the number is sent again, at the pace of every failure. XD-20, CL-04."""
    flow = asked()
    flow.enter("0427")
    answer(flow, {}, status=0)
    assert flow.step(0) == (PENDING, 12000)
    assert flow.step(12000) == (PENDING, 0)
    assert flow.request()[1]["return_code"] == "0427"


def test_answer_that_does_not_come_in_time() -> None:
    """The number is sent a last time at the end, which then is the end. XD-20, CL-05."""
    flow = asked()
    flow.enter("0427")
    answer(flow, {}, status=0)
    flow.step(65000)
    assert flow.request()[1]["return_code"] == "0427"
    flow.receive(0, {}, 65000)
    assert flow.step(65000)[0] == EXPIRED


def test_asked_again() -> None:
    """A server that still misses the number is given the next one. XD-20."""
    flow = asked()
    flow.enter("0427")
    answer(flow, ASKED)
    assert (flow.return_code_length, flow.typed) == (4, "")
    flow.enter("7777")
    assert flow.request()[1]["return_code"] == "7777"


def test_restart() -> None:
    """Kept codes are asked about after a restart, and the digits are asked for again. CL-15."""
    flow = ReturnCodeFlow("tv", "profile", "0" * 64, 0)
    flow.receive(200, dict(CODES), 0)
    flow.step(6000)
    assert "return_code" not in flow.request()[1]
    flow.receive(400, dict(ASKED), 6000)
    assert flow.return_code_length == 4
