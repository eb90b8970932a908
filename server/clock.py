"""The only code that asks what time it is. Everything else is handed `now`."""

from datetime import UTC, datetime


def utcnow() -> datetime:
    """The time, aware, in UTC, cut to the whole milliseconds that the database keeps."""
    now = datetime.now(UTC)
    return now.replace(microsecond=now.microsecond // 1000 * 1000)
