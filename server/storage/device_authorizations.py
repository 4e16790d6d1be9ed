"""Device authorizations, in SQL, changed by compare-and-swap alone."""

from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    Select,
    bindparam,
    func,
    literal_column,
    select,
    update,
)

from server.core.records import DeviceAuthorization, Grant, RefreshToken, Standing
from server.core.states import State
from server.storage.database import Database
from server.storage.grants import add_grant, replace_unused
from server.storage.schema import device_authorizations as table

_STATE = DeviceAuthorization._fields.index("state")
_STATES = {str(state): state for state in State}  # calling State takes ten times as long


class SQLDeviceAuthorizations:
    """Plays `server.core.ports.DeviceAuthorizations`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._add = database.hot_insert(table)
        mine = table.c.device_code_digest == bindparam("digest")
        self._standing = database.hot_query(
            select(*(table.c[name] for name in Standing._fields)).where(mine)
        )
        self._count_live = database.hot_query(_live())

    def add(self, authorization: DeviceAuthorization) -> bool:
        """Keep a new one; False when one of its codes is taken. A power cut may take it back."""
        return self._add(authorization)

    def standing(self, device_code_digest: bytes) -> Standing | None:
        """Return how it stands: one indexed read of a few columns on the driver's cursor."""
        row = self._standing(device_code_digest)
        if row is None:
            return None
        client_id, code_challenge, interval, expires_at, state, *rest = row
        return Standing(client_id, code_challenge, interval, expires_at, _STATES[state], *rest)

    def find_by_device_code(self, digest: bytes) -> DeviceAuthorization | None:
        """Return the one with that device code."""
        return self._find(table.c.device_code_digest == digest)

    def find_by_user_code(self, digest: bytes) -> DeviceAuthorization | None:
        """Return the one with that user code."""
        return self._find(table.c.user_code_digest == digest)

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
        """Swap, insert what is issued, and end the grant of an answer that was lost, as one.

        A grant that has ended, or whose tokens were used, is not replaced: False, as when the swap
        came too late.
        """
        with self._database.writing() as connection:
            if not _swap(connection, old, new):
                return False
            lost = old.grant_id
            if lost is not None and not replace_unused(connection, lost, grant.created_at):
                connection.rollback()
                return False
            add_grant(connection, grant, refresh_token)
        return True

    def count_live(self, now: float, at_most: int) -> int:
        """Return how many have not expired, counting no further than `at_most`."""
        row = self._count_live(now, at_most)
        return int(row[0]) if row else 0

    def _find(self, condition: ColumnElement[bool]) -> DeviceAuthorization | None:
        with self._database.reading() as connection:
            row = connection.execute(select(table).where(condition)).one_or_none()
        return _record(tuple(row)) if row else None


def _live() -> Select[Any]:
    some = (
        select(literal_column("1", Integer))
        .where(table.c.expires_at > bindparam("now"))
        .limit(bindparam("at_most", type_=Integer))
        .offset(literal_column("0"))  # which SQLite would bind as a parameter of its own
    )
    return select(func.count()).select_from(some.subquery())


def _swap(connection: Connection, old: DeviceAuthorization, new: DeviceAuthorization) -> bool:
    unchanged = (table.c.device_code_digest == old.device_code_digest) & (
        table.c.version == old.version
    )
    result = connection.execute(update(table).where(unchanged).values(new._asdict()))
    return result.rowcount == 1


def _record(row: tuple[Any, ...]) -> DeviceAuthorization:
    return DeviceAuthorization._make((*row[:_STATE], _STATES[row[_STATE]], *row[_STATE + 1 :]))
