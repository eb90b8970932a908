"""The doctor asks for a picture, the patient answers, and only then one is taken and kept."""

from io import BytesIO

import pytest

from tests.journal.jpegs import PLAIN, photograph
from tests.web.browser import Browser
from tests.web.rig import JONAS, NOTE, PER, Rig
from venterom.journal import jpeg
from venterom.journal.call_tables import AttachmentRow, PictureAskRow, PictureRow
from venterom.web.outbox import OutboxRow

pytestmark = pytest.mark.slow

ANY = "x" * 22


async def post(rig: Rig, who: Browser, path: str, **fields: str) -> int:
    headers = {"X-CSRF-Token": rig.token(who, path)}
    return (await who.raw("POST", path, headers, data=fields)).status


async def put(
    rig: Rig, who: Browser, visit: str, picture: str, data: bytes, kind: str = "image/jpeg"
) -> int:
    path = f"/visit/{visit}/picture/{picture}"
    headers = {"X-CSRF-Token": rig.token(who, path), "Content-Type": kind}
    return (await who.raw("PUT", path, headers, data=BytesIO(data))).status


async def ask(rig: Rig, doctor: Browser, visit: str) -> str:
    """The id of the question."""
    assert await post(rig, doctor, f"/doctor/visit/{visit}/picture") == 303
    return str((await rig.rows(PictureAskRow))[-1].id)


async def taken(rig: Rig, patient: Browser, doctor: Browser, visit: str) -> str:
    picture = await ask(rig, doctor, visit)
    assert await post(rig, patient, f"/visit/{visit}/picture/{picture}", answer="yes") == 303
    assert await put(rig, patient, visit, picture, photograph()) == 204
    return picture


async def test_from_the_question_to_the_patients_page(rig: Rig) -> None:
    patient, doctor, visit = await rig.consult()
    picture = await ask(rig, doctor, visit)
    page = await patient.open(f"/visit/{visit}/room")
    assert "Legen vil ta et bilde med kameraet ditt." in page.text
    assert "Vi venter på pasientens svar om bildet." in (await doctor.reload()).text
    await post(rig, patient, f"/visit/{visit}/picture/{picture}", answer="yes")
    assert f'data-take="/visit/{visit}/picture/{picture}"' in (await patient.reload()).body
    assert await put(rig, patient, visit, picture, photograph()) == 204
    address = f"/visit/{visit}/picture/{picture}"
    assert f'src="/doctor{address}"' in (await doctor.reload()).body
    shown = await doctor.raw("GET", f"/doctor{address}")
    assert (await shown.read(), shown.content_type) == (PLAIN, "image/jpeg")
    assert shown.headers["Cache-Control"] == "no-store"
    assert (await patient.raw("GET", address)).status == 404  # not before it is signed
    await rig.hang_up(doctor, visit)
    assert f'src="/doctor{address}"' in (await doctor.press("Signer og send", NOTE)).body
    assert f'src="{address}"' in (await patient.open(f"/visit/{visit}")).body
    assert await (await patient.raw("GET", address)).read() == PLAIN
    assert len(await rig.rows(AttachmentRow)) == 1 and not await rig.rows(PictureRow)
    told = [row.body for row in await rig.rows(OutboxRow, name="PictureChanged")]
    assert [each.split('"how": "')[1].split('"')[0] for each in told] == ["asked", "yes", "taken"]


async def test_a_no_takes_no_picture(rig: Rig) -> None:
    patient, doctor, visit = await rig.consult()
    picture = await ask(rig, doctor, visit)
    assert await post(rig, patient, f"/visit/{visit}/picture/{picture}", answer="no") == 303
    assert await put(rig, patient, visit, picture, photograph()) == 409
    assert "Pasienten sa nei til bilde." in (await doctor.reload()).text
    assert not await rig.rows(PictureRow)


async def test_nobody_puts_a_picture_that_was_not_asked_for(rig: Rig) -> None:
    patient, doctor, visit = await rig.consult()
    assert await put(rig, patient, visit, ANY, photograph()) == 409
    picture = await ask(rig, doctor, visit)
    assert await put(rig, patient, visit, picture, photograph()) == 409  # no yes yet
    assert await post(rig, patient, f"/visit/{visit}/picture/{picture}", answer="perhaps") == 400
    for stranger in (await rig.sign_in(PER), doctor, await rig.browser()):
        assert await put(rig, stranger, visit, picture, photograph()) in (303, 403, 404)
        await post(rig, stranger, f"/visit/{visit}/picture/{picture}", answer="yes")
    [asked] = await rig.rows(PictureAskRow)
    assert asked.answer is None and not await rig.rows(PictureRow)


@pytest.mark.parametrize(
    ("data", "kind", "status"),
    [
        (b"", "image/jpeg", 409),
        (b"\x89PNG\r\n\x1a\n" * 9, "image/jpeg", 409),
        (photograph(), "image/png", 415),
        (photograph(), "text/html", 415),
        (b"\xff\xd8\xff" + b"x" * jpeg.MOST_BYTES, "image/jpeg", 413),
    ],
    ids=["nothing", "a PNG", "called a PNG", "called a page", "too large"],
)
async def test_what_is_no_picture_is_refused(rig: Rig, data: bytes, kind: str, status: int) -> None:
    patient, doctor, visit = await rig.consult()
    picture = await ask(rig, doctor, visit)
    await post(rig, patient, f"/visit/{visit}/picture/{picture}", answer="yes")
    assert await put(rig, patient, visit, picture, data, kind) == status
    assert not await rig.rows(PictureRow)
    assert await put(rig, patient, visit, picture, photograph()) == 204  # the yes still stands


async def test_a_picture_is_taken_in_the_call_and_not_after_it(rig: Rig) -> None:
    patient, doctor, visit = await rig.consult()
    picture = await ask(rig, doctor, visit)
    await post(rig, patient, f"/visit/{visit}/picture/{picture}", answer="yes")
    await rig.hang_up(doctor, visit)
    assert await put(rig, patient, visit, picture, photograph()) == 404
    assert await post(rig, doctor, f"/doctor/visit/{visit}/picture") == 404


async def test_what_the_doctor_drops_is_not_signed(rig: Rig) -> None:
    patient, doctor, visit = await rig.consult()
    picture = await taken(rig, patient, doctor, visit)
    other = await rig.doctor(JONAS)
    path = f"/doctor/visit/{visit}/picture/{picture}"
    assert await post(rig, other, f"{path}/drop") == 404
    assert (await other.raw("GET", path)).status == 404
    assert await post(rig, doctor, f"{path}/drop") == 303
    assert (await doctor.raw("GET", path)).status == 404
    await rig.hang_up(doctor, visit)
    await doctor.press("Signer og send", NOTE)
    assert not await rig.rows(AttachmentRow)
