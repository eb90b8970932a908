"""What the record says of who met, when and where."""

from datetime import UTC, datetime

import pytest

from tests.journal.make import NOON, after
from venterom.journal import meeting
from venterom.journal.contact import Means
from venterom.journal.meeting import Met, Other, Part

BY_BOTH = (Means.VIDEO, Means.TELEPHONE)


@pytest.mark.parametrize(
    ("met", "period"),
    [
        (Met(), (NOON, after(minutes=20))),  # from when the doctor took the patient, until now
        (Met(after(minutes=2)), (after(minutes=2), after(minutes=20))),
        (Met(after(minutes=2), after(minutes=9)), (after(minutes=2), after(minutes=9))),
        (Met(None, after(minutes=9)), (NOON, after(minutes=9))),
        (Met(after(minutes=2), after(minutes=1)), (after(minutes=2), after(minutes=2))),
    ],
)
def test_a_meeting_lasts_from_when_they_could_talk_until_they_hung_up(
    met: Met, period: tuple[datetime, datetime]
) -> None:
    assert meeting.period(met, NOON, after(minutes=20)) == period


@pytest.mark.parametrize(
    ("begun", "ended", "said"),
    [
        (NOON, after(minutes=15), "24.11.2026 kl. 12.00–12.15"),
        # in summer the clocks are two hours ahead, and before midnight there it is tomorrow here
        (
            datetime(2026, 7, 1, 21, 50, tzinfo=UTC),
            datetime(2026, 7, 1, 22, 5, tzinfo=UTC),
            "01.07.2026 kl. 23.50–02.07.2026 kl. 00.05",
        ),
    ],
)
def test_times_are_those_of_norwegian_clocks(begun: datetime, ended: datetime, said: str) -> None:
    assert meeting.when(begun, ended) == said


@pytest.mark.parametrize(
    ("means", "said"),
    [
        ((Means.VIDEO,), "Videokonsultasjon"),
        ((Means.TELEPHONE,), "Telefonkonsultasjon"),
        (BY_BOTH, "Videokonsultasjon, så telefonkonsultasjon"),
    ],
)
def test_the_kind_of_contact_is_said_in_words(means: tuple[Means, ...], said: str) -> None:
    assert meeting.by_which(means) == said


@pytest.mark.parametrize("part", Part)
def test_everybody_who_took_part_is_named_with_their_part(part: Part) -> None:
    said = meeting.who("Berit Prøveberg", [Other(part, "Tor Prøve")])
    assert said.startswith("pasienten, Berit Prøveberg (lege), Tor Prøve (")


def test_the_account_leaves_out_what_is_not_known() -> None:
    present = meeting.who("Berit Prøveberg", ())
    whole = (BY_BOTH, NOON, after(minutes=15), present)
    seen = "Identitet bekreftet i bilde kl. 12.01."
    assert meeting.account_of(*whole, seen, "Hjemme, Prøveveien 1", "99 99 99 99").split("\n") == [
        "Videokonsultasjon, så telefonkonsultasjon 24.11.2026 kl. 12.00–12.15.",
        "Til stede: pasienten, Berit Prøveberg (lege).",
        seen,
        "Her var pasienten: Hjemme, Prøveveien 1",
        "Nummer å ringe tilbake på: 99 99 99 99",
    ]
    assert len(meeting.account_of(*whole, "", "", "").split("\n")) == 2


def test_a_guests_name_is_not_in_a_log_by_accident() -> None:
    assert "Tor" not in repr(Other(Part.INTERPRETER, "Tor Prøve"))
