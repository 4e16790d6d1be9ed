"""The guard in front of Flask views: who may come in, and by which words others are refused."""

import re
import time
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, ParamSpec, TypeVar
from urllib.parse import quote, urlsplit

import flask

from server.jwt_reader import ALGORITHMS, JoseJWTReader
from server.resource import issuer as published
from server.resource.access_token import SignedTokens
from server.resource.fetching import Unavailable
from server.resource.introspection import Introspection
from server.resource.kept import Kept
from server.resource.proof import Request, SeenProofs, fits
from server.resource.refusals import BEARER, DPOP, Challenge, Refusal, come_again, invalid_token

_SCHEME = re.compile(r"(bearer|dpop)\b", re.IGNORECASE | re.ASCII)
_CREDENTIALS = re.compile(r"[A-Za-z]+ ([A-Za-z0-9._~+/-]+=*)")  # RFC 9110 11.4, one space
_PLAIN = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]+")  # RFC 6749 appendix A, for scopes

P = ParamSpec("P")
R = TypeVar("R")


class ResourceServer:
    """Lets in who has an access token of this issuer, for this audience.

    Tokens are checked by the issuer's published keys; with `introspect_as`, a client_id and its
    secret, by asking the issuer. `address` is where clients reach this API, for DPoP; it is the
    audience's scheme, host and port if that is a URL, and may have a path that a proxy cuts off.
    """

    def __init__(
        self,
        issuer: str,
        audience: str,
        *,
        introspect_as: tuple[str, str] | None = None,
        address: str | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        published.check_identifier(issuer)
        _check_plain("audience", audience)
        self._audience = audience
        self._address = (address or _origin(audience)).rstrip("/")
        self._clock = clock
        self._seen = SeenProofs()
        self._reader = JoseJWTReader()
        self._tokens: SignedTokens | Introspection
        if introspect_as:
            self._tokens = Introspection(issuer, audience, introspect_as, clock)
        else:
            keys = Kept(lambda: published.keys(issuer), clock)
            self._tokens = SignedTokens(issuer, audience, keys)

    @property
    def token(self) -> Mapping[str, Any]:
        """The claims of the access token that this request came with."""
        try:
            claims: Mapping[str, Any] = flask.g.pairlight_token
        except AttributeError:
            raise LookupError("this view is not behind requires()") from None
        return claims

    def requires(self, *scopes: str) -> Callable[[Callable[P, R]], Callable[P, R | flask.Response]]:
        """Make a decorator, to stand below the route, that asks for a token with all scopes."""
        for scope in scopes:
            _check_plain("scope", scope)
        challenge = Challenge(self._audience, " ".join(scopes), " ".join(ALGORITHMS))

        def protect(view: Callable[P, R]) -> Callable[P, R | flask.Response]:
            @wraps(view)
            def guarded(*arguments: P.args, **named: P.kwargs) -> R | flask.Response:
                try:
                    flask.g.pairlight_token = self._claims(scopes)
                except Refusal as refusal:
                    return refusal.response(challenge)
                except Unavailable as error:
                    return come_again(error)
                answer: R = flask.current_app.ensure_sync(view)(*arguments, **named)
                return answer

            return guarded

        return protect

    def _claims(self, scopes: tuple[str, ...]) -> Mapping[str, Any]:
        """Return the claims of the request's token. Raises Refusal and Unavailable."""
        scheme, token = _credentials(flask.request.headers.get("Authorization", ""))
        claims = self._tokens.claims(token, self._clock())
        if claims is None:
            raise invalid_token(scheme)
        if scheme == DPOP or "cnf" in claims:
            self._check_proof(scheme, token, claims)
        if not set(scopes) <= set(claims.get("scope", "").split(" ")):
            raise Refusal("the access token lacks a scope", "insufficient_scope", scheme, 403)
        return claims

    def _check_proof(self, scheme: str, token: str, claims: Mapping[str, Any]) -> None:
        """Hold a token to the key that it is bound to (RFC 9449 7.1), and only such a token."""
        confirmation = claims.get("cnf")
        bound_to = confirmation.get("jkt") if isinstance(confirmation, dict) else None
        if scheme != DPOP or not isinstance(bound_to, str):
            raise invalid_token(scheme, "the access token is not for this scheme")
        now = self._clock()
        found = self._reader.read_proof(flask.request.headers.get("DPoP", ""))
        path = quote(flask.request.root_path + flask.request.path)  # which Flask has decoded
        url = self._address + path
        if found is None or not fits(found[0], Request(flask.request.method, url, token), now):
            raise Refusal("the DPoP proof is not valid", "invalid_dpop_proof", scheme)
        if found[1] != bound_to:
            raise invalid_token(scheme, "the access token is bound to another key")
        if not self._seen.is_first(found[0]["jti"], bound_to, now):
            raise Refusal("the DPoP proof was used before", "invalid_dpop_proof", scheme)


def _credentials(authorization: str) -> tuple[str, str]:
    """Return scheme and token of an Authorization header, the only place that is looked at."""
    known = _SCHEME.match(authorization)
    if known is None:
        raise Refusal("an access token is needed")
    scheme = BEARER if known[1].lower() == "bearer" else DPOP
    found = _CREDENTIALS.fullmatch(authorization)
    if found is None:
        raise invalid_token(scheme, "the Authorization header is malformed")
    return scheme, found[1]


def _origin(audience: str) -> str:
    parts = urlsplit(audience)
    if parts.scheme not in ("https", "http") or not parts.netloc:
        raise ValueError(f"the audience {audience} is no address: say by address= where the API is")
    return f"{parts.scheme}://{parts.netloc}"


def _check_plain(what: str, text: str) -> None:
    """Let nothing into a header that would need quoting there."""
    if not _PLAIN.fullmatch(text):
        raise ValueError(f"not a {what}: {text!r}")
