"""What runs aside gives way to every other session, and not only to its own."""

import subprocess
import sys
from pathlib import Path

from tests.house import ROOT

LOOK = """
import os
from pathlib import Path
group = Path("/proc/self/autogroup")
print(os.getpriority(os.PRIO_PROCESS, 0), os.getsid(0) == os.getpid())
print(group.read_text() if group.exists() else "")
"""


def test_a_command_aside_is_nice_in_a_session_that_is_nice() -> None:
    command = [sys.executable, "tests/aside.py", sys.executable, "-c", LOOK]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    priority, alone, *group = said.split()
    assert int(priority) >= 10 and alone == "True"
    if Path("/proc/self/autogroup").exists():
        assert group[1:] == ["nice", "10"]
