"""What every board does: Wi-Fi, clock, sign-in, then what it is for, for ever.

    config.json -> Wi-Fi -> clock -> TLS -> the server's metadata -> display -> tokens
        tokens are there    renew them; nobody is asked
        none                wait for the button, then show a code
    signed in               call the API every so often

In this order because TLS needs the most memory in one piece. What goes wrong on the way is told and
tried again, ever slower. A code is shown only after the button was pressed (RFC 8628 section 3.5).
"""

import gc
import os
import time

from .board_online import ConfigProblem, Online, drop
from .board_screen import Screen, told
from .flow import FAILED
from .run import Runner
from .session import Session
from .show_text import IDLE
from .wifi import Wifi

STEP_MS = 200
SLOWEST = 60  # seconds between two tries
RARELY = 900  # seconds between two renewals that help nothing: each is written to flash


class Notice:
    """What the board itself has to say, in the shape of a flow that has ended."""

    def __init__(self, state: str, error: str = "") -> None:
        self.state = state
        self.error = error


class Board:
    """Joins what the board's own file knows with what all boards do.

    network       MicroPython's module of that name
    set_time      set_time() sets the clock by NTP; OSError when it cannot
    pressed       pressed() -> whether the button is down
    watchdog      watchdog() starts it and returns its feed
    open_tokens   open_tokens(issuer, client_id) -> a `TokenFile` or the like
    open_display  open_display() -> a display; OSError when there is none, as from its methods
    use           use(status, body) with each answer of the API: what the device is for
    tls           tls(config) -> a TLS context; ConfigProblem when it cannot be
    more          settings that only this board has, as in board_config.SETTINGS
    flow_type     a `ReturnCodeFlow` that takes digits from keys; if there is none, the button does
    """

    def __init__(  # type: ignore[no-untyped-def]
        self, network, set_time, pressed, watchdog, open_tokens, open_display, use,
        tls=None, more=None, flow_type=None, clock=time, say=print,
    ) -> None:  # fmt: skip
        self._network = network
        self._set_time = set_time
        self._pressed = pressed
        self._watchdog = watchdog
        self._open_tokens = open_tokens
        self._use = use
        self._tls = tls
        self._more = more
        self._flow_type = flow_type
        self._clock = clock
        self._say = say
        self._feed = bool
        self._screen = Screen(open_display, say, self._feed_watchdog)

    def run(self, path: str = "config.json") -> None:
        """Do it all, for ever. Returns only when config.json must be changed, and says how."""
        from .board_config import read

        try:
            self._config = config = read(path, self._more)
            drop("board_config")
            if config["watchdog"]:
                self._feed = self._watchdog()
            name, password = config["wifi_name"], config["wifi_password"]
            wifi = Wifi(self._network, name, password, self._sleep_ms)
            online = Online(config, wifi, self._set_time, self._tls, self._clock, self._idle)
            self._stay_signed_in(self._metadata(online), online.fetch)
        except ConfigProblem as problem:
            self._tell(problem)

    def _metadata(self, online: Online) -> dict[str, object]:
        # However long it takes.
        pause = 1
        while True:
            try:
                return online.metadata()
            except (OSError, ValueError, MemoryError) as problem:
                self._tell(problem)
            pause = min(2 * pause, SLOWEST)
            self._rest(pause)

    def _stay_signed_in(self, metadata: dict[str, object], fetch) -> None:  # type: ignore[no-untyped-def]
        config = self._config
        issuer, client_id = config["issuer"], config["client_id"]
        api_url = config["api_url"] or metadata.get("userinfo_endpoint")
        if not api_url:
            raise ConfigProblem('"api_url" is missing: what to call once signed in')
        display = self._screen
        tokens = self._open_tokens(issuer, client_id)
        ticks_ms = self._clock.ticks_ms
        runner = Runner(metadata, fetch, tokens, display, ticks_ms, self._sleep_ms, os.urandom)
        if config["return_code"]:
            runner.flow_type = self._flow_type or self._by_button()  # type: ignore[assignment]
        session = Session(runner, client_id, config["scope"])
        if not tokens.load():
            display.finish(Notice(IDLE))
        while True:
            self._sign_in(session, tokens)
            if session.access_token:
                self._work(session, str(api_url))
                if not tokens.load():
                    display.finish(Notice(IDLE))
            elif tokens.load():
                # Kept ones are tried again; for new ones it takes a person.
                self._rest(SLOWEST)

    def _by_button(self) -> object:
        try:
            from .button_digits import ButtonFlow  # only makers who want it pay its memory
        except ImportError:
            raise ConfigProblem('"return_code": pack again, with --return-code') from None
        return lambda *arguments: ButtonFlow(self._pressed, self._say, *arguments)

    def _sign_in(self, session: Session, tokens) -> None:  # type: ignore[no-untyped-def]
        if not tokens.load():
            while not self._pressed():
                self._sleep_ms(STEP_MS)
        try:
            self._screen.finish(session.sign_in())
        except (OSError, MemoryError) as problem:
            # The flash is full, say; what the network does ends the flow.
            self._tell(problem)
            self._rest(SLOWEST)

    def _work(self, session: Session, api_url: str) -> None:
        # Until somebody has to sign in: an API may refuse what the server is content with.
        often = pause = self._config["api_every"]
        while session.access_token:
            refused = self._call(session, api_url) == 401 and session.access_token
            if refused:
                self._say("The API answers 401: it does not take the token.")
            pause = max(often, min(2 * pause, RARELY)) if refused else often
            self._rest(pause)

    def _call(self, session: Session, api_url: str) -> int:
        # The status; 0 when there was no answer.
        status = 0
        try:
            status, body = session.call(api_url)
        except (OSError, ValueError, MemoryError) as problem:
            self._say(told(problem))
            gc.collect()
        else:
            self._hand_over(status, body, session.access_token)
        return status

    def _hand_over(self, status: int, body: bytes, token: str) -> None:
        try:
            self._use(status, body)
        except Exception as problem:
            # The words may be the API's, and so have the token in them.
            words = type(problem).__name__ + ": " + str(problem)
            self._say("use: " + (words.replace(token, "...") if token else words))
            gc.collect()

    def _tell(self, problem: BaseException) -> None:
        self._say(told(problem))
        gc.collect()
        self._screen.finish(Notice(FAILED, told(problem)))

    def _rest(self, seconds: int) -> None:
        for _ in range(seconds * 1000 // STEP_MS):
            self._sleep_ms(STEP_MS)

    def _sleep_ms(self, duration: int) -> None:
        self._idle()
        self._clock.sleep_ms(duration)

    def _feed_watchdog(self) -> None:
        self._feed()

    def _idle(self) -> None:
        self._feed()
        if self._pressed():
            self._screen.wake()
