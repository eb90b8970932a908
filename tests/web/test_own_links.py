"""The links to a visit, in the hands of its patient."""

import pytest

from tests.web.beginnings import beginning
from tests.web.browser import Browser
from tests.web.rig import KARI, PER, Rig
from tests.web.test_signin import follow, link
from tests.web.test_whom import IDA
from venterom.server import jobs
from venterom.server.notify import feed
from venterom.server.notify.feed import Sent
from venterom.web.identity.tables import LinkRow
from venterom.web.work import look

pytestmark = pytest.mark.slow


async def messages(rig: Rig) -> list[Sent]:
    """What has been sent, newest first."""
    await jobs.tell(rig.app)
    async with look(rig.app) as unit:
        return await feed.inbox(unit.db, rig.app[jobs.POST])


@beginning
async def at_the_links(rig: Rig) -> tuple[Browser, str, str]:
    """A patient at the page, the visit, and the secret of the link that was sent."""
    patient, visit, secret = await link(rig)
    await patient.open(f"/visit/{visit}")
    await patient.click("Lenkene til timen")
    return patient, visit, secret


async def test_a_patient_has_the_link_sent_again_and_both_work(rig: Rig) -> None:
    patient, visit, secret = await at_the_links(rig)
    assert "1 lenke virker nå" in patient.page.main
    await patient.press("Send meg en ny lenke")
    newest, first = await messages(rig)
    assert newest.text.startswith("Her er en ny lenke til timen din: ")
    assert newest.person == first.person and newest.link != first.link
    assert "2 lenker virker nå" in (await patient.reload()).main
    for each in (secret, newest.link.split("#")[1]):
        assert (await follow(rig, await rig.browser(), each, KARI)).path == f"/visit/{visit}"


async def test_links_that_are_closed_lead_nowhere_and_the_visit_goes_on(rig: Rig) -> None:
    patient, visit, secret = await at_the_links(rig)
    page = await patient.press("Steng lenkene")
    assert "Ingen lenke virker nå" in page.main
    assert (await follow(rig, await rig.browser(), secret, KARI)).status == 410
    assert (await patient.open(f"/visit/{visit}")).title == "Venterommet"
    await patient.open(f"/visit/{visit}/links")
    await patient.press("Send meg en ny lenke")
    fresh = (await messages(rig))[0].link.split("#")[1]
    assert (await follow(rig, await rig.browser(), fresh, KARI)).path == f"/visit/{visit}"


async def test_whose_link_somebody_else_has_tried_is_told_once_with_a_new_one(rig: Rig) -> None:
    _, visit, secret = await link(rig)
    for _ in range(3):
        page = await follow(rig, await rig.browser(), secret, PER)
        assert page.status == 403
    newest, first = await messages(rig)
    assert newest.text.startswith("Noen andre prøvde lenken din, og kom ikke inn.")
    assert newest.person == first.person and PER not in newest.text
    for each in (secret, newest.link.split("#")[1]):
        assert (await follow(rig, await rig.browser(), each, KARI)).path == f"/visit/{visit}"


async def test_one_can_ask_for_a_link_or_close_them_and_nothing_else(rig: Rig) -> None:
    patient, visit, _ = await at_the_links(rig)
    before = await rig.rows(LinkRow)
    for what in ("", "bind", "again\n"):
        assert (await patient.post(f"/visit/{visit}/links", {"what": what})).status == 400
    assert await rig.rows(LinkRow) == before and len(await messages(rig)) == 1


async def test_when_the_visit_is_over_there_are_no_links(rig: Rig) -> None:
    patient, visit, _ = await at_the_links(rig)
    await patient.open(f"/visit/{visit}")
    await patient.press("Ja, avbryt timen")
    assert (await patient.open(f"/visit/{visit}/links")).status == 404
    answer = await patient.post(f"/visit/{visit}/links", {"what": "again"})
    assert answer.status == 404 and len(await messages(rig)) == 1


async def test_the_links_of_a_childs_visit_are_the_parents_who_opened_it(rig: Rig) -> None:
    parent = await rig.arrive(KARI, who=IDA)
    await parent.press("Ja, jeg venter")
    page = await parent.open(f"{parent.page.path}/links")
    assert page.status == 200
