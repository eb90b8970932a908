"""What is written about what happens: one line each, on standard error, and no secret in it."""

import json
import logging
from collections.abc import Generator
from typing import Any

import pytest
import structlog

from venterom.server import log
from venterom.server.config import Log

NUMBER = "01885012345"  # month 88: nobody's, and not even a valid one
TOKEN = "k3_" + "Zx9-" * 10  # as long as a link's secret


@pytest.fixture(autouse=True)
def as_before() -> Generator[None]:
    """Other tests find the logging as it was."""
    structlog_before = structlog.get_config()
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    structlog.configure(**structlog_before)
    root.handlers[:] = handlers
    root.setLevel(level)


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    """What was written, line by line."""
    said = capsys.readouterr()
    assert said.out == ""
    return [json.loads(line) for line in said.err.splitlines()]


SECRETS = [
    pytest.param(NUMBER, id="a national number"),
    pytest.param(f"born {NUMBER[:6]} {NUMBER[6:]}.", id="written as six and five"),
    pytest.param(f"{NUMBER[:6]}-{NUMBER[6:]}", id="with a hyphen"),
    pytest.param(f"nr{NUMBER}x", id="inside a word"),
    pytest.param(f"line\n{NUMBER}\n", id="on a line of its own"),
    pytest.param(int("4" + NUMBER[1:]), id="as a number"),
    pytest.param(["a", {"deep": (NUMBER,)}], id="nested"),
    pytest.param({NUMBER: 1}, id="as a name"),
    pytest.param(ValueError(NUMBER), id="in an error"),
    pytest.param(f"/j#{TOKEN}", id="a link's secret"),
    pytest.param(f"eyJhbGciOiJ.{TOKEN}.{TOKEN}", id="a token"),
    pytest.param({TOKEN}, id="a token in a set"),
]


@pytest.mark.parametrize("value", SECRETS)
def test_what_may_be_a_secret_is_blanked(value: object, capsys: pytest.CaptureFixture[str]) -> None:
    log.configure(Log())
    structlog.get_logger().warning("refused", value=value)
    said = capsys.readouterr().err
    assert NUMBER[1:] not in said.replace(" ", "").replace("-", "") and TOKEN not in said
    assert log.MASK in str(json.loads(said)["value"])


@pytest.mark.parametrize(
    "value",
    [
        "Iu6FuiW-unLQ6b2bqyxdug",  # a visit
        "/visit/{visit}/signal",
        "23 01 48 00",
        "9990001",  # an HPR number
        "NP-2026-000123",
        "2026-11-24T11:00:00.123456Z",
        1764759600000,  # milliseconds
        20,
        0.5,
        True,
        None,
        ["TicketExpired", 3],
        {"rooms": 2},
    ],
)
def test_what_is_none_is_left_as_it_is(value: object, capsys: pytest.CaptureFixture[str]) -> None:
    log.configure(Log())
    structlog.get_logger().warning("refused", value=value)
    assert lines(capsys)[0]["value"] == value


NASTY = [
    "a\nb",
    "a\r\nb",
    "a\u2028b\u2029c",
    "a\x85b\x0bc\x0cd\x1ce",
    "\x1b[31mred",
    'quote " and \\ backslash',
    '{"event": "another"}',
    "\x00",
    "\ud800",
    "æøå 🙂",
]


@pytest.mark.parametrize("text", NASTY, ids=ascii)
def test_an_event_is_one_line_and_comes_back_as_it_was(
    text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    log.configure(Log())
    structlog.get_logger().warning(text, **{"value": text})
    structlog.get_logger().warning("next")
    first, second = lines(capsys)
    assert (first["event"], first["value"], first["level"]) == (text, text, "warning")
    assert second["event"] == "next"


@pytest.mark.parametrize("text", NASTY, ids=ascii)
def test_for_a_person_too_an_event_is_one_line_that_moves_no_cursor(
    text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    log.configure(Log(json_lines=False))
    structlog.get_logger().warning(text, value=text, several=[text])
    logging.getLogger("aiohttp.server").warning("%s", text)
    said = capsys.readouterr().err
    assert len(said.splitlines()) == 2 and said.count("\n") == 2
    assert said.replace("\n", "").isprintable()


def test_for_a_person_no_line_of_a_traceback_looks_like_an_event(
    capsys: pytest.CaptureFixture[str],
) -> None:
    log.configure(Log(json_lines=False))
    try:
        raise RuntimeError("no\n2026-11-24T11:00:00Z [info] signed_in\u2028x\x1b[1A")
    except RuntimeError:
        structlog.get_logger().exception("failed")
    first, *others = capsys.readouterr().err.splitlines()
    assert "failed" in first
    assert others and all(line.startswith("  ") and line.isprintable() for line in others)


def test_a_traceback_is_in_the_line_and_blanked_too(capsys: pytest.CaptureFixture[str]) -> None:
    log.configure(Log())
    try:
        raise RuntimeError(f"no such person: {NUMBER}")
    except RuntimeError:
        structlog.get_logger().exception("failed")
    [line] = lines(capsys)
    assert "RuntimeError: no such person: •••" in line["exception"]


def test_the_libraries_say_it_in_the_same_form(capsys: pytest.CaptureFixture[str]) -> None:
    log.configure(Log())
    try:
        raise OSError(NUMBER)
    except OSError:
        logging.getLogger("aiohttp.server").exception("Error handling %s", NUMBER)
    [line] = lines(capsys)
    assert (line["logger"], line["text"], line["level"]) == (
        "aiohttp.server",
        "Error handling •••",
        "error",
    )
    assert "OSError: •••" in line["exception"]


@pytest.mark.parametrize(
    ("level", "heard"),
    [
        ("debug", ["debug", "info", "warning", "error"]),
        ("info", ["info", "warning", "error"]),
        ("warning", ["warning", "error"]),
        ("error", ["error"]),
    ],
)
def test_what_is_below_the_level_is_not_written(
    level: Any, heard: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    log.configure(Log(level=level))
    logger = structlog.get_logger()
    for say in (logger.debug, logger.info, logger.warning, logger.error):
        say("something")
    assert [line["level"] for line in lines(capsys)] == heard


def test_of_libraries_no_more_than_warnings_is_let_through(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The drivers' debug lines hold what is written to the database."""
    log.configure(Log(level="debug"))
    driver = logging.getLogger("aiosqlite")
    driver.debug("executing %s", "Z29")
    driver.info("executing %s", "Z29")
    assert lines(capsys) == []


def test_for_a_person_it_is_written_plainly_and_blanked(capsys: pytest.CaptureFixture[str]) -> None:
    log.configure(Log(json_lines=False))
    structlog.get_logger().warning("refused", value=NUMBER)
    said = capsys.readouterr().err
    assert "refused" in said and "•••" in said and NUMBER not in said
