"""The chart: everything that the rest of the house may do with the record, on one page.

    visits.py       who comes, for whom, why
    consenting.py   the notice and the consent
    reading.py      what is sealed, for those who may see it
    writing.py      the note, from the first letter to the signature
    protecting.py   how the call was kept from others
    verifying.py    is it all as it was written?

Each is an adapter: it takes a session and `now`, asks the pure rules, and returns values or events.
"""

from venterom.journal.access import Actor, Practitioner, Purpose, Role
from venterom.journal.audit import AccessLine, access_log
from venterom.journal.consent import Relation
from venterom.journal.consenting import give_consent, withdraw_consent
from venterom.journal.keys import Keys
from venterom.journal.note import NoteFields
from venterom.journal.protecting import report_protection
from venterom.journal.reading import (
    Note,
    Outcome,
    Story,
    begin_care,
    read_note,
    read_outcome,
    read_story,
    summaries,
    triaged,
)
from venterom.journal.verifying import Verdict, verify
from venterom.journal.visits import (
    Visit,
    close,
    current_visit,
    mark_open,
    open_visit,
    set_patient,
    set_reason,
    visit,
)
from venterom.journal.writing import save_draft, sign, unsigned

__all__ = [
    "AccessLine",
    "Actor",
    "Keys",
    "Note",
    "NoteFields",
    "Outcome",
    "Practitioner",
    "Purpose",
    "Relation",
    "Role",
    "Story",
    "Verdict",
    "Visit",
    "access_log",
    "begin_care",
    "close",
    "current_visit",
    "give_consent",
    "mark_open",
    "open_visit",
    "read_note",
    "read_outcome",
    "read_story",
    "report_protection",
    "save_draft",
    "set_patient",
    "set_reason",
    "sign",
    "summaries",
    "triaged",
    "unsigned",
    "verify",
    "visit",
    "withdraw_consent",
]
