"""One line for each thing that happened: ids, never names, numbers, tokens or written words."""

import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any

import structlog

from venterom.server.config import Log

# Eleven digits, also written as six and five, may be a national number; forty characters or more
# may be a secret.
SECRETS = re.compile(r"(?<!\d)\d{6}[ .-]?\d{5}(?!\d)|[A-Za-z0-9_-]{40,}")
MASK = "•••"


def configure(settings: Log) -> None:
    """Send our own lines and the libraries' to standard error, in the form that was chosen."""
    plain = structlog.dev.ConsoleRenderer(
        colors=False, exception_formatter=structlog.dev.plain_traceback
    )
    form: tuple[Any, ...] = (
        (structlog.processors.JSONRenderer(),)  # ASCII, so that nothing in it can end a line
        if settings.json_lines
        else (for_eyes, plain)
    )
    level = logging.getLevelName(settings.level.upper())
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            mask,
            *form,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    logging.basicConfig(level=max(level, logging.WARNING), handlers=[_Forward()], force=True)


def mask(
    _logger: object, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Blank whatever looks like a national number or a secret, wherever it stands."""
    return {key: _masked(value) for key, value in event.items()}


def for_eyes(
    _logger: object, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Nothing in an event ends its line or moves the cursor of whoever reads it. A traceback has
    lines, and each stands further in than any event."""
    lines = str(event.get("exception", "")).splitlines()
    shown = {key: _visible(value) for key, value in event.items()}
    return {**shown, **({"exception": "\n".join(map(_further_in, lines))} if lines else {})}


def _visible(value: Any) -> Any:
    """Anything but a text is shown as Python writes it, where nothing is unprintable."""
    return repr(value)[1:-1] if isinstance(value, str) and not value.isprintable() else value


def _further_in(line: str) -> str:
    return f"  {_visible(line)}"


def _masked(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {_masked(str(key)): _masked(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_masked(item) for item in value]
    text = str(value)
    shown = SECRETS.sub(MASK, text)
    plain = value is None or isinstance(value, bool | int | float)
    return value if plain and shown == text else shown


class _Forward(logging.Handler):
    """Hands the libraries' lines to our own form, so that they are masked too."""

    def emit(self, record: logging.LogRecord) -> None:
        structlog.get_logger().log(
            record.levelno,
            "library",
            logger=record.name,
            text=record.getMessage(),
            exc_info=record.exc_info,
        )
