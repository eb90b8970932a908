"""A signed note with all its versions, as a page shows it (templates/_versions.html)."""

from typing import Any

from venterom.journal import note as notes
from venterom.journal.history import Note


def shown(note: Note) -> dict[str, Any]:
    """What stands, what was added to it, and what stood before."""
    first = note.before[-1] if note.before else note
    return {
        "signed_at": note.signed_at,
        "first_signed_at": first.signed_at,
        "why": note.why,
        "changed": note.changed,
        "account": note.account,
        "sections": notes.sections(note.fields),
        "code": (note.fields.icpc2, note.term),
        "elsewhere": note.elsewhere,
        "additions": note.additions,
        "before": [shown(each) for each in note.before],
    }
