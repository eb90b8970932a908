"""A ledger is written out and decided again; what is cut off or differs is said."""

import asyncio
import json
from pathlib import Path

import pytest

from tests.queue.make import NOON, after, arrive, at_work
from tests.server.service import migrated
from venterom.queue import desk, learning
from venterom.queue.forecast import MODEL
from venterom.queue.hours import Hours
from venterom.queue.learning import Version
from venterom.queue.quantiles import CONSULTATION as CALLS
from venterom.queue.quantiles import WRAP_UP as NOTES
from venterom.server.db import make_engine, make_sessions
from venterom.server.main import main
from venterom.server.replay import again


@pytest.fixture
async def database(tmp_path: Path) -> str:
    """One in which five have come."""
    url = f"sqlite+aiosqlite:///{tmp_path / 'care.db'}"
    migrated(tmp_path / "care.db")
    own = make_engine(url)
    sessions, _ = make_sessions(own)
    async with sessions.begin() as db:
        await at_work(db, "d1", "d2")
        for number in range(5):
            await arrive(db, f"v{number}", NOON)
    await own.dispose()
    return url


@pytest.fixture
def ledger(
    database: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> str:
    """What the command writes."""
    monkeypatch.setenv("VENTEROM_DATABASE__URL", database)
    main(["queue", "ledger"])
    return capsys.readouterr().out


def test_every_line_is_decided_alike(
    ledger: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "ledger.jsonl"
    path.write_text(ledger)
    main(["queue", "replay", str(path)])
    assert capsys.readouterr().out.startswith("5 lines: 5 decided alike, 0 differently")


async def test_a_line_is_decided_by_what_was_known_when_it_was_written(
    database: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Since then it was learned that all take twice as long, which would not be promised."""
    own = make_engine(database)
    sessions, _ = make_sessions(own)
    async with sessions.begin() as db:
        for version in (1, 2):
            await learning.store(db, _version(version))
        await desk.quote(db, after(1), visit="v9", patient="late", hours=Hours.STANDARD)
    await own.dispose()
    monkeypatch.setenv("VENTEROM_DATABASE__URL", database)
    path = tmp_path / "ledger.jsonl"
    await asyncio.to_thread(main, ["queue", "ledger"])
    text = capsys.readouterr().out
    path.write_text(text)
    await asyncio.to_thread(main, ["queue", "replay", str(path)])
    assert capsys.readouterr().out.startswith("6 lines: 6 decided alike, 0 differently")
    last = json.loads(text.splitlines()[-1])
    assert last["model"] == f"{MODEL}.2"
    alone = text.splitlines()[-1]  # without the versions
    assert [line.verdict for line in again(alone)] == ["unreadable"]


def _version(version: int) -> Version:
    calls, notes = (tuple(each * (1 + version) for each in known) for known in (CALLS, NOTES))
    return Version(version, after(version), calls, notes)


def test_nobody_is_named(ledger: str) -> None:
    assert "patient" not in ledger and "v0" not in ledger and "d1" not in ledger


def test_a_line_that_was_cut_off_is_named_by_its_number(
    ledger: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "ledger.jsonl"
    path.write_text(ledger[: -len(ledger.splitlines()[-1]) // 2])
    with pytest.raises(SystemExit) as ended:
        main(["queue", "replay", str(path)])
    assert ended.value.code == 1
    said = capsys.readouterr().out
    assert "line 5: unreadable" in said and "4 decided alike" in said


@pytest.mark.parametrize(
    ("model", "verdict"), [(f"{MODEL}.0", "different"), ("older-1", "changed")]
)
def test_what_would_be_offered_otherwise_is_told_by_model(
    ledger: str, model: str, verdict: str
) -> None:
    told = json.loads(ledger.splitlines()[0])
    told |= {"decision": "declined", "deadline": None, "model": model}
    [line] = again(json.dumps(told))
    assert (line.verdict, line.offered) == (verdict, "declined")


def test_a_file_that_is_not_there_is_said_in_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["queue", "replay", "/nowhere.jsonl"])
    assert ended.value.code == 2
    assert capsys.readouterr().err.startswith("venterom: /nowhere.jsonl: ")
