"""A PostgreSQL of our own for the tests: made in a temporary folder, gone afterwards.

It listens on a Unix socket in that folder and nowhere else, so nothing on the machine can reach it
and no port has to be free. The machine's own PostgreSQL, if it runs one, is not touched.
"""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypedDict

FLOOR = 14  # the service asks for 15; Ubuntu 22.04 carries 14, and our SQL runs on both
START_SECONDS = 30.0  # a cluster on a busy two-core machine is up within two
STOP_SECONDS = 10.0
SUPERUSER = "venterom"

INSTALL = """PostgreSQL 14 or newer is needed by the tests and was not found. Install it with
  Debian, Ubuntu:  apt-get install --no-install-recommends postgresql
  Fedora:          dnf install postgresql-server
  macOS:           brew install postgresql@17"""

# The cluster lives for one run on data that nobody keeps: a power cut may destroy it, so waiting
# for the disk (fsync) buys nothing and costs most of the time of a small transaction.
SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "listen_addresses": "",
    "max_connections": "50",
    "timezone": "UTC",
    "log_min_messages": "warning",
}


class NoPostgres(Exception):
    """No usable PostgreSQL on this machine."""


class RunAs(TypedDict, total=False):
    """The part of `subprocess`'s arguments that gives a child another account."""

    user: int
    group: int
    extra_groups: list[int]


@contextmanager
def cluster() -> Generator[str]:
    """A running cluster's address for SQLAlchemy, `postgresql+asyncpg://…`; `NoPostgres` if none.

    `initdb` refuses to run as root, so a run as root lends the folder to an account without rights.
    """
    programs = find_programs()
    run_as = _account()
    # Not under pytest's own folder: the path of a Unix socket may have 107 characters (unix(7)).
    home = Path(tempfile.mkdtemp(prefix="venterom-pg-"))
    try:
        if run_as:
            os.chown(home, run_as["user"], run_as["group"])
        data = _initialise(programs, home, run_as)
        with _running(programs, home, data, run_as):
            yield f"postgresql+asyncpg://{SUPERUSER}@/postgres?host={home}"
    finally:
        shutil.rmtree(home, ignore_errors=True)


def find_programs() -> Path:
    """The folder with `initdb` and `postgres` of the newest version; raises `NoPostgres`."""
    found = {_major(folder): folder for folder in _candidates() if _complete(folder)}
    newest = max(found, default=0)
    if newest < FLOOR:
        raise NoPostgres(INSTALL)
    return found[newest]


def _candidates() -> Iterator[Path]:
    """Where distributions put the programs; Debian and Homebrew keep them off the PATH."""
    if named := shutil.which("initdb"):
        yield Path(named).resolve().parent
    if tool := shutil.which("pg_config"):
        answer = subprocess.run([tool, "--bindir"], capture_output=True, text=True, check=False)
        yield Path(answer.stdout.strip())
    yield from Path("/usr/lib/postgresql").glob("*/bin")
    for prefix in ("/opt/homebrew/opt", "/usr/local/opt"):
        yield from Path(prefix).glob("postgresql*/bin")


def _complete(folder: Path) -> bool:
    return all(os.access(folder / name, os.X_OK) for name in ("initdb", "postgres"))


def _major(folder: Path) -> int:
    """17 from `postgres (PostgreSQL) 17.4 (Debian …)`; 0 when it does not say."""
    if not _complete(folder):
        return 0
    words = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True)
    number = words.stdout.partition(")")[2].split()
    return int(number[0].split(".")[0]) if number and number[0][:1].isdigit() else 0


def _account() -> RunAs:
    """The account that owns the cluster: ourselves, or, run as root, one without rights."""
    if os.geteuid() != 0:
        return {}
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    account = known.get("postgres") or known["nobody"]
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}


def _initialise(programs: Path, home: Path, run_as: RunAs) -> Path:
    """Make the cluster's files, with checksums, as production has them."""
    data = home / "data"
    order = [str(programs / "initdb"), "-k", "-D", str(data), "-U", SUPERUSER, "--auth=trust"]
    order += ["--encoding=UTF8", "--locale=C", "--no-sync", "--no-instructions"]
    done = subprocess.run(order, cwd=home, capture_output=True, text=True, **run_as)
    if done.returncode:
        raise NoPostgres(f"initdb failed:\n{done.stdout}{done.stderr}")
    return data


@contextmanager
def _running(programs: Path, home: Path, data: Path, run_as: RunAs) -> Generator[None]:
    """The server, from accepting connections to a fast shutdown."""
    order = [str(programs / "postgres"), "-D", str(data), "-k", str(home)]
    for name, value in SETTINGS.items():
        order += ["-c", f"{name}={value}"]
    log = home / "log"
    with log.open("w") as lines:
        server = subprocess.Popen(order, cwd=home, stdout=lines, stderr=subprocess.STDOUT, **run_as)
    try:
        _wait_until_ready(server, data, log)
        yield
    finally:
        server.send_signal(signal.SIGINT)  # "fast": ends sessions, then shuts down
        try:
            server.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def _wait_until_ready(server: subprocess.Popen[bytes], data: Path, log: Path) -> None:
    """The last line of postmaster.pid says `ready` once connections are accepted."""
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and server.poll() is None:
        pid_file = data / "postmaster.pid"
        if pid_file.exists() and pid_file.read_text().rstrip().endswith("ready"):
            return
        time.sleep(0.02)
    raise NoPostgres(f"postgres did not start:\n{log.read_text()}")
