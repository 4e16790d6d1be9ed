"""Bytes that nobody should send, to every address of machines and every form of people.

`FAULT_REQUESTS` is how many are made up for each.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from io import BytesIO
from typing import Any, NamedTuple
from urllib.parse import quote_from_bytes, urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from server.core.authorization_server import DEVICE_CODE
from server.core.records import Account
from server.endpoints import ENDPOINTS
from server.waiting_room.places import Place
from tests.faults.scene import CHALLENGE, NOW, VERIFIER, Scene, count, furnish
from tests.verifier_web.portal import PASSWORD, Portal, browser_of, form_token, password_hash

REQUESTS = count("FAULT_REQUESTS", 30)
pytestmark = pytest.mark.timeout(60 + REQUESTS)
FEWER = settings(max_examples=REQUESTS, deadline=None, suppress_health_check=list(HealthCheck))

FORM = "application/x-www-form-urlencoded"
MACHINES = [endpoint.path for endpoint in ENDPOINTS]
FORMS = ["/device", "/device/{reference}", "/sign-in", "/sign-out"]
PAGES = ["/", "/device", "/D/{text}", "/d/{text}", "/device/{text}", "/sign-in", "/{text}"]

HEADER = re.compile(r"[\t\x20-\x7E\x80-\xFF]*")
WORDS = re.compile(r"[\x20\x21\x23-\x5B\x5D-\x7E]+")  # RFC 6749 5.2
TRACE = re.compile(r"Traceback|File \"|\.py\b|sqlite|psycopg|SELECT |INSERT ", re.IGNORECASE)


class Answer(NamedTuple):
    """What came back."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes


class House:
    """A server with something behind every name, and a browser that is signed in."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        server, flask = scene.server, scene.application.flask
        server.ports.accounts.add(
            Account("subject of maria", "maria", "Maria", password_hash(), NOW, disabled=False)
        )
        self.portal = Portal(server, flask, browser_of(flask), scene.clock, scene.close)
        self.form_token = self.sign_in()
        page = self.portal.post("/device", user_code=scene.start()["user_code"])
        self.reference = str(page.location).rpartition("/")[2]
        codes = scene.start(**CHALLENGE)
        tokens = scene.signed_in()
        self.known = [codes["device_code"], tokens["refresh_token"], tokens["access_token"]]

    def sign_in(self) -> str:
        """Sign in where nobody is, and return the token of this browser's forms."""
        if not self.portal.knows(self.portal.browser):
            self.portal.sign_in("maria")
        return form_token(self.portal.browser.get("/device").text)

    def send(
        self, environ: dict[str, Any], body: bytes = b"", *, signed_in: bool = False
    ) -> Answer:
        """Send a request as a WSGI server would pass it on."""
        told: list[Any] = []
        cookies = self.portal.browser.get_cookie("pairlight")
        assert cookies
        everything = {
            "REQUEST_METHOD": "GET",
            "SCRIPT_NAME": "",
            "PATH_INFO": "/",
            "QUERY_STRING": "",
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "8628",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "192.0.2.1",
            "HTTP_HOST": "localhost:8628",
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": BytesIO(body),
            "wsgi.errors": None,
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
            **({"HTTP_COOKIE": f"pairlight={cookies.value}"} if signed_in else {}),
            **environ,
        }
        parts: Iterable[bytes] = self.scene.application.wsgi(
            everything,
            lambda status, headers, *_: told.extend((status, headers)),  # type: ignore[arg-type]
        )
        answer = Answer(int(told[0].split()[0]), told[1], b"".join(parts))
        check(answer)
        return answer


def check(answer: Answer) -> None:
    """Hold any answer to what none may do: fail, split its headers, show our inside."""
    assert answer.status < 500
    for name, value in answer.headers:
        assert re.fullmatch(r"[A-Za-z0-9-]+", name)
        assert HEADER.fullmatch(value)
    assert not TRACE.search(answer.body.decode())


def check_json(answer: Answer) -> None:
    """Hold an answer to a machine to JSON and, where it refuses, to an error of the RFCs."""
    assert ("Content-Type", "application/json") in answer.headers
    if not answer.body:
        return  # to HEAD
    told = json.loads(answer.body)
    if answer.status >= 400:
        assert WORDS.fullmatch(told["error_description"])
        challenged = any(name == "WWW-Authenticate" for name, _ in answer.headers)
        assert "error" in told or challenged
        assert WORDS.fullmatch(told.get("error", "none"))


@pytest.fixture(autouse=True)
def nobody_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the time of a held poll be over as soon as it begins."""
    monkeypatch.setattr(Place, "wait", lambda *_: False)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Give the server, furnished."""
    scene = furnish(f"sqlite:///{tmp_path_factory.mktemp('fuzz')}/pairlight.db")
    yield House(scene)
    scene.close()


# What is sent.

# As WSGI servers pass header values on: bytes as Latin-1. No line ends: they end the header.
HEADERS = st.text(
    st.characters(max_codepoint=255, exclude_characters="\r\n\0"), max_size=60
) | st.sampled_from(
    ["Basic", "Basic =", "Basic Og==", "Basic dHY6", "Bearer ", "wait=0", "wait=-1", "wait", "="]
)
ANYTHING = st.binary(max_size=80) | st.sampled_from(
    [
        b"",
        b"\0",
        b"%",
        b"%00",
        b"%zz",
        b"%ff",
        b"\xff",
        b"\r\nSet-Cookie: x=y",
        b"<script>",
        b"&&=&",
    ]
)
NAMES = [
    *("client_id", "client_secret", "scope", "device_name", "qr", "grant_type", "device_code"),
    *("refresh_token", "code_verifier", "code_challenge", "code_challenge_method", "user_code"),
    *("username", "password", "form_token", "decision", "possession", "reference"),
]
GOOD = [
    *("tv", "radio", "profile", DEVICE_CODE, "refresh_token", "S256", "bits", VERIFIER),
    *("maria", PASSWORD, "approve", "deny", "yes", CHALLENGE["code_challenge"]),
]

Encoding = Callable[[bytes], str | bytes]


@st.composite
def forms(draw: st.DrawFn, known: list[str]) -> bytes:
    """Make up a body: a form of known names, with values that are known, odd or neither."""
    names = st.sampled_from(NAMES).map(str.encode) | ANYTHING
    values = st.sampled_from([*GOOD, *known]).map(str.encode) | ANYTHING | st.text().map(_utf8)
    pairs = draw(st.lists(st.tuples(names, values), max_size=8))
    encode: Encoding = draw(st.sampled_from([quote_from_bytes, bytes]))  # type: ignore[assignment]
    found = b"&".join(_bytes(encode(name)) + b"=" + _bytes(encode(value)) for name, value in pairs)
    return found + draw(st.sampled_from([b"", b"", b"", b"&x=" + b"x" * 17_000]))


def _utf8(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _bytes(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode()


METHODS = st.sampled_from(
    ["POST", "POST", "POST", "GET", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE", "BREW"]
)
TYPES = (
    st.sampled_from(
        [FORM, FORM, f"{FORM}; charset=latin-1", "", "application/json", "multipart/form-data", ";"]
    )
    | HEADERS
)
PATHS = st.text(max_size=40) | st.sampled_from(
    ["../etc/passwd", "//x", "%2e%2e", "\0", "\r\nX: y", "ⅣⅣ-ßß", "BCDF-GHJK", "a" * 3000]
)


@pytest.mark.parametrize("path", MACHINES)
def test_no_bytes_upset_an_endpoint(house: House, path: str) -> None:
    """Whatever is sent, the answer is JSON, with an error where it refuses. TOK-13, RB-08."""

    @given(METHODS, TYPES, forms(house.known), st.none() | HEADERS, st.none() | HEADERS, st.text())
    @FEWER
    def ask(
        method: str, kind: str, body: bytes, authorization: str | None, prefer: str | None, ip: str
    ) -> None:
        sent = {"HTTP_AUTHORIZATION": authorization, "HTTP_PREFER": prefer}
        environ = {name: value for name, value in sent.items() if value is not None}
        check_json(
            house.send(
                {
                    "REQUEST_METHOD": method,
                    "PATH_INFO": path,
                    "CONTENT_TYPE": kind,
                    "REMOTE_ADDR": ip,
                    "HTTP_USER_AGENT": authorization or "",
                    **environ,
                },
                body,
            )
        )

    ask()


@pytest.mark.parametrize("length", ["", "-1", "x", "0", "9" * 30, "٣", "1e3", " 7"])
@pytest.mark.parametrize("terminated", [False, True])
def test_no_content_length_upsets_an_endpoint(house: House, length: str, terminated: bool) -> None:
    """A length that is missing, wrong or no number is refused in JSON, or read. DAE-22."""
    answer = house.send(
        {
            "REQUEST_METHOD": "POST",
            "PATH_INFO": "/token",
            "CONTENT_TYPE": FORM,
            "CONTENT_LENGTH": length,
            "wsgi.input_terminated": terminated,
        },
        b"grant_type=x",
    )
    check_json(answer)
    assert answer.status == 400


@pytest.mark.parametrize("signed_in", [False, True], ids=["stranger", "signed in"])
@pytest.mark.parametrize("path", FORMS)
def test_no_bytes_upset_a_form(house: House, path: str, signed_in: bool) -> None:
    """Whatever is posted, a person gets a page. LO-02, HD-04, RB-08."""
    place = path.format(reference=house.reference)

    @given(TYPES, forms([*house.known, house.form_token]), st.none() | HEADERS, st.booleans())
    @FEWER
    def ask(kind: str, body: bytes, cookie: str | None, ours: bool) -> None:
        own = house.sign_in() if signed_in else house.form_token
        token = urlencode({"form_token": own}).encode() + b"&" if ours else b""
        answer = house.send(
            {
                "REQUEST_METHOD": "POST",
                "PATH_INFO": place,
                "CONTENT_TYPE": FORM if ours else kind,
                **({} if cookie is None or signed_in else {"HTTP_COOKIE": f"pairlight={cookie}"}),
            },
            token + body,
            signed_in=signed_in,
        )
        assert answer.status in {200, 303, 400, 404, 413, 429}
        assert b"<script" not in answer.body

    ask()


@pytest.mark.parametrize("path", PAGES)
def test_no_address_upsets_a_page(house: House, path: str) -> None:
    """Whatever address is opened, by whatever method, there is a page or none. RB-08."""

    @given(METHODS, PATHS, st.text(max_size=20), HEADERS, st.booleans())
    @FEWER
    def ask(method: str, text: str, query: str, header: str, signed_in: bool) -> None:
        place = path.format(text=text, reference="").encode("utf-8", "surrogatepass")
        answer = house.send(
            {
                "REQUEST_METHOD": method,
                "PATH_INFO": place.decode("latin-1"),
                "QUERY_STRING": _utf8(query).decode("latin-1"),
                "HTTP_ORIGIN": header,
                "HTTP_REFERER": header,
                "HTTP_ACCEPT_LANGUAGE": header,
                "HTTP_IF_MODIFIED_SINCE": header,
                "HTTP_RANGE": header,
            },
            signed_in=signed_in,
        )
        assert b"<script" not in answer.body

    ask()


@pytest.mark.parametrize("password", [PASSWORD, PASSWORD + "\0", "\ud800", "x" * 16_000])
def test_no_password_upsets_the_sign_in(house: House, password: str) -> None:
    """A strange password is a wrong one. LG-01."""
    body = urlencode(
        {"form_token": house.sign_in(), "username": "ada", "password": _utf8(password)}
    ).encode()
    environ = {"REQUEST_METHOD": "POST", "PATH_INFO": "/sign-in", "CONTENT_TYPE": FORM}
    assert house.send(environ, body, signed_in=True).status in {303, 400, 413}
