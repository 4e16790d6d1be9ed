"""Logging: UTC lines on standard error, and the audit trail among them.

Each event of the trail is one JSON object on a line of its own, and only the first line of a
record starts with a time, so that no value can forge another record.
"""

import json
import logging
import time

_audit = logging.getLogger("pairlight.audit")


class _Formatter(logging.Formatter):
    """Writes times as in RFC 3339 and indents what follows a record's first line."""

    default_time_format = "%Y-%m-%dT%H:%M:%S"
    default_msec_format = "%s.%03dZ"

    def format(self, record: logging.LogRecord) -> str:
        text = super().format(record)
        return text if text.isprintable() else "\n    ".join(text.splitlines())


def configure(*, audit: bool = False) -> None:
    """Send logs to standard error, in a format of our own; with the audit trail, if asked."""
    handler = logging.StreamHandler()
    formatter = _Formatter("%(asctime)s %(levelname)s %(name)s %(message)s")
    formatter.converter = time.gmtime
    handler.setFormatter(formatter)
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    _audit.setLevel(logging.INFO if audit else logging.WARNING)
    # What no line of ours tells need not be found out for each (logging HOWTO, Optimization).
    logging._srcfile = None  # noqa: SLF001
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False


def log_event(event: str, **facts: str | None) -> None:
    """Record an event with its facts. Plays `server.core.ports.Audit`."""
    _audit.info("%s", json.dumps({"event": event, **facts}))
