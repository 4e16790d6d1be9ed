"""What an app asks of the authorization endpoint (RFC 6749 4.1.1, OpenID Connect Core 3.1.2.1).

It is read in two steps. As long as it is not sure whose request it is and where its answer may go,
a person must see what is wrong and be sent nowhere (RFC 6749 4.1.2.1). What is wrong after that is
for the app, by a redirect.
"""

import json
import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from server.core import pkce, redirect_uris, resource_indicators, tokens
from server.core.errors import ErrorCode, OAuthError
from server.core.ports import Ports
from server.core.records import Client
from server.core.scope import granted_scope
from server.core.settings import Settings

CODE, TOKEN = "code", "token"
_GRANT_TYPES = {CODE: "authorization_code", TOKEN: "implicit"}
_PROMPTS = frozenset({"none", "login", "consent", "select_account"})
_LONGEST_NONCE = 512  # characters
_THUMBPRINT = re.compile(r"[A-Za-z0-9_-]{43}")  # RFC 7638, SHA-256


class AuthorizationRequest(NamedTuple):
    """A request that may be shown to a person."""

    client: Client
    redirect_uri: str
    redirect_uri_sent: str  # empty when the one registered address was meant
    response_type: str
    state: str | None
    scope: str = ""
    resource: str = ""
    code_challenge: str | None = None
    nonce: str | None = None
    dpop_key: str | None = None
    prompt: frozenset[str] = frozenset()
    max_age: int | None = None
    hint: str | None = None  # an ID token of whom the app expects
    pushed: bytes | None = None  # the digest of its URI, when it was sent ahead


def identify(
    pairs: Sequence[tuple[str, str]], ports: Ports
) -> tuple[AuthorizationRequest, Mapping[str, str]]:
    """Return whose request it is and where its answer goes, and all its parameters.

    Raises OAuthError for what nobody may be sent anywhere with.
    """
    parameters = _once(pairs)
    client = ports.clients.find(parameters.get("client_id", ""))
    if client is None:
        raise OAuthError(ErrorCode.INVALID_REQUEST, "client_id is missing or unknown")
    pushed = None
    if "request_uri" in parameters:
        pushed = tokens.digest(parameters["request_uri"])
        parameters = _pushed(pushed, client, ports)
    elif client.pushed_only:
        raise OAuthError(ErrorCode.INVALID_REQUEST, "the client must push its requests (RFC 9126)")
    return addressed(parameters, client)._replace(pushed=pushed), parameters


def addressed(parameters: Mapping[str, str], client: Client) -> AuthorizationRequest:
    """Return a client's request with its redirect URI alone checked. Raises invalid_request."""
    sent = parameters.get("redirect_uri", "")
    where = redirect_uris.registered(sent, client)
    response_type = parameters.get("response_type", "")
    return AuthorizationRequest(client, where, sent, response_type, parameters.get("state"))


def check(
    asked: AuthorizationRequest, parameters: Mapping[str, str], settings: Settings
) -> AuthorizationRequest:
    """Check all the rest. Raises OAuthError for what the app is told by a redirect."""
    client = asked.client
    if "request" in parameters:
        raise OAuthError(ErrorCode.REQUEST_NOT_SUPPORTED, "request objects are not read")
    if not asked.response_type:
        raise OAuthError(ErrorCode.INVALID_REQUEST, "response_type is missing")
    grant_type = _GRANT_TYPES.get(asked.response_type)
    if grant_type is None or (asked.response_type == TOKEN and not settings.allow_implicit):
        raise OAuthError(ErrorCode.UNSUPPORTED_RESPONSE_TYPE, "response_type must be code")
    # No key is proven on the way to an address (RFC 9449 5): nothing for a client that must.
    unbound = asked.response_type == TOKEN and (client.dpop_bound or "dpop_jkt" in parameters)
    if unbound or not client.may_use(grant_type):
        raise OAuthError(ErrorCode.UNAUTHORIZED_CLIENT, "the client is not registered for this")
    mode = "query" if asked.response_type == CODE else "fragment"
    if parameters.get("response_mode", mode) != mode:
        raise OAuthError(ErrorCode.INVALID_REQUEST, f"response_mode must be {mode}")
    challenge = pkce.code_challenge(parameters)
    if challenge is None and asked.response_type == CODE and not client.confidential:
        raise OAuthError(ErrorCode.INVALID_REQUEST, "code_challenge is missing (RFC 7636)")
    nonce = parameters.get("nonce")
    if nonce is not None and len(nonce) > _LONGEST_NONCE:
        raise OAuthError(ErrorCode.INVALID_REQUEST, "nonce is too long")
    return asked._replace(
        scope=granted_scope(parameters.get("scope"), client),
        resource=resource_indicators.requested(parameters, client, settings),
        code_challenge=challenge,
        nonce=nonce,
        dpop_key=_thumbprint(parameters.get("dpop_jkt")),
        prompt=_prompt(parameters.get("prompt", "")),
        max_age=_max_age(parameters.get("max_age")),
        hint=parameters.get("id_token_hint"),
    )


def _prompt(text: str) -> frozenset[str]:
    found = frozenset(text.split())
    if not found <= _PROMPTS or ("none" in found and len(found) > 1):
        raise OAuthError(ErrorCode.INVALID_REQUEST, "prompt is none, or some of the others")
    return found


def _max_age(text: str | None) -> int | None:
    if text is None:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) <= 10):
        raise OAuthError(ErrorCode.INVALID_REQUEST, "max_age is a number of seconds")
    return int(text)


def _once(pairs: Sequence[tuple[str, str]]) -> Mapping[str, str]:
    """Return the parameters that have a value; of `resource` alone there may be several."""
    found: dict[str, str] = {}
    for name, value in pairs:
        if name in found and name != "resource":
            raise OAuthError(ErrorCode.INVALID_REQUEST, "a parameter occurs twice")
        found[name] = f"{found[name]} {value}" if name in found else value
    return {name: value for name, value in found.items() if value}


def _pushed(digest: bytes, client: Client, ports: Ports) -> Mapping[str, str]:
    found = ports.pushed_requests.find(digest)
    if found is None or found.client_id != client.client_id or found.expires_at <= ports.clock():
        raise OAuthError(ErrorCode.INVALID_REQUEST, "request_uri is unknown, used or too old")
    parameters: dict[str, str] = json.loads(found.parameters)
    return parameters


def _thumbprint(sent: str | None) -> str | None:
    if sent is not None and not _THUMBPRINT.fullmatch(sent):
        raise OAuthError(ErrorCode.INVALID_REQUEST, "dpop_jkt is not a SHA-256 in base64url")
    return sent
