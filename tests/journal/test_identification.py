"""Whom the doctor had before her: what there is to say, and what follows from it."""

import pytest

from tests.journal.make import NOON
from venterom.journal import identification
from venterom.journal.contact import Telephone, Why
from venterom.journal.identification import How, Identification, Seen


@pytest.mark.parametrize(
    ("for_child", "choices"),
    [(False, {Seen.PATIENT, Seen.OTHER}), (True, {Seen.PATIENT, Seen.PARENT, Seen.OTHER})],
)
def test_a_parent_speaks_for_a_child_and_for_nobody_else(
    for_child: bool, choices: set[Seen]
) -> None:
    assert set(identification.choices(for_child=for_child)) == choices


@pytest.mark.parametrize(
    ("telephone", "how"),
    [
        (None, How.PICTURE),
        (Telephone(NOON, Why.NETWORK, True), How.VOICE),
        (Telephone(NOON, Why.WISH, False), How.VOICE),
    ],
)
def test_who_is_on_the_telephone_is_not_seen(telephone: Telephone | None, how: How) -> None:
    assert identification.how(telephone) is how


@pytest.mark.parametrize("how", How)
@pytest.mark.parametrize(
    ("seen", "may"),
    [(Seen.PATIENT, True), (Seen.PARENT, True), (Seen.OTHER, False), (Seen.NOT_SAID, True)],
)
def test_no_paper_is_issued_when_it_was_somebody_else(seen: Seen, how: How, may: bool) -> None:
    assert identification.may_issue(Identification(seen, how, NOON)) is may
    assert identification.may_issue(None)


@pytest.mark.parametrize(
    ("seen", "how", "said"),
    [
        (Seen.PATIENT, How.PICTURE, "Identitet bekreftet i bilde kl. 12.00."),
        (
            Seen.PATIENT,
            How.VOICE,
            "Identitet bekreftet på telefon kl. 12.00, ved spørsmål om navn og fødselsdato.",
        ),
        (Seen.PARENT, How.PICTURE, "Forelderen ble sett i bilde kl. 12.00, uten barnet."),
        (
            Seen.PARENT,
            How.VOICE,
            "Legen snakket kl. 12.00 med forelderen på telefon, uten barnet.",
        ),
        (Seen.OTHER, How.PICTURE, "En annen enn pasienten var i bildet kl. 12.00."),
        (Seen.OTHER, How.VOICE, "En annen enn pasienten var på telefonen kl. 12.00."),
        (Seen.NOT_SAID, How.PICTURE, "Identiteten ble ikke bekreftet i samtalen."),
        (Seen.NOT_SAID, How.VOICE, "Identiteten ble ikke bekreftet i samtalen."),
    ],
)
def test_the_record_says_it_with_the_time_and_the_means(seen: Seen, how: How, said: str) -> None:
    assert identification.sentence(Identification(seen, how, NOON)) == said
