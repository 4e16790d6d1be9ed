"""Device authorizations, in SQL, changed by compare-and-swap alone."""

from typing import Any

from sqlalchemy import ColumnElement, Connection, bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError

from server.core.records import DeviceAuthorization, Grant, RefreshToken
from server.core.states import State
from server.storage.database import Database
from server.storage.schema import device_authorizations as table
from server.storage.schema import grants, refresh_tokens

_STATE = DeviceAuthorization._fields.index("state")


class SQLDeviceAuthorizations:
    """Plays `server.core.ports.DeviceAuthorizations`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._find_hot = database.hot_query(
            select(table).where(table.c.device_code_digest == bindparam("digest"))
        )

    def add(self, authorization: DeviceAuthorization) -> bool:
        """Keep a new one; False when one of its codes is taken."""
        try:
            with self._database.writing() as connection:
                connection.execute(insert(table).values(authorization._asdict()))
        except IntegrityError:
            return False
        return True

    def find_by_device_code(self, digest: bytes) -> DeviceAuthorization | None:
        """Return the one with that device code: one indexed read on the driver's cursor."""
        row = self._find_hot(digest)
        return _record(row) if row else None

    def find_by_user_code(self, digest: bytes) -> DeviceAuthorization | None:
        """Return the one with that user code."""
        return self._find(table.c.user_code_digest == digest)

    def find_by_reference(self, reference: str) -> DeviceAuthorization | None:
        """Return the one that a portal URL names."""
        return self._find(table.c.reference == reference)

    def swap(self, old: DeviceAuthorization, new: DeviceAuthorization) -> bool:
        """Replace `old` by `new` unless someone else changed it first; False then."""
        with self._database.writing() as connection:
            return _swap(connection, old, new)

    def redeem(
        self,
        old: DeviceAuthorization,
        new: DeviceAuthorization,
        grant: Grant,
        refresh_token: RefreshToken | None,
    ) -> bool:
        """Swap and insert what the redemption issues, in one transaction."""
        with self._database.writing() as connection:
            if not _swap(connection, old, new):
                return False
            connection.execute(insert(grants).values(grant._asdict()))
            if refresh_token:
                connection.execute(insert(refresh_tokens).values(refresh_token._asdict()))
        return True

    def _find(self, condition: ColumnElement[bool]) -> DeviceAuthorization | None:
        with self._database.reading() as connection:
            row = connection.execute(select(table).where(condition)).one_or_none()
        return _record(tuple(row)) if row else None


def _swap(connection: Connection, old: DeviceAuthorization, new: DeviceAuthorization) -> bool:
    unchanged = (table.c.device_code_digest == old.device_code_digest) & (
        table.c.version == old.version
    )
    result = connection.execute(update(table).where(unchanged).values(new._asdict()))
    return result.rowcount == 1


def _record(row: tuple[Any, ...]) -> DeviceAuthorization:
    return DeviceAuthorization._make((*row[:_STATE], State(row[_STATE]), *row[_STATE + 1 :]))
