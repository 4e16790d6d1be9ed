"""New tokens for a refresh token (RFC 6749 section 6).

By the same steps as a sign-in and just as patiently.
"""

from .flow import DeviceFlow


def Renewal(client_id: str, refresh_token: str, now_ms: int) -> DeviceFlow:  # noqa: N802
    """A flow: STARTING, then SIGNED_IN by tokens, FAILED by a refusal or UNREACHABLE by silence.

    FAILED with `error` "invalid_grant" means that the refresh token is worth nothing any more: sign
    in anew. In every other case it stays good. No class of its own, which would take a board 400
    bytes more.
    """
    flow = DeviceFlow(client_id, "", "", now_ms)
    flow.grant = {
        "client_id": client_id,
        "grant_type": "refresh_token",
        "refresh_token": refresh_token,
    }
    return flow
