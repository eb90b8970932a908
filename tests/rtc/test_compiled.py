"""What each packet goes through does the same compiled as in plain Python: its own tests say so."""

import os
import subprocess
import sys

import pytest

from tests.rtc import compiled
from tests.rtc.compiled import COPY, FIRST, ROOT


def run(*arguments: str) -> str:
    """What Python says that finds the copy first."""
    command, there = [sys.executable, *arguments], os.environ | FIRST
    done = subprocess.run(command, env=there, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


# One test, not two: those that run side by side would make the copy at once, in one place.
@pytest.mark.slow
def test_who_asks_for_the_copy_gets_compiled_modules_and_they_pass_their_own_tests() -> None:
    if not compiled.can_build():
        pytest.skip(compiled.HOW_TO_GET)
    compiled.build()
    said = "from venterom.rtc.worker import CODE; print(CODE)"
    assert run("-c", said) == "compiled\n"
    assert subprocess.check_output([sys.executable, "-c", said], cwd=ROOT) == b"plain\n"
    built = {path.name.partition(".")[0] for path in (COPY / "venterom/rtc").glob("*.so")}
    assert "transport" in built and len(built) > 15  # one more than modules: what they share
    tests = sorted({str(p) for each in built for p in ROOT.glob(f"tests/rtc/test_{each}*.py")})
    assert " passed" in run("-m", "pytest", "-q", "-o", "pythonpath=", *tests)
