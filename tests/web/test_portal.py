"""An insurer's own pages: the bill, the promise, look-ups and clerks; and nothing about health."""

import asyncio
import re
from collections.abc import AsyncGenerator
from datetime import date, timedelta
from urllib.parse import urljoin

import pytest
from sqlalchemy import insert

from tests.web.browser import Browser
from tests.web.page import Page
from tests.web.rig import ARNE, BERIT, KARI, NOTE, PER, SOLVEIG, Rig
from tests.web.test_insurer import ALONE, OWN, PLANTED, look_up, text_in, whole_visit
from tests.web.test_patient import take_in
from tests.web.test_sheets import MAIN, csv_rows, xlsx_cells, xlsx_texts
from tests.web.test_whom import IDA
from venterom.journal.tables import VisitRow
from venterom.queue.coverage import charges, promises
from venterom.queue.coverage.errors import RegisterUnreachable
from venterom.queue.coverage.portal_tables import ChargeRow
from venterom.queue.coverage.tables import LookUpRow
from venterom.queue.coverage.usage import Month
from venterom.server.demo.people import PRODUCT
from venterom.web.identity import people
from venterom.web.identity.clerk_tables import ClerkChangeRow, What
from venterom.web.identity.numbers import make
from venterom.web.identity.roles import Role
from venterom.web.intake import Step
from venterom.web.keys import IDENTITY_KEYS
from venterom.web.work import work

pytestmark = pytest.mark.slow
OCTOBER = Month(2026, 10)
THEIRS = "Kystprøve Forsikring"
EVIL = '=HYPERLINK("https://evil.example")'
NINA, NEW_NUMBER = "Nina Nyprøve", make(date(1991, 4, 2), 0)


async def billed(rig: Rig, count: int, *, name: str = "v", later: bool = False) -> None:
    """So many visits of October on our bill."""
    async with work(rig.app) as unit:
        for n in range(count):
            await charges.charge(
                unit.db,
                visit=f"{name}{n}",
                insurer=OWN,
                number=rig.policy(KARI),
                month=OCTOBER,
                later=later,
            )


async def told(rig: Rig, kept: int, promised: int) -> None:
    """How promises to our customers went in October."""
    async with work(rig.app) as unit:
        await promises.tell(unit.db, OCTOBER, {OWN: (kept, promised)})


async def berit(rig: Rig, path: str = "") -> Browser:
    """A clerk, who is a chief, at one of her pages."""
    clerk = await rig.sign_in(BERIT, "/insurer")
    await clerk.open(f"/insurer{path}")
    return clerk


async def log_of(patient: Browser) -> Page:
    """The patient's own log."""
    await patient.open("/mine")
    return await patient.click("Hvem har sett")


async def crawl(clerk: Browser) -> AsyncGenerator[tuple[str, str]]:
    """Every page and file that a clerk comes to from the first page, and what stands in it."""
    done, left = set[str](), ["/insurer"]
    while left:
        path = left.pop()
        if path in done or not path.startswith("/insurer") or "lang=" in path or "#" in path:
            continue
        done.add(path)
        answer = await clerk.raw("GET", path)
        assert answer.status == 200, path
        text = await text_in(answer)
        yield path, f"{answer.headers} {text}"
        left += [urljoin(path, link) for link in re.findall(r'href="([^"]+)"', text)]


# ---- the bill


async def test_a_month_is_billed_when_it_is_over(rig: Rig) -> None:
    _, doctor, visit = await rig.consult(KARI, SOLVEIG)
    await rig.hang_up(doctor, visit)
    await doctor.press("Signer og send", NOTE)
    clerk = await berit(rig, "/months")
    assert "oktober 2026 0" in clerk.page.main and "november 2026" not in clerk.page.main
    for path in ("2026-11", "2026-11/basis.csv", "2026-11/basis.xlsx", "2026-13", "x"):
        assert (await clerk.raw("GET", f"/insurer/months/{path}")).status == 404, path
    rig.clock.now += timedelta(days=10)
    clerk = await berit(rig, "/months")
    assert "november 2026 1" in clerk.page.main
    page = await clerk.open("/insurer/months/2026-11")
    assert "Timer i alt 1 Dekket da pasienten kom 1 Gjort opp etterpå 0" in page.main
    assert [row.month for row in await rig.rows(ChargeRow)] == ["2026-11"]


async def test_a_policy_that_is_settled_with_the_note_is_billed_as_settled_later(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_asked: object) -> None:
        """Stands in for a register that cannot be reached while the patient comes."""
        await asyncio.sleep(0)
        raise RegisterUnreachable

    with monkeypatch.context() as out_of_reach:
        out_of_reach.setattr("venterom.queue.coverage.insurer.OwnRegister.find", away)
        patient = await rig.arrive(KARI, Step.WHO)
        await patient.press("Gå videre")
        for step in (Step.WHO, Step.REASON, Step.CONSENT, Step.OFFER):
            await rig.answer(patient, step)
    visit = patient.page.path.removeprefix("/visit/")
    doctor = await rig.doctor()
    await doctor.press("Ta neste")
    await rig.meet(visit)
    await rig.hang_up(doctor, visit)
    await doctor.press("Signer og send", NOTE)
    [row] = await rig.rows(ChargeRow)
    assert (row.insurer, row.later) == (OWN, True)


async def test_a_bill_is_shown_and_taken_as_a_file(rig: Rig) -> None:
    await billed(rig, 12)
    await billed(rig, 6, name="l", later=True)
    clerk = await berit(rig, "/months/2026-10")
    assert "Timer i alt 18 Dekket da pasienten kom 12 Gjort opp etterpå 6" in clerk.page.main
    answer = await clerk.raw("GET", clerk.page.link("Last ned som CSV"))
    assert answer.headers["Content-Disposition"] == (
        'attachment; filename="fakturagrunnlag-2026-10.csv"'
    )
    assert answer.content_type == "text/csv" and "no-store" in answer.headers["Cache-Control"]
    assert csv_rows(await answer.read()) == [
        ["Måned", "Forsikring", "Timer"],
        ["2026-10", PRODUCT, "18"],
        ["2026-10", "I alt", "18"],
        ["2026-10", "Av dem gjort opp etterpå", "6"],
    ]
    answer = await clerk.raw("GET", clerk.page.link("Last ned som Excel"))
    body = await answer.read()
    counts = [cell.findtext(f"{MAIN}v") for cell in xlsx_cells(body) if cell.get("t", "n") == "n"]
    assert PRODUCT in xlsx_texts(body) and counts == ["18", "18", "6"]


async def test_a_file_speaks_the_readers_language(rig: Rig) -> None:
    await billed(rig, 3)
    clerk = await berit(rig)
    path = "/insurer/months/2026-10/basis.csv"
    answer = await clerk.raw("GET", path, {"Cookie": "", "Accept-Language": "en"})
    rows = csv_rows(await answer.read())
    assert rows[0] == ["Month", "Insurance", "Consultations"] and rows[-2][1:] == ["In all", "3"]


async def test_a_small_product_is_not_told_apart(rig: Rig) -> None:
    await take_in(rig, KARI, product="Styremedlemmer")
    await billed(rig, 2, name="s")
    await take_in(rig, KARI, product=PRODUCT)
    await billed(rig, 30)
    clerk = await berit(rig, "/months/2026-10")
    assert "Flere forsikringer 32" in clerk.page.main
    answer = await clerk.raw("GET", "/insurer/months/2026-10/basis.csv")
    assert "Styremedlemmer" not in clerk.page.body + await answer.text()


async def test_a_product_that_looks_like_a_formula_is_a_text_in_both_files(rig: Rig) -> None:
    await take_in(rig, KARI, product=EVIL)
    await billed(rig, 9)
    clerk = await berit(rig)
    answer = await clerk.raw("GET", "/insurer/months/2026-10/basis.csv")
    assert csv_rows(await answer.read())[1][1] == f"'{EVIL}"
    answer = await clerk.raw("GET", "/insurer/months/2026-10/basis.xlsx")
    body = await answer.read()
    assert EVIL in xlsx_texts(body)
    assert all(cell.find(f"{MAIN}f") is None for cell in xlsx_cells(body))


# ---- the promise


async def test_the_promise_is_told_as_a_share_of_many(rig: Rig) -> None:
    await told(rig, 197, 200)
    clerk = await berit(rig, "/promise")
    said = clerk.page.main.replace("\u00a0", " ")
    assert "Holdt det siste året 98,5 % 197 av 200 løfter" in said
    assert "oktober 2026 98,5 % 200 september 2026 Ingen tall" in said


async def test_the_promise_of_few_is_not_told(rig: Rig) -> None:
    await told(rig, 18, 19)
    clerk = await berit(rig, "/promise")
    assert "oktober 2026 For få til å vises" in clerk.page.main
    assert not re.search(r"\b(18|19)\b", clerk.page.main)


# ---- look-ups


async def test_the_insurer_sees_who_looked_up_what_on_which_day(rig: Rig) -> None:
    clerk = await berit(rig)
    for _ in range(2):
        await look_up(clerk, rig.policy(KARI))
    await look_up(clerk, "-1-1-1-1")
    async with work(rig.app) as unit:
        row = {"insurer": OWN, "clerk": "fjellprove-system", "number": rig.policy(PER)}
        await unit.db.execute(insert(LookUpRow).values(day=rig.clock.now.date(), **row))
    page = await clerk.open("/insurer/log")
    for line in (
        f"24. nov. 2026 {BERIT} {rig.policy(KARI)} 2 ganger",
        f"24. nov. 2026 {BERIT} -1-1-1-1",
        f"24. nov. 2026 Systemet fjellprove-system {rig.policy(PER)}",
    ):
        assert line in page.main, line
    assert not re.search(r"\d\d:\d\d", page.main)  # a look-up has no time
    answer = await clerk.raw("GET", page.link("Last ned som CSV"))
    rows = csv_rows(await answer.read())
    assert ["2026-11-24", BERIT, rig.policy(KARI), "2"] in rows
    assert ["2026-11-24", BERIT, "'-1-1-1-1", "1"] in rows
    page = await clerk.click("oktober")
    assert page.title == "Oppslag i oktober 2026" and "Ingen oppslag denne måneden." in page.main
    assert (await clerk.open("/insurer/log/2026-13")).status == 404


async def test_the_patient_sees_every_look_up_of_her_policy(rig: Rig) -> None:
    patient, _ = await rig.waiting(KARI)
    page = await log_of(patient)
    assert "forsikringsselskap" not in page.main.lower()
    number = rig.policy(KARI)
    for name in (BERIT, BERIT, ARNE):  # the last of another insurer, that is told nothing
        await look_up(await rig.sign_in(name, "/insurer"), number)
    await look_up(await rig.sign_in(BERIT, "/insurer"), rig.policy(PER))
    async with work(rig.app) as unit:
        row = {"insurer": OWN, "clerk": "fjellprove-system", "number": number}
        await unit.db.execute(insert(LookUpRow).values(day=rig.clock.now.date(), **row))
    page = await log_of(patient)
    for line in (
        f"{OWN} , et datasystem (fjellprove-system) Slo opp polisen {number} 24. nov. 2026",
        f"{THEIRS} , {ARNE} Slo opp polisen {number} 24. nov. 2026",
        f"{OWN} , {BERIT} Slo opp polisen {number} , 2 ganger 24. nov. 2026",
    ):
        assert line.replace(" ,", ",") in page.main.replace(" ,", ","), line
    assert rig.policy(PER) not in page.main
    other = await rig.sign_in(PER)
    assert number not in (await log_of(other)).body


async def test_a_number_that_is_not_hers_shows_her_nothing(rig: Rig) -> None:
    """Whoever types another's number learns nothing of what was looked up about it."""
    await look_up(await rig.sign_in(BERIT, "/insurer"), rig.policy(KARI))
    patient = await rig.arrive(PER, Step.POLICY)
    await patient.press("Neste", {"Polisenummer": rig.policy(KARI)})
    assert BERIT not in (await log_of(patient)).main


async def test_a_parents_policy_is_in_the_parents_log_and_not_in_the_childs(rig: Rig) -> None:
    patient = await rig.arrive(KARI, who=IDA)
    await patient.press("Ja, jeg venter")
    await look_up(await rig.sign_in(BERIT, "/insurer"), rig.policy(KARI))
    assert BERIT in (await log_of(patient)).main
    [row] = await rig.rows(VisitRow)
    assert BERIT not in (await patient.open(f"/mine/{row.patient}/log")).main


# ---- clerks


async def let_in(clerk: Browser, name: str = NINA, number: str = NEW_NUMBER) -> Page:
    """Fill in the form of a chief."""
    await clerk.open("/insurer/clerks")
    typed = {"Navn": name, "Fødselsnummer": number}
    return await clerk.press("Gi tilgang", typed, careless=True)


async def test_a_chief_lets_a_colleague_in_and_out_and_the_number_is_not_shown(rig: Rig) -> None:
    clerk = await berit(rig, "/clerks")
    assert f"{BERIT} (deg) Kan gi og ta bort tilgang" in clerk.page.main
    page = await let_in(clerk, number=f"{NEW_NUMBER[:6]} {NEW_NUMBER[6:]}")
    assert page.path == "/insurer/clerks" and f"{NINA} Ta bort tilgangen" in page.main
    assert f"24. nov. 2026 12:00 {NINA} fikk tilgang {BERIT}" in page.main
    assert NEW_NUMBER not in page.body and NEW_NUMBER[6:] not in page.body
    page = await clerk.press("Ta bort tilgangen")
    assert f"{NINA} mistet tilgangen {BERIT}" in page.main and "Ta bort" not in page.main


async def test_what_is_wrong_is_said_beside_the_field(rig: Rig) -> None:
    clerk = await berit(rig)
    page = await let_in(clerk, number="12345678901")
    assert page.status == 422 and "11 sifrene" in page.trouble("Fødselsnummer")
    assert page.value("Navn") == NINA and page.value("Fødselsnummer") == ""
    assert "12345678901" not in page.body
    assert (await let_in(clerk, name=" ")).trouble("Navn") == "Skriv navnet."
    [arne] = [each.who.number for each in rig.world.clerks if each.who.name == ARNE]
    page = await let_in(clerk, number=arne)
    assert page.status == 422 and "fra før" in page.trouble("Fødselsnummer")
    assert THEIRS not in page.body and ARNE not in page.body


async def test_a_colleague_sees_who_is_who_and_changes_nothing(rig: Rig) -> None:
    arne = await rig.sign_in(ARNE, "/insurer")
    clerk = await berit(rig)
    await let_in(clerk)
    async with work(rig.app) as unit:
        known = await people.staff(unit.db, rig.app[IDENTITY_KEYS], Role.INSURER)
        own, other = (next(p.id for p in known if p.name == name) for name in (BERIT, ARNE))
        row = {"insurer": OWN, "clerk": own, "chief": other, "what": What.GIVEN, "at": unit.now}
        await unit.db.execute(insert(ClerkChangeRow).values(**row))  # she has it from a colleague
    page = await clerk.open("/insurer/clerks")
    assert NINA in page.main and "Bare de som kan gi og ta bort tilgang" in page.main
    assert not list(page.tree.by_id("main").every("button"))
    sent = {"name": "En Til", "national_number": make(date(1990, 1, 1), 3)}
    assert (await clerk.post("/insurer/clerks", sent)).status == 404
    [nina] = [each.clerk for each in await rig.rows(ClerkChangeRow) if each.clerk != own]
    for browser in (clerk, arne):  # nor does a chief of another insurer
        await browser.open("/insurer")
        assert (await browser.post(f"/insurer/clerks/{nina}/withdraw", {})).status == 404
    assert len(await rig.rows(ClerkChangeRow)) == 2


# ---- not a word about health, and not a word of another's


async def test_no_page_and_no_file_that_a_clerk_comes_to_says_anything_about_health(
    rig: Rig,
) -> None:
    _actors, visit, names = await whole_visit(rig)
    await billed(rig, 12)
    await told(rig, 30, 31)
    rig.clock.now += timedelta(days=10)
    clerk = await berit(rig)
    await look_up(clerk, rig.policy(KARI))
    seen = {path: text async for path, text in crawl(clerk)}
    for path in (
        "/insurer/months/2026-10/basis.csv",
        "/insurer/months/2026-11/basis.xlsx",  # the month of the visit
        "/insurer/log/2026-12/look-ups.csv",
        "/insurer/log/2026-11",
        "/insurer/promise",
        "/insurer/clerks",
    ):
        assert path in seen, path
    for path, text in seen.items():
        for word in (*PLANTED.values(), *names, visit, SOLVEIG):
            assert not re.search(ALONE.format(re.escape(word)), text), (path, word)


async def test_another_insurer_sees_nothing_of_ours_on_any_page_or_file(rig: Rig) -> None:
    await take_in(rig, KARI, product="Kanariprodukt")
    await billed(rig, 4_711)
    await told(rig, 4_803, 4_909)
    clerk = await berit(rig)
    await look_up(clerk, rig.policy(KARI))
    await let_in(clerk)
    ours = ["Kanariprodukt", OWN, BERIT, NINA, rig.policy(KARI), "4711", "4803", "4909", "97,8"]
    own = {path: text async for path, text in crawl(clerk)}
    for word in ours:  # the crawl would see them, were they there
        assert any(word in text for text in own.values()), word
    other = await rig.sign_in(ARNE, "/insurer")
    await look_up(other, rig.policy(PER))
    theirs = {path: text async for path, text in crawl(other)}
    assert theirs.keys() == own.keys()
    for path, text in theirs.items():
        for word in ours:
            assert word not in text, (path, word)
