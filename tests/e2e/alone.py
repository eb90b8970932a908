"""Tests in a network of their own, where walls and losses harm nobody else."""

import os
import re
import shutil
import subprocess
import sys

import pytest

from tests.house import ROOT

by_root = pytest.mark.skipif(
    sys.platform != "linux" or os.geteuid() != 0, reason="only root of a Linux makes networks"
)
SKIPPED = re.compile(r"^SKIPPED \S+ \S+: (.+)$", re.MULTILINE)


def run_alone(tests: str, *programs: str, **settings: str) -> None:
    """Run these tests in a network that has nothing but loopback, and take what they say for our
    own. They need these programs."""
    for program in ("unshare", "ip", "nft", *programs):
        assert shutil.which(program), f"{program} is needed; `make test` says how to get it"
    pytest_ = f"{sys.executable} -m pytest -q -s -rs -p no:cacheprovider {tests}"
    ran = subprocess.run(
        ["unshare", "--net", "sh", "-c", f"ip link set lo up && exec {pytest_}"],
        cwd=ROOT,
        env=os.environ | settings,
        capture_output=True,
        text=True,
    )
    print(ran.stdout)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    if skipped := SKIPPED.search(ran.stdout):
        pytest.skip(skipped[1])


def take(address: str) -> None:
    """This address of IPv6 is the network's own from now on, on a line that leads nowhere."""
    for command in (
        "link add near type veth peer name far",
        f"address add {address}/64 dev near nodad",
        "link set near up",
        "link set far up",
    ):
        subprocess.run(["ip", *command.split()], check=True)
