"""The invented world: enough people of the right ages, and nobody who could be real."""

from datetime import date

import pytest

from venterom.journal.minors import age
from venterom.queue.coverage.policies import normalise
from venterom.server.demo.people import (
    EXPIRED,
    INSURERS,
    WITHOUT_POLICY,
    Somebody,
    World,
    world,
)
from venterom.web.identity.numbers import Kind, Number, judge

TODAY = date(2026, 11, 24)
# The ages must be right whenever the demonstration is started.
DAYS = [TODAY, date(2028, 2, 29), date(2027, 1, 1), date(2026, 12, 31), date(2031, 7, 15)]


def everybody(of: World) -> list[Somebody]:
    children = [child for patient in of.patients + of.crowd for child in patient.children]
    return grown_up(of) + children


def grown_up(of: World) -> list[Somebody]:
    staff = [doctor.who for doctor in of.doctors] + [clerk.who for clerk in of.clerks]
    staff += [director.who for director in of.directors]
    staff += [operator.who for operator in of.operators]
    return staff + [patient.who for patient in of.patients + of.crowd]


def test_the_world_is_the_same_all_year() -> None:
    assert world(date(2026, 1, 1)) == world(TODAY) == world(date(2026, 12, 31))


@pytest.mark.parametrize("today", DAYS)
def test_there_are_enough_of_each(today: date) -> None:
    demo = world(today)
    assert (len(demo.doctors), len(demo.patients), len(demo.clerks)) == (6, 12, 2)
    assert (len(demo.directors), len(demo.operators)) == (1, 1)
    assert len(demo.crowd) == 40
    assert len(demo.policies) == 500
    assert [doctor.on_shift for doctor in demo.doctors] == [True] * 3 + [False] * 3
    assert {clerk.insurer for clerk in demo.clerks} == set(INSURERS)
    for insurer in INSURERS:
        assert sum(policy.insurer == insurer for policy in demo.policies) == 250


@pytest.mark.parametrize("today", DAYS)
def test_nobody_could_be_real(today: date) -> None:
    demo = world(today)
    numbers = [person.number for person in everybody(demo)]
    assert len(set(numbers)) == len(numbers)
    for person in everybody(demo):
        assert judge(person.number, synthetic=True) == Number(Kind.FNR, synthetic=True)
        assert any(word in person.family.lower() for word in ("test", "prøv"))
    assert all(len(doctor.hpr_number) == 7 for doctor in demo.doctors)
    assert all(doctor.hpr_number.startswith("999") for doctor in demo.doctors)
    assert len({doctor.hpr_number for doctor in demo.doctors}) == 6


@pytest.mark.parametrize("today", DAYS)
def test_patients_are_of_age_and_their_children_of_every_kind_of_age(today: date) -> None:
    demo = world(today)
    assert all(age(person.birth_date, today) >= 18 for person in grown_up(demo))
    for families in (demo.patients, demo.crowd):
        parents = [patient for patient in families if patient.children]
        ages = [age(child.birth_date, today) for parent in parents for child in parent.children]
        assert len(parents) >= 3
        assert all(0 <= years < 18 for years in ages)
        assert any(years < 12 for years in ages)
        assert any(12 <= years < 16 for years in ages)
        assert any(16 <= years < 18 for years in ages)
        for parent in parents:
            for child in parent.children:
                assert age(parent.who.birth_date, child.birth_date) >= 18


@pytest.mark.parametrize("today", DAYS)
def test_patients_have_policies_one_has_none_and_one_has_run_out(today: date) -> None:
    demo = world(today)
    by_number = {policy.number: policy for policy in demo.policies}
    assert len(by_number) == 500
    for place, patient in enumerate(demo.patients):
        if place == WITHOUT_POLICY:
            assert patient.policy == ""
            continue
        policy = by_number[patient.policy]
        assert policy.holder_birth_date == patient.who.birth_date
        assert policy.valid_from <= today
        assert (policy.valid_until >= today) is (place != EXPIRED)


@pytest.mark.parametrize("today", DAYS)
def test_everybody_of_the_crowd_has_a_policy_of_their_own(today: date) -> None:
    demo = world(today)
    by_number = {policy.number: policy for policy in demo.policies}
    own = [by_number[patient.policy] for patient in demo.crowd]
    assert not {patient.policy for patient in demo.crowd} & {each.policy for each in demo.patients}
    assert len({policy.number for policy in own}) == len(own)
    for patient, policy in zip(demo.crowd, own, strict=True):
        assert policy.holder_birth_date == patient.who.birth_date
        assert policy.valid_from <= today <= policy.valid_until


def test_no_two_have_the_same_name_so_that_a_name_picks_one() -> None:
    names = [person.name for person in grown_up(world(TODAY))]
    assert len(set(names)) == len(names)


def test_with_a_crowd_half_of_the_doctors_are_robots() -> None:
    demo = world(TODAY)
    assert [doctor.on_shift for doctor in demo.robots] == [False] * 3
    assert demo.for_people(crowd=False) == demo.doctors
    assert set(demo.for_people(crowd=True)) == set(demo.doctors) - set(demo.robots)


def test_policy_numbers_are_written_as_the_register_writes_them() -> None:
    assert all(normalise(policy.number) == policy.number for policy in world(TODAY).policies)
