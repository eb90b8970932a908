"""Whatever is typed anywhere is text: it is no command, no markup of a database, and no field that
nobody asked for."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import cycle
from urllib.parse import quote

import pytest
from aiohttp import web

from tests.web.rig import Rig
from tests.web.test_phrases import make
from tests.web.test_routes import CHANGING, PLACE, RULES, SOCKET, ask, everybody
from tests.web.typed import FORMS, HEADERS, SQL, Named, Place, Route, is_whole, places
from venterom.journal.aid_tables import PhraseRow
from venterom.server.tables import METADATA
from venterom.web import forms

pytestmark = pytest.mark.slow

LONG = "a1-" * 34_000  # 100 kB
TOGETHER = 20  # payloads in one phrase
EACH = 2  # payloads of each field; one more is a header, and one is long
SHRINKS = {"pending_sign_in"}  # whose rows go by themselves while the test goes on
QUERY = ("to", "day", "days", "before", "way", "q", "lang", "v")
# What any model of ours is made of; nobody's form takes these.
COLUMNS = {column.name for part in METADATA for table in part.tables.values() for column in table.c}


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> defaultdict[Route, set[str]]:
    """By address, the fields that its form was asked for."""
    found: defaultdict[Route, set[str]] = defaultdict(set)
    plain = forms.posted

    async def posted(request: web.Request) -> Named:
        resource = request.match_info.route.resource
        assert resource is not None
        return Named(await plain(request), found[request.method, resource.canonical])

    monkeypatch.setattr(forms, "posted", posted)
    return found


async def counts(rig: Rig) -> Counter[str]:
    """How many rows each table has."""
    tables = [table for part in METADATA for table in part.sorted_tables]
    return Counter({table.name: len(await rig.select(table)) for table in tables})


async def test_a_command_to_the_database_or_a_header_in_any_field_is_text(
    rig: Rig, asked: defaultdict[Route, set[str]]
) -> None:
    found = await places(rig)
    before, deal, headers = await counts(rig), cycle(SQL), cycle(HEADERS)
    for place in found:
        for name in place.fields:
            for typed in (*(next(deal) for _ in range(EACH)), next(headers), LONG):
                answer = await place.send(rig, {**place.fields, name: typed})
                assert answer.status < 500, (place.route, name, typed[:80])
                assert is_whole(answer), (place.route, name, typed)
    after = await counts(rig)
    assert not {name for name in before if after[name] < before[name]} - SHRINKS
    wanted: defaultdict[Route, set[str]] = defaultdict(set)
    for place in found:
        wanted[place.route] |= set(place.fields)
    assert asked == wanted  # so the table holds every field that there is


def test_every_form_is_in_the_table() -> None:
    """Made from the addresses: what is not there takes no field, and the test above says so of what
    is."""
    assert set(FORMS) <= set(RULES)


async def test_an_address_that_is_not_in_the_table_asks_for_no_field(
    rig: Rig, asked: defaultdict[Route, set[str]]
) -> None:
    actors, ids = await everybody(rig)
    asked.clear()
    for route in CHANGING:
        if route in FORMS or "signal" in route[1]:
            continue
        path = route[1].replace("{visit}", ids.visit).replace("{patient}", ids.patient)
        path = PLACE.sub("none", path.replace("{case}", ids.case))
        who = actors[RULES[route].door or "nobody"]
        assert (await ask(rig, who, route[0], path)).status < 500, route
    assert not asked


async def test_what_was_typed_is_kept_as_it_was_typed(rig: Rig) -> None:
    doctor = await rig.doctor()
    await make(doctor, "hals", "Rolig.")
    [row] = await rig.rows(PhraseRow)
    place = Place(("POST", ""), f"/doctor/phrases/{row.id}", doctor, {})
    for several in batched(SQL, TOGETHER):
        typed = "\n".join(several)
        answer = await place.send(rig, {"key": "hals", "text": typed})
        assert answer.status == 303, typed
        [row] = await rig.rows(PhraseRow)
        assert row.text == forms.as_text(typed).strip(), typed


def batched(texts: tuple[str, ...], size: int) -> Iterator[tuple[str, ...]]:
    """So many at a time."""
    yield from (texts[n : n + size] for n in range(0, len(texts), size))


async def test_a_command_to_the_database_or_a_header_in_any_address_is_nobodys(rig: Rig) -> None:
    actors, _ids = await everybody(rig)
    before, deal = await counts(rig), cycle([*SQL, *HEADERS * 20])
    for (method, canonical), rule in RULES.items():
        who = actors[rule.door if rule.door in actors else "nobody"]
        path = PLACE.sub(lambda _: quote(next(deal), safe=""), canonical)
        query = "&".join(f"{name}={quote(next(deal), safe='')}" for name in QUERY)
        rig.forgive()
        live = path.startswith("/live") or path.endswith("/signal")
        headers = SOCKET if live else {"X-CSRF-Token": rig.token(who, path)}
        answer = await who.raw(method, f"{path}?{query}", headers)
        assert answer.status < 500 and is_whole(answer), (method, path, query)
    after = await counts(rig)
    assert not {name for name in before if after[name] < before[name]} - SHRINKS


async def test_a_field_that_a_form_does_not_have_changes_nothing(
    rig: Rig, asked: defaultdict[Route, set[str]]
) -> None:
    """With every column of every model beside the form's own fields: a form cannot be gone through
    (`Named`), and is asked for what is in the table and nothing else."""
    assert {"role", "patient", "signed_at", "sealed", "expires", "let_in"} <= COLUMNS
    for place in await places(rig):
        others = COLUMNS - set(place.fields)
        answer = await place.send(rig, {**dict.fromkeys(others, "director"), **place.fields})
        assert answer.status < 500, place.route
    assert all(names <= set(FORMS[route]) or "{kind}" in route[1] for route, names in asked.items())
