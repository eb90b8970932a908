"""The insurers' register, with a million invented policies, on SQLite and on PostgreSQL.

A file is loaded, and loaded again without a change: each time by `venterom insurer load` in a
process of its own, as an operator starts it; its time is from start to end, its memory the most
that it held. Then insurers' programs ask over HTTP about its policies (eligibility_ask.py), of a
server in this process (eligibility_check.py). The databases lie in a temporary folder. PostgreSQL
is the tests' own, which does not wait for the disk; SQLite is set as for care, and does.

Prints one line of JSON last: `load_1m_s`, `load_rss_mb`, `reload_1m_s`, `p99_ms` and `ratio_bare`
of the worse database of those that were asked for, and each of them by the database's name. With
fewer `--policies` they are what so many take.
"""

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.eligibility_ask import Question, Rush  # noqa: E402, made importable above
from bench.eligibility_check import measure  # noqa: E402
from tests.postgres import cluster  # noqa: E402
from venterom.server.migrations.migrate import migrate  # noqa: E402

INSURER, PRODUCT = "Fjellprøve Forsikring", "Behandling Pluss"
STEP = 7_919_191  # a prime: numbers are all different, and in no order, as in a real file
SPAN = 10_000_000
BIRTHS = 25_000  # days on which holders were born
DAY = timedelta(days=1)
VENTEROM = (sys.executable, "-m", "venterom")


@dataclass(frozen=True, slots=True)
class Took:
    """What one command took."""

    seconds: float
    cpu: float  # seconds of a processor, the database's own on PostgreSQL not counted
    rss_mb: float


def policies(count: int) -> Iterator[str]:
    """The lines of a file of policies."""
    yield "number;product;holder_birth_date;valid_from;valid_until;covers_children"
    first = date(2026, 1, 1)
    for n in range(count):
        number, born = holder(n)
        ends = first + (365 + n % 365) * DAY
        yield f"{number};{PRODUCT};{born};{first};{ends};{'yes' if n % 3 else 'no'}"


def holder(n: int) -> tuple[str, date]:
    """Number and holder's birth date of the n-th policy."""
    return f"FJP-{n * STEP % SPAN:07}", date(1936, 1, 1) + n % BIRTHS * DAY


def question(n: int) -> Question:
    """What is asked about the n-th policy."""
    number, born = holder(n)
    return {"number": number, "holder_birth_date": str(born)}


def write(path: Path, count: int) -> None:
    """A file with so many policies."""
    with path.open("w", encoding="utf-8") as file:
        file.writelines(f"{line}\n" for line in policies(count))


def run(url: str, *arguments: str, says: str = "") -> Took:
    """One command of `venterom insurer` on this database, which has to say this."""
    began = time.perf_counter()
    process = subprocess.Popen(
        [*VENTEROM, "insurer", *arguments, "--insurer", INSURER],
        env={**os.environ, "VENTEROM_DATABASE__URL": url},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    said = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, said
    said = " ".join(said.split())
    assert says in said, said
    print(f"    {said}")
    cpu = usage.ru_utime + usage.ru_stime
    return Took(time.perf_counter() - began, cpu, usage.ru_maxrss / 1024)


def loads(name: str, url: str, file: Path, count: int) -> dict[str, float]:
    """The figures of one database: the first load, and the same file again."""
    asyncio.run(migrate(url))
    run(url, "product", PRODUCT)
    first = run(url, "load", str(file), says=f" taken {count} ")
    again = run(url, "load", str(file), says=f" unchanged {count} ")
    for what, took in (("loaded", first), ("again", again)):
        spent = f"{took.seconds:.1f} s, of a processor {took.cpu:.1f} s, {took.rss_mb:.0f} MB"
        print(f"{name}: {what} in {spent}")
    return {
        "load_1m_s": round(first.seconds, 1),
        "load_rss_mb": round(max(first.rss_mb, again.rss_mb)),
        "reload_1m_s": round(again.seconds, 1),
    }


def checks(name: str, url: str, chosen: argparse.Namespace) -> dict[str, float]:
    """The figures of one database that holds the policies."""
    print(name)
    rush = Rush(INSURER, question, chosen.policies, chosen.callers, chosen.pace)
    return asyncio.run(measure(url, rush))


def worst(found: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
    """The worse of each figure, and all of them by the database's name."""
    keys = next(iter(found.values())).keys()
    of_all = {key: [figures[key] for figures in found.values()] for key in keys}
    apart = {f"{key}_{name}": it for name, figures in found.items() for key, it in figures.items()}
    of_worse = {key: (min if key == "ratio_bare" else max)(all_) for key, all_ in of_all.items()}
    return of_worse | apart


def main() -> None:
    """Load, then ask."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--policies", type=int, default=1_000_000, metavar="N", help="(1000000)")
    parser.add_argument("--database", choices=("sqlite", "postgresql", "both"), default="both")
    parser.add_argument("--callers", type=int, default=32, help="who ask at the same time (32)")
    parser.add_argument("--pace", type=int, default=50, help="checks a second for p99_ms (50)")
    chosen = parser.parse_args()
    print(f"load of the machine: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        file = Path(folder, "policies.csv")
        write(file, chosen.policies)
        print(f"{chosen.policies} policies, {file.stat().st_size / 1e6:.0f} MB")
        databases = {}
        if chosen.database != "postgresql":
            databases["sqlite"] = f"sqlite+aiosqlite:///{folder}/care.db"
        if chosen.database != "sqlite":
            databases["postgresql"] = stack.enter_context(cluster())
        figures = {
            name: loads(name, url, file, chosen.policies) | checks(name, url, chosen)
            for name, url in databases.items()
        }
    print(json.dumps(worst(figures)))


if __name__ == "__main__":
    main()
