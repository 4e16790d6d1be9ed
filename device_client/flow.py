"""RFC 8628 from the device's side, without sockets, clock or randomness.

    flow = DeviceFlow("living-room-tv", "profile", os.urandom(32), ticks_ms())
    state, wait_ms = flow.step(ticks_ms())
    while state in WAITING:
        if wait_ms:
            sleep_ms(wait_ms)
        else:
            endpoint, form = flow.request()
            status, body = post(endpoint, form)
            flow.receive(status, body, ticks_ms())
        state, wait_ms = flow.step(ticks_ms())

    STARTING --codes--> PENDING --tokens--> SIGNED_IN
        |                  |
        +------------------+--> DENIED, EXPIRED or FAILED by what the server says
        +--> UNREACHABLE   +--> EXPIRED  by the clock, when one last request has settled nothing

The clock counts milliseconds and may wrap at any power of two from 2**30 up. The names of the
states are also their values, because a string costs flash once. Keeping the tokens fresh is
renewal.py's, by the same steps.
"""

from binascii import b2a_base64
from hashlib import sha256

STARTING = "STARTING"
PENDING = "PENDING"
SIGNED_IN = "SIGNED_IN"
DENIED = "DENIED"
EXPIRED = "EXPIRED"
FAILED = "FAILED"
UNREACHABLE = "UNREACHABLE"

WAITING = (STARTING, PENDING)

# RFC 8628 section 3.5: the first two continue. Every code that is not here is FAILED.
AFTER_ERROR = {
    "authorization_pending": "",
    "slow_down": "",
    "access_denied": DENIED,
    "expired_token": EXPIRED,
}


class DeviceFlow:
    """One sign-in, from the first request to tokens or a refusal.

    `entropy` is 32 fresh random bytes, for PKCE (RFC 7636).

    state                      one of the constants above
    user_code                  from PENDING on: to be shown exactly as it is
    verification_uri           from PENDING on: where the person enters it
    verification_uri_complete  from PENDING on: the same with the code inside, for a QR code, or ""
    left_ms                    milliseconds to the end, as of the last step; then 0 and below
    backoff_ms                 above 0 while the server does not answer
    error                      the last answer's error code, or "invalid_response"
    tokens                     once SIGNED_IN: the token response (RFC 6749 section 5.1)
    """

    def __init__(self, client_id: str, scope: str, entropy: bytes, now_ms: int) -> None:
        self.state = STARTING
        self.left_ms = 120000
        self.backoff_ms = 0
        self.error = ""
        self.client_id = client_id
        self.scope = scope
        self.code_verifier = entropy.hex()
        self.interval = 0
        self._wait_ms = 0  # during a request 0 when it was sent, then falling
        self._asking = False
        self._now_ms = now_ms

    def step(self, now_ms: int) -> tuple[str, int]:
        """The state, and the milliseconds until `request()` is due.

        0 also once there is none to come. Past its end the flow asks one last time, for an approval
        may be on its way. May be called during a request: the first call says that it is sent now.
        """
        # Only neighbouring readings are compared, so a clock that wraps does no harm, however long
        # the code lives.
        passed = (now_ms - self._now_ms) & 0x3FFFFFFF
        self._now_ms = now_ms
        self.left_ms -= passed
        self._wait_ms = 0 if self._asking else self._wait_ms - passed
        self._asking = False
        return self.state, max(0, self._wait_ms) if self.state in WAITING else 0

    def request(self) -> tuple[str, dict[str, str]]:
        """What to POST: the metadata name of the endpoint (RFC 8414 section 2), and the form."""
        self._asking = True
        if self.state == STARTING:
            challenge = b2a_base64(sha256(self.code_verifier.encode()).digest()).decode()[:43]
            return "device_authorization_endpoint", {
                "client_id": self.client_id,
                "scope": self.scope,
                "code_challenge": challenge.replace("+", "-").replace("/", "_"),
                "code_challenge_method": "S256",
            }
        return "token_endpoint", {
            "client_id": self.client_id,
            "grant_type": "urn:ietf:params:oauth:grant-type:device_code",
            "device_code": self.device_code,
            "code_verifier": self.code_verifier,
        }

    def receive(self, status: int, body: object, now_ms: int) -> None:
        """Take the answer to `request()`, at the moment its last byte was there.

        `status` is HTTP's, 0 when there was no answer; `body` is the parsed JSON, None when it was
        none. An error code counts whatever the status, for servers send `authorization_pending`
        with 200, 400, 403 and 428. A server in trouble (no answer, 408, 429, 5xx) is asked again
        later.
        """
        state = self.step(now_ms)[0]
        last = self.left_ms <= self._wait_ms  # sent after the end
        answer: dict[str, object] = body if isinstance(body, dict) else {}
        self.error = error = _text(answer, "error")
        if error not in AFTER_ERROR and (status in (0, 408, 429) or status >= 500):
            # Apart from the interval, which only the server changes.
            self.backoff_ms = min(2 * (self.backoff_ms or self._pace()), 60000)
            self._wait_ms = max(self._pace(), min(self.backoff_ms, self.left_ms))
        else:
            self.backoff_ms = 0
            if error == "slow_down":
                self.interval = max(self.interval + 5, _seconds(answer, "interval"))
            if error:
                self.state = AFTER_ERROR.get(error, FAILED) or self.state
            elif status != 200 or not self._accept(answer):
                self.state = FAILED
                self.error = "invalid_response"
            # The interval counts from sending (CIBA Core 10.1), but of an answer that came sooner
            # nobody knows which part of the time was the way there.
            held = error and self._wait_ms <= -1000 * self.interval
            self._wait_ms = 1000 if held else self._pace()
        if last and self.state == state:
            self.state = EXPIRED if state == PENDING else UNREACHABLE

    def _accept(self, answer: dict[str, object]) -> object:
        # True-like when the answer has all it must have.
        if self.state == PENDING:
            return self._accept_tokens(answer)
        self.device_code = _text(answer, "device_code")
        self.user_code = _text(answer, "user_code")
        # Google says url.
        self.verification_uri = _text(answer, "verification_uri") or _text(
            answer, "verification_url"
        )
        self.verification_uri_complete = _text(answer, "verification_uri_complete")
        self.interval = _seconds(answer, "interval") or 5
        self.left_ms = _seconds(answer, "expires_in") * 1000
        self.state = PENDING
        return self.device_code and self.user_code and self.verification_uri and self.left_ms

    def _accept_tokens(self, answer: dict[str, object]) -> object:
        self.tokens = answer
        self.state = SIGNED_IN
        # RFC 6749 section 7.1: a token of an unknown type is not to be used.
        return _text(answer, "token_type").lower() == "bearer" and answer.get("access_token")

    def _pace(self) -> int:
        # Polling at exactly the interval is early whenever our clock runs fast, and is answered
        # with slow_down for ever: stay 20 %, and at least 1 s, behind.
        return self.interval * 1000 + max(1000, self.interval * 200)


def _text(answer: dict[str, object], name: str) -> str:
    return str(answer.get(name) or "")


def _seconds(answer: dict[str, object], name: str) -> int:
    # Servers send numbers in quotes too. 0 for what is absent or no number.
    try:
        return max(0, int(answer.get(name)))  # type: ignore[call-overload]
    except (TypeError, ValueError, OverflowError):
        return 0
