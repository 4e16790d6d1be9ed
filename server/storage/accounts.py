"""People, in SQL."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, bindparam, insert, select
from sqlalchemy.exc import IntegrityError

from server.core.records import Account
from server.storage.database import Database, storable
from server.storage.schema import accounts


class SQLAccounts:
    """Plays `server.core.ports.Accounts`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._find_hot = database.hot_query(
            select(accounts).where(accounts.c.subject == bindparam("subject"))
        )

    def add(self, account: Account) -> bool:
        """Add an account; False when its username is taken."""
        try:
            with self._database.writing() as connection:
                connection.execute(insert(accounts).values(account._asdict()))
        except IntegrityError:
            return False
        return True

    def find(self, subject: str) -> Account | None:
        """Return the account of that subject."""
        row = self._find_hot(storable(subject))
        return _account(row) if row else None

    def find_by_username(self, username: str) -> Account | None:
        """Return the account of that folded username."""
        return self._find(accounts.c.username == username)

    def _find(self, condition: ColumnElement[bool]) -> Account | None:
        with self._database.reading() as connection:
            row = connection.execute(select(accounts).where(condition)).one_or_none()
        return _account(row) if row else None


def _account(row: Sequence[Any]) -> Account:
    found = Account._make(row)
    return found._replace(disabled=bool(found.disabled))  # SQLite has no truth values
