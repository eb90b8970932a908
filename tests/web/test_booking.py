"""The offer: written down before it is shown, kept as it was shown, and never more than it says."""

import asyncio
from datetime import UTC, datetime, time, timedelta

import pytest
from aiohttp import ClientResponse

from tests.web.browser import Browser
from tests.web.page import Page
from tests.web.rig import INGRID, JONAS, KARI, NOON, PER, SOLVEIG, Rig
from tests.web.test_consent import alone
from tests.web.test_whom import IDA, NORA, add, child
from venterom.journal.tables import VisitRow
from venterom.queue import desk, roster
from venterom.queue.admission import SLOTS_SHOWN
from venterom.queue.grounds import slots_in
from venterom.queue.planning import Planned, Work
from venterom.queue.promise import Decision
from venterom.queue.tables import EntryRow, PromiseRow, SeatRow, ShiftRow
from venterom.server.config import Hours
from venterom.web.intake import Step
from venterom.web.keys import HOURS
from venterom.web.text import OSLO
from venterom.web.work import work

pytestmark = pytest.mark.slow

DOCTORS = 3  # are on shift at noon
ADVICE = "21 49 24 01"  # nurses answer here when no doctor can


async def everybody_goes_home(rig: Rig) -> None:
    """All doctors end their shifts."""
    for shift in await rig.rows(ShiftRow):
        async with work(rig.app) as unit:
            await desk.go_off_shift(unit.db, unit.now, practitioner=shift.practitioner)


async def plan(rig: Rig, on_at: datetime, hours: float = 1) -> None:
    """One doctor is going to work, which opens slots."""
    async with work(rig.app) as unit:
        line = Planned("", "planned", Work.SHIFT, on_at, on_at + timedelta(hours=hours))
        await roster.add(unit.db, unit.now, line, hours=rig.app[HOURS], by="director")


def slots(page: Page) -> list[str]:
    """The free times on the page, as buttons send them."""
    buttons = page.tree.every("button")
    return [node.attributes["value"] for node in buttons if node.attributes.get("name") == "slot"]


async def press_at_once(tabs: list[tuple[Browser, dict[str, str]]]) -> list[ClientResponse]:
    """Several tabs send the form of the offer in the same moment."""
    return await asyncio.gather(
        *(
            browser.raw("POST", "/start/offer", data={"csrf": browser.page.token, **form})
            for browser, form in tabs
        )
    )


def offer_on(page: Page) -> dict[str, str]:
    """The offer of the page, as its button sends it."""
    return {"offer": page.button("Ja, jeg venter").attributes["value"]}


async def test_an_offer_is_in_the_ledger_before_it_is_shown(rig: Rig) -> None:
    patient = await rig.arrive()
    [line] = await rig.rows(PromiseRow)
    assert patient.page.promised == line.deadline.isoformat()
    assert line.deadline == NOON + timedelta(minutes=20)
    assert offer_on(patient.page) == {"offer": line.id}
    assert (line.decision, line.quoted_at) == (Decision.PROMISE20, NOON)
    assert len(line.inputs_sha256) == 64 and line.state_json
    assert await rig.rows(EntryRow) == []  # looking takes no place


async def test_the_deadline_that_was_shown_is_the_one_that_counts(rig: Rig) -> None:
    patient = await rig.arrive()
    shown = patient.page.promised
    rig.clock.tick(seconds=10)
    assert (await patient.reload()).promised == shown  # the same offer
    form = patient.page
    rig.clock.tick(minutes=2)
    for _ in range(2):  # pressed twice, from the page that was left open
        patient.page = form
        page = await patient.press("Ja, jeg venter")
        assert (page.title, page.promised) == ("Venterommet", shown)
    rig.clock.tick(minutes=3)
    assert (await patient.reload()).promised == shown
    phone = await rig.sign_in(KARI, "/start")
    assert (phone.page.path, phone.page.promised) == (patient.page.path, shown)
    [entry] = await rig.rows(EntryRow)
    assert entry.deadline.isoformat() == shown


async def test_two_tabs_at_once_get_one_place(rig: Rig) -> None:
    patient = await rig.arrive()
    form = offer_on(patient.page)
    answers = await press_at_once([(patient, form)] * 5)
    assert {answer.status for answer in answers} == {303}
    [to] = {answer.headers["Location"] for answer in answers}
    assert (await patient.open(to)).title == "Venterommet"
    assert len(await rig.rows(EntryRow)) == len(await rig.rows(VisitRow)) == 1


async def test_waiting_in_one_tab_and_booking_in_the_other_gets_one_place(rig: Rig) -> None:
    patient = await rig.arrive()
    now, later = offer_on(patient.page), {"slot": slots(patient.page)[0]}
    answers = await press_at_once([(patient, now), (patient, later), (patient, now)])
    assert {answer.status for answer in answers} == {303}
    assert len({answer.headers["Location"] for answer in answers}) == 1
    [entry] = await rig.rows(EntryRow)
    assert len(await rig.rows(SeatRow)) == (entry.kind == "booked")


async def test_an_old_offer_that_can_be_kept_is_kept(rig: Rig) -> None:
    patient = await rig.arrive()
    shown = patient.page.promised
    rig.clock.tick(seconds=40)
    page = await patient.press("Ja, jeg venter")
    assert page.promised == shown


async def test_an_old_offer_that_cannot_be_kept_is_replaced_and_never_passed_off(rig: Rig) -> None:
    patient = await rig.arrive()
    shown = patient.page.promised
    await rig.consult(PER, SOLVEIG)
    async with work(rig.app) as unit:
        for shift in await rig.rows(ShiftRow, phase="idle"):
            await desk.go_off_shift(unit.db, unit.now, practitioner=shift.practitioner)
    rig.clock.tick(minutes=1)
    page = await patient.press("Ja, jeg venter")
    assert (page.status, page.path) == (409, "/start/offer")
    assert "Tiden er ny." in page.main
    assert page.promised > shown
    assert len(await rig.rows(EntryRow)) == 1  # the other's
    lines = await rig.rows(PromiseRow)
    assert page.promised in {line.deadline.isoformat() for line in lines if line.deadline}
    page = await patient.press("Ja, jeg venter")
    [entry] = await rig.rows(EntryRow, kind="later")
    assert page.promised == entry.deadline.isoformat() > shown


async def test_an_offer_is_no_promise_once_the_doctors_have_gone(rig: Rig) -> None:
    patient = await rig.arrive()
    await everybody_goes_home(rig)
    rig.clock.tick(seconds=16)
    page = await patient.press("Ja, jeg venter")
    assert page.status == 409
    assert page.title == "Vi har dessverre ingen ledig lege nå"
    assert ADVICE in page.main and "Tiden er ny" not in page.main
    assert await rig.rows(EntryRow) == []


async def test_nobody_takes_an_offer_that_was_not_made_to_them(rig: Rig) -> None:
    other = await rig.arrive(PER)
    patient = await rig.arrive(KARI)
    for form in (offer_on(other.page), {"offer": "nosuchoffer"}, {"offer": ""}):
        page = await patient.post("/start/offer", form)
        assert (page.status, page.path) == (200, "/start/offer"), form
    assert await rig.rows(EntryRow) == []


# ---- nobody is there, or too many


async def test_when_nobody_is_on_shift_nothing_is_promised(rig: Rig) -> None:
    await everybody_goes_home(rig)
    stranger = await rig.browser()
    assert "20 minutter" not in (await stranger.open("/")).title
    patient = await rig.arrive()
    assert patient.page.title == "Vi har dessverre ingen ledig lege nå"
    assert ADVICE in patient.page.main and slots(patient.page) == []
    [line] = await rig.rows(PromiseRow)
    assert (line.decision, line.deadline) == (Decision.DECLINED, None)
    page = await patient.post("/start/offer", {"offer": line.id})  # as if it were one
    assert page.path == "/start/offer" and await rig.rows(EntryRow) == []


async def test_when_all_are_busy_a_later_time_is_promised_and_kept_apart(rig: Rig) -> None:
    await rig.consult(PER, SOLVEIG)
    await rig.consult(INGRID, JONAS)
    for name in ("Leila Havprøve", "Ola Testvik", "Bjørn Lykkjetest", "Mai Sundprøve"):
        waiting = await rig.arrive(name)
        deadline = datetime.fromisoformat(waiting.page.promised)
        if deadline > NOON + timedelta(minutes=20):
            break
        await rig.answer(waiting, Step.OFFER)
    assert waiting.page.title == "Det er mange som venter nå"
    line = next(line for line in await rig.rows(PromiseRow) if line.decision == Decision.LATER)
    assert line.deadline == deadline
    page = await waiting.press("Ja, jeg venter")
    assert page.promised == deadline.isoformat()
    stranger = await rig.browser()
    assert (await stranger.open("/")).title.startswith("Neste ledige lege: ca. kl.")


# ---- slots


async def test_a_free_slot_can_be_booked_and_is_shown_as_the_time_that_one_has(rig: Rig) -> None:
    patient = await rig.arrive()
    first = slots(patient.page)[0]
    page = await patient.press("12:30")
    assert page.title == "Venterommet"
    assert "Du har time tirsdag 24. november kl. 12:30" in page.main
    assert page.promised == first
    [entry] = await rig.rows(EntryRow)
    assert (entry.kind, entry.slot.isoformat()) == ("booked", first)


async def test_all_free_times_are_on_the_page_the_next_ones_first(rig: Rig) -> None:
    await everybody_goes_home(rig)
    await plan(rig, NOON + timedelta(minutes=30), hours=8)
    patient = await rig.arrive()
    [line] = await rig.rows(PromiseRow)
    shown = slots(patient.page)
    assert shown == sorted(shown) and len(shown) > SLOTS_SHOWN
    assert tuple(map(datetime.fromisoformat, shown[:SLOTS_SHOWN])) == slots_in(line.state_json)
    page = await patient.post("/start/offer", {"slot": shown[-1]})
    assert page.promised == shown[-1]


async def test_two_who_want_the_last_seat_one_gets_it_and_the_other_what_is_still_free(
    rig: Rig,
) -> None:
    await everybody_goes_home(rig)
    await plan(rig, NOON + timedelta(minutes=30))  # one doctor: one seat each quarter
    one, two = await rig.arrive(KARI), await rig.arrive(PER)
    wanted = slots(one.page)[0]
    assert wanted in slots(two.page) and len(slots(two.page)) == 3
    answers = await press_at_once([(one, {"slot": wanted}), (two, {"slot": wanted})])
    assert sorted(answer.status for answer in answers) == [303, 409]
    late = [one, two][[answer.status for answer in answers].index(409)]
    page = await late.post("/start/offer", {"slot": wanted})
    assert page.status == 409
    assert "Den timen ble nettopp tatt." in page.main
    assert wanted not in slots(page) and len(slots(page)) == 2
    [seat] = await rig.rows(SeatRow)
    page = await late.press("12:45")
    assert page.title == "Venterommet"
    assert len(await rig.rows(SeatRow)) == 2


NO_SLOTS = [
    "2026-11-24T11:00:00+00:00",  # now: too near
    "2026-11-24T11:37:00+00:00",  # between two
    "2026-11-26T11:30:00+00:00",  # the day after tomorrow
    "2020-01-01T11:30:00+00:00",
    "9999-12-31T23:45:00-23:59",
    "2026-11-24T11:30:00",  # of which clock?
    "i morgen",
    "<script>",
]


async def test_a_time_that_is_no_slot_cannot_be_booked(rig: Rig) -> None:
    patient = await rig.arrive()
    for slot in NO_SLOTS:
        page = await patient.post("/start/offer", {"slot": slot})
        assert (page.status, page.path) == (409, "/start/offer"), slot
        assert slots(page)
    assert await rig.rows(SeatRow) == []


# ---- closing time


@pytest.fixture
def more_settings(request: pytest.FixtureRequest) -> dict[str, object]:
    """From seven to ten in the evening, for tests marked so; all day for the others."""
    marked = request.node.get_closest_marker("usefixtures") is not None
    return {"hours": Hours(opens=time(7), closes=time(22))} if marked else {}


@pytest.fixture
def ordinary_hours() -> None:
    """Asks for the opening hours of the real service."""


def oslo(hour: int, minute: int = 0) -> datetime:
    """A time on the Tuesday of the tests, as clocks in Norway show it."""
    return datetime(2026, 11, 24, hour, minute, tzinfo=OSLO).astimezone(UTC)


async def still_on_shift(rig: Rig) -> None:
    """The doctors work until well after closing time."""
    for shift in await rig.rows(ShiftRow):
        async with work(rig.app) as unit:
            until = unit.now + timedelta(hours=3)
            await desk.go_on_shift(unit.db, unit.now, practitioner=shift.practitioner, off_at=until)


@pytest.mark.usefixtures("ordinary_hours")
async def test_when_it_is_closed_the_pages_say_when_it_opens_and_whom_to_call(rig: Rig) -> None:
    stranger = await rig.browser()
    opens = "onsdag 25. november kl. 07:00"
    for closed in (oslo(22), oslo(23, 59), oslo(6, 59) + timedelta(days=1)):
        rig.clock.now = closed
        page = await stranger.open("/")
        assert page.title == f"Vi åpner {opens}"
        assert page.link(f"Ring {ADVICE}") == "tel:21492401"
    rig.clock.now = oslo(22)
    await still_on_shift(rig)
    patient = await rig.arrive()
    assert patient.page.title == "Vi har stengt nå"
    assert ADVICE in patient.page.main and f"Vi åpner {opens}." in patient.page.main
    assert "Det du har skrevet, er lagret." in patient.page.main


@pytest.mark.usefixtures("ordinary_hours")
async def test_before_closing_time_no_twenty_minutes_are_promised_that_cannot_be_kept(
    rig: Rig,
) -> None:
    rig.clock.now = oslo(21, 55)
    await still_on_shift(rig)
    await plan(rig, oslo(21) + timedelta(hours=11))  # eight o'clock tomorrow
    patient = await rig.arrive()
    assert patient.page.title == "Velg en tid"
    assert "senest kl." not in patient.page.main
    assert [line.deadline for line in await rig.rows(PromiseRow)] == [None]
    assert datetime.fromisoformat(slots(patient.page)[0]).astimezone(OSLO).hour == 8
    page = await patient.press("08:00")
    assert "Du har time onsdag 25. november kl. 08:00" in page.main


@pytest.mark.usefixtures("ordinary_hours")
async def test_the_last_promise_of_the_day_ends_ten_minutes_before_closing(rig: Rig) -> None:
    rig.clock.now = oslo(21, 30)
    await still_on_shift(rig)
    patient = await rig.arrive()
    assert patient.page.promised == oslo(21, 50).isoformat()


# ---- a child, and who else may have asked


async def test_a_child_for_whom_the_other_parent_waits_gets_no_second_place(rig: Rig) -> None:
    ida = child(rig, IDA)
    kari, per = rig.world.patients[0].who, rig.world.patients[1].who
    rig.registers.born(ida.number, ida.birth_date, kari.number, per.number)
    mother = await rig.arrive(KARI, who=IDA)
    await rig.answer(mother, Step.OFFER)
    father = await rig.arrive(PER, Step.WHO)
    await add(father, name=IDA, born=f"{ida.birth_date:%d.%m.%Y}", number=ida.number)
    await rig.answer(father, Step.REASON)
    await father.press("Samtykk og gå videre", {"consent": True})
    assert (father.page.status, father.page.title) == (409, "Det er meldt fra allerede")
    assert mother.page.path.rsplit("/", 1)[1] not in father.page.body
    assert len(await rig.rows(EntryRow)) == 1


async def test_a_young_person_finds_the_place_that_a_parent_took(rig: Rig) -> None:
    parent = await rig.arrive(PER, Step.CONSENT, who=NORA)
    await parent.press(
        "Samtykk og gå videre", {"consent": True, "Nora er her og sier også ja": True}
    )
    await rig.answer(parent, Step.OFFER)
    young = await alone(rig, NORA, KARI)
    await young.press("Samtykk og gå videre", {"consent": True})
    assert young.page.path == parent.page.path
    assert len(await rig.rows(EntryRow)) == 1


async def send(patient: Browser, form: dict[str, str], key: str) -> ClientResponse:
    """A program sends the form under a key."""
    data = {"csrf": patient.page.token, **form}
    return await patient.raw("POST", "/start/offer", {"Idempotency-Key": key}, data=data)


async def test_a_request_that_is_sent_again_under_its_key_has_the_same_answer(rig: Rig) -> None:
    patient = await rig.arrive()
    form = offer_on(patient.page)
    page = patient.page
    first = await send(patient, form, "k1")
    await patient.open(first.headers["Location"])
    await patient.press("Ja, avbryt timen")  # it is over meanwhile: the answer is still the same
    patient.page = page
    again = await send(patient, form, '"k1"')
    assert (again.status, again.headers["Location"]) == (303, first.headers["Location"])
    assert len(await rig.rows(EntryRow)) == 1


async def test_a_key_that_came_with_something_else_is_refused(rig: Rig) -> None:
    patient = await rig.arrive()
    page, form = patient.page, offer_on(patient.page)
    await send(patient, form, "k1")
    patient.page = page
    answer = await send(patient, {"slot": slots(page)[0]}, "k1")
    assert answer.status == 422 and "Last siden på nytt" in await answer.text()
    assert (await send(patient, form, "a b")).status == 400
