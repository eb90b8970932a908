"""Who may do what. A right that is not in the table does not exist."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class Role(StrEnum):
    """In which capacity somebody is signed in: one a session."""

    PATIENT = "patient"
    DOCTOR = "doctor"
    INSURER = "insurer"
    DIRECTOR = "director"
    OPERATOR = "operator"


class PersonKind(StrEnum):
    """In which capacity somebody is known.

    A doctor who falls ill is two persons here: what is kept of staff and what a patient tells
    stay apart.
    """

    PATIENT = "patient"
    STAFF = "staff"


class Door(StrEnum):
    """At which door somebody signs in; each has its own identity provider."""

    PATIENT = "patient"
    DOCTOR = "doctor"
    INSURER = "insurer"
    DIRECTOR = "director"
    OPERATOR = "operator"


class Act(StrEnum):
    """What can be done here. Which visit it may be done to is the door's affair."""

    ASK_FOR_A_DOCTOR = "ask_for_a_doctor"
    GO_ON_SHIFT = "go_on_shift"
    TREAT = "treat"
    CHECK_POLICIES = "check_policies"
    SEE_THE_FLOOR = "see_the_floor"
    MANAGE_STAFF = "manage_staff"
    SEE_THE_MACHINERY = "see_the_machinery"


MAY: Mapping[Role, frozenset[Act]] = MappingProxyType(
    {
        Role.PATIENT: frozenset({Act.ASK_FOR_A_DOCTOR}),
        Role.DOCTOR: frozenset({Act.GO_ON_SHIFT, Act.TREAT, Act.SEE_THE_FLOOR}),
        # An insurer learns yes, no, and a count: never a reason, a note or a visit.
        Role.INSURER: frozenset({Act.CHECK_POLICIES}),
        Role.DIRECTOR: frozenset({Act.SEE_THE_FLOOR, Act.MANAGE_STAFF}),
        Role.OPERATOR: frozenset({Act.SEE_THE_MACHINERY}),
    }
)
STAFF = frozenset({Role.DOCTOR, Role.INSURER, Role.DIRECTOR, Role.OPERATOR})
ROLE_AT: Mapping[Door, Role] = MappingProxyType(
    {
        Door.PATIENT: Role.PATIENT,
        Door.DOCTOR: Role.DOCTOR,
        Door.INSURER: Role.INSURER,
        Door.DIRECTOR: Role.DIRECTOR,
        Door.OPERATOR: Role.OPERATOR,
    }
)


def may(role: Role, act: Act) -> bool:
    """Whether this role may do this at all."""
    return act in MAY[role]
