"""The director plans who works when, and is told what hangs on it."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from tests.web.beginnings import beginning
from tests.web.browser import Browser
from tests.web.page import Page, Typed
from tests.web.rig import JONAS, KARI, LINNEA, NOON, RAGNA, SOLVEIG, Rig
from tests.web.test_booking import everybody_goes_home
from venterom.queue.tables import EntryRow, PlanRow, SeatRow
from venterom.server.config import Hours
from venterom.web import director
from venterom.web.outbox import OutboxRow
from venterom.web.text import OSLO

pytestmark = pytest.mark.slow
TODAY = date(2026, 11, 24)


@pytest.fixture
def more_settings(request: pytest.FixtureRequest) -> dict[str, object]:
    """Open all day where a test asks for it, else from seven to ten in the evening."""
    if request.node.get_closest_marker("usefixtures") is not None:
        return {}
    return {"hours": Hours(opens=time(7), closes=time(22))}


@pytest.fixture
def all_day() -> None:
    """Asks for a door that never closes."""


def oslo(hour: int, minute: int = 0, day: date = TODAY) -> datetime:
    return datetime.combine(day, time(hour, minute), tzinfo=OSLO).astimezone(UTC)


@beginning
async def at_the_plan(rig: Rig) -> Browser:
    return await rig.sign_in(RAGNA, "/director")


async def set_up(
    browser: Browser,
    begins: str,
    ends: str,
    *,
    doctor: str = SOLVEIG,
    work: str = "Vakt",
    day: str = "2026-11-24",
    press: str = "Lagre",
) -> Page:
    """Fill in an empty line of the plan."""
    await browser.open("/director/plan")
    typed: Typed = {"Lege": doctor, work: True, "Dag": day, "Fra kl.": begins, "Til kl.": ends}
    return await browser.press(press, typed)


def read_plan(page: Page) -> list[str]:
    """Each line of the week as it is read, without what is for screen readers only."""
    lists = [node for node in page.tree.every("ul") if node.attributes.get("class") == "plan"]
    return [" ".join(item.text.split()) for each in lists for item in each.every("li")]


async def test_a_director_comes_to_the_week_that_it_is(rig: Rig) -> None:
    browser = await at_the_plan(rig)
    assert browser.page.title == "Vaktplan fra 23. nov. 2026 til 29. nov. 2026"
    assert browser.page.main.count("Ingen er satt opp.") == 7
    assert browser.page.main.count("Sett opp") == 6  # yesterday is over


async def test_a_shift_is_planned_changed_and_removed(rig: Rig) -> None:
    browser = await at_the_plan(rig)
    page = await set_up(browser, "14:00", "20:00", day="25.11.2026")
    assert page.path == "/director"
    [read] = read_plan(page)
    assert "14:00–20:00" in read and SOLVEIG in read and read.endswith("Vakt")
    [row] = await rig.rows(PlanRow)
    tomorrow = TODAY + timedelta(days=1)
    assert (row.on_at, row.off_at) == (oslo(14, day=tomorrow), oslo(20, day=tomorrow))
    assert row.practitioner == await rig.person(SOLVEIG)
    await browser.open(f"/director/plan/{row.id}")
    page = await browser.press("Lagre", {"Lege": LINNEA, "Bakvakt": True, "Til kl.": "21.30"})
    [read] = read_plan(page)
    assert "14:00–21:30" in read and LINNEA in read and read.endswith("Bakvakt")
    await browser.open(f"/director/plan/{row.id}")
    page = await browser.press("Fjern fra planen")
    assert read_plan(page) == []
    acts = [each.body for each in await rig.rows(OutboxRow, name="PlanChanged")]
    assert len(acts) == 3 and all('"by": "' in body for body in acts)


async def test_the_weeks_follow_each_other(rig: Rig) -> None:
    browser = await at_the_plan(rig)
    await set_up(browser, "08:00", "15:00", day="2026-11-30")
    page = await browser.open("/director")
    assert read_plan(page) == []
    page = await browser.open(page.link("Uken etter"))
    assert "30. nov. 2026" in page.title and len(read_plan(page)) == 1
    page = await browser.open(page.link("Uken før"))
    assert "23. nov. 2026" in page.title
    for odd in ("?day=", "?day=tull", "?day=0001-01-01", "?day=9999-12-31"):
        page = await browser.open(f"/director{odd}")
        assert (page.status, "23. nov. 2026" in page.title) == (200, True), odd


@pytest.mark.parametrize(
    ("begins", "ends", "field", "words"),
    [
        ("16:00", "15:00", "Til kl.", "Slutten må være senere enn starten, og på samme dag."),
        ("16:00", "16:00", "Til kl.", "Slutten må være senere"),
        ("22:00", "06:00", "Til kl.", "Slutten må være senere enn starten, og på samme dag."),
        ("14:00", "22:15", "Til kl.", "Dette er utenfor åpningstiden"),
        ("08:00", "11:59", "Til kl.", "Dette er over allerede."),
        ("07:00", "19:30", "Til kl.", "Dette blir mer enn tolv timer."),
        ("14:00", "18:00", "Fra kl.", "Legen er satt opp til noe annet da."),  # see below
        ("kl. to", "18:00", "Fra kl.", director.BAD_CLOCK),
        ("14:00", "", "Til kl.", director.BAD_CLOCK),
    ],
)
async def test_what_cannot_be_is_said_beside_its_field_and_nothing_typed_is_lost(
    rig: Rig, begins: str, ends: str, field: str, words: str
) -> None:
    browser = await at_the_plan(rig)
    await set_up(browser, "17:00", "19:00")
    await browser.open("/director/plan")
    typed: Typed = {
        "Lege": SOLVEIG,
        "Vakt": True,
        "Dag": "2026-11-24",
        "Fra kl.": begins,
        "Til kl.": ends,
    }
    page = await browser.press("Lagre", typed, careless=True)
    assert page.status == 422
    assert words in page.trouble(field)
    assert (page.value("Fra kl."), page.value("Til kl.")) == (begins, ends)
    assert page.value("Lege") == await rig.person(SOLVEIG)
    assert len(await rig.rows(PlanRow)) == 1


async def test_each_field_that_is_missing_is_named(rig: Rig) -> None:
    browser = await at_the_plan(rig)
    page = await browser.post("/director/plan", {"doctor": "nobody", "work": "holiday"})
    assert page.status == 422
    for words in (director.NO_DOCTOR, director.NO_WORK, director.BAD_DAY, director.BAD_CLOCK):
        assert words in page.main
    assert await rig.rows(PlanRow) == []


async def test_a_break_lies_in_a_shift(rig: Rig) -> None:
    browser = await at_the_plan(rig)
    page = await set_up(browser, "15:00", "15:30", work="Pause")
    assert page.trouble("Fra kl.") == "En pause må ligge i en vakt som legen har."
    await set_up(browser, "13:00", "19:00")
    page = await set_up(browser, "15:00", "15:30", work="Pause")
    assert [line.rsplit(" ", 1)[1] for line in read_plan(page)] == ["Vakt", "Pause"]
    [shift] = await rig.rows(PlanRow, work="shift")
    await browser.open(f"/director/plan/{shift.id}")
    assert "Pausene i en vakt blir fjernet sammen med den." in browser.page.main
    assert read_plan(await browser.press("Fjern fra planen")) == []


@pytest.mark.usefixtures("all_day")
async def test_where_the_door_never_closes_a_night_shift_ends_the_next_day(rig: Rig) -> None:
    browser = await at_the_plan(rig)
    page = await set_up(browser, "22:00", "06:00")
    [read] = read_plan(page)
    assert "22:00–06:00" in read and "neste dag" in read
    [row] = await rig.rows(PlanRow)
    assert row.off_at - row.on_at == timedelta(hours=8)


@pytest.mark.usefixtures("all_day")
async def test_the_hour_that_is_skipped_is_named(rig: Rig) -> None:
    browser = await at_the_plan(rig)
    page = await set_up(browser, "02:30", "08:00", day="2027-03-28")
    assert "Klokken stilles frem denne natten" in page.trouble("Dag")


# ---- what is booked


async def booked_on_a_plan(rig: Rig, director: Browser) -> tuple[Browser, str]:
    """One doctor is planned, nobody else works, and a patient has booked 14:00."""
    await everybody_goes_home(rig)
    await set_up(director, "13:00", "18:00", doctor=JONAS)
    patient = await rig.arrive(KARI)
    await patient.press("14:00")
    [row] = await rig.rows(PlanRow)
    return patient, row.id


async def test_a_shift_that_patients_have_booked_is_removed_only_when_that_was_seen(
    rig: Rig,
) -> None:
    browser = await at_the_plan(rig)
    patient, line = await booked_on_a_plan(rig, browser)
    before = await rig.rows(EntryRow)
    await browser.open(f"/director/plan/{line}")
    page = await browser.press("Fjern fra planen")
    assert page.status == 409
    assert "tirsdag 24. november kl. 14:00: 1 pasient" in page.main
    assert "Pasientene beholder timen og løftet." in page.main
    assert len(await rig.rows(PlanRow)) == 1
    page = await browser.press("Fjern likevel")
    assert await rig.rows(PlanRow) == []
    assert await rig.rows(EntryRow) == before and len(await rig.rows(SeatRow)) == 1
    assert "Disse timene har for få leger." in page.main  # and the plan says so from now on
    assert "kl. 14:00: 1 pasient" in page.main
    assert "Du har time tirsdag 24. november kl. 14:00" in (await patient.reload()).main
    page = await set_up(browser, "13:00", "18:00", doctor=LINNEA)
    assert "Disse timene har for få leger." not in page.main


async def test_what_was_booked_after_the_warning_is_warned_of_again(rig: Rig) -> None:
    browser = await at_the_plan(rig)
    _patient, line = await booked_on_a_plan(rig, browser)
    await browser.open(f"/director/plan/{line}")
    await browser.press("Fjern fra planen")
    other = await rig.arrive("Per Testesen")
    await other.press("14:15")
    page = await browser.press("Fjern likevel")
    assert page.status == 409 and "kl. 14:15: 1 pasient" in page.main
    assert len(await rig.rows(PlanRow)) == 1


async def test_a_shift_is_shortened_under_a_booked_time_only_when_that_was_seen(rig: Rig) -> None:
    browser = await at_the_plan(rig)
    _patient, line = await booked_on_a_plan(rig, browser)
    await browser.open(f"/director/plan/{line}")
    page = await browser.press("Lagre", {"Fra kl.": "14:15"})
    assert page.status == 409 and "kl. 14:00: 1 pasient" in page.main
    assert page.value("Fra kl.") == "14:15"
    [row] = await rig.rows(PlanRow)
    assert row.on_at == oslo(13)
    page = await browser.press("Lagre likevel")
    [row] = await rig.rows(PlanRow)
    assert (page.path, row.on_at) == ("/director", oslo(14, 15))


# ---- two directors, or one twice


async def test_a_line_that_is_gone_is_said_to_be(rig: Rig) -> None:
    browser = await at_the_plan(rig)
    await set_up(browser, "13:00", "18:00")
    [row] = await rig.rows(PlanRow)
    page = await browser.open(f"/director/plan/{row.id}")
    other = await at_the_plan(rig)
    await other.open(f"/director/plan/{row.id}")
    await other.press("Fjern fra planen")
    for press in ("Lagre", "Fjern fra planen"):
        browser.page = page
        answer = await browser.press(press)
        assert (answer.status, director.GONE in answer.main) == (409, True), press
    assert director.GONE in (await browser.open(f"/director/plan/{row.id}")).main
    assert await rig.rows(PlanRow) == []


async def test_what_is_over_stays_as_it_was(rig: Rig) -> None:
    browser = await at_the_plan(rig)
    await set_up(browser, "12:05", "12:15")
    [row] = await rig.rows(PlanRow)
    page = await browser.open(f"/director/plan/{row.id}")
    rig.clock.now = NOON + timedelta(minutes=15)
    browser.page = page
    assert "Dette er over allerede." in (await browser.press("Lagre")).trouble("Til kl.")
    browser.page = page
    assert director.OVER in (await browser.press("Fjern fra planen")).main
    assert len(await rig.rows(PlanRow)) == 1
    assert "/director/plan/" + row.id not in (await browser.open("/director")).body


async def test_pressing_twice_plans_once(rig: Rig) -> None:
    browser = await at_the_plan(rig)
    await set_up(browser, "13:00", "14:00")
    page = await set_up(browser, "13:00", "14:00")
    assert page.status == 422 and len(await rig.rows(PlanRow)) == 1
