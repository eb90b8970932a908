"""The pictures of a note: drafts while it is written, and sealed for good when it is signed."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from venterom.journal import vault
from venterom.journal.call_tables import AttachmentRow, PictureRow
from venterom.journal.canonical import sha256_hex
from venterom.journal.entry import Picture
from venterom.journal.keys import Keys
from venterom.journal.seal import Context
from venterom.journal.tables import EntryRow


async def drafts(db: AsyncSession, visit: str) -> Sequence[PictureRow]:
    """Of a note that is not signed yet, in the order in which they were taken."""
    query = select(PictureRow).where(PictureRow.visit == visit)
    return (await db.scalars(query.order_by(PictureRow.taken_at, PictureRow.id))).all()


async def draft_bytes(db: AsyncSession, keys: Keys, row: PictureRow) -> bytes:
    """The JPEG. Only for those who have written their audit line."""
    return await vault.take_out(db, keys, draft_place(row.id, row.patient, row.author), row)


def draft_place(picture: str, patient: str, author: str) -> Context:
    """Where a picture is sealed while the note is being written."""
    return Context("picture_draft", picture, patient, 1, author)


async def attached_to(
    db: AsyncSession, visits: Collection[str]
) -> Mapping[tuple[str, int], list[AttachmentRow]]:
    """Those of all signed notes of these visits, by visit and version."""
    query = select(AttachmentRow).where(AttachmentRow.visit.in_(visits)).order_by(AttachmentRow.n)
    found: defaultdict[tuple[str, int], list[AttachmentRow]] = defaultdict(list)
    for row in await db.scalars(query.execution_options(populate_existing=True)):
        found[row.visit, row.version].append(row)
    return found


async def attached_bytes(db: AsyncSession, keys: Keys, row: AttachmentRow) -> bytes:
    """The JPEG. Only for those who have written their audit line."""
    return await vault.take_out(db, keys, place_of(row), row)


def place_of(row: AttachmentRow) -> Context:
    """Where a picture of a signed note is sealed."""
    return _place(row.visit, row.n, row.patient, row.version)


def told(parents: Mapping[str, bytes], rows: Sequence[PictureRow]) -> list[tuple[Picture, bytes]]:
    """What the entry says of its pictures, and the pictures. Each is read once, and what is said of
    it is said of what was read."""
    read = [
        (row, vault.opened(parents, draft_place(row.id, row.patient, row.author), row))
        for row in rows
    ]
    return [(Picture(sha256_hex(data), len(data), row.taken_at), data) for row, data in read]


async def attach(
    db: AsyncSession,
    keys: Keys,
    parents: Mapping[str, bytes],
    entry: EntryRow,
    rows: Sequence[PictureRow],
    pictures: Sequence[bytes],
) -> None:
    """The drafts become part of the entry, and are drafts no more."""
    if not rows:
        return
    attached = []
    for n, (row, data) in enumerate(zip(rows, pictures, strict=True), start=1):
        place = _place(entry.visit, n, entry.patient, entry.version)
        said = {"visit": entry.visit, "version": entry.version, "n": n, "picture": row.id}
        said |= {"patient": entry.patient, "taken_at": row.taken_at}
        attached.append(said | vault.columns(vault.sealed(keys, parents, place, data)))
    await db.execute(insert(AttachmentRow), attached)
    await db.execute(delete(PictureRow).where(PictureRow.visit == entry.visit))


def _place(visit: str, n: int, patient: str, version: int) -> Context:
    return Context("record_attachment", f"{visit}/{n}", patient, version, "")
