"""What each packet goes through does the same compiled as in plain Python: its own tests say so."""

import os
import subprocess
import sys

import pytest

from tests.rtc import compiled
from tests.rtc.compiled import COPY, FIRST, ROOT

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def modules() -> list[str]:
    """Make the copy: the names of what is compiled in it."""
    if not compiled.can_build():
        pytest.skip(compiled.HOW_TO_GET)
    compiled.build()
    built = {path.name.partition(".")[0] for path in (COPY / "venterom/rtc").glob("*.so")}
    return sorted(name for name in built if not name.endswith("__mypyc"))


def run(*arguments: str) -> str:
    """What Python says that finds the copy first."""
    command, there = [sys.executable, *arguments], os.environ | FIRST
    done = subprocess.run(command, env=there, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_whoever_asks_for_the_copy_gets_it_and_nobody_else(modules: list[str]) -> None:
    said = "from venterom.rtc.worker import CODE; print(CODE)"
    assert run("-c", said) == "compiled\n"
    checkout = subprocess.check_output([sys.executable, "-c", said], cwd=ROOT)
    assert checkout == b"plain\n"


def test_compiled_the_modules_pass_their_own_tests(modules: list[str]) -> None:
    assert "transport" in modules and len(modules) >= 15
    tests = sorted({str(p) for each in modules for p in ROOT.glob(f"tests/rtc/test_{each}*.py")})
    assert " passed" in run("-m", "pytest", "-q", "-o", "pythonpath=", *tests)
