"""aiohttp-oauth2-client: its grants, and its middleware for aiohttp."""

import asyncio
import io
import ssl
import webbrowser
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, redirect_stdout
from typing import Any

import aiohttp
import pytest
import requests
from aiohttp_oauth2_client.grant.authorization_code import (  # type: ignore[import-untyped]
    AuthorizationCodeGrant,
)
from aiohttp_oauth2_client.grant.client_credentials import (  # type: ignore[import-untyped]
    ClientCredentialsGrant,
)
from aiohttp_oauth2_client.grant.device_code import (  # type: ignore[import-untyped]
    DeviceCodeGrant,
)
from aiohttp_oauth2_client.middleware import OAuth2Middleware  # type: ignore[import-untyped]
from aiohttp_oauth2_client.models.errors import OAuth2Error  # type: ignore[import-untyped]

from tests.clients.issuer import Issuer, Registered
from tests.clients.person import Person
from tests.journeys.running_portal import free_port

LOOPBACK = "http://localhost/callback"  # the client adds the port that it listens at


def session(issuer: Issuer, **settings: Any) -> aiohttp.ClientSession:
    """Return a session that trusts the authority."""
    context = ssl.create_default_context(cafile=str(issuer.authority))
    return aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=context), **settings)


@asynccontextmanager
async def grant(issuer: Issuer, kind: Any, **settings: Any) -> AsyncIterator[Any]:
    """Make a grant. The session that it makes for itself is exchanged for one that trusts."""
    async with kind(f"{issuer.url}/token", **settings) as made:
        await made.session.close()
        made.session = session(issuer)
        yield made


async def who(issuer: Issuer, granted: Any) -> str:
    """Ask by the middleware who is signed in."""
    async with (
        session(issuer, middlewares=[OAuth2Middleware(granted)]) as signed_in,
        signed_in.get(f"{issuer.url}/userinfo") as response,
    ):
        return str((await response.json())["preferred_username"])


class Screen(io.StringIO):
    """What the client prints its link on."""

    def __init__(self) -> None:
        super().__init__()
        self.lit = asyncio.Event()

    @property
    def user_code(self) -> str:
        """The end of the link: "Visit https://localhost/D/BCDFGHJK to authenticate"."""
        return self.getvalue().split()[1].rpartition("/")[2]

    def write(self, text: str) -> int:
        """Light up."""
        self.lit.set()
        return super().write(text)


async def device(issuer: Issuer, client: Registered, answer: Callable[[str], None]) -> str:
    """Play a device: `answer` gets the user code that it shows; return who signed in."""
    async with grant(
        issuer,
        DeviceCodeGrant,
        device_authorization_url=f"{issuer.url}/device_authorization",
        client_id=client.client_id,
        pkce=True,
        scope="openid profile",
    ) as granted:
        with redirect_stdout(Screen()) as screen:
            polling = asyncio.create_task(granted.fetch_token())
            await screen.lit.wait()
        await asyncio.to_thread(answer, screen.user_code)
        await polling
        first = granted.token.refresh_token
        granted.kwargs["client_id"] = client.client_id  # by itself it does not say who refreshes
        await granted.refresh_token()
        assert granted.token.refresh_token != first
        return await who(issuer, granted)


def test_device_flow(issuer: Issuer, person: Person) -> None:
    """The link that it prints leads to the tokens, which it refreshes. RFC 8628 3.2-3.5."""

    def approve(user_code: str) -> None:
        person.decide_device(user_code, "approve")

    assert asyncio.run(device(issuer, issuer.register(), approve)) == "ada"


@pytest.mark.parametrize("error", ["access_denied", "expired_token"])
def test_device_flow_ends(issuer: Issuer, person: Person, error: str) -> None:
    """Its loop ends when the person denies and when the code runs out. RFC 8628 3.5."""
    client = issuer.register()

    def end(user_code: str) -> None:
        if error == "access_denied":
            person.decide_device(user_code, "deny")
        else:
            issuer.expire(client)

    with pytest.raises(OAuth2Error, match=error):
        asyncio.run(device(issuer, client, end))


def test_authorization_code(
    issuer: Issuer, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An application on the person's computer gets the code at a port of its own. RFC 8252 7.3."""
    client = issuer.register("authorization_code", "refresh_token", redirect_uris=(LOOPBACK,))

    async def play() -> str:
        async with grant(
            issuer,
            AuthorizationCodeGrant,
            authorization_url=f"{issuer.url}/authorize",
            client_id=client.client_id,
            pkce=True,
            _web_server_port=free_port(),
            scope="openid profile",
        ) as granted:
            granted.timeout = 20
            await granted.fetch_token()
            return await who(issuer, granted)

    def browse(address: str) -> None:
        loop = asyncio.get_running_loop()
        loop.run_in_executor(None, lambda: requests.get(person.decide(address)))

    monkeypatch.setattr(webbrowser, "open", browse)
    assert asyncio.run(play()) == "ada"


def test_client_credentials(issuer: Issuer) -> None:
    """It sends its secret in the body, and shows what was refused. RFC 6749 4.4, 5.2."""
    client = issuer.register("client_credentials", confidential=True)

    async def play(secret: str, scope: str) -> str:
        names = {"client_id": client.client_id, "client_secret": secret, "scope": scope}
        async with grant(issuer, ClientCredentialsGrant, **names) as granted:
            await granted.fetch_token()
            return str(granted.token.scope)

    assert asyncio.run(play(client.secret, "tv.watch")) == "tv.watch"
    with pytest.raises(OAuth2Error, match="invalid_client"):
        asyncio.run(play("wrong", "tv.watch"))
    with pytest.raises(OAuth2Error, match="invalid_scope"):
        asyncio.run(play(client.secret, "email"))
