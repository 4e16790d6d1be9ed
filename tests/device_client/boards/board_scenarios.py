"""A board from power to API and back, on CPython and MicroPython alike: the hardware is made up.

Each is a function of a path for the tokens; config.json lies beside it.
"""

import json

from device_client import board_online, flow
from device_client.board import Board
from device_client.button_digits import ButtonFlow
from device_client.show_text import IDLE
from device_client.token_file import TokenFile
from tests.device_client.boards.hardware import Clock, Network, Station

ISSUER = "https://as.example"
METADATA = {
    "issuer": ISSUER,
    "device_authorization_endpoint": ISSUER + "/device_authorization",
    "token_endpoint": ISSUER + "/token",
    "userinfo_endpoint": ISSUER + "/userinfo",
}
CODES = {
    "device_code": "SECRET-device",
    "user_code": "WDJB-MJHT",
    "verification_uri": ISSUER + "/device",
    "expires_in": 600,
    "interval": 5,
}
TOKENS = {"access_token": "SECRET-1", "token_type": "Bearer", "refresh_token": "SECRET-2"}
RENEWED = {"access_token": "SECRET-3", "token_type": "Bearer", "refresh_token": "SECRET-4"}
KEPT = {"access_token": "SECRET-1", "refresh_token": "SECRET-2"}

JOINED = 200  # ms after which the Wi-Fi is there, and the board looks at its button
LAST = 400_000  # ms; a power cut at the latest

FOUND = (200, METADATA)
PENDING = (400, {"error": "authorization_pending"})
DENIED = (400, {"error": "access_denied"})
EXPIRED = (400, {"error": "expired_token"})
INVALID_GRANT = (400, {"error": "invalid_grant"})
HELLO = (200, {"name": "Ada"})
ASKED = (400, {"error": "authorization_pending", "return_code_length": 4, "expires_in": 65})
SIGN_IN = [FOUND, (200, CODES), PENDING, (200, TOKENS)]
SIGN_IN_AND_CALL = [FOUND, (200, CODES), PENDING, (200, TOKENS), HELLO]


class PowerCut(Exception):
    """The end of a scenario."""


class Display:
    """Notes what it is told, and how often it is woken."""

    def __init__(self, told: list[str]) -> None:
        self.told = told
        self.woken = 0

    def show(self, shown) -> None:  # type: ignore[no-untyped-def]
        if shown.state == flow.PENDING and self.told[-1:] != [shown.user_code]:
            self.told.append(shown.user_code)

    def finish(self, ended) -> None:  # type: ignore[no-untyped-def]
        self.told.append(ended.state)

    def wake(self) -> None:
        self.woken += 1


class LooseDisplay(Display):
    """Fails in its calls of `show` whose numbers are in `fails`, the first being 1."""

    def __init__(self, told: list[str], problem: Exception, fails: range | tuple[int, ...]) -> None:
        super().__init__(told)
        self.problem = problem
        self.fails = fails
        self.shows = 0

    def show(self, shown) -> None:  # type: ignore[no-untyped-def]
        self.shows += 1
        if self.shows in self.fails:
            raise self.problem
        super().show(shown)


class World:
    """A board in a Wi-Fi with a server that gives the next of `answers`; then the power fails.

    requests   (time in ms, path, bearer) of each
    told       what the display and the console were told
    events     what happened, in order
    presses    times in ms at which the button is down
    """

    def __init__(  # type: ignore[no-untyped-def]
        self, path: str, answers, presses=(JOINED,), station=None, clock=None, **config
    ) -> None:
        self.path = path
        self.answers = list(answers)
        self.presses = presses
        self.clock = clock or Clock()
        self.station = station or Station()
        self.requests: list[tuple[int, str, str]] = []
        self.forms: list[object] = []
        self.told: list[str] = []
        self.events: list[str] = []
        self.used: list[tuple[int, bytes]] = []
        self.fed: list[int] = []
        self.plain_http: list[bool] = []
        self.display = Display(self.told)
        settings = {"wifi_name": "Home", "wifi_password": "SECRET", "issuer": ISSUER}
        settings.update({"client_id": "tv", "ca_file": "ca.pem"})
        settings.update(config)
        with open(path + ".config", "w") as file:  # noqa: PTH123 - MicroPython has no pathlib
            json.dump(settings, file)

    def fetch(  # type: ignore[no-untyped-def]
        self, url, form, bearer, context, plain_http, timeout, wait, idle
    ) -> tuple[int, bytes]:
        self.requests.append((self.clock.now_ms, "/" + url.split("/", 3)[3], bearer))
        self.forms.append(form)
        self.plain_http.append(plain_http)
        if not self.answers:
            raise PowerCut
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            self.clock.now_ms += 1000 * timeout  # there is no connection
            raise answer
        idle()
        return answer[0], json.dumps(answer[1]).encode()

    def pressed(self) -> bool:
        if self.clock.now_ms > LAST:
            raise PowerCut
        return self.clock.now_ms in self.presses

    def set_time(self) -> None:
        self.events.append("clock")
        self.clock.year = 2026

    def open_display(self) -> Display:
        self.events.append("display")
        return self.display

    def tls(self, config: dict[str, str]) -> object:
        self.events.append("TLS with " + config["ca_file"])
        return self

    def tokens(self) -> TokenFile:
        return TokenFile(self.path, ISSUER, "tv")

    def watchdog(self):  # type: ignore[no-untyped-def]
        return lambda: self.fed.append(self.clock.now_ms)

    def run(self, **parts) -> "World":  # type: ignore[no-untyped-def]
        kept = board_online.fetch  # type: ignore[attr-defined]
        board_online.fetch = self.fetch  # type: ignore[attr-defined]
        arguments = {
            "network": Network(self.station),
            "set_time": self.set_time,
            "pressed": self.pressed,
            "watchdog": self.watchdog,
            "open_tokens": lambda issuer, client_id: TokenFile(self.path, issuer, client_id),
            "open_display": self.open_display,
            "use": lambda status, body: self.used.append((status, body)),
            "tls": self.tls,
            "clock": self.clock,
            "say": lambda line: self.told.append(str(line)),
        }
        arguments.update(parts)
        try:
            Board(**arguments).run(self.path + ".config")
        except PowerCut:
            pass
        finally:
            board_online.fetch = kept  # type: ignore[attr-defined]
        return self

    def paths(self) -> list[str]:
        return [path for _, path, _ in self.requests]


def test_first_start(path: str) -> None:
    """Signed in after the button, the board calls the API with the token. CL-01."""
    world = World(path, SIGN_IN_AND_CALL).run()
    assert world.paths()[1:5] == ["/device_authorization", "/token", "/token", "/userinfo"]
    assert [bearer for _, _, bearer in world.requests[:5]] == ["", "", "", "", "SECRET-1"]
    assert world.told == [IDLE, "WDJB-MJHT", flow.SIGNED_IN]
    assert json.loads(world.used[0][1]) == {"name": "Ada"}
    assert world.tokens().load() == KEPT


def test_nobody_pressed(path: str) -> None:
    """Without the button nothing is asked for: no code that nobody wants. CL-05."""
    world = World(path, SIGN_IN, presses=()).run()
    assert world.paths() == ["/.well-known/oauth-authorization-server"]
    assert world.told == [IDLE]


def test_reboot(path: str) -> None:
    """After a power cut the tokens are renewed, and nobody is asked. CL-15."""
    World(path, SIGN_IN).run()
    world = World(path, [FOUND, (200, RENEWED), HELLO], presses=()).run()
    assert world.paths()[1:3] == ["/token", "/userinfo"]
    assert world.requests[2][2] == "SECRET-3"
    assert world.told == [flow.SIGNED_IN]


def test_reboot_while_pending(path: str) -> None:
    """A power cut while a person types the code: the same code is shown again. CL-14."""
    World(path, [FOUND, (200, CODES), PENDING]).run()
    world = World(path, [FOUND, PENDING, (200, TOKENS)], presses=()).run()
    assert world.told == ["WDJB-MJHT", flow.SIGNED_IN]
    assert "/device_authorization" not in world.paths()


def test_after_expiry(path: str) -> None:
    """An expired code is followed by another only after the button. CL-05."""
    again = 100_000
    answers = [FOUND, (200, CODES), EXPIRED, (200, CODES), (200, TOKENS)]
    world = World(path, answers, presses=(JOINED, again)).run()
    assert world.told == [IDLE, "WDJB-MJHT", flow.EXPIRED, "WDJB-MJHT", flow.SIGNED_IN]
    asked = [at for at, path, _ in world.requests if path == "/device_authorization"]
    assert asked[1] == again


def test_after_denial(path: str) -> None:
    """So is a denial. CL-17."""
    world = World(path, [FOUND, (200, CODES), DENIED]).run()
    assert world.told == [IDLE, "WDJB-MJHT", flow.DENIED]
    assert world.paths().count("/device_authorization") == 1


def test_refused_token(path: str) -> None:
    """A token that is refused with all that was kept means a new sign-in, by the button. CL-15."""
    World(path, SIGN_IN).run()
    refused: tuple[int, dict[str, str]] = (401, {})
    world = World(path, [FOUND, (200, RENEWED), refused, INVALID_GRANT], presses=()).run()
    assert world.paths()[1:] == ["/token", "/userinfo", "/token"]
    assert world.used == [(401, b"{}")]
    assert world.told == [flow.SIGNED_IN, IDLE]
    assert world.tokens().load() == {}


def test_every_so_often(path: str) -> None:
    """The API is called every `api_every` seconds."""
    World(path, SIGN_IN).run()
    answers = [FOUND, (200, RENEWED), HELLO, HELLO, HELLO]
    world = World(path, answers, api_every=100).run()
    times = [at for at, path, _ in world.requests if path == "/userinfo"]
    assert [later - times[0] for later in times] == [0, 100_000, 200_000, 300_000]


def test_api_in_trouble(path: str) -> None:
    """An API that does not answer is called again. CL-04."""
    World(path, SIGN_IN).run()
    world = World(path, [FOUND, (200, RENEWED), OSError("no route"), HELLO]).run()
    assert "no route" in world.told
    assert [status for status, _ in world.used] == [200]


def test_api_that_never_takes_the_token(path: str) -> None:
    """A server that renews for an API that refuses is asked ever more rarely. CL-04."""
    World(path, SIGN_IN).run()
    refused: tuple[int, dict[str, str]] = (401, {})
    answers = [FOUND, (200, RENEWED)] + 100 * [refused, (200, RENEWED), refused]
    world = World(path, answers, presses=(), api_every=1).run()
    assert world.told[:2] == [flow.SIGNED_IN, "The API answers 401: it does not take the token."]
    assert IDLE not in world.told
    assert world.paths().count("/token") < 12


def test_failing_use(path: str) -> None:
    """What goes wrong in `use` is told, without a token, and does not end the program. CL-07."""

    def fail(status: int, body: bytes) -> None:
        raise KeyError(body.decode())

    World(path, SIGN_IN).run()
    echo = (200, {"you sent": "SECRET-3"})
    world = World(path, [FOUND, (200, RENEWED), echo, echo]).run(use=fail)
    assert [line for line in world.told if line.startswith("use: KeyError: ")]
    assert not [line for line in world.told if "SECRET" in line]
    assert world.paths().count("/userinfo") > 1


def test_no_memory(path: str) -> None:
    """Without memory for a request it says so and tries again. CL-16."""
    lack = MemoryError()
    answers = [lack, FOUND, (200, CODES), lack, (200, TOKENS), lack, HELLO]
    world = World(path, answers, presses=range(0, LAST, JOINED)).run()
    assert world.told.count("MemoryError") == 3
    assert world.told.count("WDJB-MJHT") > 0
    assert world.paths().count("/device_authorization") == 1
    assert [status for status, _ in world.used] == [200]


def test_server_in_trouble(path: str) -> None:
    """A server that does not answer costs no tokens and is asked again. CL-15."""
    World(path, SIGN_IN).run()
    answers: list[object] = [FOUND]
    answers.extend([OSError()] * 7)
    answers.extend([(200, RENEWED), HELLO])
    world = World(path, answers, presses=()).run()
    assert world.told == [flow.UNREACHABLE, flow.SIGNED_IN]
    assert world.used


def test_no_wifi(path: str) -> None:
    """Without Wi-Fi the board says why, on the display too, and tries ever slower. CL-04."""
    station = Station(joins_after=-1)
    station.state = Network.STAT_NO_AP_FOUND
    clock = station.clock = Clock()
    world = World(path, [], station=station, clock=clock).run()
    assert world.told[:2] == ["no Wi-Fi: there is no Home", flow.FAILED]
    assert world.requests == []
    starts = station.connected_at
    waits = [later - starts[at] - 15_000 for at, later in enumerate(starts[1:])]
    assert waits == [2000, 4000, 8000, 16000, 32000, 60000, 60000, 60000]


def test_wifi_is_lost(path: str) -> None:
    """Before each request the board is in the Wi-Fi, or there is none. CL-04."""
    World(path, SIGN_IN).run()
    world = World(path, [FOUND, (200, RENEWED), HELLO, HELLO])
    world.run(use=lambda *_: world.station.lose())
    assert world.station.calls.count(("Home", "SECRET")) == 3


def test_order(path: str) -> None:
    """Clock, then TLS, then the display: memory and certificates want it so. CL-09."""
    world = World(path, SIGN_IN, clock=Clock(2000)).run()
    assert world.events == ["clock", "TLS with ca.pem", "display"]


def test_clock_is_set(path: str) -> None:
    """A clock that is right is left alone. CL-13."""
    assert World(path, SIGN_IN).run().events == ["TLS with ca.pem", "display"]


def test_clock_cannot_be_set(path: str) -> None:
    """Without the time no certificate is judged: nothing is sent. CL-09."""

    def fail() -> None:
        raise OSError(110)

    world = World(path, SIGN_IN, clock=Clock(1970)).run(set_time=fail)
    assert world.told[0] == "no time from NTP"
    assert world.requests == []
    world = World(path, SIGN_IN, clock=Clock(2000)).run(set_time=bool)
    assert world.requests == []


def test_plain_http(path: str) -> None:
    """Plain http needs no clock, and goes to the issuer's address alone. CL-09."""
    issuer = "http://192.168.1.5:8628"
    plain = {name: value.replace(ISSUER, issuer) for name, value in METADATA.items()}
    plain["userinfo_endpoint"] = "http://192.168.1.6/userinfo"
    answers = [(200, plain), (200, CODES), (200, TOKENS), HELLO]
    world = World(path, answers, clock=Clock(2000), issuer=issuer, allow_plain_http=True).run()
    assert world.events == ["display"]
    assert world.plain_http[:4] == [True, True, True, False]


def test_watchdog(path: str) -> None:
    """The watchdog is fed at least every 200 ms, if there is to be one. CL-04."""
    world = World(path, SIGN_IN_AND_CALL, watchdog=True).run()
    gaps = [later - world.fed[at] for at, later in enumerate(world.fed[1:])]
    assert max(gaps) <= 200
    assert not World(path, SIGN_IN).run().fed


def test_patience_of_a_watchdog(path: str) -> None:
    """No picture comes on top of another one, or of a wait for the network or the time. CL-04."""
    picture_ms = 6000  # an e-paper that is not there is waited for so long
    lost = OSError()
    answers = [lost, FOUND, (200, CODES), lost, lost, (200, TOKENS), HELLO]
    every_look, unset = range(JOINED, LAST, JOINED), Clock(2000)
    world = World(path, answers, every_look, clock=unset, watchdog=True)

    def slowly() -> None:
        unset.sleep_ms(picture_ms)
        unset.year = 2026

    def draw(_: object) -> None:
        unset.sleep_ms(picture_ms)

    world.display.show = world.display.finish = draw  # type: ignore[assignment, method-assign]
    world.run(set_time=slowly)
    assert world.used
    gaps = [later - world.fed[at] for at, later in enumerate(world.fed[1:])]
    assert picture_ms <= max(gaps) <= picture_ms + 200


class NumberDisplay(Display):
    """Notes each number that it is shown."""

    def show(self, shown) -> None:  # type: ignore[no-untyped-def]
        number = shown.typed + getattr(shown, "count", "")
        if self.told[-1:] != [number]:
            self.told.append(number)


def entering(number: str) -> set[int]:
    """Return when the button is down: to begin with, and for these digits after the first poll."""
    down = {JOINED}
    at = 10_000
    for digit in number:
        for _ in range(int(digit)):
            down.update(range(at, at + 80))
            at += 200
        at += 3000
    return down


def test_return_code(path: str) -> None:
    """A board that is to ask for the number takes it from its button, fed as ever. XD-20, CL-04."""
    answers = [FOUND, (200, CODES), ASKED, (200, TOKENS), HELLO]
    world = World(path, answers, entering("1231"), return_code=True, watchdog=True)
    world.display = NumberDisplay(world.told)
    world.run()
    assert world.forms[3]["return_code"] == "1231"  # type: ignore[index]
    shown = ["", ButtonFlow.how, "", "1", "So far: 1", "1", "11", "12", "So far: 12", "12", "121"]
    assert world.told[1:12] == shown
    assert world.told[-3:] == ["So far: 1231", "1231", flow.SIGNED_IN]
    assert world.used
    gaps = [later - world.fed[at] for at, later in enumerate(world.fed[1:])]
    assert max(gaps) <= 200


def test_no_return_code(path: str) -> None:
    """A board that is not to ask for it goes on polling until the time is over. XD-20."""
    answers = [FOUND, (200, CODES), ASKED, PENDING, EXPIRED]
    world = World(path, answers, entering("1231")).run()
    assert world.told == [IDLE, "WDJB-MJHT", flow.EXPIRED]


def test_hidden_code(path: str) -> None:
    """The button shows a hidden code again. CL-10."""
    world = World(path, SIGN_IN, presses=(JOINED, 1000, 2000)).run()
    assert world.display.woken >= 2


def test_no_display(path: str) -> None:
    """A display that does not answer is told, and its words go to the console. CL-06."""

    def fail() -> None:
        raise OSError(19)

    world = World(path, SIGN_IN).run(open_display=fail)
    assert "Look at its wires" in world.told[0]
    assert "and enter         WDJB-MJHT" in world.told
    assert world.told[-1] == "Signed in."


def test_display_comes_loose(path: str) -> None:
    """A display that fails is told once, and its words go to the console from then on. CL-06."""
    world = World(path, SIGN_IN_AND_CALL)
    world.display = LooseDisplay(world.told, OSError(110), range(3, 10_000))
    world.run()
    assert len([line for line in world.told if "Look at its wires" in line]) == 1
    assert "and enter         WDJB-MJHT" in world.told
    assert world.told[-1] == "Signed in."
    assert world.used


def test_display_comes_loose_during_a_request(path: str) -> None:
    """A display that fails while the server is asked costs no answer. CL-04."""
    expected = World(path, SIGN_IN_AND_CALL).run().requests
    world = World(path + ".2", SIGN_IN_AND_CALL)
    world.display = LooseDisplay(world.told, OSError(110), (2,))
    assert world.run().requests == expected


def test_display_lacks_memory(path: str) -> None:
    """A picture for which there was no memory is drawn again, once there is some. CL-16."""
    world = World(path, SIGN_IN)
    world.display = LooseDisplay(world.told, MemoryError(), (3,))
    world.run()
    assert world.told == [IDLE, "MemoryError", "WDJB-MJHT", flow.SIGNED_IN]
    world = World(path + ".2", SIGN_IN)
    world.display = LooseDisplay(world.told, MemoryError(), (3, 4))
    assert "and enter         WDJB-MJHT" in world.run().told


def test_full_flash(path: str) -> None:
    """Tokens that cannot be kept are told. CL-15."""

    class Full(TokenFile):
        def save(self, kept: dict[str, object]) -> None:
            raise OSError(28)

    world = World(path, SIGN_IN).run(open_tokens=lambda i, c: Full(path, i, c))
    assert "28" in world.told[1]
    assert not world.used


def test_bad_config(path: str) -> None:
    """A setting that cannot be ends it, on the console and on the display."""
    world = World(path, SIGN_IN, api_every="often").run()
    assert world.told[0].endswith('"api_every" must be a whole number: seconds between two calls')
    assert world.told[1] == flow.FAILED
    assert world.requests == []


def test_nothing_to_call(path: str) -> None:
    """A server without userinfo needs an `api_url`."""
    bare = dict(METADATA)
    del bare["userinfo_endpoint"]
    world = World(path, [(200, bare)]).run()
    assert '"api_url" is missing' in world.told[0]


def test_unusable_userinfo(path: str) -> None:
    """A userinfo endpoint that is no https URL counts as none. RFC 8414 section 3.3."""
    for endpoint in (7, None, "userinfo", "http://as.example/userinfo", ISSUER + ":x/userinfo"):
        found: dict[str, object] = {}
        found.update(METADATA)
        found["userinfo_endpoint"] = endpoint
        world = World(path, [(200, found)]).run()
        assert '"api_url" is missing' in world.told[0], endpoint


def test_https_api_of_a_plain_issuer(path: str) -> None:
    """TLS is made ready for whatever is https first: here the API. CL-09."""
    issuer = "http://192.168.1.5:8628"
    plain = {name: value.replace(ISSUER, issuer) for name, value in METADATA.items()}
    answers = [(200, plain), (200, CODES), (200, TOKENS), HELLO]
    api = "https://api.example/films"
    world = World(path, answers, issuer=issuer, allow_plain_http=True, api_url=api).run()
    assert world.events == ["display", "TLS with ca.pem"]
    assert world.used


def test_missing_authority(path: str) -> None:
    """A certificate authority that is not there ends it: nothing is sent unverified. CL-09."""
    world = World(path, SIGN_IN, ca_file=path + ".none").run(tls=None)
    assert '"ca_file"' in world.told[0]
    assert world.requests == []


def test_secrets(path: str) -> None:
    """No token, no password and no device code is told to anyone. CL-07, CL-12."""
    world = World(path, [FOUND, OSError("x"), (200, CODES), DENIED]).run()
    World(path, SIGN_IN_AND_CALL).run()
    assert not [line for line in world.told if "SECRET" in line]
