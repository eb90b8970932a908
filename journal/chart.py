"""The chart: everything that the rest of the house may do with the record, on one page.

    visits.py       who comes, for whom, why
    consenting.py   the notice and the consent
    reading.py      what is sealed, for those who may see it
    writing.py      the note, from the first letter
    signing.py      to the signature
    amending.py     and, as a version more, what is put right in it or added to it
    protecting.py   how the call was kept from others
    identifying.py  whom the doctor had before her
    telephoning.py  that the doctor went over to the telephone
    picturing.py    pictures that belong to the note
    papers/         prescriptions, sick notes and letters that are issued with it
    verifying.py    is it all as it was written?

Each is an adapter: it takes a session and `now`, asks the pure rules, and returns values or events.
"""

from venterom.journal.access import Actor, Practitioner, Purpose, Role
from venterom.journal.audit import AccessLine, access_log
from venterom.journal.consent import Relation
from venterom.journal.consenting import give_consent, withdraw_consent
from venterom.journal.contact import Telephone, Why
from venterom.journal.history import Note
from venterom.journal.identifying import identification_of, identify
from venterom.journal.keys import Keys
from venterom.journal.meeting import Met, Other, Part
from venterom.journal.note import NoteFields
from venterom.journal.picturing import (
    Pictures,
    allow_picture,
    ask_for_picture,
    drop_picture,
    keep_picture,
    pictures,
    read_picture,
)
from venterom.journal.protecting import report_protection
from venterom.journal.reading import (
    Outcome,
    Story,
    begin_care,
    read_note,
    read_outcome,
    read_story,
    summaries,
    triaged,
)
from venterom.journal.signing import sign
from venterom.journal.telephoning import telephone, telephone_of
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
    who_comes,
)
from venterom.journal.writing import save_draft, unsigned

__all__ = [
    "AccessLine",
    "Actor",
    "Keys",
    "Met",
    "Note",
    "NoteFields",
    "Other",
    "Outcome",
    "Part",
    "Pictures",
    "Practitioner",
    "Purpose",
    "Relation",
    "Role",
    "Story",
    "Telephone",
    "Verdict",
    "Visit",
    "Why",
    "access_log",
    "allow_picture",
    "ask_for_picture",
    "begin_care",
    "close",
    "current_visit",
    "drop_picture",
    "give_consent",
    "identification_of",
    "identify",
    "keep_picture",
    "mark_open",
    "open_visit",
    "pictures",
    "read_note",
    "read_outcome",
    "read_picture",
    "read_story",
    "report_protection",
    "save_draft",
    "set_patient",
    "set_reason",
    "sign",
    "summaries",
    "telephone",
    "telephone_of",
    "triaged",
    "unsigned",
    "verify",
    "visit",
    "who_comes",
    "withdraw_consent",
]
