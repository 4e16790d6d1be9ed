"""How a request is refused, in the words and headers of RFC 6750 3 and RFC 9449 7.1."""

import math
from typing import NamedTuple

from flask import Response, jsonify

from server.resource.fetching import Unavailable

BEARER, DPOP = "Bearer", "DPoP"


class Challenge(NamedTuple):
    """What a WWW-Authenticate header of this API says beside the error."""

    realm: str
    scope: str  # what the request needs, maybe nothing
    algorithms: str  # of DPoP proofs


class Refusal(Exception):
    """A request that is not let in. `error` is empty when no token was sent (RFC 6750 3.1)."""

    def __init__(
        self, description: str, error: str = "", scheme: str = BEARER, status: int = 401
    ) -> None:
        super().__init__(error, description)
        self.description = description
        self.error = error
        self.scheme = scheme
        self.status = status

    def response(self, challenge: Challenge) -> Response:
        """Write the answer. Both schemes are offered, the one that was tried comes first."""
        members = {"error": self.error, "error_description": self.description}
        if self.status == 403:
            members["scope"] = challenge.scope
        response = jsonify({name: text for name, text in members.items() if text})
        response.status_code = self.status
        response.headers["Cache-Control"] = "no-store"
        for scheme in sorted((BEARER, DPOP), key=lambda scheme: scheme != self.scheme):
            response.headers.add("WWW-Authenticate", self._header(scheme, challenge))
        return response

    def _header(self, scheme: str, challenge: Challenge) -> str:
        tried = self.error and scheme == self.scheme
        parameters = {
            "realm": challenge.realm,
            "error": self.error if tried else "",
            "error_description": self.description if tried else "",
            "scope": challenge.scope,
            "algs": challenge.algorithms if scheme == DPOP else "",
        }
        return f"{scheme} " + ", ".join(
            f'{name}="{text}"' for name, text in parameters.items() if text
        )


def invalid_token(scheme: str, description: str = "the access token is not valid") -> Refusal:
    """Refuse a token, without saying more than helps an honest client."""
    return Refusal(description, "invalid_token", scheme)


def come_again(error: Unavailable) -> Response:
    """Answer what cannot be decided now: neither a refusal nor an acceptance."""
    response = jsonify(
        error="temporarily_unavailable", error_description="the token cannot be checked now"
    )
    response.status_code = 503
    response.headers["Cache-Control"] = "no-store"
    response.headers["Retry-After"] = str(math.ceil(error.retry_after))
    return response
