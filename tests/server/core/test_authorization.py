"""What the person is asked, and what the app is told."""

import json
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from server.core.authorization import Consent, Redirect, SignInNeeded
from tests.server.browser_app import APP, BrowserApp, told
from tests.server.stage import Stage

ISSUER = "http://localhost:8628"


# Who is there


def test_a_stranger_signs_in_first(app: BrowserApp) -> None:
    """Nobody is asked before it is known who it is. AC-10."""
    assert app.step(None) == SignInNeeded()


def test_a_person_is_asked(app: BrowserApp) -> None:
    """The page names the app, the scope in words, the time and the place. AC-10, AC-14."""
    assert app.step(app.stage.session()) == Consent(
        client_name="The photos",
        client_id="photos",
        scopes=("See your name and username",),
        apis=(),
        lifetime=365 * 86400,
        destination="photos.example",
        redirect_uri=APP,
        implicit=False,
    )


def test_an_app_without_refresh_tokens_stays_for_an_hour(stage: Stage) -> None:
    """The person reads how long access really lasts. AC-14."""
    app = BrowserApp(stage, grant_types=("authorization_code",))
    page = app.step(stage.session())
    assert isinstance(page, Consent)
    assert page.lifetime == 3600


# The answer


def test_an_approval_brings_a_code_and_our_name(app: BrowserApp) -> None:
    """The app is told the code, its state and whose code it is. AC-07, AC-12."""
    answer = told(app.approval())
    assert answer == {"code": answer["code"], "state": "a state", "iss": ISSUER}
    assert len(answer["code"]) == 43


def test_a_denial_is_told_with_our_name(app: BrowserApp) -> None:
    """The app is told access_denied, its state and by whom. AC-07, RFC 6749 4.1.2.1."""
    found = app.stage.server.answer_authorization(app.request(), app.stage.session(), False)
    answer = told(found)
    assert (answer["error"], answer["state"], answer["iss"]) == ("access_denied", "a state", ISSUER)


def test_the_name_is_that_of_the_metadata(app: BrowserApp) -> None:
    """`iss` equals the issuer of the metadata, which announces it. AC-07."""
    metadata = app.stage.server.metadata()
    assert told(app.approval())["iss"] == metadata["issuer"]
    assert metadata["authorization_response_iss_parameter_supported"] is True


@pytest.mark.parametrize(
    "state",
    [
        "x" * 4096,
        "\u00e4\u20ac\U0001f4fa" * 450,
        "a b+c%20d&e=f#g?h/i;j",
        "&iss=https://evil.example&code=x",
        "\r\nLocation: https://evil.example",
        '"><script>',
        "%",
        "\u202e",
        " ",
    ],
)
def test_the_state_comes_back_as_it_was(app: BrowserApp, state: str) -> None:
    """Whatever the app keeps in its state, it is one parameter and unchanged. AC-12."""
    for redirect in (app.approval(state=state), app.read(state=state, response_type="x")):
        assert isinstance(redirect, Redirect)
        assert redirect.url.isascii()
        assert redirect.url.isprintable()
        pairs = parse_qsl(urlsplit(redirect.url).query, strict_parsing=True)
        assert [value for name, value in pairs if name == "state"] == [state]
        assert [value for name, value in pairs if name == "iss"] == [ISSUER]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(state=st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_no_state_leads_elsewhere(app: BrowserApp, state: str) -> None:
    """The address of an answer is the registered one, whatever the state holds. AC-11, AC-12."""
    found = app.read(state=state, response_type="x")
    assert isinstance(found, Redirect)
    assert found.url.startswith(f"{APP}?error=")
    assert told(found)["state"] == state


def test_without_a_state_none_comes_back(app: BrowserApp) -> None:
    """An app that sent no state is told none. AC-12."""
    assert told(app.approval(state="")).keys() == {"code", "iss"}


def test_a_query_of_the_address_stays(stage: Stage) -> None:
    """What a registered address has already is kept. RFC 6749 3.1.2."""
    app = BrowserApp(stage, redirect_uris=(f"{APP}?kind=1",))
    assert app.approval().url.startswith(f"{APP}?kind=1&code=")


def test_the_answer_goes_to_the_port_that_asked(stage: Stage) -> None:
    """A program on the person's computer is answered where it listens. RFC 8252 7.3, AC-01."""
    app = BrowserApp(stage, redirect_uris=("http://127.0.0.1/back",))
    redirect = app.approval(redirect_uri="http://127.0.0.1:49152/back")
    assert redirect.url.startswith("http://127.0.0.1:49152/back?code=")


def test_a_code_says_nothing(app: BrowserApp) -> None:
    """Two approvals of one request bring two codes, and the store has neither. AC-05."""
    session = app.stage.session()
    one, other = app.code(session), app.code(session)
    assert one != other
    assert app.stage.server.ports.authorization_codes.find(one.encode()) is None


def test_decisions_are_written_down(app: BrowserApp, caplog: pytest.LogCaptureFixture) -> None:
    """Who approved and who denied what is in the audit trail, without the code. LO-01."""
    session = app.stage.session()
    with caplog.at_level("INFO", "pairlight.audit"):
        code = app.code(session)
        app.stage.server.answer_authorization(app.request(), session, False)
    audited = [json.loads(record.message) for record in caplog.records]
    assert [one["event"] for one in audited] == ["authorization_approved", "authorization_denied"]
    assert {one["client_id"] for one in audited} == {"photos"}
    assert {one["subject"] for one in audited} == {"subject of ada"}
    assert code not in str(audited)
