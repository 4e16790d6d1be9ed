"""People, in SQL."""

from sqlalchemy import ColumnElement, insert, select
from sqlalchemy.exc import IntegrityError

from server.core.records import Account
from server.storage.database import Database
from server.storage.schema import accounts


class SQLAccounts:
    """Plays `server.core.ports.Accounts`."""

    def __init__(self, database: Database) -> None:
        self._database = database

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
        return self._find(accounts.c.subject == subject)

    def find_by_username(self, username: str) -> Account | None:
        """Return the account of that folded username."""
        return self._find(accounts.c.username == username)

    def _find(self, condition: ColumnElement[bool]) -> Account | None:
        with self._database.reading() as connection:
            row = connection.execute(select(accounts).where(condition)).one_or_none()
        return Account._make(row) if row else None
