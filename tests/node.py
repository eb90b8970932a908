"""What runs in Node beside the tests (tests/clients), where Node is present."""

import shutil
import subprocess

from tests.house import ROOT

CLIENTS = ROOT / "tests/clients"
READY = CLIENTS / "node_modules/.ready"
LOCK = CLIENTS / "package-lock.json"
OLDEST = 20  # of Node
INSTALL = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
INSTALL_S = 180


def fault() -> str:
    """Why there is nobody; empty when it is there. Installs what the lock file names, once."""
    node = shutil.which("node")
    if node is None or shutil.which("npm") is None:
        return "no Node"
    said = subprocess.run([node, "--version"], capture_output=True, text=True).stdout
    if int(said.removeprefix("v").split(".")[0]) < OLDEST:
        return f"Node is older than {OLDEST}"
    if READY.exists() and READY.stat().st_mtime > LOCK.stat().st_mtime:
        return ""
    try:
        subprocess.run(INSTALL, cwd=CLIENTS, check=True, capture_output=True, timeout=INSTALL_S)
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
        return "the packages of tests/clients could not be installed (no network?)"
    READY.touch()
    return ""
