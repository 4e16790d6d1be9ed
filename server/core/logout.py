"""Signing out at an app's wish (OpenID Connect RP-Initiated Logout 1.0)."""

from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import quote, urlencode

from server.core.ports import Ports
from server.core.records import Client


class Logout(NamedTuple):
    """Who asks, and where the browser goes afterwards: to a registered address or nowhere."""

    client_name: str | None
    redirect_uri: str | None


def read(parameters: Mapping[str, str], ports: Ports) -> Logout:
    """Return what an app wants. What is wrong with it is left out: the person can sign out anyway.

    An ID token tells who asks, however old it is.
    """
    hint = parameters.get("id_token_hint")
    claims = ports.signer.verify_id_token(hint) if hint else None
    client_id = parameters.get("client_id") or (claims["aud"] if claims else "")
    if claims and claims["aud"] != client_id:
        return Logout(None, None)
    client = ports.clients.find(client_id)
    if client is None:
        return Logout(None, None)
    return Logout(client.name, _where(parameters, client))


def _where(parameters: Mapping[str, str], client: Client) -> str | None:
    wanted = parameters.get("post_logout_redirect_uri", "")
    if wanted not in client.logout_redirect_uris.split():
        return None
    if "state" not in parameters:
        return wanted
    joint = "&" if "?" in wanted else "?"
    return f"{wanted}{joint}{urlencode({'state': parameters['state']}, quote_via=quote)}"
