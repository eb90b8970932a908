"""Killed at any step of sign, store and deliver: a note and its correction have one effect each, in
order, and nothing is lost."""

import json
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from tests.crash.test_kill import database
from tests.house import ROOT

pytestmark = pytest.mark.slow
__all__ = ["database"]  # the fixture

ROUNDS = int(os.environ.get("KILL_ROUNDS", "1"))  # how often at each point
EVERY = int(os.environ.get("KILL_EVERY", "19"))  # which points: every one, or fewer in a short run
SEED = int(os.environ.get("KILL_SEED", str(random.randrange(10**6))))
STEPS_OF_A_ROTATION = 10  # and more: it goes on after each kill where it was
POINTS = 80  # there are at least so many: half of them of the correction


def test_killed_at_any_step_a_note_and_its_correction_are_signed_and_delivered_once(
    tmp_path: Path, database: dict[str, str]
) -> None:
    own = f"sqlite+aiosqlite:///{tmp_path / 'care.db'}"
    care = database.get("VENTEROM_DATABASE__URL", own)
    epj = f"sqlite+aiosqlite:///{tmp_path / 'epj.db'}"
    how = [str(each) for each in (ROUNDS, EVERY, SEED)]
    done = subprocess.run(
        [sys.executable, "-m", "tests.crash.steps", care, epj, *how],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    print(f"KILL_SEED={SEED}: {found['kills']} kills at {len(found['points'])} points")
    assert found["faults"] == {}, done.stderr
    assert len(found["points"]) >= POINTS
    assert found["kills"] >= len(found["points"]) // EVERY * ROUNDS
    phases = {point.split(":")[0] for point in found["points"]}
    way = {"claim", "send", "settle"}
    assert phases == {"sign", "amend", *way, *(f"{each} the correction" for each in way)}


def test_killed_at_any_step_of_a_rotation_every_note_can_still_be_read(
    tmp_path: Path, database: dict[str, str]
) -> None:
    own = f"sqlite+aiosqlite:///{tmp_path / 'care.db'}"
    care = database.get("VENTEROM_DATABASE__URL", own)
    epj = f"sqlite+aiosqlite:///{tmp_path / 'epj.db'}"
    done = subprocess.run(
        [sys.executable, "-m", "tests.crash.rotation", care, epj],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) >= STEPS_OF_A_ROTATION
