"""Who may do what: the whole table, once more, so that no right comes in by accident."""

import pytest

from venterom.web.identity.roles import MAY, ROLE_AT, STAFF, Act, Door, Role, may

EXPECTED = {
    Role.PATIENT: {Act.ASK_FOR_A_DOCTOR},
    Role.DOCTOR: {Act.GO_ON_SHIFT, Act.TREAT, Act.SEE_THE_FLOOR},
    Role.INSURER: {Act.CHECK_POLICIES},
    Role.DIRECTOR: {Act.SEE_THE_FLOOR, Act.MANAGE_STAFF},
    Role.OPERATOR: {Act.SEE_THE_MACHINERY},
}


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("act", Act)
def test_a_role_may_do_what_the_table_says_and_nothing_else(role: Role, act: Act) -> None:
    assert may(role, act) is (act in EXPECTED[role])


def test_every_role_has_a_row_and_every_act_somebody_who_may() -> None:
    assert set(MAY) == set(Role)
    assert frozenset().union(*MAY.values()) == set(Act)


def test_everybody_but_patients_is_staff() -> None:
    assert set(Role) - {Role.PATIENT} == STAFF


def test_only_doctors_treat_and_insurers_only_check_policies() -> None:
    assert [role for role in Role if may(role, Act.TREAT)] == [Role.DOCTOR]
    assert MAY[Role.INSURER] == {Act.CHECK_POLICIES}


def test_each_door_leads_to_one_role() -> None:
    assert set(ROLE_AT) == set(Door)
    assert len(set(ROLE_AT.values())) == len(Door)
