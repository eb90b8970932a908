"""One line for each thing that happened: ids, never names, numbers, tokens or written words."""

import logging
import re
from collections.abc import MutableMapping
from typing import Any

import structlog

from venterom.server.config import Log

# Eleven digits in a row may be a national number; forty characters or more may be a secret.
SECRETS = re.compile(r"\b\d{11}\b|[A-Za-z0-9_-]{40,}")
MASK = "•••"


def configure(settings: Log) -> None:
    """Send our own lines and the libraries' to standard error, in the form that was chosen."""
    form: Any = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if settings.json_lines
        else structlog.dev.ConsoleRenderer(colors=False)
    )
    level = logging.getLevelName(settings.level.upper())
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            mask,
            form,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(),
    )
    logging.basicConfig(level=max(level, logging.WARNING), handlers=[_Forward()], force=True)


def mask(
    _logger: object, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Blank whatever looks like a national number or a secret, wherever it stands."""
    for key, value in event.items():
        if isinstance(value, str):
            event[key] = SECRETS.sub(MASK, value)
    return event


class _Forward(logging.Handler):
    """Hands the libraries' lines to our own form, so that they are masked too."""

    def emit(self, record: logging.LogRecord) -> None:
        structlog.get_logger().log(
            record.levelno, "library", logger=record.name, text=record.getMessage()
        )
