"""Cleaning: rows that nobody can need any more go, a few at a time.

Any node may clean at any time. What is to go is looked up without a lock, and looked at again in
the short transaction that deletes it; rows that someone else is busy with are left for later.
"""

import logging
import threading
from collections.abc import Mapping

from sqlalchemy import ColumnElement, Table, and_, delete, exists, func, or_, select

from server.core.polling import ASK_AGAIN, LONGEST_INTERVAL
from server.core.ports import Clock, Entropy, StoreUnavailable
from server.core.settings import Settings
from server.storage.database import Database
from server.storage.schema import (
    authorization_codes,
    device_authorizations,
    grants,
    limit_counters,
    marks,
    pushed_requests,
    refresh_tokens,
    sessions,
)

BATCH = 500  # rows of one transaction: a redemption waits for one at most
PERIOD = 300  # seconds between two cleanings of a process, give or take a half
_log = logging.getLogger("pairlight.storage")


def clean(database: Database, settings: Settings, now: float, batch: int = BATCH) -> int:
    """Delete what nobody can need any more; return how many rows went. Raises StoreUnavailable."""
    return sum(
        _delete(database, table, dead, batch) for table, dead in _dead(settings, now).items()
    )


def _dead(settings: Settings, now: float) -> Mapping[Table, ColumnElement[bool]]:
    """Return which rows of each table are dead; grants come after their refresh tokens."""
    c = device_authorizations.c
    # For one more lifetime a device that slept hears that its code has expired (RFC 8628 3.5).
    told = c.expires_at + (c.expires_at - c.issued_at) <= now
    # After an approval it has time to come back, and after a redemption to ask again.
    missed = func.coalesce(c.decided_at, c.issued_at) + 2 * c.interval + LONGEST_INTERVAL + 5 <= now
    served = func.coalesce(c.redeemed_at, c.issued_at) + ASK_AGAIN <= now
    # A refresh token, spent or not, is known until the access tokens that it earned have expired:
    # one that is used twice must be recognised, and a grant lives as long as it has any.
    earned = settings.access_token_lifetime
    tokens = exists().where(refresh_tokens.c.grant_id == grants.c.grant_id)
    return {
        device_authorizations: and_(c.expires_at <= now, told, missed, served),
        refresh_tokens: refresh_tokens.c.expires_at <= now - earned,
        grants: and_(grants.c.created_at <= now - earned, ~tokens),
        sessions: or_(
            sessions.c.seen_at < now - settings.session_idle_lifetime,
            sessions.c.created_at < now - settings.session_lifetime,
        ),
        # A used code is known as long as the access token that it earned: a replay ends that.
        authorization_codes: authorization_codes.c.expires_at <= now - earned,
        pushed_requests: pushed_requests.c.expires_at <= now,
        marks: marks.c.expires_at <= now,
        limit_counters: limit_counters.c.expires_at <= now,
    }


def _delete(database: Database, table: Table, dead: ColumnElement[bool], batch: int) -> int:
    (key,) = table.primary_key.columns
    gone = 0
    while True:
        with database.reading() as connection:
            found = connection.scalars(select(key).where(dead).limit(batch)).all()
        if not found:
            return gone
        still = select(key).where(key.in_(found), dead).with_for_update(skip_locked=True)
        with database.writing() as connection:
            deleted = connection.execute(delete(table).where(key.in_(still))).rowcount
        gone += deleted
        if deleted < batch:  # the last ones, or others are busy with them: until next time
            return gone


class Cleaner:
    """Cleans now and then, in a thread of its own, until it is closed."""

    def __init__(
        self,
        database: Database,
        settings: Settings,
        clock: Clock,
        entropy: Entropy,
        stopped: threading.Event | None = None,
    ) -> None:
        self._database = database
        self._settings = settings
        self._clock = clock
        self._entropy = entropy
        self._stopped = stopped or threading.Event()
        self._thread = threading.Thread(target=self.run, name="cleaner", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def close(self) -> None:
        """Stop; return when no cleaning is under way."""
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join()

    def run(self) -> None:
        """Clean until stopped; a store that fails is tried again the next time."""
        while not self._stopped.wait(self._pause()):
            try:
                clean(self._database, self._settings, self._clock())
            except StoreUnavailable as error:
                _log.warning("cannot clean: %s", error)

    def _pause(self) -> float:
        """Return how long to wait; processes that started together do not clean together."""
        return PERIOD * (0.5 + self._entropy(1)[0] / 255)
