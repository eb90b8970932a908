"""When a consent holds, and who can give it."""

from dataclasses import replace
from datetime import date, datetime

import pytest

from tests.journal.make import NOON, after
from venterom.journal import consent, texts
from venterom.journal.consent import Consent, Kind, Record, Relation
from venterom.journal.minors import Decider

RECORD = Record(
    id="r1",
    visit="v1",
    patient="barn",
    given_by="kari",
    kind=Kind.CONSENT,
    text_version="2026-1",
    text_sha256="ab" * 32,
    language="nb",
    rule=Decider.PARENT,
    own_yes=False,
    at=NOON,
)
GIVEN = Consent(RECORD)
WITHDRAWN = Consent(RECORD, withdrawn_at=after(minutes=10))


@pytest.mark.parametrize(
    ("given", "version", "now", "valid"),
    [
        (None, "2026-1", NOON, False),
        (GIVEN, "2026-1", NOON, True),  # from the moment on
        (GIVEN, "2026-1", after(days=30), True),
        (GIVEN, "2026-1", after(seconds=-1), False),  # not before
        (GIVEN, "2026-2", NOON, False),  # the text has changed: ask again
        (WITHDRAWN, "2026-1", after(minutes=9), True),
        (WITHDRAWN, "2026-1", after(minutes=10), False),
    ],
)
def test_when_a_consent_holds(
    given: Consent | None, version: str, now: datetime, valid: bool
) -> None:
    assert consent.valid(given, version, now) is valid


@pytest.mark.parametrize(
    ("relation", "decider", "own_yes", "why"),
    [
        (Relation.SELF, Decider.ADULT, False, None),
        (Relation.SELF, Decider.YOUNG_PERSON, False, None),  # alone, from 16
        (Relation.SELF, Decider.PARENT_CHILD_HEARD, True, "parents_decide"),
        (Relation.SELF, Decider.PARENT, True, "parents_decide"),
        (Relation.SELF, Decider.CHILD_ALONE, False, None),  # for reasons to be respected
        (Relation.CHILD, Decider.PARENT, False, None),
        (Relation.CHILD, Decider.PARENT_CHILD_HEARD, False, None),
        (Relation.CHILD, Decider.YOUNG_PERSON, False, "own_yes_needed"),
        (Relation.CHILD, Decider.YOUNG_PERSON, True, None),  # said in the parent's presence
        (Relation.CHILD, Decider.ADULT, True, "adult_decides"),
    ],
)
def test_who_can_give_it(
    relation: Relation, decider: Decider, own_yes: bool, why: str | None
) -> None:
    assert consent.refusal(relation, decider, own_yes) == why


def test_a_receipt_says_what_was_agreed_to_and_names_nobody() -> None:
    said = consent.receipt(RECORD, lambda person: person[::-1], 1_000)
    assert (said["patient"], said["by"], said["at"]) == ("nrab", "irak", 1_000)
    assert said["purposes"] == texts.PURPOSES
    notice = consent.receipt(replace(RECORD, kind=Kind.NOTICE), str, 1_000)
    assert notice["purposes"] == {}  # a notice is acknowledged, nothing is agreed to


CHILD = date(2018, 2, 3)
OWN = replace(RECORD, patient="kari", rule=Decider.ADULT)
YOUNG = replace(RECORD, patient="nora", rule=Decider.YOUNG_PERSON)
ALONE = replace(OWN, rule=Decider.CHILD_ALONE)
DAY = date(2026, 11, 24)


@pytest.mark.parametrize(
    ("record", "by", "patient", "born", "version", "today", "carries"),
    [
        (OWN, "kari", "kari", date(1986, 5, 17), "2026-1", date(2027, 11, 24), True),
        (OWN, "kari", "kari", date(1986, 5, 17), "2026-2", DAY, False),  # the text has changed
        (OWN, "ola", "kari", date(1986, 5, 17), "2026-1", DAY, False),  # somebody else comes
        (OWN, "kari", "barn", CHILD, "2026-1", DAY, False),  # for somebody else
        (RECORD, "kari", "barn", CHILD, "2026-1", date(2027, 1, 1), True),  # a parent for the child
        (RECORD, "kari", "barn", date(2014, 11, 25), "2026-1", DAY, True),  # 12 tomorrow
        (RECORD, "kari", "barn", date(2014, 11, 25), "2026-1", date(2026, 11, 25), False),
        (RECORD, "kari", "barn", date(2010, 11, 25), "2026-1", DAY, True),  # 16 tomorrow
        (RECORD, "kari", "barn", date(2010, 11, 25), "2026-1", date(2026, 11, 25), False),
        (YOUNG, "kari", "nora", date(2010, 1, 1), "2026-1", DAY, False),  # said beside a parent
        (replace(YOUNG, given_by="nora"), "nora", "nora", date(2010, 1, 1), "2026-1", DAY, True),
        (
            replace(YOUNG, given_by="nora"),
            "nora",
            "nora",
            date(2008, 11, 25),  # 18 tomorrow
            "2026-1",
            date(2026, 11, 25),
            False,
        ),
        (ALONE, "kari", "kari", date(2012, 1, 1), "2026-1", DAY, False),  # each time anew
    ],
)
def test_when_one_is_not_asked_again(
    record: Record, by: str, patient: str, born: date, version: str, today: date, carries: bool
) -> None:
    asked = {"by": by, "patient": patient, "birth_date": born, "version": version, "today": today}
    assert consent.carries_over(record, **asked) is carries  # type: ignore[arg-type]
