"""The authorization endpoint: an app in a browser asks, and the person answers (RFC 6749 4.1-4.2).

Every answer is a redirect to a registered address, with our name in it (RFC 9207).
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple
from urllib.parse import quote, urlencode

from server.core import (
    authorization_request,
    implicit,
    redirect_uris,
    resource_indicators,
    tokens,
)
from server.core.authorization_request import CODE, TOKEN, AuthorizationRequest
from server.core.errors import ErrorCode, OAuthError
from server.core.ports import Ports
from server.core.records import AuthorizationCode, Grant, Session
from server.core.settings import Settings

# Who asks for any of these looks for the answer, and for errors, in the fragment.
_IN_FRAGMENT = frozenset({TOKEN, "id_token"})
_JUST_NOW = 60  # seconds; a sign-in this young is the one that prompt=login asks for
_ON_THE_WAY = 5  # seconds from signing in to coming back here


class Redirect(NamedTuple):
    """Where to send the browser."""

    url: str


class SignInNeeded(NamedTuple):
    """Nobody is signed in, or whoever is must prove it again."""


class Consent(NamedTuple):
    """What the consent page shows."""

    client_name: str
    client_id: str
    scopes: tuple[str, ...]  # in plain words
    apis: tuple[str, ...]  # the hosts of those that it is for, beside the default
    lifetime: int  # seconds
    destination: str  # the host that the person is sent to, or what stands for it
    redirect_uri: str
    implicit: bool


def read(
    pairs: Sequence[tuple[str, str]], ports: Ports, settings: Settings
) -> AuthorizationRequest | Redirect:
    """Check a request as it came. Raises OAuthError for what must not be answered by a redirect."""
    request, parameters = authorization_request.identify(pairs, ports)
    try:
        return authorization_request.check(request, parameters, settings)
    except OAuthError as error:
        return refused(request, error, settings)


def next_step(
    request: AuthorizationRequest,
    session: Session | None,
    ports: Ports,
    settings: Settings,
    *,
    may_be_silent: bool = True,
) -> Consent | SignInNeeded | Redirect:
    """Return what the person is to do; a redirect when there is nothing to do."""
    if session is None or _too_old(request, session, ports):
        if "none" in request.prompt:
            error = OAuthError(ErrorCode.LOGIN_REQUIRED, "the person has to sign in")
            return _unasked(request, error, ports, settings)
        return SignInNeeded()
    if may_be_silent and _may_be_silent(request, session, ports, settings):
        return answer(request, session, True, ports, settings)
    if "none" in request.prompt:
        error = OAuthError(ErrorCode.CONSENT_REQUIRED, "the person has to be asked")
        return _unasked(request, error, ports, settings)
    client = request.client
    lasting = client.may_use("refresh_token") and request.response_type == CODE
    return Consent(
        client.name,
        client.client_id,
        tuple(settings.scopes.get(word, word) for word in request.scope.split()),
        resource_indicators.told(request.resource, settings),
        settings.grant_lifetime if lasting else settings.access_token_lifetime,
        redirect_uris.destination(request.redirect_uri),
        request.redirect_uri,
        request.response_type == TOKEN,
    )


def answer(
    request: AuthorizationRequest,
    session: Session,
    approved: bool,
    ports: Ports,
    settings: Settings,
) -> Redirect:
    """Carry out what the person decided. Raises OAuthError when the request was answered before."""
    _use_up(request, ports)
    verb = "approved" if approved else "denied"
    ports.audit(
        f"authorization_{verb}", client_id=request.client.client_id, subject=session.subject
    )
    if not approved:
        error = OAuthError(ErrorCode.ACCESS_DENIED, "the person denied the request")
        return refused(request, error, settings)
    if request.response_type == TOKEN:
        return _redirect(request, implicit.earn(request, session, ports, settings), settings)
    code = tokens.secret(ports.entropy)
    ports.authorization_codes.add(
        AuthorizationCode(
            digest=tokens.digest(code),
            client_id=request.client.client_id,
            subject=session.subject,
            scope=request.scope,
            redirect_uri=request.redirect_uri_sent,
            code_challenge=request.code_challenge,
            nonce=request.nonce,
            authenticated_at=session.created_at,
            expires_at=ports.clock() + settings.authorization_code_lifetime,
            resource=request.resource,
            dpop_key=request.dpop_key,
        )
    )
    return _redirect(request, {"code": code}, settings)


def refused(request: AuthorizationRequest, error: OAuthError, settings: Settings) -> Redirect:
    """Return where to send the browser with an error."""
    members = {"error": str(error.code), "error_description": error.description}
    return _redirect(request, members, settings)


def _unasked(
    request: AuthorizationRequest, error: OAuthError, ports: Ports, settings: Settings
) -> Redirect:
    """Refuse what cannot be answered without the person. That is an answer, too."""
    _use_up(request, ports)
    return refused(request, error, settings)


def _use_up(request: AuthorizationRequest, ports: Ports) -> None:
    """Let a pushed request be answered once (RFC 9126 4)."""
    if request.pushed is not None and not ports.pushed_requests.remove(request.pushed):
        raise OAuthError(ErrorCode.INVALID_REQUEST, "the request has been answered")


def _too_old(request: AuthorizationRequest, session: Session, ports: Ports) -> bool:
    """Tell whether the app wants a sign-in that this session is not (OpenID Connect 3.1.2.1)."""
    age = ports.clock() - session.created_at
    if "login" in request.prompt and age > _JUST_NOW:
        return True
    if request.max_age is not None and age > request.max_age + _ON_THE_WAY:
        return True
    if request.hint is None:
        return False
    claims = ports.signer.verify_id_token(request.hint)
    return claims is not None and claims.get("sub") != session.subject


def _may_be_silent(
    request: AuthorizationRequest, session: Session, ports: Ports, settings: Settings
) -> bool:
    """Tell whether this person need not be asked again.

    Only clients that will prove themselves for the code are trusted so far (RFC 6749 10.2).
    """
    if request.response_type != CODE or not request.client.confidential:
        return False
    if request.prompt - {"none"}:
        return False
    if request.hint is not None and ports.signer.verify_id_token(request.hint) is None:
        return False  # the app has somebody in mind, and who that is cannot be told
    return any(
        _covers(grant, request, settings) and ports.clock() < tokens.grant_ends_at(grant, settings)
        for grant in ports.grants.living(session.subject, request.client.client_id)
    )


def _covers(grant: Grant, request: AuthorizationRequest, settings: Settings) -> bool:
    """Tell whether a grant was given for all of a request: its scope, and the APIs it is for."""
    scope = set(request.scope.split()) <= set(grant.scope.split())
    wanted, given = (
        set(resource.split() or [resource_indicators.default(settings)])
        for resource in (request.resource, grant.resource)
    )
    return scope and wanted <= given


def _redirect(
    request: AuthorizationRequest, members: Mapping[str, str], settings: Settings
) -> Redirect:
    told = dict(members)
    if request.state is not None:
        told["state"] = request.state
    text = urlencode({**told, "iss": settings.issuer}, quote_via=quote)
    if _IN_FRAGMENT.intersection(request.response_type.split()):
        return Redirect(f"{request.redirect_uri}#{text}")
    joint = "&" if "?" in request.redirect_uri else "?"
    return Redirect(f"{request.redirect_uri}{joint}{text}")
