"""The doctor asks somebody into the call; what the guest's pages show, and to whom."""

import pytest
from sqlalchemy import update
from yarl import URL

from tests.web.beginnings import beginning
from tests.web.browser import Browser
from tests.web.rig import JONAS, KARI, NOTE, PER, SOLVEIG, Rig
from tests.web.test_consent import alone as came
from tests.web.test_whom import EMIL, IDA
from venterom.web.identity.tables import InvitationRow
from venterom.web.intake import Step
from venterom.web.work import work

pytestmark = pytest.mark.slow

ANNA = {"kind": "interpreter", "name": "Anna Tolkeprøve"}


async def asks(
    rig: Rig, doctor: Browser, visit: str, what: str = "", **form: str
) -> tuple[int, str]:
    """What the doctor's page does: status, and the secret of a link."""
    path = f"/doctor/visit/{visit}/guest{what}"
    headers = {"X-CSRF-Token": rig.token(doctor, path)}
    answer = await doctor.raw("POST", path, headers, data=form)
    link = URL((await answer.json())["link"]) if answer.status == 201 else URL()
    return answer.status, link.fragment


@beginning
async def invited(rig: Rig) -> tuple[Browser, str, Browser]:
    """A doctor in a call, and a guest who has opened the link."""
    _patient, doctor, visit = await rig.consult()
    _status, secret = await asks(rig, doctor, visit, **ANNA)
    guest = await rig.browser()
    await follow(guest, secret)
    return doctor, visit, guest


async def follow(guest: Browser, secret: str) -> None:
    """What link.js does."""
    await guest.open("/g")
    await guest.post("/g", {"secret": secret})


async def test_the_link_leads_to_the_door_without_a_word_about_the_patient(rig: Rig) -> None:
    _doctor, visit, guest = await invited(rig)
    assert guest.page.url.path == "/guest"
    assert guest.page.status == 200
    text = guest.page.text
    assert SOLVEIG in text and "Du er med som tolk og vises som Anna Tolkeprøve." in text
    assert KARI not in text and KARI.split()[0] not in text and "halsen" not in text
    assert f"/visit/{visit}/signal" in guest.page.body


async def test_the_other_parent_is_asked_in_by_a_link_of_their_own(rig: Rig) -> None:
    parent = await rig.arrive(KARI, who=IDA)
    await rig.answer(parent, Step.OFFER)
    doctor = await rig.doctor()
    await doctor.press("Ta neste")
    visit = doctor.page.path.removeprefix("/doctor/visit/")
    await rig.meet(visit)
    await doctor.reload()
    assert "Den andre forelderen" in doctor.page.main
    _status, secret = await asks(rig, doctor, visit, kind="parent", name=PER)
    other = await rig.browser()
    await follow(other, secret)
    assert f"Du er med som forelder og vises som {PER}." in other.page.text
    assert IDA not in other.page.text and IDA.split()[0] not in other.page.text
    assert (await asks(rig, doctor, visit, "/let-in"))[0] == 204
    await rig.hang_up(doctor, visit)
    page = await doctor.press("Signer og send", NOTE)
    [account] = [line for line in page.text.split("Til stede:")[1:]]
    assert f"{KARI} (forelder), {PER} (forelder)" in account


async def alone(rig: Rig, name: str) -> tuple[Browser, str]:
    """A doctor in a call with somebody who came without a parent."""
    _patient, _visit = await rig.waiting(name)
    doctor = await rig.doctor()
    await doctor.press("Ta neste")
    visit = doctor.page.path.removeprefix("/doctor/visit/")
    await rig.meet(visit)
    await doctor.reload()
    return doctor, visit


@pytest.mark.parametrize("kind", ["parent", "relative"])
async def test_nobody_of_the_family_is_asked_in_or_let_in_before_the_patient_has_said_yes(
    rig: Rig, kind: str
) -> None:
    doctor, visit = await alone(rig, KARI)
    assert "Pasienten har selv sagt ja" in doctor.page.main
    assert "Spør pasienten først." in doctor.page.body
    assert await asks(rig, doctor, visit, kind=kind, name=PER) == (409, "")
    assert await rig.rows(InvitationRow) == []
    _status, secret = await asks(rig, doctor, visit, kind=kind, name=PER, own_yes="yes")
    await follow(await rig.browser(), secret)
    async with work(rig.app) as unit:  # as one from before it was asked for
        await unit.db.execute(update(InvitationRow).values(own_yes=False))
    assert (await asks(rig, doctor, visit, "/let-in"))[0] == 409
    [row] = await rig.rows(InvitationRow)
    assert row.let_in is None
    async with work(rig.app) as unit:
        await unit.db.execute(update(InvitationRow).values(own_yes=True))
    assert (await asks(rig, doctor, visit, "/let-in"))[0] == 204


async def test_a_child_that_came_alone_is_asked_and_an_interpreter_needs_no_yes(rig: Rig) -> None:
    child = await came(rig, EMIL, KARI)
    await child.press("Samtykk og gå videre", {"consent": True, "alone": True})
    await rig.answer(child, Step.OFFER)
    doctor = await rig.doctor()
    await doctor.press("Ta neste")
    visit = doctor.page.path.removeprefix("/doctor/visit/")
    await rig.meet(visit)
    assert (await asks(rig, doctor, visit, kind="parent", name=KARI))[0] == 409
    assert (await asks(rig, doctor, visit, **ANNA))[0] == 201


async def test_with_a_child_that_a_parent_has_brought_nobody_is_asked(rig: Rig) -> None:
    parent = await rig.arrive(KARI, who=IDA)
    await rig.answer(parent, Step.OFFER)
    doctor = await rig.doctor()
    await doctor.press("Ta neste")
    visit = doctor.page.path.removeprefix("/doctor/visit/")
    await rig.meet(visit)
    assert "Pasienten har selv sagt ja" not in (await doctor.reload()).main
    assert (await asks(rig, doctor, visit, kind="parent", name=PER))[0] == 201


async def test_the_link_is_worth_nothing_in_another_browser(rig: Rig) -> None:
    _patient, doctor, visit = await rig.consult()
    _status, secret = await asks(rig, doctor, visit, **ANNA)
    first, second = await rig.browser(), await rig.browser()
    await follow(first, secret)
    await follow(second, secret)
    assert (first.page.status, second.page.status) == (200, 410)
    assert (await second.open("/guest")).status == 410


async def test_opening_the_page_of_a_link_uses_nothing_up(rig: Rig) -> None:
    _patient, doctor, visit = await rig.consult()
    _status, secret = await asks(rig, doctor, visit, **ANNA)
    scanner, guest = await rig.browser(), await rig.browser()
    assert (await scanner.open("/g")).status == 200
    await follow(guest, secret)
    assert guest.page.status == 200


async def test_a_guest_is_let_in_and_shown_out(rig: Rig) -> None:
    doctor, visit, guest = await invited(rig)
    assert (await asks(rig, doctor, visit, "/let-in"))[0] == 204
    assert (await guest.reload()).status == 200
    assert (await asks(rig, doctor, visit, "/out"))[0] == 204
    assert (await guest.reload()).status == 410
    assert (await asks(rig, doctor, visit, "/let-in"))[0] == 410


async def test_the_door_is_closed_when_the_call_is_over(rig: Rig) -> None:
    doctor, visit, guest = await invited(rig)
    await rig.hang_up(doctor, visit)
    assert (await asks(rig, doctor, visit, **ANNA))[0] == 404
    await doctor.press(
        "Signer og send", {"Årsak": "Sår hals", "Vurdering": "Forkjølelse", "ICPC-2": "R74"}
    )
    assert (await guest.reload()).status == 410


async def test_only_the_doctor_in_the_room_asks_people_in(rig: Rig) -> None:
    patient, _doctor, visit = await rig.consult()
    other = await rig.doctor(JONAS)
    for who in (patient, other, await rig.browser()):
        for what in ("", "/let-in", "/out"):
            assert (await asks(rig, who, visit, what, **ANNA))[0] in (303, 404)


@pytest.mark.parametrize(
    "form", [{}, {"kind": "interpreter"}, {"kind": "friend", "name": "Anna"}, {"name": "Anna"}]
)
async def test_who_and_as_what_has_to_be_said(rig: Rig, form: dict[str, str]) -> None:
    _patient, doctor, visit = await rig.consult()
    assert (await asks(rig, doctor, visit, **form))[0] == 422
