"""The layout of the house holds, and each guard is proved by planting the fault it looks for."""

import re
import tomllib
from collections.abc import Callable, Iterator
from fnmatch import fnmatch
from functools import partial
from pathlib import Path

import pytest

from tests import guards
from tests.imports import FOLDERS

ROOT = Path(__file__).resolve().parent.parent

# Everything in queue/, rtc/, journal/ and web/identity/ is pure, except these.
ADAPTERS = frozenset(
    f"{folder}/{name}.py"
    for folder, names in {
        "queue": "admission booking choices deferrals desk entries ladder learning leaving ledger"
        " requests ringing roster shifts tables triaging",
        "queue/coverage": "charges history insurer loading looked outside portal_tables products"
        " promises tables",
        "rtc": "answer door echoes hall handshake peer port stack transport worker",
        "journal": "aid_tables amending attaching audit beside blocks call_tables casework chart"
        " coding consenting deleting delivery drafting drafts epj epj_line handover identifying"
        " logbook mine outside_epj packing phrasing picturing protecting reading reducing"
        " rights_tables rotating rows signable signing tables telephoning vault verifying versions"
        " visits writing",
        "journal/papers": "handing issuing medicines national nav prescribing receipts reporting"
        " sending tables",
        "web/identity": "authorisations clerk_tables clerks client discovery door ended grants"
        " invitations links oidc parents pending people proxies registers sessions tables wire",
    }.items()
    for name in names.split()
)

Guard = Callable[[Path], Iterator[str]]

GUARDS: dict[str, Guard] = {
    "links": guards.links,
    "no init": guards.no_init,
    "standard queue": guards.standard_queue,
    "imports": guards.forbidden_imports,
    "purity": partial(guards.impure, adapters=ADAPTERS),
    "adapters": partial(guards.idle_adapters, adapters=ADAPTERS),
    "jose": guards.jose,
    "clock": guards.clock,
    "insurer": guards.insurer,
    "papers": guards.no_road_to_papers,
    "care": partial(guards.no_road_to_care, adapters=ADAPTERS),
    "recording": guards.recording,
}


@pytest.mark.parametrize("name", GUARDS)
def test_the_house_keeps_the_rule(name: str) -> None:
    assert list(GUARDS[name](ROOT)) == []


def test_queue_is_the_standard_librarys_in_this_process() -> None:
    import queue

    assert queue.SimpleQueue.__module__ in ("_queue", "queue")
    assert Path(queue.__file__).parent != ROOT / "queue"


@pytest.mark.parametrize(
    ("name", "path", "text"),
    [
        # a folder reaches into another one that knows another subject
        ("imports", "queue/desk.py", "from venterom.rtc import room"),
        ("imports", "rtc/room.py", "import venterom.journal.chart"),
        ("recording", "web/static/js/call.js", "const tape = new MediaRecorder(stream);"),
        ("recording", "rtc/echo.py", "from aiortc.contrib.media import MediaRecorder"),
        ("recording", "web/templates/call.html", "<button data-with='MediaRecorder'>"),
        ("imports", "journal/chart.py", "from venterom import queue"),
        # the insurer's side may not even use the rest of queue/
        ("imports", "queue/coverage/usage.py", "from venterom.queue.promise import PROMISE"),
        ("imports", "web/insurer.py", "from venterom.journal.chart import read_note"),
        ("imports", "web/insurer.py", "from venterom.queue.desk import entry"),
        # … nor a page about somebody, through which it would reach all of that
        ("imports", "web/insurer.py", "from venterom.web import mine"),
        ("imports", "web/portal/months.py", "from venterom.web.waiting import visit"),
        ("imports", "web/portal/months.py", "from venterom.queue.ledger import asked"),
        ("imports", "web/portal/clerks.py", "from venterom.web.identity import door"),
        ("imports", "web/insurer_api/models.py", "from venterom.journal.note import NoteFields"),
        ("imports", "web/insurer_api/lookups.py", "from venterom.queue.requests import key_in"),
        ("imports", "web/insurer_api/policies.py", "from venterom.rtc.ticket import read"),
        ("imports", "web/insurer_api/asking.py", "from venterom.web.session import me"),
        # nobody but the process itself knows the process
        ("imports", "web/work.py", "from venterom.server.clock import utcnow"),
        # hidden in a function
        ("imports", "rtc/room.py", "def f():\n    from venterom.queue import desk"),
        # without the house's name, which would be a second module beside the first
        ("imports", "server/app.py", "import queue.promise"),
        ("imports", "server/app.py", "from queue import promise"),
        ("imports", "server/app.py", "from journal.chart import sign"),
        ("imports", "web/patient.py", "from . import text"),
        ("purity", "queue/order.py", "import random"),
        ("purity", "rtc/room.py", "from os.path import join"),
        ("purity", "journal/note.py", "def f(d):\n    return d.now()"),
        ("purity", "web/identity/claims.py", "from datetime import date\nx = date.today()"),
        ("purity", "queue/order.py", "from venterom.queue.desk import claim"),
        ("purity", "queue/order.py", "from venterom.queue import desk"),
        ("adapters", "queue/desk.py", "x = 1"),
        ("jose", "web/identity/oidc.py", "from jose import jwt"),
        ("jose", "server/app.py", "import jose.jws"),
        ("clock", "server/jobs.py", "import datetime\nx = datetime.datetime.now()"),
        ("clock", "web/work.py", "from datetime import datetime as d, date\nx = date.today()"),
        ("clock", "rtc/peer.py", "import time\nx = time.time()"),
        ("clock", "queue/desk.py", "from time import time"),
        ("clock", "journal/tables.py", "from sqlalchemy import func\nx = func.now()"),
        ("insurer", "queue/coverage/usage.py", "class Use:\n    diagnosis: str"),
        ("insurer", "queue/coverage/tables.py", "class Row:\n    day: Mapped[datetime]"),
        ("insurer", "web/portal/months.py", "class Line:\n    icpc2: str"),
        ("insurer", "web/insurer_api/models.py", "class Told:\n    diagnosis: str"),
        ("insurer", "web/insurer_api/resources.py", "class Response:\n    note: str"),
        ("insurer", "web/insurer_api/models.py", "class Told:\n    until: datetime"),
        # prescriptions, directly and round a corner
        ("papers", "web/insurer.py", "from venterom.journal.papers.tables import PaperRow"),
        ("papers", "web/insurer_api/x.py", "from venterom.journal.papers import tables"),
        ("care", "web/insurer_api/x.py", "from venterom.journal.reading import read_note"),
        ("care", "web/insurer_api/x.py", "from venterom.queue import desk"),
        ("papers", "queue/coverage/x.py", "from venterom.journal.papers import tables"),
        ("papers", "web/portal/x.py", "from venterom.journal.papers import tables"),
        ("no init", "queue/__init__.py", ""),
        ("no init", "tests/queue/coverage/__init__.py", ""),
        ("standard queue", "queue/__init__.py", ""),
        ("links", "venterom/queue/promise.py", ""),
    ],
)
def test_a_planted_fault_is_found(name: str, path: str, text: str, tmp_path: Path) -> None:
    plant(tmp_path, "queue/promise.py", "")
    plant(tmp_path, path, text)
    assert list(GUARDS[name](tmp_path))


@pytest.mark.parametrize(
    ("name", "path", "text"),
    [
        ("imports", "server/app.py", "from queue import SimpleQueue\nimport queue"),
        ("imports", "server/app.py", "from venterom.journal import chart"),
        ("imports", "queue/desk.py", "from venterom.queue.coverage import usage"),
        ("imports", "web/insurer.py", "from venterom.queue.coverage import usage"),
        ("imports", "web/portal/months.py", "from venterom.web.pages import page"),
        ("imports", "server/main.py", "from venterom import __version__"),
        ("purity", "queue/desk.py", "import asyncio"),
        ("purity", "queue/order.py", "from datetime import datetime\ndef f(x):\n    x.now"),
        ("purity", "queue/desk.py", "from venterom.queue import ledger"),
        ("clock", "server/clock.py", "from datetime import datetime\nx = datetime.now()"),
        ("clock", "rtc/transport.py", "def f(loop, unit):\n    return loop.time(), unit.now"),
        ("jose", "journal/jws.py", "from jose import jws"),
        ("insurer", "queue/coverage/usage.py", "class Use:\n    number: str\n    day: date"),
        ("insurer", "web/insurer_api/models.py", "class Told:\n    answer: Answer"),
        ("standard queue", "queue/promise.py", ""),
    ],
)
def test_what_is_allowed_is_left_alone(name: str, path: str, text: str, tmp_path: Path) -> None:
    plant(tmp_path, "queue/promise.py", "")
    plant(tmp_path, path, text)
    assert list(GUARDS[name](tmp_path)) == []


def test_a_road_round_a_corner_is_found(tmp_path: Path) -> None:
    plant(tmp_path, "web/insurer.py", "from venterom.web import helper")
    plant(tmp_path, "web/helper.py", "from venterom.web.papers import shown")
    assert list(guards.no_road_to_papers(tmp_path)) == []
    plant(tmp_path, "web/papers.py", "def f():\n    from venterom.journal.papers import tables")
    assert list(guards.no_road_to_papers(tmp_path)) != []


def test_a_link_that_points_elsewhere_is_found(tmp_path: Path) -> None:
    (tmp_path / "venterom").mkdir()
    for folder in FOLDERS:
        (tmp_path / "venterom" / folder).symlink_to(f"../{folder}")
    assert list(guards.links(tmp_path)) == []
    (tmp_path / "venterom/rtc").unlink()
    (tmp_path / "venterom/rtc").symlink_to("../web")
    assert list(guards.links(tmp_path)) == ["venterom/rtc is not a link to ../rtc"]


def test_everything_that_is_not_python_is_packed_with_it() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    packed = settings["tool"]["setuptools"]["package-data"]
    patterns = [
        f"{package.removeprefix('venterom').removeprefix('.')}/{pattern.replace('**', '*')}"
        for package, names in packed.items()
        for pattern in names
    ]
    files = [
        path.relative_to(ROOT).as_posix()
        for folder in FOLDERS
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and path.suffix not in (".py", ".pyc")
    ]
    assert [path for path in files if not any(fnmatch(path, each) for each in patterns)] == []


SERVED = re.search(r"^SERVED := (.+)$", (ROOT / "Makefile").read_text("utf-8"), re.M)
MARKED = re.compile(r"\bmark\.(browser|media)\b|\bWHOLE_WAY\b")


def test_browsers_and_calls_are_only_where_make_looks_for_them() -> None:
    assert SERVED
    folders = tuple(f"{folder}/" for folder in SERVED[1].split())
    marked = [
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "tests").rglob("*.py")
        if MARKED.search(path.read_text("utf-8")) and path != Path(__file__)
    ]
    assert len(marked) > 20
    assert [path for path in marked if not path.startswith(folders)] == []


def plant(root: Path, path: str, text: str) -> None:
    """Write a file into a small tree."""
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_text(text)
