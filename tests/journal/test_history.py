"""A note as all its versions make it."""

from dataclasses import replace

import pytest

from tests.journal.make import NOON, NOTE, after
from tests.journal.papers.make import BODIES
from venterom.journal import history
from venterom.journal.amendment import Amendment
from venterom.journal.entry import AMENDED_FORM, Content
from venterom.journal.history import Version
from venterom.journal.note import NoteFields
from venterom.journal.papers.paper import Issued

CONTENT = Content(NOTE, NOON, after(minutes=15), term="Streptokokkhals")
PUT_RIGHT = replace(NOTE, plan="Ring fastlegen", findings="Upåvirket")


def version(n: int, content: Content | None) -> Version:
    return Version(n, "dr", f"Lege {n}", after(days=n), content)


def anew(fields: NoteFields = PUT_RIGHT, *replaces: int) -> Content:
    return replace(
        CONTENT, note=fields, form=AMENDED_FORM, amends=Amendment("Feil plan", "", replaces or (1,))
    )


def added(text: str = "Prøven var negativ") -> Content:
    return Content(
        NoteFields(), NOON, NOON, form=AMENDED_FORM, amends=Amendment("Prøvesvar kom", text)
    )


def test_a_note_that_was_signed_once_is_what_it_says() -> None:
    note = history.as_it_stands([version(1, CONTENT)])
    assert (note.fields, note.version, note.term) == (NOTE, 1, "Streptokokkhals")
    assert (note.why, note.changed, note.additions, note.before) == ("", (), (), ())


def test_said_anew_it_stands_in_the_place_of_the_one_before_which_is_kept_behind_it() -> None:
    note = history.as_it_stands([version(1, CONTENT), version(2, anew())])
    assert (note.fields, note.version, note.signed_at) == (PUT_RIGHT, 2, after(days=2))
    assert (note.why, note.changed) == ("Feil plan", ("Funn", "Plan"))
    [before] = note.before
    assert (before.fields, before.signed_at, before.before) == (NOTE, after(days=1), ())
    assert "Videokonsultasjon" in note.account and "Lege 2" in note.account


def test_an_addition_stands_beside_it() -> None:
    note = history.as_it_stands([version(1, CONTENT), version(2, added()), version(3, added("B"))])
    assert (note.fields, note.version, note.signed_at) == (NOTE, 3, after(days=1))
    assert [(each.text, each.why, each.doctor) for each in note.additions] == [
        ("Prøven var negativ", "Prøvesvar kom", "Lege 2"),
        ("B", "Prøvesvar kom", "Lege 3"),
    ]


def test_what_was_added_goes_behind_with_the_note_that_is_said_anew() -> None:
    rows = [version(1, CONTENT), version(2, added()), version(3, anew(PUT_RIGHT, 1, 2))]
    note = history.as_it_stands([*rows, version(4, anew(NOTE, 3))])
    assert [each.version for each in note.before] == [3, 1]
    assert [each.version for each in note.before[1].additions] == [2]
    assert note.changed == ("Funn", "Plan")


def test_papers_of_all_versions_belong_to_the_note() -> None:
    issued = Issued("p", BODIES[0], "a" * 64, 3)
    note = history.as_it_stands(
        [version(1, replace(CONTENT, papers=(issued,))), version(2, anew())]
    )
    assert note.papers == (issued,)


@pytest.mark.parametrize("later", [None, added()])
def test_of_a_note_that_is_elsewhere_only_who_and_when_is_known(later: Content | None) -> None:
    note = history.as_it_stands([version(1, None), version(2, later)])
    assert note.elsewhere and note.fields == NoteFields() and note.version == 2
    [addition] = note.additions
    assert addition.elsewhere is (later is None) and addition.signed_at == after(days=2)


def test_a_note_said_anew_is_here_when_the_one_before_is_elsewhere() -> None:
    note = history.as_it_stands([version(1, None), version(2, anew())])
    assert not note.elsewhere and note.fields == PUT_RIGHT
    assert note.changed == () and note.before[0].elsewhere  # what was changed cannot be told


def test_the_history_is_known_when_every_text_is_here() -> None:
    rows = [version(1, CONTENT), version(2, added())]
    assert history.history_of(rows) == [None, Amendment("Prøvesvar kom", "Prøven var negativ")]
    assert history.history_of([*rows, version(3, None)]) is None
