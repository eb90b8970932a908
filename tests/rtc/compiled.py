"""The copy of the code in which what each packet of a call goes through is compiled (setup.py)."""

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SETUP = ROOT / "setup.py"
COPY = ROOT / "build/compiled"
# With these a process finds the copy before the folder that it starts in, and what is installed.
FIRST = {"PYTHONPATH": os.pathsep.join((str(COPY), str(ROOT))), "PYTHONSAFEPATH": "1"}
HOW_TO_GET = (
    "The compiled code not tried: it takes a C compiler and Python's headers. "
    "To have them: apt-get install gcc python3-dev"
)


def can_build() -> bool:
    """Whether this machine has what it takes."""
    header = Path(sysconfig.get_path("include")) / "Python.h"
    return shutil.which("cc") is not None and header.exists()


def build() -> None:
    """Make the copy, or bring it up to date; under a minute. Only who asks for it uses it: what is
    edited in the checkout never has something older in front of it."""
    if COPY.exists() and COPY.stat().st_mtime < SETUP.stat().st_mtime:
        shutil.rmtree(COPY)  # something may be compiled there that is not to be any more
    into = ("--build-lib", str(COPY))
    command = [sys.executable, str(SETUP), "--quiet", "build_py", "--force", *into]
    subprocess.run(
        [*command, "build_ext", *into],
        cwd=ROOT,
        env=os.environ | {"COMPILE_MEDIA": "1"},
        check=True,
    )


if __name__ == "__main__":
    if not can_build():
        sys.exit(HOW_TO_GET)
    build()
