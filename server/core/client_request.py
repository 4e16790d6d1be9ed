"""What a client sends to a machine endpoint, after HTTP and before any decision."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from server.core.errors import ErrorCode, OAuthError

LONGEST_WAIT = 30  # seconds (CIBA Core 10.1)


@dataclass(slots=True)
class Patience:
    """How long a client is willing to wait for its answer (RFC 7240 4.3).

    `applied` becomes true when we honour that, whether or not the whole time was needed.
    """

    seconds: int  # at most LONGEST_WAIT
    applied: bool = False


class ClientRequest(NamedTuple):
    """One request: its form, its headers, and where it came from."""

    # Each once; those without a value are absent (RFC 6749 3.2). Of `resource` there may be
    # several (RFC 8707 2), with spaces between.
    parameters: Mapping[str, str]
    authorization: str | None = None
    address: str = ""
    user_agent: str = ""
    patience: Patience | None = None
    path: str = ""
    dpop: str | None = None  # a proof (RFC 9449 4), not checked yet
    key: str | None = None  # thumbprint of the key that a checked proof proves

    def required(self, name: str) -> str:
        """Return a parameter that must be there. Raises invalid_request."""
        value = self.parameters.get(name)
        if value is None:
            raise OAuthError(ErrorCode.INVALID_REQUEST, f"{name} is missing")
        return value
