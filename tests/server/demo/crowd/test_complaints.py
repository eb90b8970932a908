"""What the crowd says and writes can be said and written here."""

import pytest

from venterom.journal.note import clean, clean_text, problems, reason_problem
from venterom.server.demo.crowd.complaints import FOR_CHILD, OWN, Complaint, note_on

EVERY = OWN + FOR_CHILD


@pytest.mark.parametrize("complaint", EVERY, ids=lambda complaint: complaint.note.icpc2)
def test_each_can_be_told_and_its_note_be_signed(complaint: Complaint) -> None:
    assert reason_problem(clean_text(complaint.words)) is None
    assert complaint.words == clean_text(complaint.words)  # so that it is known again
    assert problems(clean(complaint.note)) == {}


def test_a_doctor_writes_about_what_the_patient_came_with() -> None:
    assert len({complaint.words for complaint in EVERY}) == len(EVERY)
    for complaint in EVERY:
        assert note_on(complaint.words) == complaint.note


def test_what_a_person_writes_gets_a_note_that_can_be_signed_too() -> None:
    note = note_on("Noe helt annet")
    assert note.reason == "Noe helt annet"
    assert problems(clean(note)) == {}
