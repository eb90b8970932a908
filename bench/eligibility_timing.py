"""Whether the time of an answer tells what a question was about: a policy number that nobody has,
another insurer's, or one of the insurer's own with a wrong birth date.

All three are answered «unknown». They are asked in a random order in one process, in transactions
that are rolled back, and their times compared by Welch's t, without the slowest twentieth of each
(after dudect, Reparaz and others 2017). Below 4.5 nobody tells them apart by so many questions.

Prints one line of JSON last: `t_foreign` and `t_birth`, each against a number that nobody has, and
`t_between`, the two against each other.
"""

import argparse
import asyncio
import json
import random
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import date
from math import sqrt
from pathlib import Path
from statistics import mean, variance

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from sqlalchemy.ext.asyncio import AsyncSession  # noqa: E402, made importable above

from venterom.queue.coverage import loading  # noqa: E402
from venterom.queue.coverage.eligibility import Reason  # noqa: E402
from venterom.queue.coverage.insurer import OwnRegister  # noqa: E402
from venterom.queue.coverage.loads import Source, Taken  # noqa: E402
from venterom.queue.coverage.policies import Policy  # noqa: E402
from venterom.server.db import make_engine, make_sessions  # noqa: E402
from venterom.server.migrations.migrate import migrate  # noqa: E402
from venterom.web.insurer_api import lookups  # noqa: E402
from venterom.web.insurer_api.models import Question  # noqa: E402

DAY, BORN, WRONG = date(2026, 11, 24), date(1980, 5, 1), date(1980, 5, 2)
OWN, OTHER = "Fjellprøve Forsikring", "Kystprøve Forsikring"
POLICIES = 10_000  # of each insurer
KEPT = 0.95  # of the times of each kind
AT_ONCE = 500  # questions in one transaction
KINDS = {"nobody": ("XXP", BORN), "foreign": ("KYP", BORN), "birth": ("FJP", WRONG)}


def number(prefix: str, n: int) -> str:
    """The n-th number that begins so."""
    return f"{prefix}-{n * 7_919 % 1_000_000:06}"


async def fill(db: AsyncSession) -> None:
    """Both insurers' policies."""
    until = date(2027, 12, 31)
    for insurer, prefix in ((OWN, "FJP"), (OTHER, "KYP")):
        policies = (
            Policy(number(prefix, n), insurer, "Pluss", BORN, date(2026, 1, 1), until, True)
            for n in range(POLICIES)
        )
        lines = (Taken(line, policy) for line, policy in enumerate(policies, 1))
        await loading.take_in(db, DAY, lines, insurer=insurer, source=Source.FILE)


async def asked(db: AsyncSession, kind: str, n: int) -> float:
    """How long one answer takes, in seconds."""
    prefix, born = KINDS[kind]
    question = Question(number=number(prefix, n), holder_birth_date=born)
    begun = time.perf_counter()
    told = await lookups.ask(
        db, DAY, question, insurer=OWN, client="bench", key="", register=OwnRegister(db, OWN)
    )
    took = time.perf_counter() - begun
    assert told.answer.reason is Reason.UNKNOWN
    return took


def welch(one: Sequence[float], other: Sequence[float]) -> float:
    """Student's t of two samples, each without its slowest part."""
    a, b = (sorted(each)[: int(len(each) * KEPT)] for each in (one, other))
    return (mean(a) - mean(b)) / sqrt(variance(a) / len(a) + variance(b) / len(b))


async def measure(url: str, samples: int) -> dict[str, list[float]]:
    """The times of each kind."""
    await migrate(url)
    engine = make_engine(url)
    sessions, chance = make_sessions(engine)[0], random.Random(7)
    async with sessions.begin() as db:
        await fill(db)
    order = [kind for kind in KINDS for _ in range(samples)]
    chance.shuffle(order)
    took: dict[str, list[float]] = {kind: [] for kind in KINDS}
    for begin in range(0, len(order), AT_ONCE):
        async with sessions() as db:
            for kind in order[begin : begin + AT_ONCE]:
                took[kind].append(await asked(db, kind, chance.randrange(POLICIES)))
            await db.rollback()
    await engine.dispose()
    return took


def main() -> None:
    """Ask, and compare."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--samples", type=int, default=20_000, metavar="N", help="of each (20000)")
    samples = parser.parse_args().samples
    with tempfile.TemporaryDirectory() as folder:
        took = asyncio.run(measure(f"sqlite+aiosqlite:///{folder}/care.db", samples))
    for kind, times in took.items():
        print(f"{kind}: {mean(times) * 1_000:.3f} ms")
    against = {f"t_{kind}": welch(took[kind], took["nobody"]) for kind in ("foreign", "birth")}
    against["t_between"] = welch(took["foreign"], took["birth"])
    print(json.dumps({name: round(t, 2) for name, t in against.items()}))


if __name__ == "__main__":
    main()
