"""A connection to Redis that may fail: asked while it works, mended in the background."""

import logging
import threading
import time
from collections.abc import Callable
from typing import TypeVar

from redis import Redis
from redis.backoff import NoBackoff
from redis.client import PubSub
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError
from redis.retry import Retry

_PATIENCE = 0.25  # seconds to connect, and to wait for an answer; a poll waits no longer
_MOST_AT_ONCE = 64  # connections
_TICK = 0.25  # seconds
_PING_EVERY = 5  # seconds of silence
_FIRST_RETRY, _LAST_RETRY = 0.25, 5.0  # seconds; doubling in between
_STEADY = 10  # seconds; whatever worked for so long is retried as at first

_log = logging.getLogger("pairlight.waiting_room")
_Answer = TypeVar("_Answer")


class LinkDown(Exception):
    """Redis cannot be asked now."""


class RedisLink:
    """Asks Redis while it works, and hears one channel once started.

    The first failure takes it out of use, so that nobody else waits for it; a thread then tries
    `probe` until it passes. `socket_timeout` and such in the URL come before what is set here.
    """

    def __init__(
        self,
        url: str,
        channel: str,
        hear: Callable[[bytes], None],
        probe: Callable[[Redis], object],
    ) -> None:
        self._redis = Redis.from_url(
            url,
            socket_connect_timeout=_PATIENCE,
            socket_timeout=_PATIENCE,
            max_connections=_MOST_AT_ONCE + 2,  # the thread's own
            retry=Retry(NoBackoff(), 0),
            protocol=2,
        )
        self._channel = channel
        self._hear = hear
        self._probe = probe
        self._turns = threading.Semaphore(_MOST_AT_ONCE)
        self._lock = threading.Lock()
        self._working = True  # until shown otherwise
        self.listening = threading.Event()  # set while the channel is heard
        self._closed = threading.Event()
        self._thread: threading.Thread | None = None

    def ask(self, question: Callable[[Redis], _Answer]) -> _Answer:
        """Return the answer. Raises LinkDown, at once while Redis is known to be gone."""
        if not (self._working and self._turns.acquire(timeout=_PATIENCE)):
            raise LinkDown
        try:
            if not self._working:  # lost while waiting for a turn
                raise LinkDown
            return question(self._redis)
        except (RedisError, OSError) as error:
            self._lose(error)
            raise LinkDown from error
        finally:
            self._turns.release()

    def working(self) -> bool:
        """Tell whether Redis is in use."""
        return self._working

    def start(self) -> None:
        """Listen, and mend what breaks, from now on."""
        with self._lock:
            if self._thread is None or not self._thread.is_alive():  # a fork leaves it behind
                self._thread = threading.Thread(target=self._run, name=__name__, daemon=True)
                self._thread.start()

    def close(self) -> None:
        """Stop listening and let go of all connections."""
        self._closed.set()
        if self._thread:
            self._thread.join()
        self._redis.close()

    def _run(self) -> None:
        delay = _FIRST_RETRY
        while not self._closed.is_set():
            began = time.monotonic()
            try:
                self._probe(self._redis)
                with self._redis.pubsub() as subscription:  # type: ignore[no-untyped-call]
                    self._listen(subscription)
            except (RedisError, OSError) as error:
                self._lose(error)
            steady = time.monotonic() - began > _STEADY
            delay = _FIRST_RETRY if steady else min(2 * delay, _LAST_RETRY)
            self._closed.wait(delay)

    def _listen(self, subscription: PubSub) -> None:
        """Hear messages until something breaks. Pings: a silent connection may be a dead one."""
        subscription.subscribe(self._channel)
        heard = asked = time.monotonic()
        subscribed = False
        while not self._closed.is_set() and (self._working or not subscribed):
            message = subscription.get_message(timeout=_TICK)
            now = time.monotonic()
            if message:
                heard = asked = now
                if message["type"] == "subscribe":
                    subscribed = True
                    self._find()
                elif message["type"] == "message":
                    self._hear(message["data"])
            elif now - heard > 2 * _PING_EVERY:
                raise RedisConnectionError("no answer to a ping")
            elif now - asked > _PING_EVERY:
                subscription.ping()
                asked = now

    def _find(self) -> None:
        with self._lock:
            if not self._working:
                _log.warning("Redis is back: pace and wake-ups are shared by all hosts again")
            self._working = True
            self.listening.set()

    def _lose(self, error: Exception) -> None:
        with self._lock:
            if self._working:
                _log.warning("Redis is gone: each host keeps pace on its own (%s)", error)
            self._working = False
            self.listening.clear()
        self.start()
