"""What the server says of itself (RFC 8414)."""

from collections.abc import Iterable
from typing import Any

from server.core import client_auth
from server.core.settings import Settings


def metadata(settings: Settings, grant_types: Iterable[str]) -> dict[str, Any]:
    """Return the metadata document: what this server does, and nothing it does not."""
    return {
        "issuer": settings.issuer,
        "device_authorization_endpoint": settings.url("/device_authorization"),
        "token_endpoint": settings.url("/token"),
        "userinfo_endpoint": settings.url("/userinfo"),
        "jwks_uri": settings.url("/jwks.json"),
        "grant_types_supported": list(grant_types),
        # Required (RFC 8414 2), and empty: there is no authorization endpoint.
        "response_types_supported": [],
        "scopes_supported": list(settings.scopes),
        "token_endpoint_auth_methods_supported": list(client_auth.METHODS),
        "code_challenge_methods_supported": ["S256"],
    }
