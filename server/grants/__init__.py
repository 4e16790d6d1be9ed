"""One file per grant type. A new grant is a new file, its test, and an entry in `GRANT_TYPES`."""

from server.core.authorization_server import GrantType
from server.core.settings import Settings
from server.grants import (
    authorization_code,
    client_credentials,
    device_code,
    password,
    refresh_token,
)

GRANT_TYPES = (
    device_code.GRANT_TYPE,
    refresh_token.GRANT_TYPE,
    authorization_code.GRANT_TYPE,
    client_credentials.GRANT_TYPE,
    password.GRANT_TYPE,
)


def offered(settings: Settings) -> tuple[GrantType, ...]:
    """Return the grant types that this server is set to offer."""
    if settings.allow_password_grant:
        return GRANT_TYPES
    return tuple(one for one in GRANT_TYPES if one is not password.GRANT_TYPE)
