"""The insurer: one number, one answer, a count; and not a word about health, on any road."""

import asyncio
import contextlib
import logging
import re
from collections.abc import Generator
from datetime import timedelta

import pytest
from aiohttp import ClientResponse
from sqlalchemy.exc import OperationalError
from structlog.testing import capture_logs

from tests.web.browser import Browser
from tests.web.page import Page
from tests.web.rig import ARNE, BERIT, INGRID, KARI, PER, REASON, Rig
from tests.web.test_patient import take_in
from tests.web.test_routes import ABSENT, RULES, Ids, address, ask
from tests.web.test_sheets import MAIN, xlsx_cells, xlsx_texts
from venterom.queue.coverage.tables import LookUpRow, UseRow, metadata
from venterom.web.intake import Step
from venterom.web.sheets import XLSX

pytestmark = pytest.mark.slow

OWN = "Fjellprøve Forsikring"
# Words that stand nowhere else, so that each of them is a leak wherever it is found.
PLANTED = {
    "reason": "kanarihalsvondt",
    "Årsak": "kanariårsak",
    "Sykehistorie": "kanarihistorie",
    "Funn": "kanarifunn",
    "Vurdering": "kanarivurdering",
    "Plan og råd til pasienten": "kanariplan",
    "ICPC-2": "Z29",
    "Hvor er pasienten nå?": "kanaristed",
    "Legemidler": "kanarimedisin",
    "Kritisk informasjon (CAVE)": "kanariallergi",
    "Informasjon gitt": "kanariinformasjon",
    "Formål": "kanariformål",
}
ALONE = "(?<![A-Za-z0-9_-]){}(?![A-Za-z0-9_-])"  # three letters may stand in a seal by chance


async def look_up(clerk: Browser, number: str) -> Page:
    """Type a number and press the button."""
    await clerk.open("/insurer")
    return await clerk.press("Sjekk", {"Polisenummer": number}, careless=True)


async def test_a_valid_policy_shows_for_what_until_when_and_how_often(rig: Rig) -> None:
    clerk = await rig.sign_in(BERIT, "/insurer")
    assert OWN in clerk.page.main
    page = await look_up(clerk, f" {rig.policy(KARI).lower()} ")
    assert page.status == 200
    [answer] = [node for node in page.tree.every("section")]
    assert answer.text.startswith(f"{rig.policy(KARI)} Gyldig ")
    told = [node.text for node in answer.every("dd")]
    assert told == ["Helseforsikring med videolege", "fredag 1. januar 2027", "Ingen ganger"]


async def test_a_signed_visit_is_counted_in_its_month_when_that_is_over(rig: Rig) -> None:
    for _ in range(2):
        patient, doctor, visit = await rig.consult(KARI)
        await rig.hang_up(doctor, visit)
        await doctor.press("Signer og send", _note())
        await patient.open("/")
    clerk = await rig.sign_in(BERIT, "/insurer")
    assert "Brukt det siste året Ingen ganger" in (await look_up(clerk, rig.policy(KARI))).main
    assert {row.day for row in await rig.rows(UseRow)} == {rig.clock.now.date()}
    rig.clock.now += timedelta(days=10)
    clerk = await rig.sign_in(BERIT, "/insurer")
    assert "Brukt i november 2026 2 ganger" in (await look_up(clerk, rig.policy(KARI))).main


async def test_a_policy_that_has_run_out_is_not_valid(rig: Rig) -> None:
    await take_in(rig, KARI, valid_until=rig.clock.now.date() - timedelta(days=1))
    clerk = await rig.sign_in(BERIT, "/insurer")
    page = await look_up(clerk, rig.policy(KARI))
    assert "Ikke gyldig" in page.main and "Til og med mandag 23. november 2026" in page.main


async def test_another_insurers_policy_looks_exactly_like_one_that_does_not_exist(
    rig: Rig,
) -> None:
    clerk = await rig.sign_in(BERIT, "/insurer")
    theirs, nobodys = rig.policy(PER), "KYP-999999"
    foreign, unknown = await look_up(clerk, theirs), await look_up(clerk, nobodys)
    assert foreign.status == unknown.status == 200
    assert foreign.body.replace(theirs, nobodys) == unknown.body
    assert "Vi har ingen polise med dette nummeret hos dere." in foreign.main
    colleague = await rig.sign_in(ARNE, "/insurer")
    assert "Gyldig" in (await look_up(colleague, theirs)).main


async def test_every_look_up_is_logged_with_who_and_which_day(rig: Rig) -> None:
    clerk = await rig.sign_in(BERIT, "/insurer")
    numbers = [rig.policy(KARI), rig.policy(PER), "KYP-999999", rig.policy(KARI)]
    for number in numbers:
        await look_up(clerk, number)
    await clerk.reload()  # looks, and asks for nothing
    rows = await rig.rows(LookUpRow)
    assert [row.number for row in rows] == numbers
    assert {(row.insurer, row.day) for row in rows} == {(OWN, rig.clock.now.date())}
    assert len({row.clerk for row in rows}) == 1


async def test_what_is_no_number_is_said_beside_the_field_and_not_logged(rig: Rig) -> None:
    clerk = await rig.sign_in(BERIT, "/insurer")
    for number in ("", "12345", "<script>", "FJP-١٠٧٩١٩", "a" * 100_000):
        page = await look_up(clerk, number)
        assert page.status == 422, number
        assert page.trouble("Polisenummer").startswith("Et polisenummer har 6–20 tegn")
        assert page.value("Polisenummer") == number
    assert await rig.rows(LookUpRow) == []


# ---- not a word about health


def _note(**more: str) -> dict[str, str]:
    elsewhere = ("reason", "Formål")
    return {name: words for name, words in PLANTED.items() if name not in elsewhere} | more


@contextlib.contextmanager
def everything_that_is_logged(caplog: pytest.LogCaptureFixture) -> Generator[list[str]]:
    """Our own lines and the libraries', as one text when the block has ended. Of the libraries no
    more is ever let through than warnings (tests/server/test_log.py)."""
    said: list[str] = []
    with caplog.at_level(logging.WARNING), capture_logs() as lines:
        yield said
    said += [str(line) for line in lines] + [record.getMessage() for record in caplog.records]


async def whole_visit(rig: Rig) -> tuple[dict[str, Browser], str, list[str]]:
    """A visit from the front door to the journal with the words in it; and the patients' names."""
    patient = await rig.arrive(KARI, Step.REASON)
    await patient.press("Neste", {"reason": PLANTED["reason"]})
    await rig.answer(patient, Step.CONSENT)
    await rig.answer(patient, Step.OFFER)
    visit = patient.page.path.removeprefix("/visit/")
    doctor = await rig.doctor()
    assert PLANTED["reason"] in doctor.page.main
    await doctor.press("Ta neste")
    await rig.meet(visit)
    path = f"/doctor/visit/{visit}/note"
    fields = {"version": 0, "fields": {"plan": PLANTED["Plan og råd til pasienten"]}}
    await doctor.raw("PUT", path, {"X-CSRF-Token": rig.token(doctor, path)}, json=fields)
    await doctor.open(f"/doctor/visit/{visit}/papers/certificate")
    paper = {"Til": "Skolen", "Formål": PLANTED["Formål"], "Erklæring": PLANTED["Formål"]}
    await doctor.press("Legg ved notatet", paper)
    await rig.hang_up(doctor, visit)
    await doctor.press("Signer og send", _note())
    assert PLANTED["Vurdering"] in doctor.page.main
    await rig.jobs()
    assert PLANTED["Plan og råd til pasienten"] in (await patient.open(f"/visit/{visit}")).main
    await rig.waiting(INGRID)  # somebody is still there
    actors = {"patient": patient, "doctor": doctor}
    return actors, visit, [KARI, INGRID, *KARI.split(), REASON]


async def text_in(answer: ClientResponse) -> str:
    """What a reader finds in an answer; of a workbook, its texts and counts."""
    body = await answer.read()
    if answer.content_type != XLSX:
        return body.decode("utf-8-sig")
    counts = [cell.findtext(f"{MAIN}v") for cell in xlsx_cells(body)]
    return f"{xlsx_texts(body)} {counts}"


async def test_no_page_answer_log_or_table_of_an_insurer_says_anything_about_health(
    rig: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    with everything_that_is_logged(caplog) as said:
        _actors, visit, names = await whole_visit(rig)
        clerk = await rig.sign_in(BERIT, "/insurer")
        said += [page.body for page in [clerk.page, await look_up(clerk, rig.policy(KARI))]]
        for method, canonical in RULES:
            path = address(canonical, Ids(visit, ABSENT, ABSENT))
            if "sign-out" not in path:
                answer = await ask(rig, clerk, method, path)
                said += [await text_in(answer), str(answer.headers)]
        for path in ("/insurer/x", "/insurer/../doctor", "/epj", f"/record/{visit}"):
            said.append(await (await clerk.raw("GET", path)).text())
    for table in metadata.sorted_tables:
        said.append(str(await rig.select(table)))
    told = "\n".join(said)
    for word in (*PLANTED.values(), *names):
        assert not re.search(ALONE.format(word), told), word


async def test_a_fault_while_an_insurer_asks_says_nothing_either(
    rig: Rig, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    await whole_visit(rig)
    clerk = await rig.sign_in(BERIT, "/insurer")

    async def away(*_arguments: object, **_more: object) -> None:
        """Stands in for a database that is away in the middle of it."""
        await asyncio.sleep(0)
        raise OperationalError("SELECT", {}, Exception("gone"))

    monkeypatch.setattr("venterom.web.insurer.insurer.look_up", away)
    with everything_that_is_logged(caplog) as said:
        page = await look_up(clerk, rig.policy(KARI))
        assert page.status == 500
        [home] = page.tree.by_id("main").every("a")
        assert home.attributes["href"] == "/insurer"
    told = "\n".join([*said, page.body])
    for word in (*PLANTED.values(), KARI, rig.policy(KARI)):
        assert not re.search(ALONE.format(word), told), word


async def test_nothing_is_planted_that_could_not_be_found(rig: Rig) -> None:
    actors, visit, _names = await whole_visit(rig)
    note = await actors["doctor"].open(f"/doctor/visit/{visit}")
    papers = await actors["doctor"].open(f"/doctor/visit/{visit}/papers")
    for word in PLANTED.values():  # the crawl above would see them, were they there
        assert word in note.body + papers.body
