"""Calls from networks that let no datagram through, by a real relay, in a network of their own."""

import os
import shutil
import subprocess
import sys

import pytest

from tests.house import ROOT

pytestmark = [pytest.mark.browser, pytest.mark.slow]

WALLED = "tests/e2e/walled.py"


@pytest.mark.skipif(
    sys.platform != "linux" or os.geteuid() != 0, reason="only root of a Linux makes networks"
)
def test_calls_come_up_where_no_datagram_gets_out() -> None:
    for program in ("unshare", "ip", "nft", "turnserver"):
        assert shutil.which(program), f"{program} is needed; `make test` says how to get it"
    inside = f"ip link set lo up && exec {sys.executable} -m pytest -q -p no:cacheprovider {WALLED}"
    ran = subprocess.run(
        ["unshare", "--net", "sh", "-c", inside], cwd=ROOT, capture_output=True, text=True
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
