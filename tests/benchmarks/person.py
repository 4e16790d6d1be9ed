"""A person at the portal, by its HTTP forms, and a device that asks to be signed in."""

import http.client
import json
import re
from typing import Any
from urllib.parse import urlencode

from tests.benchmarks.filling import VERIFIER, challenge
from tests.journeys.running_portal import PASSWORD

_TOKEN = re.compile(r'name="form_token" value="([^"]*)"')
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}
_GRANT_TYPE = "urn:ietf:params:oauth:grant-type:device_code"


class Person:
    """Ada in her browser: one connection, one cookie."""

    def __init__(self, host: str) -> None:
        self._host = host
        self._connection = http.client.HTTPConnection(host, timeout=30)
        self._cookie = ""
        self._form_token = ""
        self._send("GET", "/sign-in")
        self._send("POST", "/sign-in", username="ada", password=PASSWORD)
        self._send("GET", "/device")

    def open(self, user_code: str) -> str:
        """Enter a code and return the address of the confirm page."""
        address = self._send("POST", "/device", user_code=user_code)
        self._send("GET", address)
        return address

    def approve(self, address: str) -> None:
        """Press the button."""
        self._send("POST", address, decision="approve", possession="yes")

    def close(self) -> None:
        """Close the browser."""
        self._connection.close()

    def _send(self, method: str, path: str, **fields: str) -> str:
        """Return where it leads to, or nothing."""
        body = urlencode({**fields, "form_token": self._form_token}) if fields else None
        headers = _FORM | ({"Cookie": self._cookie} if self._cookie else {})
        self._connection.request(method, path, body, headers)
        answer = self._connection.getresponse()
        page = answer.read().decode()
        if answer.status not in (200, 303):
            raise RuntimeError(f"{method} {path}: {answer.status}")
        if cookie := answer.getheader("Set-Cookie"):
            self._cookie = cookie.partition(";")[0]
        if token := _TOKEN.search(page):
            self._form_token = token.group(1)
        location = answer.getheader("Location") or ""
        return "/" + location.partition("//")[2].partition("/")[2] if "//" in location else location


class Device:
    """A device that proves itself by a verifier; `wait` seconds it lets its polls be held."""

    def __init__(self, host: str, wait: int = 0) -> None:
        self._connection = http.client.HTTPConnection(host, timeout=60)
        self._headers = _FORM | ({"Prefer": f"wait={wait}"} if wait else {})
        asked = {
            "client_id": "tv",
            "code_challenge": challenge(),
            "code_challenge_method": "S256",
        }
        codes = self._post("/device_authorization", asked)
        self.user_code = codes["user_code"]
        self.interval = int(codes["interval"])
        self._form = {
            "grant_type": _GRANT_TYPE,
            "client_id": "tv",
            "device_code": codes["device_code"],
            "code_verifier": VERIFIER,
        }

    def poll(self) -> bool:
        """Poll once; tell whether that brought the tokens."""
        answer = self._post("/token", self._form)
        if "access_token" not in answer and answer.get("error") != "authorization_pending":
            raise RuntimeError(f"a poll is answered {answer}")
        return "access_token" in answer

    def close(self) -> None:
        """Switch the device off."""
        self._connection.close()

    def _post(self, path: str, form: dict[str, str]) -> Any:
        self._connection.request("POST", path, urlencode(form), self._headers)
        return json.load(self._connection.getresponse())
