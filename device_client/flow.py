"""RFC 8628 from the device's side, without sockets, clock or randomness.

    flow = DeviceFlow("living-room-tv", "profile", os.urandom(32).hex(), ticks_ms())
    state, wait_ms = flow.step(ticks_ms())
    while state in WAITING:
        if wait_ms:
            sleep_ms(wait_ms)
        else:
            endpoint, form = flow.request()
            status, answer = post(endpoint, form)
            flow.receive(status, answer, ticks_ms())
        state, wait_ms = flow.step(ticks_ms())

    STARTING --codes--> PENDING --tokens--> SIGNED_IN
        |                  |
        +------------------+--> DENIED, EXPIRED or FAILED by what the server says
        +--> UNREACHABLE   +--> EXPIRED  by the clock, when one last request has settled nothing

The clock counts milliseconds and may wrap at any power of two from 2**30 up. States are their own
names, or the error codes that lead to them, because a string costs flash once. A flow that begins
with a `grant` goes straight for tokens: renewal.py makes such, to keep them fresh.

Some local variables are called like the string they hold: MicroPython keeps that once, among its
names, and other long strings in 32 to 64 bytes of memory wherever they stand.
"""

from binascii import b2a_base64
from hashlib import sha256

STARTING = "STARTING"
PENDING = "PENDING"
SIGNED_IN = "SIGNED_IN"
DENIED = "access_denied"
EXPIRED = "expired_token"
FAILED = "FAILED"
UNREACHABLE = "UNREACHABLE"

WAITING = (STARTING, PENDING)


class DeviceFlow:
    """One sign-in, from the first request to tokens or a refusal.

    `code_verifier` is 43 to 128 letters and digits that nobody can guess, for PKCE (RFC 7636 4.1).

    state                      one of the constants above
    user_code                  from PENDING on: to be shown exactly as it is
    verification_uri           from PENDING on: where the person enters it
    verification_uri_complete  from PENDING on: the same with the code inside, for a QR code, or ""
    verification_qr            from PENDING on: that as a drawn symbol, or None:
                               {"size": modules, "bits": base64url}
    left_ms                    milliseconds to the end, as of the last step; then 0 and below
    backoff_ms                 above 0 while the server does not answer
    error                      the last answer's error code, or "invalid_response"
    grant                      what tokens are asked for with, once there is something: a form
    tokens                     once SIGNED_IN: the token response (RFC 6749 section 5.1)
    """

    grant: dict[str, str] = {}
    _wait_ms: int | None

    def __init__(self, client_id: str, scope: str, code_verifier: str, now_ms: int) -> None:
        self.client_id = client_id
        self.scope = scope
        self.code_verifier = code_verifier
        self.now_ms = now_ms
        self.state = STARTING
        self.left_ms = 120000
        self._wait_ms = self.backoff_ms = self.interval = 0
        # More than are needed yet: with the thirteenth there is room for them all, which would
        # later be sought between the texts of an answer.
        self.error = self.user_code = self.verification_uri = self.verification_uri_complete = ""

    def step(self, now_ms: int) -> tuple[str, int]:
        """The state, and the milliseconds until `request()` is due if the state is a WAITING one.

        Past its end the flow asks one last time, for an approval may be on its way. May be called
        during a request: the first call says that it is sent now.
        """
        # Only neighbouring readings are compared, so a clock that wraps does no harm, however long
        # the code lives.
        passed = (now_ms - self.now_ms) & 0x3FFFFFFF
        self.now_ms = now_ms
        self.left_ms -= passed
        self._wait_ms = 0 if self._wait_ms is None else self._wait_ms - passed
        return self.state, max(0, self._wait_ms)

    def request(self) -> tuple[str, dict[str, str]]:
        """What to POST: the metadata name of the endpoint (RFC 8414 section 2), and the form."""
        self._wait_ms = None  # until it is sent; from then on falling from 0
        token_endpoint = "token_endpoint"  # noqa: S105 - no password
        if self.grant:
            return token_endpoint, self.grant
        device_authorization_endpoint = "device_authorization_endpoint"
        code_challenge_method = "S256"
        code_challenge = b2a_base64(sha256(self.code_verifier.encode()).digest()).decode()[:43]
        return device_authorization_endpoint, {
            "client_id": self.client_id,
            "scope": self.scope,
            "code_challenge": code_challenge.replace("+", "-").replace("/", "_"),
            "code_challenge_method": code_challenge_method,
            "qr": "bits",
        }

    def receive(self, status: int, answer: dict[str, object], now_ms: int) -> None:
        """Take the answer to `request()`, at the moment its last byte was there.

        `status` is HTTP's, 0 when there was no answer; `answer` is the JSON object, empty when it
        was none. An error code counts whatever the status, for servers send
        `authorization_pending` with 200, 400, 403 and 428. A server in trouble (no answer, 408,
        429, 5xx) is asked again later.
        """
        state = self.step(now_ms)[0]
        last = self.left_ms <= self._wait_ms  # type: ignore[operator]  # sent after the end
        self.error = error = _text(answer, "error")
        times = 0
        # RFC 8628 section 3.5: two errors continue, two have an end of their own.
        if error in (DENIED, EXPIRED):
            self.state = error
        elif error == "slow_down":
            self.interval = max(self.interval + 5, _seconds(answer, "interval"))
        elif error == "authorization_pending":
            pass
        elif not status or status in (408, 429) or status >= 500:
            times = 2
        elif error or status != 200 or not self._accept(answer):
            self.state = FAILED
            self.error = error or "invalid_response"
        # Polling at exactly the interval is early whenever our clock runs fast, and is answered
        # with slow_down for ever: stay 20 %, and at least 1 s, behind.
        pace = self.interval * 1000 + max(1000, self.interval * 200)
        # Doubled by each failure; apart from the interval, which only the server changes.
        self.backoff_ms = backoff = min(times * (self.backoff_ms or pace), 60000)
        # The interval counts from sending (CIBA Core 10.1), but of an answer that came sooner
        # nobody knows which part of the time was the way there.
        self._wait_ms = (
            1000
            if error and not backoff and self._wait_ms <= -1000 * self.interval  # type: ignore[operator]
            else max(pace, min(backoff, self.left_ms))
        )
        if last and self.state == state:
            self.state = EXPIRED if state == PENDING else UNREACHABLE

    def _accept(self, answer: dict[str, object]) -> object:
        # True-like when the answer has all it must have.
        if self.grant:
            # A server that does not rotate refresh tokens sends none, and the old one stays good.
            refresh_token = self.grant.get("refresh_token")
            if refresh_token:
                answer["refresh_token"] = answer.get("refresh_token") or refresh_token
            self.tokens = answer
            self.state = SIGNED_IN
            # RFC 6749 section 7.1: a token of an unknown type is not to be used.
            access_token = answer.get("access_token")
            return access_token and _text(answer, "token_type").lower() == "bearer"
        device_code = _text(answer, "device_code")
        self.user_code = _text(answer, "user_code")
        verification_url = _text(answer, "verification_url")  # Google says url
        self.verification_uri = _text(answer, "verification_uri") or verification_url
        self.verification_uri_complete = _text(answer, "verification_uri_complete")
        self.verification_qr = answer.get("verification_qr")
        self.interval = _seconds(answer, "interval") or 5
        self.left_ms = _seconds(answer, "expires_in") * 1000
        self.state = PENDING
        self.grant = {
            "client_id": self.client_id,
            "grant_type": "urn:ietf:params:oauth:grant-type:device_code",
            "device_code": device_code,
            "code_verifier": self.code_verifier,
        }
        return device_code and self.user_code and self.verification_uri and self.left_ms


def _text(answer: dict[str, object], name: str) -> str:
    # MicroPython's str() copies even a string.
    text = answer.get(name) or ""
    return text if isinstance(text, str) else str(text)


def _seconds(answer: dict[str, object], name: str) -> int:
    # Servers send numbers in quotes too. 0 for what is absent or no number.
    try:
        return max(0, int(answer.get(name)))  # type: ignore[call-overload]
    except Exception:
        return 0
