"""Who may come to a visit: every kind of person against every tie."""

from datetime import UTC, datetime, timedelta

import pytest

from venterom.journal.access import CARE_LASTS
from venterom.web.identity.relations import Stakes, may_enter
from venterom.web.identity.roles import PersonKind, Role

NOW = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)


def stakes(
    patient: str | None = "kari",
    opened_by: str = "kari",
    claimed_by: str | None = None,
    cared_for: bool = False,
    closed: timedelta | None = None,
) -> Stakes:
    return Stakes(
        patient, opened_by, claimed_by, cared_for, None if closed is None else NOW - closed
    )


PATIENT = (PersonKind.PATIENT, frozenset({Role.PATIENT}))
DOCTOR = (PersonKind.STAFF, frozenset({Role.DOCTOR}))


@pytest.mark.parametrize(
    ("who", "held", "enters"),
    [
        ("kari", stakes(), True),  # her own
        ("ida", stakes(patient="ida"), True),  # opened for her by a parent
        ("kari", stakes(patient="ida"), True),  # the parent who opened it
        ("kari", stakes(patient=None), True),  # a draft: for whom is not said yet
        ("kari", stakes(closed=timedelta(days=3650)), True),  # her own, years later
        ("per", stakes(), False),
        ("per", stakes(patient="ida"), False),  # the other parent: nobody vouches for him
        ("per", stakes(patient=None), False),
        ("per", stakes(claimed_by="per"), False),  # a patient is no doctor, whatever a row says
        ("per", stakes(cared_for=True), False),
        ("", stakes(patient=None), False),
    ],
)
def test_patients_come_to_their_own_and_to_what_they_opened(
    who: str, held: Stakes, enters: bool
) -> None:
    assert may_enter(who, *PATIENT, held, NOW) is enters


@pytest.mark.parametrize(
    ("held", "enters"),
    [
        (stakes(claimed_by="dr"), True),  # his patient
        (stakes(cared_for=True), True),  # was his patient, and goes to another now
        (stakes(claimed_by="other", cared_for=True), True),
        (stakes(cared_for=True, closed=CARE_LASTS), True),  # answers to tests still come in
        (stakes(cared_for=True, closed=CARE_LASTS + timedelta(seconds=1)), False),
        (stakes(claimed_by="dr", closed=CARE_LASTS + timedelta(seconds=1)), False),
        (stakes(), False),  # a doctor without a relation: «snoking»
        (stakes(claimed_by="other"), False),
        (stakes(patient="dr", opened_by="dr"), False),  # one's own visit is the patient's door
    ],
)
def test_doctors_come_to_those_whom_they_took(held: Stakes, enters: bool) -> None:
    assert may_enter("dr", *DOCTOR, held, NOW) is enters


@pytest.mark.parametrize("role", [Role.INSURER, Role.DIRECTOR, Role.OPERATOR])
@pytest.mark.parametrize(
    "held",
    [
        stakes(),
        stakes(patient="x", opened_by="x"),
        stakes(claimed_by="x"),
        stakes(cared_for=True),
        stakes(patient=None),
    ],
)
def test_nobody_else_ever_comes_to_a_visit(role: Role, held: Stakes) -> None:
    assert not may_enter("x", PersonKind.STAFF, frozenset({role}), held, NOW)


def test_staff_whose_roles_were_withdrawn_do_not_come_in() -> None:
    held = stakes(claimed_by="dr", cared_for=True)
    assert not may_enter("dr", PersonKind.STAFF, frozenset(), held, NOW)


def test_a_doctor_who_also_directs_comes_in_as_a_doctor() -> None:
    roles = frozenset({Role.DOCTOR, Role.DIRECTOR})
    assert may_enter("dr", PersonKind.STAFF, roles, stakes(claimed_by="dr"), NOW)
    assert not may_enter("dr", PersonKind.STAFF, roles, stakes(), NOW)
