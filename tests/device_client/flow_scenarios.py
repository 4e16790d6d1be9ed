"""What the flow does, as plain functions that run on CPython and MicroPython alike."""

from device_client.flow import (
    DENIED,
    EXPIRED,
    FAILED,
    PENDING,
    SIGNED_IN,
    STARTING,
    UNREACHABLE,
    DeviceFlow,
)

VERIFIER = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
WRAP = 1 << 30

CODES = {
    "device_code": "GmRhmhcxhwAzkoEqiMEg",
    "user_code": "WDJB-MJHT",
    "verification_uri": "https://tv.example.com/device",
    "verification_uri_complete": "https://tv.example.com/device?user_code=WDJB-MJHT",
    "expires_in": 600,
    "interval": 5,
}
TOKENS = {"access_token": "2YotnFZFEjr1zCsicMWpAA", "token_type": "Bearer"}


def starting() -> DeviceFlow:
    return DeviceFlow("tv", "profile", VERIFIER, 0)


def pending(**changes: object) -> DeviceFlow:
    codes = dict(CODES)
    codes.update(changes)
    flow = starting()
    flow.receive(200, codes, 0)
    assert flow.state == PENDING
    return flow


def refuse(flow: DeviceFlow, error: str, now_ms: int = 0, **members: object) -> None:
    members["error"] = error
    flow.receive(400, members, now_ms)


def test_first_request() -> None:
    """The first request carries client, scope and an S256 challenge. RFC 8628 3.1, RFC 7636 4.3."""
    endpoint, form = starting().request()
    assert endpoint == "device_authorization_endpoint"
    assert form == {
        "client_id": "tv",
        "scope": "profile",
        "code_challenge": "bIbGqsX7JLz12ZOct9fVZFzjlBj0SeA7Ji3U-hS0uSs",
        "code_challenge_method": "S256",
        "qr": "bits",
    }


def test_first_request_is_due_at_once() -> None:
    """Making a flow is asking for the sign-in. CL-05."""
    assert starting().step(0) == (STARTING, 0)


def test_poll() -> None:
    """A poll carries the device code and the challenge's verifier. RFC 8628 3.4, RFC 7636 4.5."""
    endpoint, form = pending().request()
    assert endpoint == "token_endpoint"
    assert form == {
        "client_id": "tv",
        "grant_type": "urn:ietf:params:oauth:grant-type:device_code",
        "device_code": CODES["device_code"],
        "code_verifier": VERIFIER,
    }


def test_waits_before_the_first_poll() -> None:
    """The interval counts from the end of the answer, with a margin. CL-01."""
    flow = starting()
    flow.step(0)
    flow.receive(200, dict(CODES), 3000)
    assert flow.step(3000) == (PENDING, 6000)
    assert flow.step(8000) == (PENDING, 1000)
    assert flow.step(9000) == (PENDING, 0)


def test_interval() -> None:
    """The wait is the interval and 20 %, at least 1 s; 5 when there is none to read. CL-01."""
    for interval, wait_ms in (
        (5, 6000),
        (1, 2000),
        (30, 36000),
        ("10", 12000),
        (None, 6000),
        (0, 6000),
        (-3, 6000),
        ("soon", 6000),
        ([], 6000),
        (float("inf"), 6000),
    ):
        assert pending(interval=interval).step(0) == (PENDING, wait_ms), interval


def test_missing_interval() -> None:
    """Without an interval it is 5 seconds. CL-01, RFC 8628 3.2."""
    codes = dict(CODES)
    del codes["interval"]
    flow = starting()
    flow.receive(200, codes, 0)
    assert flow.step(0) == (PENDING, 6000)


def test_slow_down_is_for_good() -> None:
    """Each slow_down adds 5 s to every later wait. CL-02."""
    flow = pending()
    refuse(flow, "slow_down")
    assert flow.step(0) == (PENDING, 12000)
    refuse(flow, "authorization_pending")
    assert flow.step(0) == (PENDING, 12000)
    refuse(flow, "slow_down")
    assert flow.step(0) == (PENDING, 18000)


def test_slow_down_with_interval() -> None:
    """A larger interval in slow_down is honoured, a smaller one is not. CL-02."""
    for interval, wait_ms in ((30, 36000), ("30", 36000), (7, 12000), ("much", 12000)):
        flow = pending()
        refuse(flow, "slow_down", interval=interval)
        assert flow.step(0) == (PENDING, wait_ms), interval


def test_slow_down_before_codes() -> None:
    """A busy server may slow down the first request too, which is then asked again. CL-02."""
    flow = starting()
    refuse(flow, "slow_down")
    assert flow.step(0) == (STARTING, 6000)


def test_silence_doubles_the_wait() -> None:
    """No answer doubles the wait up to 60 s. CL-04, RFC 8628 3.5."""
    flow = pending()
    waits = []
    for _ in range(5):
        flow.receive(0, {}, 0)
        waits.append(flow.step(0)[1])
    assert waits == [12000, 24000, 48000, 60000, 60000]


def test_what_counts_as_silence() -> None:
    """A server in trouble is no refusal, whatever its body says. CL-03, CL-04."""
    for status, body in (
        (0, {}),
        (408, {}),
        (429, {}),
        (500, {}),
        (503, {"error": "temporarily_unavailable"}),
        (429, {"error": "too_many_requests"}),
    ):
        flow = pending()
        flow.receive(status, dict(body), 0)
        assert flow.step(0) == (PENDING, 12000), status
        assert flow.backoff_ms


def test_any_answer_ends_the_back_off() -> None:
    """A valid answer restores the pace; silence was never added to the interval. CL-04."""
    flow = pending()
    flow.receive(0, {}, 0)
    flow.receive(503, {}, 0)
    refuse(flow, "authorization_pending")
    assert flow.step(0) == (PENDING, 6000)
    assert not flow.backoff_ms
    flow.receive(0, {}, 0)
    assert flow.step(0) == (PENDING, 12000)


def test_back_off_is_never_faster_than_the_interval() -> None:
    """A long interval holds also when the server is silent. CL-01, CL-04."""
    flow = pending(interval=100)
    flow.receive(0, {}, 0)
    assert flow.step(0) == (PENDING, 120000)


def test_back_off_leaves_a_last_try() -> None:
    """Backing off does not sleep past the code's end. CL-04."""
    flow = pending(expires_in=40)
    for _ in range(3):
        flow.receive(0, {}, 0)
    assert flow.step(0) == (PENDING, 40000)


def test_start_backs_off_and_gives_up() -> None:
    """Without codes the tries double from 2 s, and end after two minutes. CL-04."""
    flow = starting()
    flow.receive(0, {}, 0)
    assert flow.step(0) == (STARTING, 2000)
    flow.receive(0, {}, 2000)
    assert flow.step(2000) == (STARTING, 4000)
    assert flow.step(120000) == (STARTING, 0)
    flow.request()
    flow.receive(0, {}, 130000)
    assert flow.step(130000)[0] == UNREACHABLE


def ask(flow: DeviceFlow, sent_ms: int, error: str, answered_ms: int) -> None:
    """One poll: on its way until `sent_ms`, then held until `answered_ms`."""
    flow.request()
    for now_ms in range(sent_ms, answered_ms, 200):
        flow.step(now_ms)
    refuse(flow, error, answered_ms)


def test_held_poll_is_followed_after_the_margin() -> None:
    """The interval counts from sending: after a long answer 1 s is enough. LP-04, CIBA 10.1."""
    for interval, error, answered_ms, wait_ms in (
        (5, "authorization_pending", 24999, 1000),
        (5, "authorization_pending", 5000, 1000),
        (5, "authorization_pending", 4999, 6000),
        (30, "authorization_pending", 25000, 36000),
        (5, "slow_down", 25000, 1000),
        (5, "slow_down", 9999, 12000),
    ):
        flow = pending(interval=interval)
        ask(flow, 0, error, answered_ms)
        assert flow.step(answered_ms) == (PENDING, wait_ms), (interval, answered_ms)


def test_slow_way_is_no_hold() -> None:
    """Time spent on connecting is not time since the request was sent. CL-01, LP-04."""
    flow = pending()
    ask(flow, 8000, "authorization_pending", 9000)
    assert flow.step(9000) == (PENDING, 6000)


def test_unknown_way_is_no_hold() -> None:
    """When nobody says when the request was sent, the wait counts from the answer. CL-01."""
    flow = pending()
    flow.request()
    refuse(flow, "authorization_pending", 25000)
    assert flow.step(25000) == (PENDING, 6000)


def test_held_poll_that_dies() -> None:
    """A held poll without an answer is silence like any other. LP-09, CL-04."""
    flow = pending()
    flow.request()
    flow.step(0)
    flow.step(20000)
    flow.receive(0, {}, 35000)
    assert flow.step(35000) == (PENDING, 12000)


def test_a_minute_takes_three_polls() -> None:
    """A sign-in decided after 60 s takes four requests with a server that holds. LP-04, LP-09."""
    flow = starting()
    now_ms = polls = 0
    flow.receive(200, dict(CODES), now_ms)
    while flow.state == PENDING:
        now_ms += flow.step(now_ms)[1]
        assert flow.step(now_ms) == (PENDING, 0)
        flow.request()
        polls += 1
        answer_ms = min(now_ms + 25000, 60000)
        while now_ms < answer_ms:
            flow.step(now_ms)
            now_ms += 200
        if now_ms < 60000:
            refuse(flow, "authorization_pending", now_ms)
        else:
            flow.receive(200, dict(TOKENS), now_ms)
    assert (flow.state, now_ms, polls) == (SIGNED_IN, 60000, 3)


def test_error_counts_whatever_the_status() -> None:
    """Servers send authorization_pending with many statuses. RFC 8628 3.5."""
    for status in (200, 400, 401, 403, 428, 429, 500):
        flow = pending()
        flow.receive(status, {"error": "authorization_pending"}, 0)
        assert flow.step(0) == (PENDING, 6000), status


def test_errors_that_end_it() -> None:
    """Only two errors continue; denied and expired are ends of their own. CL-03, CL-17."""
    for error, state in (
        ("access_denied", DENIED),
        ("expired_token", EXPIRED),
        ("invalid_grant", FAILED),
        ("invalid_client", FAILED),
        ("unauthorized_client", FAILED),
        ("made_up", FAILED),
    ):
        flow = pending()
        refuse(flow, error)
        assert flow.step(0)[0] == state, error
        assert flow.error == error


def test_refused_start() -> None:
    """A client that the server does not know ends with the server's code. RFC 8628 3.2."""
    flow = starting()
    flow.receive(401, {"error": "invalid_client"}, 0)
    assert (flow.state, flow.error) == (FAILED, "invalid_client")


def test_answers_that_are_none() -> None:
    """An answer without what it must hold ends the flow. RFC 8628 3.2, RFC 6749 5.1 and 7.1."""
    for flow, status, body in (
        (starting(), 200, {}),
        (starting(), 404, {}),
        (starting(), 302, {}),
        (starting(), 200, {"device_code": "x", "user_code": "y", "expires_in": 9}),
        (starting(), 200, {"device_code": "x", "verification_uri": "y", "expires_in": 9}),
        (starting(), 200, {"user_code": "x", "verification_uri": "y", "expires_in": 9}),
        (starting(), 200, {"device_code": "x", "user_code": "y", "verification_uri": "z"}),
        (pending(), 200, {}),
        (pending(), 200, {"token_type": "Bearer"}),
        (pending(), 200, {"access_token": "x"}),
        (pending(), 200, {"access_token": "x", "token_type": "mac"}),
        (pending(), 400, {"error": ""}),
    ):
        flow.receive(status, dict(body), 0)
        assert (flow.state, flow.error) == (FAILED, "invalid_response"), (status, body)


def test_error_of_a_strange_type() -> None:
    """An error member that is no string is still an error. CL-03."""
    flow = pending()
    flow.receive(400, {"error": {"code": 7}}, 0)
    assert flow.step(0)[0] == FAILED


def test_tokens() -> None:
    """The token response is kept as it came; token_type in any case. RFC 6749 5.1."""
    flow = pending()
    flow.receive(200, {"access_token": "x", "token_type": "bEARER", "more": 1}, 0)
    assert flow.step(0)[0] == SIGNED_IN
    assert flow.tokens == {"access_token": "x", "token_type": "bEARER", "more": 1}


def test_unknown_members_and_any_code() -> None:
    """Unknown members do no harm and a code may have any length and letters. CL-08."""
    flow = pending(user_code="ж" * 40, color="blue")
    assert flow.user_code == "ж" * 40


def test_google_names_it_url() -> None:
    """verification_url is taken for verification_uri. RFC 8628 3.2."""
    flow = pending(verification_uri=None, verification_url="https://google.example/device")
    assert flow.verification_uri == "https://google.example/device"


def test_no_complete_uri() -> None:
    """verification_uri_complete may be missing. RFC 8628 3.2."""
    assert pending(verification_uri_complete=None).verification_uri_complete == ""


def test_code_expires() -> None:
    """After expires_in one poll more, no sooner than any other, and then none. CL-05, CL-01."""
    flow = pending(expires_in="8")
    assert flow.step(6000) == (PENDING, 0)
    ask(flow, 6000, "authorization_pending", 6000)
    assert flow.step(6000) == (PENDING, 6000)
    assert flow.step(12000) == (PENDING, 0)
    ask(flow, 12000, "authorization_pending", 12500)
    assert flow.step(12500)[0] == EXPIRED
    assert flow.step(13000)[0] == EXPIRED


def test_last_poll() -> None:
    """Whatever the last poll does not settle is the end. CL-05, CL-17."""
    for status, body, state in (
        (400, {"error": "authorization_pending"}, EXPIRED),
        (400, {"error": "slow_down"}, EXPIRED),
        (400, {"error": "expired_token"}, EXPIRED),
        (400, {"error": "access_denied"}, DENIED),
        (400, {"error": "invalid_grant"}, FAILED),
        (503, {}, EXPIRED),
        (0, {}, EXPIRED),
        (200, dict(TOKENS), SIGNED_IN),
    ):
        flow = pending(expires_in=6)
        assert flow.step(6000) == (PENDING, 0)
        flow.request()
        flow.receive(status, dict(body), 6100)
        assert flow.step(6100)[0] == state, (status, body)


def test_poll_held_over_the_end() -> None:
    """The end does not come during a poll, and that poll was not yet the last. LP-09."""
    flow = pending(expires_in=20)
    flow.step(19000)
    ask(flow, 19000, "authorization_pending", 30000)
    assert flow.state == PENDING
    assert flow.left_ms == -10000
    ask(flow, 31000, "authorization_pending", 31100)
    assert flow.state == EXPIRED


def test_codes_at_the_last_moment() -> None:
    """Codes that come with the last try are codes. CL-04."""
    flow = starting()
    flow.step(125000)
    flow.request()
    flow.receive(200, dict(CODES), 125500)
    assert flow.step(125500) == (PENDING, 6000)


def test_tokens_at_the_last_moment() -> None:
    """Tokens that arrive after our own deadline are tokens. RFC 8628 3.5."""
    flow = pending(expires_in=8)
    flow.step(6000)
    flow.receive(200, dict(TOKENS), 9000)
    assert flow.step(9000)[0] == SIGNED_IN


def test_ticks_wrap() -> None:
    """A clock that starts again at 0 changes nothing. CL-13."""
    begin = WRAP - 2500
    flow = DeviceFlow("tv", "profile", VERIFIER, begin)
    flow.receive(200, dict(CODES), begin)
    assert flow.step(begin) == (PENDING, 6000)
    assert flow.step(500) == (PENDING, 3000)
    assert flow.left_ms == 597000


def test_lifetime_longer_than_the_clock() -> None:
    """A code may live longer than the clock runs before it wraps. CL-13."""
    flow = pending(expires_in=2200000)
    for now_ms in (WRAP - 1, WRAP // 2, WRAP - 2):
        assert flow.step(now_ms)[0] == PENDING
    flow.step(WRAP - 3)
    ask(flow, WRAP - 3, "authorization_pending", WRAP - 3)
    assert flow.state == EXPIRED


def test_symbol_bits() -> None:
    """A symbol that the server has drawn is kept for the display; none is None. RFC 8628 3.3.1."""
    symbol = {"size": 21, "bits": "AAAA"}
    assert pending(verification_qr=symbol).verification_qr == symbol
    assert pending().verification_qr is None
