"""One file per grant type. A new grant is a new file, its test, and an entry in `GRANT_TYPES`."""

from server.grants import device_code, refresh_token

GRANT_TYPES = (device_code.GRANT_TYPE, refresh_token.GRANT_TYPE)
