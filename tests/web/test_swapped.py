"""Every id in every address, one at a time, is another patient's: it opens and changes nothing.

Made from the addresses. Two patients have everything that a patient can have; each has a doctor of
their own. Whoever is let in with an address of their own asks again with one id of the other's in
it, and hears what one hears with an id that there never was.
"""

from collections.abc import Iterator

import pytest

from tests.web.browser import Browser
from tests.web.rig import INGRID, JONAS, KARI, NOTE, PER, SOLVEIG, Rig
from tests.web.test_papers import prescribe
from tests.web.test_phrases import make
from tests.web.test_picture import taken
from tests.web.test_routes import ABSENT, PLACE, RULES, ask
from venterom.journal.aid_tables import PhraseRow
from venterom.journal.papers.tables import PaperDraftRow, PaperRow
from venterom.journal.rights_tables import BlockRow, CaseRow
from venterom.journal.tables import ConsentRow, VisitRow
from venterom.server.tables import METADATA
from venterom.web.identity.tables import ProxyRow

pytestmark = pytest.mark.slow

Ids = dict[str, str]

OWNED = (  # every place of an address that holds something of somebody's
    *("visit", "patient", "case", "picture", "paper", "block", "consent", "proxy", "phrase"),
)
# … and those that hold nothing of a patient's or doctor's
NOBODYS = {"door", "path", "kind", "plan", "clerk", "month", "number", "grant"}
# Reading is written down, and so is that a sign-in is in use.
TRACES = {"record_audit", "chain_head", "session", "pending_sign_in"}
# Neither of the two visits is in the waiting room any more.
WHILE_WAITING = {
    "/visit/{visit}/move",
    "/visit/{visit}/time.ics",
    "/doctor/visit/{visit}/priority",
}


async def give_proxy(rig: Rig, patient: Browser, to: str) -> None:
    """A proxy for a month."""
    who = next(each.who for each in rig.world.patients if each.who.name == to)
    await patient.open("/mine")
    await patient.click("Fullmakt")
    typed = {
        "Navn": to,
        "Fødselsdato": who.birth_date.strftime("%d.%m.%Y"),
        "Fødselsnummer": who.number,
    }
    await patient.press("Gi fullmakt", {**typed, "30 dager": True})


async def with_everything(
    rig: Rig, name: str, by: str, key: str
) -> tuple[Browser, Browser, list[Ids]]:
    """A patient, the doctor, and the ids of a visit that is over and of one that goes on."""
    patient, doctor, done = await rig.consult(name, by)
    picture = await taken(rig, patient, doctor, done)
    await prescribe(doctor, done)
    await rig.hang_up(doctor, done)
    await doctor.open(f"/doctor/visit/{done}")
    await doctor.press("Signer og send", NOTE)
    await make(doctor, key, "Rød svelg.")
    [row] = await rig.rows(VisitRow, id=done)
    await patient.open(f"/mine/{row.patient}/note/{done}/wrong")
    await patient.press("Send inn", {"At det blir rettet": True, "wish": "Feil dato"})
    await give_proxy(rig, patient, INGRID)
    patient, doctor, going_on = await rig.consult(name, by)
    asked = await taken(rig, patient, doctor, going_on)
    await prescribe(doctor, going_on)
    await patient.open("/mine")
    await patient.click("Sperre")
    await patient.press("Sperr", {JONAS if by == SOLVEIG else SOLVEIG: True})
    ids = {
        "patient": row.patient,
        "case": (await rig.rows(CaseRow, visit=done))[0].id,
        "block": (await rig.rows(BlockRow, patient=row.patient))[0].id,
        "consent": (await rig.rows(ConsentRow, visit=done))[0].id,
        "proxy": (await rig.rows(ProxyRow, giver=row.patient))[0].id,
        "phrase": (await rig.rows(PhraseRow, key=key.lower().strip(".")))[0].id,
    }
    paper = (await rig.rows(PaperRow, visit=done))[0].paper
    draft = (await rig.rows(PaperDraftRow, visit=going_on))[0].id
    return (
        patient,
        doctor,
        [
            {**ids, "visit": done, "picture": picture, "paper": paper},
            {**ids, "visit": going_on, "picture": asked, "paper": draft},
        ],
    )


def address(canonical: str, ids: Ids) -> str:
    """A real address of a route."""
    return PLACE.sub(lambda place: ids.get(place[1], "referral"), canonical)


def owned(canonical: str) -> list[str]:
    """The places in it that hold something of somebody's."""
    return [place for place in PLACE.findall(canonical) if place in OWNED]


def places() -> Iterator[str]:
    """Those of all addresses."""
    for _method, canonical in RULES:
        yield from PLACE.findall(canonical)


def test_of_every_place_in_an_address_it_is_known_what_it_holds() -> None:
    assert set(places()) == {*OWNED, *NOBODYS}


async def kept(rig: Rig) -> list[object]:
    """All that must not change."""
    tables = [t for part in METADATA for t in part.sorted_tables if t.name not in TRACES]
    return [await rig.select(table) for table in tables]


async def test_one_id_of_anothers_in_an_address_is_as_good_as_none(rig: Rig) -> None:
    patient, doctor, own = await with_everything(rig, KARI, SOLVEIG, ".hals")
    _, _, theirs = await with_everything(rig, PER, JONAS, ".nese")
    before, reached, wanted = await kept(rig), set(), set()
    for (method, canonical), rule in RULES.items():
        if not owned(canonical) or rule.door not in ("patient", "doctor"):
            continue
        who = patient if rule.door == "patient" else doctor
        for mine, other in zip(own, theirs, strict=True):
            if method == "GET" and not canonical.startswith("/live"):
                wanted.add(canonical)
                answer = await ask(rig, who, method, address(canonical, mine))
                reached |= {canonical} if answer.status in (200, 303) else set()
            for place in owned(canonical):
                said = [
                    await _heard(rig, who, method, canonical, {**mine, place: instead})
                    for instead in (other[place], ABSENT)
                ]
                assert said[0] == said[1], (method, canonical, place)
                assert said[0][0] not in (200, 201, 204), (method, canonical, place)
    assert await kept(rig) == before
    assert wanted - reached == WHILE_WAITING  # the ids are real: their own let them in


async def _heard(rig: Rig, who: Browser, method: str, canonical: str, ids: Ids) -> tuple[int, str]:
    path = address(canonical, ids)
    answer = await ask(rig, who, method, path)
    text = answer.headers.get("Location", "") + await answer.text()
    for part in sorted(ids.values(), key=len, reverse=True):
        text = text.replace(part, "id")
    return answer.status, text
