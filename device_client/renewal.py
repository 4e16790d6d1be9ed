"""New tokens for a refresh token (RFC 6749 section 6).

By the same steps as a sign-in and just as patiently.
"""

from .flow import PENDING, DeviceFlow


class Renewal(DeviceFlow):
    """STARTING, then SIGNED_IN by tokens, FAILED by a refusal or UNREACHABLE by silence.

    FAILED with `error` "invalid_grant" means that the refresh token is worth nothing any more: sign
    in anew. In every other case it stays good.
    """

    def __init__(self, client_id: str, refresh_token: str, now_ms: int) -> None:
        super().__init__(client_id, "", "", now_ms)
        self.refresh_token = refresh_token

    def request(self) -> tuple[str, dict[str, str]]:
        """What to POST, as for `DeviceFlow`."""
        self._wait_ms = None
        return "token_endpoint", {
            "client_id": self.client_id,
            "grant_type": "refresh_token",
            "refresh_token": self.refresh_token,
        }

    def _accept(self, answer: dict[str, object]) -> object:
        # A server that does not rotate refresh tokens sends none, and the old one stays good.
        answer["refresh_token"] = answer.get("refresh_token") or self.refresh_token
        self.state = PENDING  # as after codes: tokens come next
        return super()._accept(answer)
