"""A network of its own for a benchmark: one address that is not loopback's, and nobody else."""

import os
import subprocess
import sys
from pathlib import Path

ADDRESS = "192.0.2.1"  # of those that are for documentation (RFC 5737), so it is nobody's
MARK = "--apart"  # of a script that has been run anew
_SETTING = f"""
ip link set lo up
ip link add name media0 type veth peer name media1
ip addr add {ADDRESS}/32 dev media0
ip link set media0 up
ip link set media1 up
"""


def read() -> int | None:
    """How many datagrams have been read by anybody in this network; None in that of the machine,
    where others read, too."""
    if MARK not in sys.argv:
        return None
    names, counts = (
        line.split()
        for line in Path("/proc/net/snmp").read_text().splitlines()
        if line.startswith("Udp:")
    )
    return int(counts[names.index("InDatagrams")])


def address() -> str:
    """The script is run anew in a network of its own, where that can be made: its address there.
    Else loopback's, and some engines gather none on it."""
    if MARK in sys.argv:
        made = subprocess.run(["sh", "-ec", _SETTING], capture_output=True).returncode == 0
        return ADDRESS if made else "127.0.0.1"
    apart = ["unshare", "--net", *([] if os.geteuid() == 0 else ["--map-root-user"])]
    try:
        able = subprocess.run([*apart, "ip", "link"], capture_output=True).returncode == 0
    except FileNotFoundError:
        able = False
    if able:
        os.execvp(apart[0], [*apart, sys.executable, *sys.argv, MARK])
    return "127.0.0.1"
