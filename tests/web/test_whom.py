"""Oneself, one's own child, or a new one: who may be seen on whose word, and on which policy."""

from datetime import date, timedelta

import pytest

from tests.web.browser import Browser
from tests.web.page import Page, value
from tests.web.rig import KARI, PER, Rig
from tests.web.test_patient import take_in
from venterom.journal.tables import VisitRow
from venterom.server.demo.people import Somebody
from venterom.web.identity.numbers import make
from venterom.web.identity.tables import PersonRow, RelationRow
from venterom.web.intake import Step

pytestmark = pytest.mark.slow

IDA, EMIL, NORA = "Ida Prøvdal", "Emil Prøvdal", "Nora Testesen"  # Kari's two, and Per's
SAMI = "Sami Havprøve"  # somebody else's
NEW = "Et annet barn"
BORN = date(2020, 3, 2)


def child(rig: Rig, name: str) -> Somebody:
    """An invented child."""
    everybody = (child for parent in rig.world.patients for child in parent.children)
    return next(child for child in everybody if child.name == name)


def offered(page: Page) -> dict[str, str]:
    """Who can be chosen on the page, and by which value."""
    radios = [node for node in page.tree.every("input") if node.attributes["type"] == "radio"]
    titles = [node.within("label") for node in radios]
    return {
        next(title.every("span")).text: value(node)
        for node, title in zip(radios, titles, strict=True)
        if title is not None
    }


def about(name: str = "Ny Prøvdal", born: str = "02.03.2020", number: str = "") -> dict[str, str]:
    """A new child as a parent writes it."""
    return {
        "Fornavn og etternavn": name,
        "Fødselsdato": born,
        "Fødselsnummer": number or make(BORN, 400),
    }


def registered(rig: Rig, name: str = KARI) -> None:
    """The new child is in the population registry, as this parent's."""
    parent = next(each.who for each in rig.world.patients if each.who.name == name)
    rig.registers.born(make(BORN, 400), BORN, parent.number)


async def add(patient: Browser, **said: str) -> Page:
    """Say that it is for a new child."""
    return await patient.press("Neste", {NEW: True, **about(**said)}, careless=True)


async def test_a_parent_is_offered_the_own_children_and_nobody_elses(rig: Rig) -> None:
    patient = await rig.arrive(KARI, Step.WHO)
    shown = " ".join(offered(patient.page))
    assert "Meg selv" in shown and IDA in shown and EMIL in shown
    assert NORA not in shown and SAMI not in shown


async def test_a_visit_for_a_known_child_is_the_childs_and_says_its_name(rig: Rig) -> None:
    patient = await rig.arrive(KARI, Step.REASON, who=IDA)
    assert patient.page.title == "Hva trenger Ida hjelp med?"
    [visit] = await rig.rows(VisitRow)
    assert (visit.relation, visit.birth_date) == ("child", child(rig, IDA).birth_date)
    assert visit.patient not in (None, visit.opened_by)


async def test_a_new_child_is_known_the_next_time(rig: Rig) -> None:
    registered(rig)
    patient = await rig.arrive(KARI, Step.WHO)
    page = await add(patient, number=" ".join(make(BORN, 400)))  # with blanks, as people write it
    assert page.title == "Hva trenger Ny hjelp med?"
    page = await patient.back()
    assert any(title.startswith("Ny Prøvdal") for title in offered(page))
    people = len(await rig.rows(PersonRow))
    await add(patient)  # said again
    assert len(await rig.rows(PersonRow)) == people


AMISS: list[tuple[dict[str, str], str, str]] = [
    ({"name": " "}, "name", "Skriv barnets navn."),
    ({"name": "N" * 121}, "name", "Skriv barnets navn."),
    ({"name": "Ny\u202eProvdal"}, "name", "Skriv barnets navn."),  # turns the line around
    ({"born": ""}, "birth_date", "Skriv datoen slik"),
    ({"born": "i fjor"}, "birth_date", "Skriv datoen slik"),
    ({"born": "31.02.2020"}, "birth_date", "Skriv datoen slik"),
    ({"born": "01.01.1899"}, "birth_date", "Skriv datoen slik"),
    ({"born": "25.11.2026"}, "birth_date", "Skriv datoen slik"),  # tomorrow
    ({"born": "24.11.2008"}, "birth_date", "Den som har fylt 18 år"),  # today
    ({"number": "12345678901"}, "national_number", "Se etter at alle de 11 sifrene"),
    ({"number": "1"}, "national_number", "Se etter at alle de 11 sifrene"),
    ({"number": "٣" * 11}, "national_number", "Se etter at alle de 11 sifrene"),
    ({"number": "<script>"}, "national_number", "Se etter at alle de 11 sifrene"),
]


async def test_what_is_wrong_about_a_child_is_said_beside_the_field(rig: Rig) -> None:
    patient = await rig.arrive(KARI, Step.WHO)
    before = await rig.rows(PersonRow)
    for said, field, trouble in AMISS:
        page = await add(patient, **said)
        assert (page.status, page.path) == (422, "/start/who"), said
        assert page.trouble(field).startswith(trouble), said
        for name, typed in about(**said).items():
            assert page.value(name) == typed, said
    assert await rig.rows(PersonRow) == before


async def test_a_real_number_is_refused_where_everybody_is_invented(rig: Rig) -> None:
    invented = make(BORN, 400)
    month = int(invented[2:4])
    assert month > 80
    real = f"{invented[:2]}{month - 80:02}{invented[4:]}"  # whether its check digits fit or not
    patient = await rig.arrive(KARI, Step.WHO)
    page = await add(patient, number=real)
    assert page.trouble("national_number").startswith("Se etter at alle de 11 sifrene")


async def test_ones_own_number_is_not_a_childs(rig: Rig) -> None:
    own = rig.world.patients[0].who
    patient = await rig.arrive(KARI, Step.WHO)
    page = await add(patient, number=own.number)
    assert page.trouble("national_number") == "Dette er ditt eget nummer. Skriv barnets."


async def test_nobody_finds_out_by_trying_whether_a_child_is_known_here(rig: Rig) -> None:
    sami = child(rig, SAMI)
    patient = await rig.arrive(KARI, Step.WHO)
    born = f"{sami.birth_date:%d.%m.%Y}"
    tried = [
        {"name": "Feil Havprøve", "born": born, "number": sami.number},
        {"name": SAMI, "number": sami.number},  # with another date
        {"name": SAMI, "born": born, "number": sami.number},  # all of it right
        {"name": SAMI},  # a number that nobody has
    ]
    said = {(await add(patient, **each)).trouble("national_number") for each in tried}
    assert len(said) == 1
    assert said.pop().startswith("Folkeregisteret viser ikke at du har foreldreansvar")


async def test_a_childs_first_name_has_to_be_the_one_that_is_known(rig: Rig) -> None:
    ida = child(rig, IDA)
    rig.registers.faults = ["503"]  # the registry cannot say it
    patient = await rig.arrive(KARI, Step.WHO)
    born = f"{ida.birth_date:%d.%m.%Y}"
    page = await add(patient, name="Feil Prøvdal", born=born, number=ida.number)
    assert page.trouble("national_number").startswith("Navn, fødselsdato og nummer hører ikke")


async def test_who_turns_eighteen_is_a_child_no_longer(rig: Rig) -> None:
    patient = await rig.arrive(PER, Step.WHO)
    nora = next(id_ for title, id_ in offered(patient.page).items() if NORA in title)
    rig.clock.now += timedelta(days=365)
    grown = await rig.sign_in(PER, "/start/who")
    assert NORA not in " ".join(offered(grown.page))
    page = await grown.post("/start/who", {"who": nora})
    assert (page.status, page.path) == (422, "/start/who")
    assert "Velg hvem det gjelder." in page.main


async def test_nobody_is_chosen_by_an_id_that_is_not_an_own_child(rig: Rig) -> None:
    other = await rig.arrive(PER, Step.WHO)
    nora = next(id_ for title, id_ in offered(other.page).items() if NORA in title)
    patient = await rig.arrive(KARI, Step.WHO)
    for someone in (nora, "", "nobody", "new" * 50):
        page = await patient.post("/start/who", {"who": someone})
        assert (page.status, page.path) == (422, "/start/who")
        assert "Velg hvem det gjelder." in page.main
    assert {row.patient for row in await rig.rows(VisitRow)} == {None}


async def test_a_second_parent_may_ask_for_the_child(rig: Rig) -> None:
    ida = child(rig, IDA)
    kari, per = rig.world.patients[0].who, rig.world.patients[1].who
    rig.registers.born(ida.number, ida.birth_date, kari.number, per.number)
    before = await rig.rows(RelationRow)
    patient = await rig.arrive(PER, Step.WHO)
    page = await add(patient, name=IDA, born=f"{ida.birth_date:%d.%m.%Y}", number=ida.number)
    assert page.title == "Hva trenger Ida hjelp med?"
    assert len(await rig.rows(RelationRow)) == len(before) + 1


async def test_another_patient_does_not_inherit_the_reason(rig: Rig) -> None:
    patient = await rig.arrive(KARI, Step.CONSENT)
    await patient.open("/start/who")
    page = await patient.press("Neste", {IDA: True})
    assert page.title == "Hva trenger Ida hjelp med?"
    assert page.value("reason") == ""


# ---- whose policy


async def test_a_policy_that_is_not_for_children_is_still_the_parents_own(rig: Rig) -> None:
    await take_in(rig, KARI, covers_children=False)
    patient = await rig.arrive(KARI, Step.WHO)
    page = await patient.press("Neste", {IDA: True})
    assert page.path == "/start/policy"
    assert "Denne forsikringen gjelder ikke for barn." in page.main
    assert (await patient.reload()).text == page.text
    page = await patient.open("/start/reason")  # not past it
    assert page.path == "/start/who"
    await patient.open("/start/policy")
    page = await patient.click("Hvem gjelder det?")
    page = await patient.press("Neste", {"Meg selv": True})
    assert page.title == "Hva trenger du hjelp med?"


async def test_a_child_may_have_a_policy_of_its_own(rig: Rig) -> None:
    await take_in(rig, KARI, covers_children=False)
    await take_in(rig, PER, holder_birth_date=child(rig, IDA).birth_date)
    patient = await rig.arrive(KARI, Step.WHO)
    await patient.press("Neste", {IDA: True})
    page = await patient.press("Neste", {"Polisenummer": rig.policy(PER)})
    assert page.path == "/start/who"
    page = await patient.press("Neste")  # the child is chosen already
    assert page.title == "Hva trenger Ida hjelp med?"


async def test_a_childs_own_policy_does_not_cover_the_parent(rig: Rig) -> None:
    await take_in(rig, PER, holder_birth_date=child(rig, IDA).birth_date)
    patient = await rig.arrive(KARI, Step.REASON, who=IDA)
    await patient.open("/start/policy")
    await patient.press("Neste", {"Polisenummer": rig.policy(PER)})
    page = await patient.press("Neste", {"Meg selv": True})
    assert page.path == "/start/policy"
    assert "Vi finner ikke dette nummeret." in page.main
