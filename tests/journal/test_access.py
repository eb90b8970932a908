"""Who may read what, now: the whole table."""

from dataclasses import replace
from datetime import datetime

import pytest

from tests.journal.make import DOCTOR, KARI, NOON, OLA, after
from venterom.journal import access
from venterom.journal.access import CARE_LASTS, Actor, Basis, Facts, Role, What
from venterom.journal.blocking import Blocked
from venterom.journal.states import Stage

BERIT = DOCTOR.actor
INSURER = Actor("clerk", Role.INSURER, "")
DIRECTOR = Actor("boss", Role.DIRECTOR, "")
OWN = Facts("kari", "kari", 46, False, Stage.OPEN, None, False)
CHILD = replace(OWN, patient="barn", patient_age=8)
YOUNG = replace(CHILD, patient_age=16)
MINE = replace(OWN, cares=True)
OVER = replace(MINE, stage=Stage.CLOSED, closed_at=NOON)
PARENT = replace(CHILD, opened_by="mother", basis=Basis.PARENT)  # the other one, by the register
PROXY = replace(OWN, basis=Basis.PROXY)
ELSEWHERE = replace(OVER, cares=False, treats=True)  # a note of before, and the patient is here now
ALL, NAME = Blocked.WITH_ALL, Blocked.BY_NAME


@pytest.mark.parametrize(
    ("reader", "what", "facts", "now", "allowed", "ground"),
    [
        # the patient
        (KARI, What.NOTE, OWN, NOON, True, "own"),
        (KARI, What.STORY, OWN, NOON, True, "own"),
        (KARI, What.SUMMARY, OWN, NOON, True, "own"),
        (KARI, What.DRAFT, OWN, NOON, False, "not_signed"),
        (OLA, What.NOTE, OWN, NOON, False, "no_relation"),
        (Actor("", Role.PATIENT, ""), What.NOTE, OWN, NOON, False, "no_relation"),
        # the parent who came with the child
        (KARI, What.NOTE, CHILD, NOON, True, "parent"),
        (KARI, What.STORY, YOUNG, NOON, True, "wrote_it"),  # her own words
        (KARI, What.NOTE, YOUNG, NOON, False, "reads_alone"),
        (KARI, What.NOTE, replace(CHILD, withheld=True), NOON, False, "withheld"),
        (OLA, What.NOTE, CHILD, NOON, False, "no_relation"),
        (OLA, What.STORY, CHILD, NOON, False, "no_relation"),
        # … and who did not come, by the register
        (KARI, What.NOTE, PARENT, NOON, True, "parent"),
        (KARI, What.STORY, PARENT, NOON, False, "no_relation"),
        (KARI, What.DRAFT, PARENT, NOON, False, "not_signed"),
        (KARI, What.NOTE, replace(PARENT, patient_age=15), NOON, True, "parent"),
        (KARI, What.NOTE, replace(PARENT, patient_age=16), NOON, False, "reads_alone"),
        (KARI, What.NOTE, replace(PARENT, alone=True), NOON, False, "alone"),
        (KARI, What.NOTE, replace(PARENT, withheld=True), NOON, False, "withheld"),
        # who holds a proxy
        (OLA, What.NOTE, PROXY, NOON, True, "proxy"),
        (OLA, What.STORY, PROXY, NOON, False, "no_relation"),
        (OLA, What.DRAFT, PROXY, NOON, False, "not_signed"),
        # a doctor who has the patient now, and notes of before
        (BERIT, What.NOTE, ELSEWHERE, NOON + 9 * CARE_LASTS, True, "treats"),
        (BERIT, What.STORY, ELSEWHERE, NOON, False, "no_relation"),
        (BERIT, What.NOTE, replace(ELSEWHERE, blocked=ALL), NOON, False, "blocked"),
        (BERIT, What.NOTE, replace(ELSEWHERE, blocked=NAME), NOON, False, "blocked"),
        (BERIT, What.NOTE, replace(ELSEWHERE, blocked=ALL, glass=True), NOON, True, "glass"),
        (BERIT, What.NOTE, replace(OVER, blocked=ALL), NOON, True, "care"),  # was there
        (BERIT, What.NOTE, replace(OVER, blocked=NAME), NOON, False, "blocked"),
        (BERIT, What.STORY, replace(OVER, blocked=NAME), NOON, False, "blocked"),
        (BERIT, What.STORY, replace(MINE, blocked=NAME), NOON, True, "care"),
        (BERIT, What.DRAFT, replace(MINE, blocked=NAME), NOON, True, "care"),
        (BERIT, What.SUMMARY, replace(OWN, blocked=ALL), NOON, True, "on_duty"),
        (BERIT, What.SUMMARY, replace(OWN, blocked=NAME), NOON, False, "blocked"),
        # glass opens what is blocked, and nothing else
        (BERIT, What.NOTE, replace(OWN, blocked=ALL, glass=True), NOON, False, "no_relation"),
        # doctors
        (BERIT, What.STORY, MINE, NOON, True, "care"),
        (BERIT, What.DRAFT, MINE, NOON, True, "care"),
        (BERIT, What.NOTE, OVER, NOON + CARE_LASTS, True, "care"),
        (
            BERIT,
            What.NOTE,
            OVER,
            NOON + CARE_LASTS + (after(seconds=1) - NOON),
            False,
            "care_ended",
        ),
        (BERIT, What.SUMMARY, OWN, NOON, True, "on_duty"),
        (BERIT, What.SUMMARY, replace(OWN, stage=Stage.DRAFT), NOON, False, "no_relation"),
        (BERIT, What.SUMMARY, replace(OVER, cares=False), NOON, False, "no_relation"),
        (BERIT, What.STORY, OWN, NOON, False, "no_relation"),  # on duty is not enough
        (BERIT, What.NOTE, OWN, NOON, False, "no_relation"),
        # nobody else
        (INSURER, What.SUMMARY, OWN, NOON, False, "no_relation"),
        (INSURER, What.NOTE, MINE, NOON, False, "no_relation"),
        (DIRECTOR, What.NOTE, MINE, NOON, False, "no_relation"),
        (replace(KARI, role=Role.INSURER), What.NOTE, OWN, NOON, False, "no_relation"),
        (replace(KARI, role="made up"), What.NOTE, MINE, NOON, False, "no_relation"),
        (access.SYSTEM, What.NOTE, MINE, NOON, False, "no_relation"),
    ],
)
def test_who_may_read_what(
    reader: Actor, what: What, facts: Facts, now: datetime, allowed: bool, ground: str
) -> None:
    assert access.may_read(reader, what, facts, now) == access.Verdict(allowed, ground)


def test_a_practitioner_acts_as_a_doctor() -> None:
    assert BERIT == Actor(DOCTOR.person, "doctor", DOCTOR.name)
