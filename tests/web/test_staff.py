"""Roles: given by number, until a day, renewed, withdrawn; and never by somebody to themselves."""

from datetime import date, timedelta

import pytest
from yarl import URL

from tests.web.browser import Browser
from tests.web.page import Page
from tests.web.rig import LINNEA, ODD, RAGNA, SOLVEIG, Rig
from venterom.journal.tables import AuditRow
from venterom.server import registers
from venterom.server.demo.registers import approval
from venterom.web.identity.numbers import make
from venterom.web.identity.tables import GrantRow
from venterom.web.identity.tenure import LONGEST, SOON

pytestmark = pytest.mark.slow

STAFF = "/director/staff"
NEW = make(date(1990, 4, 4), 3)
DOCTOR: dict[str, str | bool] = {
    "Lege": True,
    "Fødselsnummer": f"{NEW[:6]} {NEW[6:]}",
    "HPR-nummer": "9990099",
    "Et halvt år": True,
}


async def director(rig: Rig) -> Browser:
    """On the page of roles."""
    return await rig.sign_in(RAGNA, STAFF)


async def give(browser: Browser, **changed: str | bool) -> Page:
    """A new doctor, or something near it."""
    return await browser.press("Gi tilgang", {**DOCTOR, **changed}, careless=True)


async def logged(rig: Rig) -> list[str]:
    """What the log of the record says about roles."""
    rows = await rig.rows(AuditRow)
    return [row.action for row in sorted(rows, key=lambda row: row.n) if "grant" in row.action]


async def test_the_director_sees_who_has_which_role_until_when(rig: Rig) -> None:
    page = (await director(rig)).page
    for name in (SOLVEIG, LINNEA, RAGNA):
        assert name in page.main
    assert "Har ikke logget inn ennå" in page.main  # the clerks of the insurers
    assert "Til og med 24. nov. 2027" in page.main
    assert "Går snart ut" not in page.main


async def test_a_doctor_is_given_the_role_by_number_and_the_number_is_never_shown(rig: Rig) -> None:
    rig.registers.doctors["9990099"] = [approval()]
    page = await give(await director(rig))
    assert (page.status, page.path) == (200, STAFF)
    assert "HPR 9990099" in page.main
    assert NEW not in page.body and NEW[:6] not in page.body
    [row] = await rig.rows(GrantRow, hpr_number="9990099")
    assert row.ends - row.granted == timedelta(days=182)
    assert await logged(rig) == ["grant.given"]


AMISS: list[tuple[dict[str, str | bool], str, str]] = [
    ({"Fødselsnummer": "12345678901"}, "national_number", "Se etter at alle de 11"),
    ({"Fødselsnummer": ""}, "national_number", "Se etter at alle de 11"),
    ({"HPR-nummer": ""}, "hpr_number", "Skriv HPR-nummeret"),
    ({"HPR-nummer": "12x"}, "hpr_number", "Skriv HPR-nummeret"),
    ({"HPR-nummer": "9990098"}, "hpr_number", "Helsepersonellregisteret viser ikke"),
    ({"Forsikringsselskap": True}, "insurer", "Skriv navnet på"),
]


async def test_what_is_wrong_is_said_beside_the_field_and_gives_nobody_a_role(rig: Rig) -> None:
    rig.registers.doctors["9990099"] = [approval()]
    browser = await director(rig)
    before = await rig.rows(GrantRow)
    for changed, field, trouble in AMISS:
        page = await give(browser, **changed)
        assert page.status == 422, changed
        assert page.trouble(field).startswith(trouble), changed
        assert NEW not in page.body and page.value("national_number") == "", changed
    assert await rig.rows(GrantRow) == before
    assert await logged(rig) == []


async def test_a_length_and_a_role_have_to_be_chosen(rig: Rig) -> None:
    browser = await director(rig)
    page = await browser.post(STAFF, {"national_number": NEW, "role": "patient", "lasts": "ever"})
    assert page.status == 422
    assert "Velg en rolle." in page.main
    assert "Velg hvor lenge tilgangen skal vare." in page.main


async def test_while_the_register_is_silent_the_sign_in_decides(rig: Rig) -> None:
    rig.registers.faults = ["503"]
    assert (await give(await director(rig))).status == 200
    assert len(await rig.rows(GrantRow, hpr_number="9990099")) == 1


async def test_who_has_the_role_gets_it_not_twice(rig: Rig) -> None:
    solveig = rig.world.doctors[0]
    page = await give(
        await director(rig), **{"Fødselsnummer": solveig.who.number, "HPR-nummer": "9990001"}
    )
    assert page.trouble("national_number").startswith("Denne personen har rollen allerede.")


async def test_nobody_decides_about_their_own_role(rig: Rig) -> None:
    browser = await director(rig)
    own = rig.world.directors[0].who.number
    page = await browser.press(
        "Gi tilgang", {"Drift": True, "Fødselsnummer": own, "Et år": True}, careless=True
    )
    assert page.trouble("national_number").startswith("Ingen bestemmer over sin egen tilgang.")
    [grant] = await rig.rows(GrantRow, role="director")
    for act in ("renew", "withdraw"):
        page = await browser.post(f"{STAFF}/{grant.id}/{act}", {"lasts": "year"})
        assert page.status == 422
        assert "Ingen bestemmer over sin egen tilgang." in page.main
    assert await rig.rows(GrantRow, role="director") == [grant]
    assert await logged(rig) == []


async def test_a_role_that_ends_soon_is_named_first_and_renewed(rig: Rig) -> None:
    rig.clock.now += LONGEST - SOON
    browser = await director(rig)
    assert "Går snart ut" in browser.page.main
    [grant] = await rig.rows(GrantRow, hpr_number="9990001")
    page = await browser.post(f"{STAFF}/{grant.id}/renew", {"lasts": "year"})
    assert (page.status, page.path) == (200, STAFF)
    [old, new] = sorted(await rig.rows(GrantRow, hpr_number="9990001"), key=lambda row: row.granted)
    assert (old.why, new.why, new.ends) == ("renewed", None, rig.clock.now + LONGEST)
    assert await logged(rig) == ["grant.renewed"]


async def test_a_role_is_withdrawn_with_the_sign_in_that_rests_on_it(rig: Rig) -> None:
    doctor = await rig.doctor()
    browser = await director(rig)
    [grant] = await rig.rows(GrantRow, hpr_number="9990001")
    await browser.post(f"{STAFF}/{grant.id}/withdraw", {})
    assert (await doctor.reload()).url.origin() != URL(rig.url)
    assert (await rig.doctor()).page.status == 403
    assert await logged(rig) == ["grant.ended"]
    page = await browser.post(f"{STAFF}/{grant.id}/withdraw", {})  # pressed twice
    assert page.status == 200
    assert await logged(rig) == ["grant.ended"]


async def test_when_its_time_has_come_the_role_ends_by_itself(rig: Rig) -> None:
    rig.clock.now += LONGEST
    await registers.end_what_is_over(rig.app)
    assert await rig.rows(GrantRow, withdrawn=None) == []
    assert set(await logged(rig)) == {"grant.ended"}
    assert (await rig.sign_in(RAGNA, "/director")).page.status == 403


@pytest.mark.parametrize("act", ["renew", "withdraw"])
async def test_a_role_that_is_nobodys_changes_nothing(rig: Rig, act: str) -> None:
    before = await rig.rows(GrantRow)
    page = await (await director(rig)).post(f"{STAFF}/nobody/{act}", {"lasts": "year"})
    assert (page.status, page.path) == (200, STAFF)
    assert await rig.rows(GrantRow) == before


async def test_the_operator_sees_the_machinery_and_nothing_of_anybody(rig: Rig) -> None:
    await rig.doctor()
    page = (await rig.sign_in(ODD, "/operator")).page
    assert (page.status, page.title) == (200, "Drift")
    assert "Svarte sist" in page.main and SOLVEIG not in page.text
    other = await rig.sign_in(RAGNA, "/director")
    assert (await other.open("/operator")).url.origin() != URL(rig.url)
