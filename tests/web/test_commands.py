"""Commands to the database in everything that anybody can send: some hundred that we wrote
(`typed.SQL`) and what Hypothesis makes of the same words. Fields are those of every form, what
scripts and programs send as JSON, and every place of every address that the application's router
knows; afterwards the database has the tables, the rows and the roles that it had before."""

import json
from collections import Counter
from collections.abc import Iterator
from itertools import count, cycle
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from tests.web.insurer_api import program
from tests.web.rig import KARI, Rig
from tests.web.test_phrases import make
from tests.web.test_routes import PLACE, RULES, SOCKET, everybody, routes
from tests.web.test_typed import COLUMNS, SHRINKS, counts
from tests.web.typed import COMMANDS, FORMS, NOTE_FIELDS, QUOTES, SQL, Place, is_whole, places
from venterom.journal.aid_tables import PhraseRow
from venterom.journal.note import clean_text
from venterom.server.tables import METADATA
from venterom.web.identity.roles import Role
from venterom.web.identity.tables import SessionRow
from venterom.web.work import look

pytestmark = pytest.mark.slow

MADE = 400  # by Hypothesis
OURS = SQL[len(SQL) // 4 :]
TABLES = [table.name for part in METADATA for table in part.sorted_tables]
# Where a statement ends, a value begins, or a driver puts one in.
MARKS = (
    "?",
    ":1",
    "$1",
    "%s",
    "%(n)s",
    "{}",
    "{0}",
    "\x00",
    "\n",
    "\u00a0",
    "\uff07",
    "0x27",
    "E'",
)
WORDS = ("SELECT ", " FROM ", " WHERE ", " OR ", "NULL", "CAST(", "CHAR(39)", "load_extension(")
FRAGMENTS = (*QUOTES, *COMMANDS, *MARKS, *WORDS, *TABLES, *sorted(COLUMNS))
SAID = st.lists(st.sampled_from(FRAGMENTS) | st.text(max_size=4), min_size=1, max_size=8)


def made() -> list[str]:
    """What Hypothesis makes of the fragments: others in each run, and each is named if it fails."""
    found: list[str] = []

    @settings(
        max_examples=MADE,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(SAID.map("".join))
    def keep(said: str) -> None:
        found.append(said)

    keep()
    return found


def both() -> Iterator[str]:
    """One of ours and one of those, in turn."""
    return cycle([typed for pair in zip(OURS, made(), strict=False) for typed in pair])


async def shape(rig: Rig) -> tuple[list[Any], Counter[Role]]:
    """What no form can change: the tables with their rules, and in which roles people are here."""
    async with look(rig.app) as unit:
        schema = await unit.db.execute(text("SELECT name, sql FROM sqlite_master ORDER BY name"))
        tables = [tuple(row) for row in schema]
    return tables, Counter(row.role for row in await rig.rows(SessionRow))


async def lost(rig: Rig, before: Counter[str]) -> set[str]:
    """The tables that have fewer rows."""
    after = await counts(rig)
    return {name for name in before if after[name] < before[name]} - SHRINKS


async def test_a_command_in_any_field_of_any_form_or_script_is_text(rig: Rig) -> None:
    found = await places(rig)
    assert {place.route for place in found} == set(FORMS)
    before, shaped, deal = await counts(rig), await shape(rig), both()
    for place in found:
        for name in place.fields:  # each has been sent two of ours by test_typed, too
            typed = next(deal)
            answer = await place.send(rig, {**place.fields, name: typed})
            assert answer.status < 500 and is_whole(answer), (place.route, name, typed)
    at = {place.route: place for place in found}
    signing, amending = (at["POST", f"/doctor/visit/{{visit}}/{act}"] for act in ("sign", "amend"))
    await by_script(rig, signing, amending, deal)
    assert not await lost(rig, before)
    assert await shape(rig) == shaped


async def by_script(rig: Rig, signing: Place, amending: Place, deal: Iterator[str]) -> None:
    """The same in what the scripts of two pages send."""
    version = count()
    for place, address, names in (
        (signing, signing.path.replace("/sign", "/note"), [*NOTE_FIELDS]),
        (amending, amending.path, [*amending.fields]),
    ):
        headers = {"X-CSRF-Token": rig.token(place.who, address)}
        for name in names:
            typed = next(deal)
            rig.forgive()
            body = {"fields": {name: typed}, "version": next(version)}
            answer = await place.who.raw("PUT", address, headers, json=body)
            assert answer.status < 500, (address, name, typed)


async def test_a_command_in_what_a_program_sends_is_text(rig: Rig) -> None:
    own = await program.register(rig)
    asked, token = program.question(rig, KARI), await own.token()
    before, shaped = await counts(rig), await shape(rig)
    for typed in [*OURS[::17], *made()[:40]]:
        key = quote(typed)[:200]
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": key}
        for body in (asked | {"number": typed}, asked | {"holder_birth_date": typed}):
            at = f"{rig.url}/insurer/v1/eligibility"
            sent = {"Content-Type": "application/json", **headers}
            answer = await own.http.post(at, data=json.dumps(body), headers=sent)
            assert answer.status < 500, (typed, await answer.text())
    assert not await lost(rig, before)
    assert await shape(rig) == shaped


async def test_a_command_in_any_place_of_any_address_is_nobodys(rig: Rig) -> None:
    actors, _ids = await everybody(rig)
    before, shaped, deal = await counts(rig), await shape(rig), both()
    for method, canonical in (each for each in routes(rig) if PLACE.search(each[1])):
        who = actors.get(RULES[method, canonical].door, actors["nobody"])
        path = PLACE.sub(lambda _: quote(next(deal), safe=""), canonical)
        rig.forgive()
        live = canonical.startswith("/live") or canonical.endswith("/signal")
        headers = SOCKET if live else {"X-CSRF-Token": rig.token(who, path)}
        answer = await who.raw(method, path, headers)
        assert answer.status < 500 and is_whole(answer), (method, path)
    assert not await lost(rig, before)
    assert await shape(rig) == shaped


async def test_what_hypothesis_makes_is_kept_as_it_was_typed(rig: Rig) -> None:
    doctor = await rig.doctor()
    await make(doctor, "hals", "Rolig.")
    [row] = await rig.rows(PhraseRow)
    place = Place(("POST", ""), f"/doctor/phrases/{row.id}", doctor, {})
    for typed in (said.replace("{", "(") for said in made()[:60]):  # a phrase has blanks in braces
        answer = await place.send(rig, {"key": "hals", "text": f"Rolig. {typed}"})
        assert answer.status == 303, typed
        [row] = await rig.rows(PhraseRow)
        assert row.text == clean_text(f"Rolig. {typed}"), typed
