"""A picture that the doctor asks for, the patient allows, and the note holds.

The question and its answer are kept, whatever becomes of the picture. A picture is a draft until
the note is signed: until then its doctor may drop it.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from venterom.journal import attaching, audit, jpeg, vault, visits
from venterom.journal.access import Actor, Basis, Purpose, Role, What, purpose_of
from venterom.journal.call_tables import AttachmentRow, PictureAskRow, PictureRow
from venterom.journal.canonical import sha256_hex
from venterom.journal.chain import Action
from venterom.journal.errors import AlreadySigned, BadPicture, MayNotRead, NoPatient
from venterom.journal.events import PictureChanged
from venterom.journal.keys import Keys
from venterom.journal.reading import judge
from venterom.journal.reduced import is_gone
from venterom.journal.rows import insert_new, one
from venterom.journal.tables import VisitRow
from venterom.journal.writing import last_entry

MOST = 6  # pictures of one visit: what a doctor looks at, and what the EPJ takes in one message
YES, NO = "yes", "no"


@dataclass(frozen=True, slots=True)
class Pictures:
    """How it stands with a visit's pictures."""

    asked: str = ""  # the id of a question that waits for its answer
    allowed: str = ""  # of one that was answered yes, and whose picture has not come
    refused: bool = False  # the last answer was no
    taken: tuple[str, ...] = ()  # in the order in which they were taken


async def ask_for_picture(
    db: AsyncSession, now: datetime, *, visit: str, doctor: Actor
) -> PictureChanged | None:
    """The doctor asks. None: there is a question already. Raises as `_unsigned`, BadPicture."""
    row = await _unsigned(db, visit)
    await _cares(db, visit, doctor)
    if len(await attaching.drafts(db, visit)) >= MOST:
        raise BadPicture("enough")
    picture = secrets.token_urlsafe(16)
    said = {"asked_by": doctor.person, "asked_at": now}
    fresh = await insert_new(db, PictureAskRow, id=picture, visit=row.id, **said)
    return PictureChanged(visit, now, picture, "asked") if fresh else None


async def allow_picture(
    db: AsyncSession, now: datetime, *, visit: str, picture: str, by: Actor, yes: bool
) -> PictureChanged:
    """Whoever is in front of the camera answers: once. Raises as `_unsigned`, BadPicture."""
    row = await _unsigned(db, visit)
    answer = YES if yes else NO
    done = await db.execute(
        update(PictureAskRow)
        .where(
            PictureAskRow.id == picture,
            PictureAskRow.visit == visit,
            PictureAskRow.answer.is_(None),
        )
        .values(answer=answer, answered_by=by.person, answered_at=now)
        .returning(PictureAskRow.id)
    )
    if done.first() is None:
        raise BadPicture("not_asked")
    action = Action.PICTURE_ALLOWED if yes else Action.PICTURE_REFUSED
    await _line(db, now, row, by, action, Purpose.PATIENT_REQUEST)
    return PictureChanged(visit, now, picture, answer)


async def keep_picture(
    db: AsyncSession, keys: Keys, now: datetime, *, visit: str, picture: str, by: Actor, data: bytes
) -> PictureChanged:
    """The picture that was said yes to, cleaned and sealed; one for each yes.

    Raises as `_unsigned`, BadPicture.
    """
    row = await _unsigned(db, visit)
    cleaned = jpeg.clean(data)
    taken = await db.execute(
        update(PictureAskRow)
        .where(
            PictureAskRow.id == picture,
            PictureAskRow.visit == visit,
            PictureAskRow.answer == YES,
            PictureAskRow.taken_at.is_(None),
        )
        .values(taken_at=now)
        .returning(PictureAskRow.id)
    )
    if taken.first() is None:
        raise BadPicture("not_allowed")
    patient = row.patient or ""
    place = attaching.draft_place(picture, patient, by.person)
    sealed = vault.columns(await vault.lock_away(db, keys, place, cleaned))
    said = {"visit": visit, "patient": patient, "author": by.person, "taken_at": now}
    db.add(PictureRow(id=picture, **said, **sealed))
    await db.flush()
    content = sha256_hex(cleaned)
    await _line(db, now, row, by, Action.PICTURE_TAKEN, Purpose.TREATMENT, content)
    return PictureChanged(visit, now, picture, "taken")


async def drop_picture(
    db: AsyncSession, now: datetime, *, visit: str, picture: str, doctor: Actor
) -> PictureChanged | None:
    """Not to be part of the note. None: it is not there. Raises as `_unsigned`, MayNotRead."""
    row = await _unsigned(db, visit)
    await _cares(db, visit, doctor)
    gone = await db.execute(
        delete(PictureRow)
        .where(PictureRow.id == picture, PictureRow.visit == visit)
        .returning(PictureRow.id)
    )
    if gone.first() is None:
        return None
    await _line(db, now, row, doctor, Action.PICTURE_DROPPED, Purpose.TREATMENT, picture)
    return PictureChanged(visit, now, picture, "dropped")


async def pictures(db: AsyncSession, visit: str) -> Pictures:
    """How it stands; shows nothing of what is on them."""
    query = select(PictureAskRow).where(PictureAskRow.visit == visit)
    asked = (await db.scalars(query.order_by(PictureAskRow.asked_at, PictureAskRow.id))).all()
    if await last_entry(db, visit) is not None:
        held = (await attaching.attached_to(db, [visit])).values()
        here = (row for rows in held for row in rows if not is_gone(row))
        return Pictures(taken=tuple(row.picture for row in here))
    taken = tuple(row.id for row in await attaching.drafts(db, visit))
    if not asked:
        return Pictures(taken=taken)
    last = asked[-1]
    waits = last.answer == YES and last.taken_at is None
    return Pictures(
        asked=last.id if last.answer is None else "",
        allowed=last.id if waits else "",
        refused=last.answer == NO,
        taken=taken,
    )


async def read_picture(
    db: AsyncSession,
    keys: Keys,
    now: datetime,
    *,
    reader: Actor,
    visit: str,
    picture: str,
    basis: Basis = Basis.NONE,
) -> bytes:
    """The JPEG, as a draft or as part of the signed note. Raises MayNotRead, NoSuchVisit."""
    row = await visits.load(db, visit)
    signed = await last_entry(db, visit)
    ground = await judge(db, now, row, reader, What.DRAFT if signed is None else What.NOTE, basis)
    kept = await one(
        db, AttachmentRow, AttachmentRow.picture == picture, AttachmentRow.visit == visit
    )
    draft = await one(db, PictureRow, PictureRow.id == picture, PictureRow.visit == visit)
    if kept is None and draft is None:
        raise MayNotRead("not_there")
    purpose = Purpose.TREATMENT if reader.role == Role.DOCTOR else Purpose.PATIENT_REQUEST
    purpose = purpose_of(purpose, ground)
    await _line(db, now, row, reader, Action.PICTURE_READ, purpose, ground=ground)
    if kept is not None:
        return await attaching.attached_bytes(db, keys, kept)
    assert draft is not None
    return await attaching.draft_bytes(db, keys, draft)


async def _unsigned(db: AsyncSession, visit: str) -> VisitRow:
    """The visit, locked. Raises NoSuchVisit, AlreadySigned, NoPatient."""
    row = await visits.load(db, visit, lock=True)
    if await last_entry(db, visit) is not None:
        raise AlreadySigned
    if row.patient is None:
        raise NoPatient
    return row


async def _cares(db: AsyncSession, visit: str, doctor: Actor) -> None:
    if not await audit.known(db, Action.CARE_BEGUN, [visit], doctor.person):
        raise MayNotRead("no_relation")


async def _line(
    db: AsyncSession,
    now: datetime,
    row: VisitRow,
    by: Actor,
    action: Action,
    purpose: Purpose,
    content: str = "",
    ground: str = "",
) -> None:
    await audit.append(
        db,
        now,
        actor=by,
        action=action,
        visit=row.id,
        patient=row.patient or "",
        purpose=f"{purpose}/{ground}" if ground else purpose,
        content=content,
    )
