"""Ending tokens at their client's wish (RFC 7009)."""

from server.core import validity
from server.core.client_request import ClientRequest
from server.core.ports import Ports
from server.core.records import Client


def revoke(request: ClientRequest, client: Client, ports: Ports) -> None:
    """End a refresh token with all of its grant, or one access token.

    A token that is unknown or of another client is none of the client's business, and no error
    (RFC 7009 2.2). `token_type_hint` is not needed: the two kinds look different.
    """
    token = request.required("token")
    found = validity.presented(token, ports)
    if found and found.grant.client_id == client.client_id:
        ports.grants.revoke(found.grant.grant_id, ports.clock())
        ports.audit("grant_revoked", client_id=client.client_id, grant_id=found.grant.grant_id)
        return
    claims = ports.signer.verify(token)
    if claims and claims["client_id"] == client.client_id and claims["exp"] > ports.clock():
        ports.marks.mark(validity.revoked_mark(claims["jti"]), claims["exp"])
        ports.audit("access_token_revoked", client_id=client.client_id)
