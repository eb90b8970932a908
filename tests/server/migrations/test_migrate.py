"""The tables of a real database: made step by step, the same as those of the code, or refused."""

import re
from collections.abc import AsyncGenerator, Callable
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from venterom.server.config import SettingsError
from venterom.server.db import make_engine
from venterom.server.migrations.migrate import migrate, refuse_other_version, upgrade
from venterom.server.tables import METADATA, create_tables

pytestmark = [pytest.mark.adapter, pytest.mark.slow]

# What a schema is made of, in each database's own words.
SQLITE = ["SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name <> 'alembic_version'"]
POSTGRESQL = [
    "SELECT table_name || '.' || column_name, data_type || ' ' || is_nullable || ' '"
    " || coalesce(column_default, '') || ' ' || coalesce(character_maximum_length, 0)"
    " FROM information_schema.columns"
    " WHERE table_schema = 'public' AND table_name <> 'alembic_version'",
    "SELECT conname, conrelid::regclass || ' ' || pg_get_constraintdef(oid) FROM pg_constraint"
    " WHERE connamespace = 'public'::regnamespace AND conname NOT LIKE 'alembic_version%'",
    "SELECT indexname, indexdef FROM pg_indexes"
    " WHERE schemaname = 'public' AND tablename <> 'alembic_version'",
    "SELECT tgrelid::regclass || ' ' || tgname, pg_get_triggerdef(oid) FROM pg_trigger"
    " WHERE NOT tgisinternal",
    "SELECT proname, prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace",
]


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
async def empty(
    request: pytest.FixtureRequest, tmp_path: Path
) -> AsyncGenerator[Callable[[], str]]:
    """Makes empty databases of either kind; an address for each."""
    if request.param == "sqlite":
        yield lambda: f"sqlite+aiosqlite:///{tmp_path / uuid4().hex}.db"
        return
    cluster = request.getfixturevalue("postgresql")
    names = [f"own_{uuid4().hex}" for _ in range(2)]
    engine = create_async_engine(cluster, isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        for name in names:
            await connection.execute(text(f"CREATE DATABASE {name}"))
        left = [cluster.replace("/postgres?", f"/{name}?") for name in names]
        yield left.pop
        for name in names:
            await connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    await engine.dispose()


async def schema(engine: AsyncEngine) -> dict[str, list[str]]:
    """Everything that the database says of its tables, by name; in which order does not matter."""
    questions = SQLITE if engine.dialect.name == "sqlite" else POSTGRESQL
    found: dict[str, list[str]] = {}
    async with engine.connect() as connection:
        for question in questions:
            rows = await connection.execute(text(question))
            found |= {str(name): _parts(definition) for name, definition in rows}
    return found


def _parts(definition: str) -> list[str]:
    return sorted(re.sub(r"\s+", "", definition).removesuffix(")").split(","))


async def with_engine(url: str, ask: Callable[[AsyncEngine], Any]) -> Any:
    """Ask a database something."""
    engine = make_engine(url)
    try:
        return await ask(engine)
    finally:
        await engine.dispose()


async def run(url: str, *statements: str) -> None:
    """Change a database behind our back."""

    async def ask(engine: AsyncEngine) -> None:
        async with engine.begin() as connection:
            for statement in statements:
                await connection.execute(text(statement))

    await with_engine(url, ask)


async def come_to(version: str, engine: AsyncEngine) -> None:
    """Take the steps up to a version, and no further."""

    def steps(connection: Connection) -> None:
        upgrade(connection, version)

    async with engine.begin() as connection:
        await connection.run_sync(steps)


async def test_the_steps_lead_to_the_tables_of_the_code(empty: Callable[[], str]) -> None:
    migrated, made = empty(), empty()
    assert await migrate(migrated)

    async def make(engine: AsyncEngine) -> dict[str, list[str]]:
        async with engine.begin() as connection:
            await connection.run_sync(create_tables)
        return await schema(engine)

    assert await with_engine(migrated, schema) == await with_engine(made, make)


async def test_alembic_finds_nothing_to_do_after_the_last_step(empty: Callable[[], str]) -> None:
    url = empty()
    await migrate(url)

    async def ask(engine: AsyncEngine) -> list[Any]:
        async with engine.connect() as connection:
            return await connection.run_sync(_differences)

    assert await with_engine(url, ask) == []


def _differences(connection: Connection) -> list[Any]:
    def is_told(_object: object, name: str | None, _kind: str, _found: bool, _to: object) -> bool:
        # SQLite does not tell what an index over an expression is; the test above sees it.
        return connection.dialect.name != "sqlite" or name != "entry_claim"

    options = {"compare_type": True, "compare_server_default": True, "include_object": is_told}
    context = MigrationContext.configure(connection, opts=options)
    found: list[Any] = compare_metadata(context, list(METADATA))  # type: ignore[arg-type]  # as env.py
    return found


async def test_a_second_time_there_is_nothing_to_do(empty: Callable[[], str]) -> None:
    url = empty()
    assert [step[:5] for step in await migrate(url)][:1] == ["0001:"]
    before = await with_engine(url, schema)
    assert await migrate(url) == []
    assert await with_engine(url, schema) == before
    await with_engine(url, refuse_other_version)


async def test_what_was_planned_before_there_were_breaks_is_still_planned(
    empty: Callable[[], str],
) -> None:
    url = empty()

    def to_the_first(connection: Connection) -> None:
        upgrade(connection, "0001")

    async def make(engine: AsyncEngine) -> None:
        async with engine.begin() as connection:
            await connection.run_sync(to_the_first)

    async def read(engine: AsyncEngine) -> list[tuple[Any, ...]]:
        async with engine.connect() as connection:
            rows = await connection.execute(text("SELECT * FROM shift_plan ORDER BY on_at"))
            return [tuple(row) for row in rows]

    await with_engine(url, make)
    values = ", ".join(f"('{'d' * 22}', {n}, {n + 1})" for n in (1764000000000, 1764000900000))
    await run(url, f"INSERT INTO shift_plan (practitioner, on_at, off_at) VALUES {values}")
    assert [step[:5] for step in await migrate(url)][:1] == ["0002:"]
    first, second = await with_engine(url, read)
    assert first[1:] == ("d" * 22, "shift", 1764000000000, 1764000000001)
    assert first[0] != second[0] and len(first[0]) <= 32


async def test_what_waits_for_the_epj_still_waits_when_versions_are_delivered(
    empty: Callable[[], str],
) -> None:
    url = empty()

    async def read(engine: AsyncEngine) -> list[tuple[Any, ...]]:
        async with engine.connect() as connection:
            rows = await connection.execute(text(f"SELECT {columns} FROM delivery ORDER BY n"))
            return [tuple(row) for row in rows]

    columns = "visit, version, n, patient, author, content_hash, signed_at, state, attempts, due_at"
    waiting = ("v1", 1, 7, "kari", "dr", "a" * 64, 1764000000000, "failed", 8, 1764000000001)
    arrived = ("v2", 1, 9, "ola", "dr", "b" * 64, 1764000000002, "signed", 0, 1764000000003)
    await with_engine(url, partial(come_to, "0017"))
    for row in (waiting, arrived):
        await run(url, f"INSERT INTO delivery ({columns}) VALUES {row}")
    assert "0023:" in [step[:5] for step in await migrate(url)]
    assert await with_engine(url, read) == [waiting, arrived]
    later = ("v1", 2, 11, "kari", "dr", "c" * 64, 1764000000004, "signed", 0, 1764000000005)
    await run(url, f"INSERT INTO delivery ({columns}) VALUES {later}")
    assert await with_engine(url, read) == [waiting, arrived, later]


async def test_what_waits_to_be_sent_still_waits_when_all_papers_share_one_list(
    empty: Callable[[], str],
) -> None:
    url = empty()

    async def read(engine: AsyncEngine) -> list[list[tuple[Any, ...]]]:
        queries = (
            "SELECT kind, paper, errand, state, attempts FROM paper_errand",
            "SELECT paper, errand, patient, at FROM paper_receipt",
            "SELECT number, reimbursed, by_hospital FROM medicine",
        )
        async with engine.connect() as connection:
            return [[tuple(row) for row in await connection.execute(text(q))] for q in queries]

    await with_engine(url, partial(come_to, "0024"))
    sealed = "kek_id, wrapped_dek, nonce, ciphertext"
    await run(
        url,
        "INSERT INTO prescribing (paper, errand, visit, patient, author, state, attempts, due_at)"
        " VALUES ('p1', 'send', 'v1', 'kari', 'dr', 'on_its_way', 3, 1764000000000)",
        f"INSERT INTO prescription_receipt (paper, errand, patient, at, {sealed})"
        " VALUES ('p2', 'send', 'kari', 1764000000000, 'k', 'a', 'b', 'c')",
        'INSERT INTO medicine (number, fest_id, name, substance, atc, form, strength, "group",'
        " package, reimbursed, key) VALUES"
        " ('990001', 'f', 'n', 's', 'a', 'f', 's', 'C', 'p', true, 'k')",
    )
    assert "0026:" in [step[:5] for step in await migrate(url)]
    assert await with_engine(url, read) == [
        [("prescription", "p1", "send", "on_its_way", 3)],
        [("p2", "send", "kari", 1764000000000)],
        [("990001", True, False)],
    ]
    with pytest.raises(DBAPIError, match="insert-only"):
        await run(url, "DELETE FROM paper_receipt")


async def test_a_role_from_before_there_was_an_end_has_a_year(empty: Callable[[], str]) -> None:
    url = empty()

    async def read(engine: AsyncEngine) -> list[tuple[Any, ...]]:
        async with engine.connect() as connection:
            query = "SELECT id, ends - granted, withdrawn, why FROM staff_grant ORDER BY id"
            return [tuple(row) for row in await connection.execute(text(query))]

    await with_engine(url, partial(come_to, "0016"))
    columns = "id, number_index, role, granted, withdrawn"
    await run(
        url,
        f"INSERT INTO staff_grant ({columns}) VALUES ('a', 'x', 'director', 1764000000000, NULL)",
        f"INSERT INTO staff_grant ({columns}) VALUES ('b', 'y', 'director', 1, 1764000000000)",
        "INSERT INTO pending_sign_in (state, browser, nonce, verifier, door, return_to, expires)"
        " VALUES ('s', 'b', 'n', 'v', 'doctor', '/', 1764000000000)",
    )
    await migrate(url)
    year = 31_536_000_000
    assert await with_engine(url, read) == [
        ("a", year, None, None),
        ("b", year, 1764000000000, "withdrawn"),
    ]


async def test_what_was_used_before_there_were_bills_is_billed_in_its_month(
    empty: Callable[[], str],
) -> None:
    url = empty()

    async def read(engine: AsyncEngine) -> list[tuple[Any, ...]]:
        async with engine.connect() as connection:
            rows = await connection.execute(text("SELECT * FROM policy_charge ORDER BY visit"))
            return [(visit, *more, bool(later)) for visit, *more, later in rows]

    await with_engine(url, partial(come_to, "0016"))
    policy = "'FJP-107919', 'Fjellprøve', 'Pluss', '1990-01-01', '2026-01-01', '2026-12-31', true"
    await run(url, f"INSERT INTO policy VALUES ({policy})")
    for visit, number, day in (
        ("v1", "FJP-107919", "2026-10-31"),
        ("v2", "GONE-12345", "2026-11-01"),
    ):
        check = f"'{visit}', '{number}', 'covered', 'valid', 'Fjellprøve', NULL"
        await run(url, f"INSERT INTO policy_check VALUES ({check})")
        await run(url, f"INSERT INTO policy_use VALUES ('{number}', '{visit}', '{day}')")
    await migrate(url)
    assert await with_engine(url, read) == [
        ("v1", "Fjellprøve", "Pluss", "2026-10", False),
        ("v2", "Fjellprøve", "", "2026-11", False),
    ]


async def test_a_step_that_fails_leaves_nothing_behind(empty: Callable[[], str]) -> None:
    url = empty()
    await run(url, "CREATE TABLE outbox (seq INTEGER)")  # in the way of the last tables
    before = await with_engine(url, schema)
    with pytest.raises(Exception, match="outbox"):
        await migrate(url)
    assert await with_engine(url, schema) == before
    await run(url, "DROP TABLE outbox")
    assert await migrate(url)


async def test_an_older_database_is_refused_with_what_to_do(empty: Callable[[], str]) -> None:
    with pytest.raises(SettingsError, match="version none.*run `venterom migrate`"):
        await with_engine(empty(), refuse_other_version)


async def test_a_newer_database_is_refused_and_not_touched(empty: Callable[[], str]) -> None:
    url = empty()
    await migrate(url)
    await run(url, "UPDATE alembic_version SET version_num = '9999'")
    before = await with_engine(url, schema)
    for attempt in (migrate(url), with_engine(url, refuse_other_version)):
        with pytest.raises(SettingsError, match="9999, which is newer than this program: start"):
            await attempt
    assert await with_engine(url, schema) == before


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("nonsense", "a database's address begins with sqlite"),
        ("postgresql://care:hemmelig@db/care", "a database's address begins with sqlite"),
        ("mysql+asyncmy://care:hemmelig@db/care", "a database's address begins with sqlite"),
        ("postgresql+asyncpg://care:hemmelig@127.0.0.1:1/care", "the database does not answer"),
        ("sqlite+aiosqlite:////dev/null/care.db", "/dev/null/care.db: "),
    ],
)
async def test_a_database_that_cannot_be_had_is_said_in_a_sentence(url: str, says: str) -> None:
    with pytest.raises(SettingsError, match=says) as refused:
        await migrate(url)
    assert "hemmelig" not in str(refused.value) and "\n" not in str(refused.value)
