"""The waiting room of many hosts, which share a Redis or Valkey."""

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import cast

from redis import Redis
from redis.exceptions import NoScriptError

from server.core.polling import LONGEST_INTERVAL, PENALTY, SLACK
from server.waiting_room.local import LocalWaitingRoom
from server.waiting_room.places import Place
from server.waiting_room.redis_link import LinkDown, RedisLink

_KEPT = 900  # seconds after a device's last poll; the longest interval is a fraction of it

_WAKE, _TAKE = b"w", b"t"  # what messages start with

# `server.core.polling.keep_pace`, where two processes cannot come between. Times stay the text
# that Python wrote: Lua would round them.
_KEEP_PACE = """
local interval, now = tonumber(ARGV[1]), tonumber(ARGV[2])
local slack, penalty, longest = tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
local kept, polled_at = string.match(redis.call('GET', KEYS[1]) or '', '^(%d+) (%S+)$')
local previous = tonumber(polled_at)
local early = false
if not previous or now < previous then
    kept, polled_at = interval, ARGV[2]
elseif now - previous < kept - slack then
    kept, early = math.max(math.min(kept + penalty, longest), tonumber(kept)), true
else
    polled_at = ARGV[2]
end
redis.call('SET', KEYS[1], string.format('%d %s', kept, polled_at), 'EX', ARGV[6])
return early and kept
"""
_KEEP_PACE_NAME = hashlib.sha1(_KEEP_PACE.encode(), usedforsecurity=False).hexdigest()


class RedisWaitingRoom:
    """Keeps pace and wakes devices in all processes that use this Redis and prefix.

    While Redis is gone or slow, `local` keeps the pace of this host; nobody waits for Redis.
    """

    def __init__(self, url: str, local: LocalWaitingRoom, prefix: str = "pairlight:") -> None:
        self._local = local
        self._prefix = prefix
        self._channel = f"{prefix}places"
        self._origin = os.urandom(8)  # tells our own messages from those of other processes
        self._unheard: set[bytes] = set()  # places of which our own message has not come back
        self._link = RedisLink(url, self._channel, self._hear, self._probe)

    def poll(self, device_code_digest: bytes, interval: int, now: float) -> int | None:
        """Note a poll; return None when it came in time, else the new interval to keep."""
        key = device_code_digest[:16].hex()
        with suppress(LinkDown):
            return self._link.ask(lambda redis: self._keep_pace(redis, key, interval, now))
        return self._local.poll(device_code_digest, interval, now)

    @contextmanager
    def place(self, device_code_digest: bytes, client_id: str) -> Iterator[Place | None]:
        """Hold a place for one poll until the block ends; None when there is none left."""
        with self._local.place(device_code_digest, client_id) as place:
            if place:
                self._link.start()
                self._announce(device_code_digest)
            try:
                yield place
            finally:
                self._unheard.discard(device_code_digest)

    def wake(self, device_code_digest: bytes) -> None:
        """Wake whoever waits for this code, on every process and node."""
        self._local.wake(device_code_digest)
        self._tell(_WAKE, device_code_digest)

    def healthy(self) -> bool:
        """Tell whether Redis and what stands in for it both work."""
        self._link.start()  # an idle process must find out, too
        return self._link.working() and self._local.healthy()

    def close(self) -> None:
        """Stop listening. Whoever waits is not disturbed."""
        self._link.close()
        self._local.close()

    def _keep_pace(self, redis: Redis, key: str, interval: int, now: float) -> int | None:
        key = f"{self._prefix}{{{key}}}:pace"  # of one slot, should this be a cluster
        numbers: list[str | float] = [
            interval,
            repr(float(now)),
            SLACK,
            PENALTY,
            LONGEST_INTERVAL,
            _KEPT,
        ]
        try:
            return cast(int | None, redis.evalsha(_KEEP_PACE_NAME, 1, key, *numbers))
        except NoScriptError:
            return cast(int | None, redis.eval(_KEEP_PACE, 1, key, *numbers))

    def _probe(self, redis: Redis) -> None:
        self._keep_pace(redis, "probe", 1, 0)

    def _announce(self, device_code_digest: bytes) -> None:
        """End older polls of this code elsewhere.

        Redis gives all processes its messages in one order. Whatever comes before our own message
        tells of an older poll than ours.
        """
        if self._link.listening.is_set():
            self._unheard.add(device_code_digest)
        if not self._tell(_TAKE, device_code_digest):
            self._unheard.discard(device_code_digest)

    def _tell(self, what: bytes, device_code_digest: bytes) -> bool:
        message = what + self._origin + device_code_digest
        with suppress(LinkDown):
            self._link.ask(lambda redis: redis.publish(self._channel, message))
            return True
        return False

    def _hear(self, message: bytes) -> None:
        what, origin, device_code_digest = message[:1], message[1:9], message[9:]
        if origin == self._origin:
            if what == _TAKE:
                self._unheard.discard(device_code_digest)
        elif what == _WAKE or device_code_digest not in self._unheard:
            self._local.wake_here(device_code_digest)
