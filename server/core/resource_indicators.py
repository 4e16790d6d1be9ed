"""Which API a token is for (RFC 8707)."""

import re
from collections.abc import Mapping

from server.core.errors import ErrorCode, OAuthError
from server.core.records import Client
from server.core.settings import Settings

_AT_A_HOST = re.compile(r"https?://([^/?#]+)")


def requested(parameters: Mapping[str, str], client: Client, settings: Settings) -> str:
    """Return the resources that are asked for; none mean the default. Raises invalid_target.

    A client's own resources end with the configuration that knows them.
    """
    asked = parameters.get("resource", "").split()
    own = {default(settings), settings.issuer, *client.resources.split()}
    if not own.intersection(known(settings)).issuperset(asked):
        raise OAuthError(ErrorCode.INVALID_TARGET, "the client is not registered for this resource")
    return " ".join(dict.fromkeys(asked))


def narrowed(parameters: Mapping[str, str], granted: str, settings: Settings) -> str:
    """Return those of the granted resources that one token is to be for. Raises invalid_target."""
    asked = parameters.get("resource", "").split()
    if not set(granted.split() or [default(settings)]).issuperset(asked):
        raise OAuthError(ErrorCode.INVALID_TARGET, "this resource was not granted")
    return " ".join(dict.fromkeys(asked)) or granted


def audience(resource: str, settings: Settings) -> str | list[str]:
    """Return the `aud` of a token for these resources."""
    found = resource.split() or [default(settings)]
    return found[0] if len(found) == 1 else found


def told(resource: str, settings: Settings) -> tuple[str, ...]:
    """Return what a person is told of these resources: their hosts. The default goes unsaid."""
    others = (one for one in resource.split() if one != default(settings))
    hosts = (found[1] if (found := _AT_A_HOST.match(one)) else one for one in others)
    return tuple(dict.fromkeys(hosts))


def known(settings: Settings) -> list[str]:
    """Return every API that tokens can be for."""
    return list(dict.fromkeys((default(settings), settings.issuer, *settings.resources.split())))


def default(settings: Settings) -> str:
    """Return the API that tokens are for when none is named."""
    return settings.audience or settings.issuer
