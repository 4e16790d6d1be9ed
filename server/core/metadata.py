"""What the server says of itself (RFC 8414, OpenID Connect Discovery 1.0)."""

from collections.abc import Iterable, Sequence
from typing import Any

from server.core import client_auth, client_fields
from server.core.settings import Settings

_CLAIMS = ("iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "at_hash")
_CLAIMS_OF_PEOPLE = ("name", "preferred_username", "email")


def metadata(
    settings: Settings, grant_types: Iterable[str], signing_algorithms: Sequence[str]
) -> dict[str, Any]:
    """Return the metadata document: what this server does, and nothing it does not.

    `signing_algorithms` are those that clients may sign with.
    """
    implicit = settings.allow_implicit
    methods, algorithms = list(client_auth.METHODS), list(signing_algorithms)
    proving = [method for method in methods if method != "none"]
    return {
        "issuer": settings.issuer,
        "device_authorization_endpoint": settings.url("/device_authorization"),
        "token_endpoint": settings.url("/token"),
        "authorization_endpoint": settings.url("/authorize"),
        "pushed_authorization_request_endpoint": settings.url("/par"),
        "revocation_endpoint": settings.url("/revoke"),
        "introspection_endpoint": settings.url("/introspect"),
        "userinfo_endpoint": settings.url("/userinfo"),
        "end_session_endpoint": settings.url("/logout"),
        "jwks_uri": settings.url("/jwks.json"),
        "grant_types_supported": [*grant_types, *(["implicit"] if implicit else [])],
        "response_types_supported": ["code", *(["token"] if implicit else [])],
        "response_modes_supported": ["query", *(["fragment"] if implicit else [])],
        "scopes_supported": list(settings.scopes),
        "claims_supported": [*_CLAIMS, *_CLAIMS_OF_PEOPLE],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": list(client_fields.ID_TOKEN_ALGORITHMS),
        "token_endpoint_auth_methods_supported": methods,
        "token_endpoint_auth_signing_alg_values_supported": algorithms,
        "revocation_endpoint_auth_methods_supported": methods,
        "revocation_endpoint_auth_signing_alg_values_supported": algorithms,
        "introspection_endpoint_auth_methods_supported": proving,
        "introspection_endpoint_auth_signing_alg_values_supported": algorithms,
        "dpop_signing_alg_values_supported": algorithms,
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": True,
        "request_parameter_supported": False,
        "request_uri_parameter_supported": False,
        "claims_parameter_supported": False,
        "prompt_values_supported": ["none", "login", "consent", "select_account"],
    }
