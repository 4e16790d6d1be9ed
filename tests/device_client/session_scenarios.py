"""What a session does, as plain functions that run on CPython and MicroPython alike."""

from device_client.flow import SIGNED_IN
from device_client.run import Runner
from device_client.session import Session
from tests.device_client.scripted_world import CODES, METADATA, OLD, TOKENS, World

API = "https://api.example/me"
KEEPS = "keeps access_token refresh_token"
EXPIRED: tuple[int, object] = (401, {})
ME = (200, {"sub": "1"})


def on(world: World) -> Session:
    """A session in this world."""
    runner = Runner(
        METADATA, world.fetch, world, world, world.ticks_ms, world.sleep_ms, world.random
    )
    return Session(runner, "tv", "profile")


def signed_in(answers: list) -> tuple[Session, World]:  # type: ignore[type-arg]
    """A session that has just renewed its tokens to "old", and its world with these answers."""
    tokens = {"access_token": "old", "token_type": "Bearer"}
    world = World([(200, tokens)] + answers, OLD)  # noqa: RUF005 - MicroPython has no stars there
    session = on(world)
    assert session.sign_in().state == SIGNED_IN
    world.story = []
    return session, world


def problem_of(session: Session) -> str:
    """What a call is refused with."""
    try:
        session.call(API)
    except OSError as problem:
        return str(problem)
    raise AssertionError


def test_access_token_alone() -> None:
    """A kept access token without a refresh token is used, and nobody is asked. CL-05."""
    world = World([ME], {"access_token": "kept"})
    session = on(world)
    assert session.sign_in().state == SIGNED_IN
    assert session.call(API)[0] == 200
    assert world.story == ["0 me kept"]


def test_access_token_alone_and_too_old() -> None:
    """When the API does not take it any more it is forgotten, and the 401 comes out. CL-05."""
    world = World([EXPIRED], {"access_token": "kept"})
    session = on(world)
    session.sign_in()
    assert session.call(API)[0] == 401
    assert world.story == ["0 me kept", "forgets"]
    assert (session.access_token, world.kept) == ("", {})


def test_nobody_signed_in() -> None:
    """Before somebody has signed in there is no token. CL-12."""
    world = World([(200, CODES), (400, {"error": "access_denied"})])
    session = on(world)
    session.sign_in()
    assert session.access_token == ""


def test_renews_once() -> None:
    """After a 401 the tokens are renewed, kept, and only then used for one more call. CL-15."""
    session, world = signed_in([EXPIRED, (200, TOKENS), ME])
    assert session.call(API) == (200, b'{"sub": "1"}')
    assert world.story == ["0 me old", "0 token -", KEEPS, "0 me new"]
    assert world.forms[2]["refresh_token"] == "old refresh"


def test_second_401() -> None:
    """A 401 with new tokens comes out, and nothing goes round in circles. CL-04."""
    session, world = signed_in([EXPIRED, (200, TOKENS), EXPIRED])
    assert session.call(API)[0] == 401
    assert world.answers == []


def test_next_renewal() -> None:
    """The next renewal takes the refresh token of the last one. CL-15."""
    session, world = signed_in([EXPIRED, (200, TOKENS), ME, EXPIRED, (200, TOKENS), ME])
    session.call(API)
    session.call(API)
    assert world.forms[5]["refresh_token"] == "new refresh"


def test_invalid_grant() -> None:
    """A dead refresh token is forgotten with its access token, and the 401 comes out. CL-15."""
    session, world = signed_in([EXPIRED, (400, {"error": "invalid_grant"})])
    assert session.call(API)[0] == 401
    assert world.story == ["0 me old", "0 token -", "forgets"]
    assert (session.access_token, world.kept) == ("", {})


def test_network_trouble() -> None:
    """While a renewal gets no answer the tokens are kept, and the next call tries again. CL-15."""
    session, world = signed_in([EXPIRED] + [OSError()] * 7 + [EXPIRED, (200, TOKENS), ME])
    assert "cannot be renewed" in problem_of(session)
    assert world.kept == OLD
    assert session.call(API)[0] == 200


def test_refused_for_another_reason() -> None:
    """Only invalid_grant costs the tokens. CL-15."""
    session, world = signed_in([EXPIRED, (401, {"error": "invalid_client"})])
    assert "invalid_client" in problem_of(session)
    assert world.kept == OLD


def test_full_flash() -> None:
    """New tokens that cannot be kept are not used. CL-15."""
    session, world = signed_in([EXPIRED, (200, TOKENS), ME])
    world.full = True
    assert problem_of(session)
    assert session.access_token == "old"
    assert world.story[-1] == "0 token -"


def test_api_without_an_answer() -> None:
    """Trouble of the API itself comes out, and renews nothing. CL-04."""
    session, world = signed_in([OSError(104)])
    assert problem_of(session)
    assert world.story == ["0 me old"]


def test_form() -> None:
    """A form is posted, again after a renewal. RFC 6750 2.1."""
    session, world = signed_in([EXPIRED, (200, TOKENS), ME])
    session.call(API, {"a": "b"})
    assert [form for form in world.forms if form == {"a": "b"}] == [{"a": "b"}] * 2
