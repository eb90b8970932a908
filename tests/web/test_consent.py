"""What was read and agreed to is stored with its text, version, language, time, by and for whom."""

import pytest

from tests.web.browser import Browser
from tests.web.rig import KARI, PER, Rig
from tests.web.test_patient import take_in
from tests.web.test_whom import EMIL, IDA, NORA, child
from venterom.journal import texts
from venterom.journal.tables import ConsentRow, VisitRow
from venterom.web.intake import Step

pytestmark = pytest.mark.slow

YOUNG = "Nora er her og sier også ja"


async def test_the_consent_says_what_was_read_when_by_whom_and_for_whom(rig: Rig) -> None:
    patient = await rig.arrive(KARI, Step.CONSENT)
    now = rig.clock.tick(minutes=2)
    await patient.press("Samtykk og gå videre", {"Ja, jeg samtykker": True})
    [visit] = await rig.rows(VisitRow)
    page = texts.page("nb")
    rows = {row.kind: row for row in await rig.rows(ConsentRow)}
    assert rows.keys() == {"notice", "consent"}
    for kind, text in (("notice", page.notice), ("consent", page.consent)):
        row = rows[kind]
        assert (row.visit, row.at, row.language) == (visit.id, now, "nb")
        assert (row.text_version, row.text_sha256) == (text.version, texts.text_sha256(text))
        assert (row.given_by, row.patient, row.rule) == (visit.opened_by, visit.opened_by, "adult")
        assert row.receipt.count(".") == 2  # signed


@pytest.mark.parametrize("language", ["nn", "en"])
async def test_the_text_is_the_one_in_the_readers_language(rig: Rig, language: str) -> None:
    patient = await rig.arrive(KARI, Step.CONSENT)
    page = await patient.open(f"/start/consent?lang={language}")
    assert texts.page(language).consent.title in page.main
    [button] = [node.text for node in page.tree.every("button") if node.within("main")]
    await patient.press(button, {"consent": True})
    assert {row.language for row in await rig.rows(ConsentRow)} == {language}


@pytest.mark.parametrize(
    ("name", "rule"), [(IDA, "parent_child_heard"), (EMIL, "parent_child_heard")]
)
async def test_a_parent_consents_for_the_child(rig: Rig, name: str, rule: str) -> None:
    patient = await rig.arrive(KARI, Step.CONSENT, who=name)
    given = name.split()[0]
    await patient.press("Samtykk og gå videre", {f"Ja, jeg samtykker på vegne av {given}": True})
    [visit] = await rig.rows(VisitRow)
    for row in await rig.rows(ConsentRow):
        assert (row.given_by, row.patient, row.rule) == (visit.opened_by, visit.patient, rule)


async def test_a_young_person_says_yes_too(rig: Rig) -> None:
    patient = await rig.arrive(PER, Step.CONSENT, who=NORA)
    page = await patient.press("Samtykk og gå videre", {"consent": True})
    assert (page.status, page.path) == (422, "/start/consent")
    assert page.trouble(YOUNG).startswith("Den som er 16 eller 17 år, bestemmer selv")
    assert "checked" in page.control("consent").attributes  # what was ticked is ticked still
    assert await rig.rows(ConsentRow) == []
    page = await patient.press("Samtykk og gå videre", {YOUNG: True})
    assert page.path == "/start/offer"
    assert {(row.rule, row.own_yes) for row in await rig.rows(ConsentRow)} == {
        ("young_person", True)
    }


async def test_a_young_person_may_comealone(rig: Rig) -> None:
    patient = await alone(rig, NORA, PER)
    page = await patient.press("Samtykk og gå videre", {"Ja, jeg samtykker": True})
    assert page.path == "/start/offer"
    assert {row.rule for row in await rig.rows(ConsentRow)} == {"young_person"}


async def test_a_child_under_sixteen_needs_a_parent(rig: Rig) -> None:
    patient = await alone(rig, EMIL, KARI)
    page = await patient.press("Samtykk og gå videre", {"Ja, jeg samtykker": True})
    assert (page.status, page.path) == (422, "/start/consent")
    assert page.trouble("consent").startswith("Du som er under 16 år, trenger en forelder")
    assert await rig.rows(ConsentRow) == []


async def alone(rig: Rig, name: str, parent: str) -> Browser:
    """A child who signs in on its own, on a policy of its own."""
    await take_in(rig, parent, holder_birth_date=child(rig, name).birth_date)
    patient = await rig.sign_in(name, "/start")
    await patient.press("Neste", {"Polisenummer": rig.policy(parent)})
    await patient.press("Neste", {"Meg selv": True})
    await rig.answer(patient, Step.REASON)
    return patient


async def test_without_a_yes_nothing_is_stored_and_it_is_said_beside_the_box(rig: Rig) -> None:
    patient = await rig.arrive(KARI, Step.CONSENT)
    page = await patient.press("Samtykk og gå videre", careless=True)
    assert (page.status, page.path) == (422, "/start/consent")
    assert page.trouble("consent") == "Vi trenger et ja før du kan møte legen."
    assert await rig.rows(ConsentRow) == []


async def test_pressing_twice_stores_one_consent(rig: Rig) -> None:
    patient = await rig.arrive(KARI, Step.CONSENT)
    page = patient.page
    for _ in range(2):
        patient.page = page
        await patient.press("Samtykk og gå videre", {"consent": True})
        assert patient.page.path == "/start/offer"
    assert len(await rig.rows(ConsentRow)) == 2  # the notice and the consent


async def test_a_text_that_was_not_shown_is_not_agreed_to(rig: Rig) -> None:
    patient = await rig.arrive(KARI, Step.CONSENT)
    for version, language in (
        ("2025-1", "nb"),  # a text of yesterday, on a page left open
        ("", "nb"),
        (texts.CURRENT, "tlh"),
        (texts.CURRENT, ""),
    ):
        shown = {"consent": "yes", "version": version, "language": language}
        page = await patient.post("/start/consent", shown)
        assert (page.status, page.path) == (200, "/start/consent"), shown
    assert await rig.rows(ConsentRow) == []


async def test_the_childs_consent_does_not_count_for_the_parent(rig: Rig) -> None:
    patient = await rig.arrive(KARI, Step.OFFER, who=IDA)
    await patient.open("/start/who")
    await patient.press("Neste", {"Meg selv": True})
    page = await patient.press("Neste", {"reason": "Noe annet"})
    assert page.path == "/start/consent"
    page = await patient.open("/start/offer")
    assert page.path == "/start/consent"


ALONE = "Jeg vil snakke med legen uten foreldrene mine"


async def test_a_child_of_twelve_to_fifteen_may_come_without_its_parents_knowing(rig: Rig) -> None:
    patient = await alone(rig, EMIL, KARI)
    page = await patient.press("Samtykk og gå videre", {"Ja, jeg samtykker": True})
    assert "uten foreldrene dine" in page.trouble(ALONE)
    page = await patient.press("Samtykk og gå videre", {ALONE: True})
    assert page.path == "/start/offer"
    assert {row.rule for row in await rig.rows(ConsentRow)} == {"child_alone"}
    [visit] = await rig.rows(VisitRow)
    parent = await rig.sign_in(KARI, "/mine")
    page = await parent.open(f"/mine/{visit.patient}/log")
    assert "Samtykket" not in page.main
    page = await parent.open(f"/mine/{visit.patient}/consents")
    assert "Det er ikke gitt noe samtykke ennå." in page.main
    assert (await parent.open(f"/visit/{visit.id}")).status == 404


async def test_nobody_else_is_asked_whether_to_come_alone(rig: Rig) -> None:
    for who in ("Meg selv", IDA):
        patient = await rig.arrive(KARI, Step.CONSENT, who=who)
        assert ALONE not in patient.page.main
