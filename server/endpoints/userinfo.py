"""GET /userinfo: who an access token speaks for (OpenID Connect Core 5.3)."""

from server.core.authorization_server import AuthorizationServer
from server.core.errors import ErrorCode, OAuthError
from server.core.protected_resource import ResourceRequest
from server.endpoints.message import (
    Answer,
    HTTPRequest,
    json_answer,
    refusal,
    resource_challenge,
)

_OF_PROOFS = (ErrorCode.INVALID_DPOP_PROOF, ErrorCode.USE_DPOP_NONCE)


def answer(request: HTTPRequest, server: AuthorizationServer) -> Answer:
    """Name the person, to the holder of an access token."""
    if request.authorization is None:
        # No error code for a request without a token (RFC 6750 3.1).
        challenge = (("WWW-Authenticate", 'Bearer realm="pairlight", scope="openid"'),)
        return json_answer({"error_description": "an access token is needed"}, 401, challenge)
    asked = ResourceRequest(request.authorization, request.dpop, request.method, request.path)
    try:
        return json_answer(server.userinfo(asked))
    except OAuthError as error:
        if error.code not in _OF_PROOFS:
            raise
        # Here a proof is part of the credentials, so what is wrong with it is 401 (RFC 9449 7.1).
        found = refusal(error, request)
        header = ("WWW-Authenticate", resource_challenge(error, request))
        return found._replace(status=401, headers=(*found.headers, header))
