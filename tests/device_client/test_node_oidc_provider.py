"""A server that others wrote: both Pythons sign in at node-oidc-provider, as it comes from npm."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.clients import node
from tests.device_client.faults import life as lives
from tests.device_client.faults.proxy import Proxy
from tests.device_client.oidc_provider.running import decide, install, running
from tests.device_client.pythons import PYTHONS, caller
from tests.journeys.running_portal import free_port

SCOPE = "openid offline_access"


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    """Run the provider behind a proxy that sees what is said; skip where Node is not."""
    node.node()
    proxy = Proxy()
    proxy.port = free_port()
    log = tmp_path_factory.mktemp("provider") / "log"
    try:
        with running(install(), proxy.port, proxy.url, log):
            yield proxy
    finally:
        proxy.close()


class Ada:
    """Decides about each code, when its first poll comes."""

    def __init__(self, provider: Proxy, denies: bool) -> None:
        self._provider = provider
        self._denies = denies
        self._decided: set[bytes] = set()

    def __call__(self, step: str) -> None:
        """Do so."""
        if step != "poll":
            return
        code = re.findall(rb'"user_code":"(.*?)"', b"\n".join(self._provider.answers))[-1]
        if code not in self._decided:
            self._decided.add(code)
            decide(f"http://127.0.0.1:{self._provider.port}", code.decode(), self._denies)


Live = Callable[..., list[str]]


@pytest.fixture(params=PYTHONS)
def life(request: pytest.FixtureRequest, provider: Proxy, tmp_path: Path) -> Live:
    """Live a device's life on each Python in turn, with Ada there; what it noted."""
    live = caller(request, lives, "live")

    def lived(denies: bool = False) -> list[str]:
        provider.forget()
        provider.before = Ada(provider, denies)
        lines = live(provider.url, str(tmp_path / "tokens"), None, 0, SCOPE)
        return [line.strip() for line in lines]

    return lived


def told(provider: Proxy, name: str) -> list[str]:
    """Return the values of a member in all answers, in order."""
    pattern = rf'"{name}":"(.*?)"'.encode()
    return [found.decode() for found in re.findall(pattern, b"\n".join(provider.answers))]


def test_sign_in(life: Live) -> None:
    """A person approves, a restart renews, and an API takes the token. CL-01, CL-08, CL-18."""
    lines = life()
    assert [line for line in lines if line[0].isdigit() and "min left" not in line] == [
        "0 oauth-authorization-server 200",
        "0 device_authorization 200",
        "6000 poll 200",
        "0 oauth-authorization-server 200",
        "0 refresh 200",
        "0 userinfo 200",
        "200 True",
    ]
    assert lines.count("SIGNED_IN") == 2


def test_rotation(life: Live, provider: Proxy, tmp_path: Path) -> None:
    """The refresh token that a renewal brings is the one that is kept. CL-15."""
    life()
    first, second = told(provider, "refresh_token")
    kept = (tmp_path / "tokens").read_text()
    assert second in kept
    assert first not in kept


def test_denial(life: Live) -> None:
    """A denial is heard as one, as often as it is said. CL-17."""
    lines = life(denies=True)
    assert lines.count("access_denied access_denied") == 4
    assert "SIGNED_IN" not in lines


def test_nothing_secret_is_noted(life: Live, provider: Proxy) -> None:
    """What people see has no device code and no token. CL-07, CL-12."""
    lines = "\n".join(life())
    names = ("device_code", "access_token", "refresh_token", "id_token")
    secrets = [secret for name in names for secret in told(provider, name)]
    assert len(secrets) == 7
    assert not [secret for secret in secrets if secret in lines]


def test_lock_names_no_host() -> None:
    """Packages come from whatever registry a machine uses, checked by their digests."""
    lock = (Path(__file__).parent / "oidc_provider" / "package-lock.json").read_text()
    assert "//" not in lock
    assert lock.count('"integrity": "sha512-') == lock.count('"node_modules/')
