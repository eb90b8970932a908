"""A deletion: who may carry it out, and what of it can never be changed afterwards."""

from dataclasses import fields, replace
from datetime import timedelta
from typing import Any

import pytest

from tests.journal.make import NOON, after
from venterom.journal import deletion
from venterom.journal.access import Role
from venterom.journal.cases import Case, Kind, State
from venterom.journal.deletion import Deletion, Ground
from venterom.journal.states import Delivery

CASE = Case(
    *("c1", "kari", "v1", Kind.DELETION, "kari", NOON, after(days=28), "dr-berg", "Berit"),
    *(State.GRANTED, "dr-berg", after(days=1)),
)
DONE = Deletion("c1", "v1", "kari", Ground.ASKED, "dr-berg", "boss", NOON)


@pytest.mark.parametrize(
    ("role", "person", "may"),
    [
        (Role.DIRECTOR, "boss", True),
        (Role.DOCTOR, "dr-berg", False),  # who decided it
        (Role.DOCTOR, "dr-dal", False),  # who did not write the note
        (Role.PATIENT, "kari", False),
        (Role.INSURER, "clerk", False),
    ],
)
def test_the_second_of_two_is_somebody_who_could_have_decided(
    role: str, person: str, may: bool
) -> None:
    assert deletion.may_confirm(CASE, role, person) is may


def test_what_a_director_decided_the_doctor_or_another_director_carries_out() -> None:
    case = replace(CASE, answered_by="boss")
    assert deletion.may_confirm(case, Role.DOCTOR, "dr-berg")
    assert deletion.may_confirm(case, Role.DIRECTOR, "other")
    assert not deletion.may_confirm(case, Role.DIRECTOR, "boss")


@pytest.mark.parametrize("state", [State.OPEN, State.REFUSED, State.CARRIED_OUT])
def test_nothing_is_deleted_that_was_not_granted(state: State) -> None:
    assert not deletion.may_confirm(replace(CASE, state=state), Role.DIRECTOR, "boss")


def test_a_correction_deletes_nothing() -> None:
    assert not deletion.may_confirm(replace(CASE, kind=Kind.CORRECTION), Role.DIRECTOR, "boss")


@pytest.mark.parametrize(
    ("delivery", "waits", "listed"),
    [
        (None, False, False),
        (Delivery.SIGNED, False, False),
        (Delivery.ON_ITS_WAY, True, False),
        (Delivery.FAILED, False, False),
        (Delivery.IN_THE_JOURNAL, False, True),
    ],
)
def test_what_the_epj_has_not_it_never_gets(
    delivery: Delivery | None, waits: bool, listed: bool
) -> None:
    assert (deletion.waits(delivery), deletion.stays_listed(delivery)) == (waits, listed)


@pytest.mark.parametrize("name", [field.name for field in fields(Deletion)])
def test_every_part_of_it_is_in_the_hash(name: str) -> None:
    value = getattr(DONE, name)
    other: dict[str, Any] = {"ground": Ground.WRONG_PATIENT, "at": NOON + timedelta(milliseconds=1)}
    changed = replace(DONE, **{name: other.get(name, f"{value}x")})
    assert deletion.digest(changed) != deletion.digest(DONE)
