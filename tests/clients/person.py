"""Ada at the portal: reads its pages, fills in its forms, and follows where they lead."""

from html.parser import HTMLParser
from urllib.parse import urljoin

import requests

from tests.journeys.running_portal import PASSWORD


class Person:
    """One browser, without JavaScript, in which Ada is signed in as soon as a page asks for it."""

    def __init__(self, issuer: str) -> None:
        self._issuer = issuer
        self._http = requests.Session()

    def decide_device(self, user_code: str, decision: str) -> None:
        """Enter the code that a device shows, and approve or deny."""
        start = f"{self._issuer}/device"
        end = self._walk(start, {"user_code": user_code, "possession": "yes", "decision": decision})
        assert end.startswith(start), end

    def decide(self, address: str, decision: str = "approve") -> str:
        """Open an application's request, decide it, and return where the browser is sent."""
        end = self._walk(address, {"decision": decision})
        assert not end.startswith(self._issuer), end
        return end

    def sign_out(self, address: str) -> str:
        """Open an application's wish to sign out, follow it, and return where that leads."""
        page = self._get(address)
        [form] = [form for form in _Forms(page.text).found if "/logout/" in form.action]
        answer = self._send(page, form.action, form.hidden)
        return answer.headers["Location"]

    def close(self) -> None:
        """Close the browser."""
        self._http.close()

    def _walk(self, address: str, answers: dict[str, str]) -> str:
        """Fill in each form that comes until one had a decision; return the address after that."""
        answers = {"username": "ada", "password": PASSWORD, **answers}
        answer = self._get(address)
        while True:
            if location := answer.headers.get("Location"):
                address = urljoin(answer.url, location)
                if "decision" not in answers or not address.startswith(self._issuer):
                    return address
                answer = self._get(address)
                continue
            assert answer.status_code == 200, answer.text
            form = _form(answer.text, answers)
            fields = form.filled_in(answers)
            if "decision" in fields:
                del answers["decision"]
            answer = self._send(answer, form.action, fields)

    def _get(self, address: str) -> requests.Response:
        return self._http.get(address, allow_redirects=False)

    def _send(
        self, page: requests.Response, action: str, fields: dict[str, str]
    ) -> requests.Response:
        return self._http.post(urljoin(page.url, action), fields, allow_redirects=False)


class _Form:
    """A form of a page: where it is sent, and what it holds."""

    def __init__(self, action: str) -> None:
        self.action = action
        self.hidden: dict[str, str] = {}
        self.asked: set[str] = set()

    def filled_in(self, answers: dict[str, str]) -> dict[str, str]:
        """Return what is sent: what was hidden in it, and the answers to what it asks."""
        return self.hidden | {name: answers[name] for name in self.asked}


class _Forms(HTMLParser):
    """All forms of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[_Form] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a form, or what one holds."""
        found = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.found.append(_Form(found["action"]))
        elif tag in {"input", "button"} and "name" in found:
            if found.get("type") == "hidden":
                self.found[-1].hidden[found["name"]] = found.get("value", "")
            else:
                self.found[-1].asked.add(found["name"])


def _form(page: str, answers: dict[str, str]) -> _Form:
    """Return the form of a page that asks for something, all of which there is an answer to."""
    for form in _Forms(page).found:
        if form.asked and form.asked <= set(answers):
            return form
    raise AssertionError(f"no form to fill in: {page}")
