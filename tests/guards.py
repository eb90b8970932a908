"""The rules of the house as functions from a folder tree to the faults in it.

`tests/test_layout.py` asks each of them about this repository, and proves each by planting the
fault it looks for in a small tree.
"""

import ast
import subprocess
import sys
from collections.abc import Collection, Iterator
from pathlib import Path

from tests.imports import FOLDERS, Import, imports, own, sources, tree

# Of web/ an insurer's pages may use what every page is made of, and no page about somebody: there
# is no road from them to a record, a room or the waiting list.
INSURERS_PAGES_MAY_IMPORT = (
    *("queue.coverage", "web.portal", "web.forms", "web.keys", "web.pages", "web.plots"),
    *("web.session", "web.sheets", "web.text", "web.work"),
    *(f"web.identity.{name}" for name in ("clerks", "errors", "people", "roles")),
)

# Who may import whom. The first line whose path begins the file's path holds.
MAY_IMPORT: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("queue/coverage/", ("queue.coverage",)),
    ("queue/", ("queue",)),
    ("rtc/", ("rtc",)),
    ("journal/", ("journal",)),
    ("web/insurer.py", INSURERS_PAGES_MAY_IMPORT),
    ("web/portal/", INSURERS_PAGES_MAY_IMPORT),
    ("web/insurer.py", ("web", "queue.coverage")),  # no road from an insurer's page to health data
    (
        "web/insurer_api/",
        (
            *("web.insurer_api", "web.keys", "web.strict", "web.work", "web.text"),
            "web.identity.proofs",
            *("queue.coverage", "journal.jws", "journal.grant", "journal.errors"),
        ),
    ),
    ("web/", ("web", "queue", "rtc", "journal")),
    ("server/", FOLDERS),
)

PURE_FOLDERS = ("queue", "rtc", "journal", "web/identity")
IMPURE_MODULES = frozenset(
    "aiohttp aiortc asyncio os pathlib random secrets socket sqlalchemy".split()
    + "subprocess time uuid".split()
)
CLOCKS = frozenset({"now", "utcnow", "today"})
WALL_CLOCKS = frozenset({"time.time", "time.time_ns", "time.localtime", "time.gmtime"})

# What records sound or picture: in a browser, and in the libraries of the media worker.
RECORDERS = ("MediaRecorder", "MediaStreamTrackProcessor")
RECORDING_KINDS = frozenset({".py", ".js", ".html"})

# What a value on the insurer's side may be made of. A new field has to be added here, which is
# the moment to ask whether an insurer may know it. None of them may be finer than a day.
INSURER_MAY_KNOW = frozenset(
    {
        *("number", "insurer", "product", "clerk", "register", "db"),
        *("holder_birth_date", "covers_children", "valid_from", "valid_until", "valid"),
        *("id", "visit", "day", "month", "year", "uses", "times", "program"),
        *("cover", "uses_per_year", "youngest", "oldest", "countries"),  # of a product
        *("children", "children_until"),
        *("line", "column", "policy", "products", "delimiter", "columns"),  # of a file of policies
        *("outcome", "kind", "source", "load", "taken", "changed", "unchanged", "refused", "ended"),
        *("answers", "state", "failures", "rests_until", "used_on"),  # a register kept outside
        *("later", "kept", "promises"),
        *("answer", "reason", "eligibility"),  # why a policy does not cover: never why one is ill
        "why",  # a line of a file is refused
    }
)
# What the values of the insurers' programs hold besides: a resource of FHIR, a client, a refusal.
PROGRAMS_MAY_KNOW = INSURER_MAY_KNOW | {
    *("for_child", "data", "policies", "line", "lines", "outcome", "why", "anew", "unit"),
    *("taken", "changed", "unchanged", "refused"),
    *("resource_type", "contained", "status", "purpose", "patient", "created", "insurance"),
    *("coverage", "coding", "system", "code", "type", "value", "reference", "display"),
    *("birth_date", "policy_holder", "beneficiary", "relationship", "payor", "identifier", "end"),
    *("inforce", "benefit_period", "request", "disposition", "error", "issue", "severity"),
    *("diagnostics", "expression", "title", "fields"),  # of a refusal, by our own names
    *("client", "scopes", "keys", "added", "removed", "jti", "until", "key", "question"),
    *("issuer", "token_key", "intake", "guard", "tokens", "asks", "misses", "burst", "every"),
    *("_free_at", "_walks", "_shut_until", "read", "write", "together", "_waiting", "_running"),
}
HELD_BY_INSURERS = {
    "queue/coverage": INSURER_MAY_KNOW,
    "web/portal": INSURER_MAY_KNOW,
    "web/insurer_api": PROGRAMS_MAY_KNOW,
}


def links(root: Path) -> Iterator[str]:
    """A link in venterom/ is missing or points elsewhere."""
    for folder in FOLDERS:
        link = root / "venterom" / folder
        if not link.is_symlink() or str(link.readlink()) != f"../{folder}":
            yield f"venterom/{folder} is not a link to ../{folder}"


def no_init(root: Path) -> Iterator[str]:
    """A folder of the five, or of tests/, has an __init__.py."""  # it would hide a standard module
    for folder in (*FOLDERS, "tests"):
        for path in (root / folder).rglob("__init__.py"):
            yield f"{path.relative_to(root)} must not exist"


def standard_queue(root: Path) -> Iterator[str]:
    """A child process started at the root does not get the standard library's queue."""
    ask = "import queue, sysconfig; print(queue.__file__.startswith(sysconfig.get_path('stdlib')))"
    child = subprocess.run([sys.executable, "-c", ask], cwd=root, capture_output=True, text=True)
    if child.stdout.strip() != "True":
        yield f"queue is not the standard library's: {child.stdout}{child.stderr[-200:]}"


def forbidden_imports(root: Path) -> Iterator[str]:
    """A folder imports what the table does not allow, without `venterom.`, or relatively."""
    for each in imports(root):
        if fault := _import_fault(root, each):
            yield f"{each.path}:{each.line} {fault}"


def _import_fault(root: Path, each: Import) -> str:
    if each.level:
        return "imports relatively"
    if _lacks_prefix(root, each.module):
        return f"says {each.module}, not venterom.{each.module}"
    module = own(each.module)
    if module and not any(_within(module, allowed) for allowed in _allowed(each.path)):
        return f"may not import {module}"
    return ""


def _lacks_prefix(root: Path, module: str) -> bool:
    """Whether this is one of ours by its bare name; `queue.Queue` is the standard library's."""
    parts = module.split(".")
    if parts[0] != "queue":
        return parts[0] in FOLDERS
    ours = root / "queue" / (parts[1] if len(parts) > 1 else "")
    return len(parts) > 1 and (ours.is_dir() or ours.with_suffix(".py").is_file())


def _allowed(path: Path) -> tuple[str, ...]:
    return next(may for start, may in MAY_IMPORT if path.as_posix().startswith(start))


def _within(module: str, folder: str) -> bool:
    return module == folder or module.startswith(f"{folder}.")


def impure(root: Path, adapters: Collection[str]) -> Iterator[str]:
    """A module that is not listed as an adapter does I/O, asks the clock, throws dice or leans."""
    for path, fault in [*_touches(root), *_leans(root, adapters)]:
        if path not in adapters:
            yield f"{path} {fault}"


def idle_adapters(root: Path, adapters: Collection[str]) -> Iterator[str]:
    """A module is listed as an adapter and does not exist, or need not be listed."""
    for path in sorted(set(adapters) - not_pure(root)):
        yield f"{path} is listed as an adapter and is none"


def not_pure(root: Path) -> set[str]:
    """The modules of the pure folders that touch the world, or lean on one that does."""
    found = {path for path, _ in _touches(root)}
    while more := {path for path, _ in _leans(root, found)} - found:
        found |= more
    return found


def _touches(root: Path) -> Iterator[tuple[str, str]]:
    """Files, and what in them does I/O, asks the clock or throws dice."""
    for each in imports(root, *PURE_FOLDERS):
        if each.module.split(".")[0] in IMPURE_MODULES:
            yield each.path.as_posix(), f"line {each.line} imports {each.module}"
    for path in sources(root, *PURE_FOLDERS):
        for node in ast.walk(tree(root, path)):
            called = node.func if isinstance(node, ast.Call) else None
            if isinstance(called, ast.Attribute) and called.attr in CLOCKS:
                yield path.as_posix(), f"line {called.lineno} asks .{called.attr}()"


def _leans(root: Path, adapters: Collection[str]) -> Iterator[tuple[str, str]]:
    """Files that import one of these adapters, so are not pure themselves."""
    for each in imports(root, *PURE_FOLDERS):
        parts = (own(each.module) or "").split(".")
        for file in ("/".join(parts), "/".join(parts[:-1])):
            if f"{file}.py" in adapters:
                yield each.path.as_posix(), f"line {each.line} leans on {file}.py"


def jose(root: Path) -> Iterator[str]:
    """Somebody else than journal/jws.py imports jose, whose checks have to be wrapped."""
    for each in imports(root):
        if each.module.split(".")[0] == "jose" and each.path != Path("journal/jws.py"):
            yield f"{each.path}:{each.line} imports jose: only journal/jws.py may"


def clock(root: Path) -> Iterator[str]:
    """Somebody else than server/clock.py asks what time it is."""
    for path in sources(root):
        if path == Path("server/clock.py"):
            continue
        for node in ast.walk(tree(root, path)):
            if isinstance(node, ast.Attribute) and (asked := _wall_clock(node)):
                yield f"{path}:{node.lineno} asks {asked}"
    for each in imports(root):
        if each.module in WALL_CLOCKS:
            yield f"{each.path}:{each.line} imports {each.module}"


def _wall_clock(node: ast.Attribute) -> str:
    """The name of a wall clock that is used here, or nothing. A loop's own `time()` is none."""
    said = ast.unparse(node)
    owner = said.rpartition(".")[0].rpartition(".")[2]
    asks = node.attr in CLOCKS and owner in ("datetime", "date", "func")
    return said if asks or said in WALL_CLOCKS else ""


def recording(root: Path) -> Iterator[str]:
    """Something of ours could record a call. Words in documents may speak of it."""
    for folder in FOLDERS:
        for path in sorted((root / folder).rglob("*")):
            if path.suffix in RECORDING_KINDS and path.is_file():
                text = path.read_text(encoding="utf-8")
                for name in RECORDERS:
                    if name in text:
                        yield f"{path.relative_to(root)} names {name}"


def insurer(root: Path) -> Iterator[str]:
    """A value on the insurer's side holds something that an insurer may not know."""
    for folder, may_know in HELD_BY_INSURERS.items():
        for path in sources(root, folder):
            for node in ast.walk(tree(root, path)):
                if not isinstance(node, ast.ClassDef):
                    continue
                for field in node.body:
                    if fault := _field_fault(field, may_know):
                        yield f"{path}:{field.lineno} {node.name} {fault}"


def _field_fault(field: ast.stmt, may_know: frozenset[str]) -> str:
    if not isinstance(field, ast.AnnAssign):
        return ""
    name = ast.unparse(field.target)
    if not name.startswith("_") and "datetime" in ast.unparse(field.annotation):
        return f"holds {name} finer than a day"
    return "" if name in may_know else f"holds {name}, which is not on the list"


# What an insurer may not get even with consent (reseptformidlerforskriften § 1-4), and what else a
# doctor issues: nothing on the insurer's side may come to these rows, on any road of imports.
PAPERS = "journal/papers/tables.py"
INSURERS_SIDE = ("web/insurer.py", "web/portal/", "web/insurer_api/", "queue/coverage/")


def no_road_to_papers(root: Path) -> Iterator[str]:
    """Something on the insurer's side imports, at whatever remove, the rows of papers."""
    leads = _leads(root)
    for start in sorted(path for path in leads if path.startswith(INSURERS_SIDE)):
        if PAPERS in _reached(start, leads):
            yield f"{start} can reach {PAPERS}"


# What an insurer's program may lean on at whatever remove, beside what is pure: who signs in, the
# events of a unit of work, and the record's one file of rows, for its column of times (decision 3).
PROGRAMS_MAY_REACH = ("web/", "queue/coverage/", "journal/tables.py")


def no_road_to_care(root: Path, adapters: Collection[str]) -> Iterator[str]:
    """An insurer's program can reach, at whatever remove, what reads the record, the waiting list
    or the rooms."""
    leads = _leads(root)
    for start in sorted(path for path in leads if path.startswith("web/insurer_api/")):
        for reached in sorted(_reached(start, leads).intersection(adapters)):
            if not reached.startswith(PROGRAMS_MAY_REACH):
                yield f"{start} can reach {reached}"


def _leads(root: Path) -> dict[str, set[str]]:
    """Files, and which ones they import. What is no file leads nowhere."""
    leads: dict[str, set[str]] = {}
    for each in imports(root):
        parts = (own(each.module) or "").split(".")
        leads.setdefault(each.path.as_posix(), set()).update(
            f"{'/'.join(parts[:n])}.py" for n in (len(parts), len(parts) - 1)
        )
    return leads


def _reached(start: str, leads: dict[str, set[str]]) -> set[str]:
    reached, more = set[str](), {start}
    while more:
        reached |= more
        more = {to for path in more for to in leads.get(path, ())} - reached
    return reached
