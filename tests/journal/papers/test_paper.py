"""A paper as it is stored."""

from dataclasses import fields, replace
from datetime import date

import pytest

from tests.journal.papers.make import BODIES, PRESCRIPTION, SICK_NOTE, TODAY, H
from venterom.journal.canonical import canonical
from venterom.journal.papers import paper
from venterom.journal.papers.paper import Body, Issued, Kind
from venterom.journal.papers.prescription import Paragraph, Scheme


@pytest.mark.parametrize(
    "body",
    [
        *BODIES,
        replace(PRESCRIPTION, scheme=Scheme.BLUE, paragraph=Paragraph.P3A, to_woman=True),
        replace(PRESCRIPTION, medicine=None, packages=None),
        replace(SICK_NOTE, first=None, examine_by=date(2026, 12, 1)),
    ],
)
def test_what_is_stored_comes_back_the_same(body: Body) -> None:
    said = paper.plain(body)
    assert paper.read(said) == body
    assert canonical(said) == canonical(paper.plain(paper.read(said)))
    issued = Issued("p1", body, "ab" * 32, 7)
    assert paper.read_issued(paper.issued_plain(issued)) == issued


def test_every_kind_has_a_body_a_title_and_a_rule() -> None:
    assert [Issued("p", body, "", 0).kind for body in BODIES] == list(Kind)
    assert set(paper.TITLES) == set(Kind) == set(paper.BODIES)
    assert all(paper.problems(body, TODAY) == {} for body in BODIES)


@pytest.mark.parametrize(
    ("body", "later"),
    [(H, ("may_bill_hospital",)), (SICK_NOTE, ("employers",))],
)
def test_what_was_signed_before_a_field_was_there_is_still_read(
    body: Body, later: tuple[str, ...]
) -> None:
    said = {name: value for name, value in paper.plain(body).items() if name not in later}
    read = paper.read(said)
    for each in fields(body):
        expected = each.default if each.name in later else getattr(body, each.name)
        assert getattr(read, each.name) == expected
