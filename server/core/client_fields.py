"""Which values of a client mean anything here (RFC 7591 2)."""

import json
from collections.abc import Collection, Iterable

ID_TOKEN_ALGORITHMS = ("RS256", "ES256")


def problem(
    grant_types: Iterable[str], known: Collection[str], id_token_alg: str, jwks: str | None
) -> tuple[str, str] | None:
    """Return what is wrong and what would be right, or None."""
    for grant_type in grant_types:
        if grant_type not in known:
            return f"unknown grant type: {grant_type!r}", f"known are {', '.join(sorted(known))}"
    if id_token_alg not in ID_TOKEN_ALGORITHMS:
        return (
            f"no ID token is signed with {id_token_alg!r}",
            f"known are {', '.join(ID_TOKEN_ALGORITHMS)}",
        )
    if jwks is not None and not _is_jwk_set(jwks):
        return "the keys are not a JWK set", 'it looks like {"keys": [{"kty": …}]} (RFC 7517 5)'
    return None


def _is_jwk_set(text: str) -> bool:
    """Tell whether a text has the shape of one. Whether its keys will do, only JOSE can tell."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return False
    keys = found.get("keys") if isinstance(found, dict) else None
    return isinstance(keys, list) and bool(keys) and all(isinstance(key, dict) for key in keys)
