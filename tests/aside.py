"""Runs a command that gives way to everybody else: `python tests/aside.py COMMAND …`.

Linux shares the processor among sessions first, and looks at who is nice only within each of them
(autogroup in sched(7)). A browser is a session of its own: whoever is merely nice takes as much
from it as anybody.
"""

import os
import sys
from contextlib import suppress
from pathlib import Path

LESS = 10  # of nineteen: what is left to it is a tenth, so that nothing there runs out of time


def main() -> None:
    """Become the command."""
    os.nice(LESS)
    with suppress(OSError):  # no Linux, or one that shares otherwise
        os.setsid()
        Path("/proc/self/autogroup").write_text(f"{LESS}")
    os.execvp(sys.argv[1], sys.argv[1:])


if __name__ == "__main__":
    main()
