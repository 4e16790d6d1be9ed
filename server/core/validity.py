"""Is a token of ours good now? The same answer for every endpoint that is shown one."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from server.core import tokens
from server.core.ports import Ports
from server.core.records import Grant, RefreshToken
from server.core.settings import Settings

_LONGEST_REFRESH_TOKEN = 128  # characters; ours have 43


class Presented(NamedTuple):
    """A refresh token that we issued once, and its grant, whether or not they are good."""

    token: RefreshToken
    grant: Grant


def access_token(token: str, ports: Ports, settings: Settings) -> Mapping[str, Any] | None:
    """Return the claims of a living access token, or None (RFC 9068 4)."""
    claims = ports.signer.verify(token)
    if claims is None or claims["iss"] != settings.issuer or claims["exp"] <= ports.clock():
        return None
    if ports.marks.marked(revoked_mark(claims["jti"])):
        return None
    if ports.clients.find(claims["client_id"]) is None:
        return None
    if "grant_id" not in claims:  # it speaks for the client itself (RFC 6749 4.4)
        return claims
    grant = ports.grants.find(claims["grant_id"])
    return claims if grant and grant.revoked_at is None and _is_open(grant, ports) else None


def presented(refresh_token: str, ports: Ports) -> Presented | None:
    """Return what a refresh token is or was, or None for one that we do not know."""
    digest = tokens.digest(refresh_token[:_LONGEST_REFRESH_TOKEN])
    token = ports.grants.find_refresh_token(digest)
    grant = ports.grants.find(token.grant_id) if token else None
    return Presented(token, grant) if token and grant else None


def replayed(found: Presented) -> bool:
    """Tell whether it had been left behind: only the two newest of a grant are good."""
    return found.token.number not in (found.grant.current, found.grant.issued)


def refresh_token_lives(found: Presented, ports: Ports, settings: Settings) -> bool:
    """Tell whether a refresh token is good now."""
    ends_at = min(found.token.expires_at, tokens.grant_ends_at(found.grant, settings))
    if replayed(found) or found.grant.revoked_at is not None or ports.clock() >= ends_at:
        return False
    return _is_open(found.grant, ports)


def revoked_mark(jti: str) -> str:
    """Return under which mark a single access token is known as revoked (RFC 7009)."""
    return f"revoked {jti}"


def _is_open(grant: Grant, ports: Ports) -> bool:
    account = ports.accounts.find(grant.subject)
    return account is not None and not account.disabled
