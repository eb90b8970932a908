"""Nobody is seen or heard too early either when, in between, people say what has nothing to do with
it, the worker takes an offer for a bad one, or reports what nobody had thought of."""

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.rtc.test_admission import (
    HAPPENINGS,
    ROLES,
    SOCKETS,
    Happening,
    Visit,
    handed_over,
    meeting,
    play,
    seated,
)
from venterom.rtc import protocol, reports
from venterom.rtc.errors import BadOffer, OutOfTurn, RoomClosed

SAID = st.one_of(
    st.builds(protocol.Ping, st.integers(0, 3)),
    st.builds(protocol.Offer, st.integers(0, 3), st.just("sdp")),
    st.just(protocol.Quality({})),
)
TOLD = st.builds(
    lambda kind, role: kind("room", role),
    st.sampled_from([reports.Connected, reports.Closed, reports.Silent, reports.Back]),
    ROLES,
)
MORE = st.one_of(
    HAPPENINGS,
    st.tuples(st.just("says"), SOCKETS, SAID),
    st.tuples(st.just("told"), TOLD),
    st.tuples(st.just("refused")),
)


def says(visit: Visit, socket: int, message: protocol.Incoming) -> None:
    """Anything that a page may say."""
    visit.do(visit.room.receive(socket, message, visit.now))


def told(visit: Visit, report: reports.Report) -> None:
    """Anything that the worker may report, with no connection behind it."""
    visit.report(report)


def refused(visit: Visit) -> None:
    """The worker answers an offer with a refusal."""
    if visit.unanswered:
        wanted = visit.unanswered.popleft()
        visit.coming.pop(wanted.role, None)
        visit.do(visit.room.unanswered(wanted.socket, wanted.connection, BadOffer()))


OWN: dict[str, Callable[..., None]] = {"says": says, "told": told, "refused": refused}


@pytest.mark.slow
@pytest.mark.parametrize("start", [Visit, seated, meeting, handed_over])
@settings(max_examples=300, deadline=None)
@given(happenings=st.lists(MORE, max_size=8))
def test_nothing_flows_too_early_whatever_else_is_said_and_reported(
    start: Callable[[], Visit], happenings: list[Happening]
) -> None:
    visit = start()
    for name, *details in happenings:
        if name not in OWN:
            play(visit, [(name, *details)])
            continue
        try:
            OWN[name](visit, *details)
        except (OutOfTurn, RoomClosed):
            pass  # the answer to whoever may not say this now
        visit.check()
