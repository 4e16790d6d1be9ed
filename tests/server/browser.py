"""A person's browser, over HTTP without a network, and an application that sends it here."""

from html import unescape
from urllib.parse import parse_qsl, urlencode, urlsplit

from werkzeug.test import Client, TestResponse

from tests.server.stage import PASSWORD, Stage


class Browser:
    """Ada's browser, signed in at the portal by its form."""

    def __init__(self, stage: Stage) -> None:
        self.http = Client(stage.application.wsgi)
        page = self.http.get("/sign-in").text
        form = {"form_token": _hidden("form_token", page), "username": "ada", "password": PASSWORD}
        assert self.http.post("/sign-in", data=form).status_code == 303

    def ask(self, **parameters: str) -> TestResponse:
        """Follow the link of an application that asks for access."""
        return self.http.get(f"/authorize?{urlencode(parameters)}")

    def approve(self, **parameters: str) -> TestResponse:
        """Follow it, look at the page and approve."""
        page = self.ask(**parameters)
        assert page.status_code == 200, page.headers
        hidden = {name: _hidden(name, page.text) for name in ("form_token", "seal")}
        address = f"/authorize/decision?{urlencode(parameters)}"
        return self.http.post(address, data={**hidden, "decision": "approve"})


def in_query(response: TestResponse) -> dict[str, str]:
    """Return what an application is told in the query of the address it gets back."""
    return dict(parse_qsl(urlsplit(response.headers.get("Location", "")).query))


def in_fragment(response: TestResponse) -> dict[str, str]:
    """Return what it is told in the fragment."""
    return dict(parse_qsl(urlsplit(response.headers.get("Location", "")).fragment))


def _hidden(name: str, page: str) -> str:
    return unescape(page.partition(f'name="{name}" value="')[2].partition('"')[0])
