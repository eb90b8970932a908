"""Nobody is seen or heard before both seats are taken (I6), nor a guest before the doctor has let
the guest in, whatever is said in whatever order.

A room and a real forwarder; the worker's connections and the web sockets are played by this page.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.rtc.make import NOW
from tests.wire import End, Wire, rtp_packet, tracks
from venterom.rtc import effects, protocol, reports
from venterom.rtc.effects import Effect
from venterom.rtc.errors import OutOfTurn, RoomClosed
from venterom.rtc.room import Room
from venterom.rtc.seat import Welcome
from venterom.rtc.states import State
from venterom.rtc.ticket import BOTH, Role


class Camera(End):
    """One connection, and whose it is."""

    def __init__(self, person: str, number: int) -> None:
        super().__init__(tracks(1000 * number), more=[tracks(1000 * number + 100)])
        self.person = person

    def picture(self) -> bytes:
        """The next packet that this browser sends."""
        self.sent += 1
        video = self.tracks["video"]
        return rtp_packet(video.ssrcs_in[0], self.sent, payload_type=video.payload_type)


@dataclass
class Visit:
    """A room and its worker; beside them who has a seat, and who was let together."""

    room: Room = field(default_factory=Room)
    wire: Wire = field(default_factory=Wire)
    now: float = NOW
    sockets: int = 0
    cameras: int = 0
    rightful: dict[Role, tuple[str, int]] = field(default_factory=dict)  # the person, the socket
    admitted: bool = False
    guest_is_in: bool = False  # the doctor has said so
    coming: dict[Role, str] = field(default_factory=dict)
    connected: dict[Role, Camera] = field(default_factory=dict)
    unanswered: deque[effects.Answer] = field(default_factory=deque)

    # ---- what may happen

    def join(self, role: Role, person: str, is_let_in: bool = True) -> None:
        self.sockets += 1
        was_in, before = self.guest_is_in, dict(self.rightful)
        self.rightful[role] = (person, self.sockets)
        if role is Role.GUEST:
            self.guest_is_in = is_let_in
        try:
            done = self.room.join(role, person, self.sockets, self.now, welcome=Welcome(is_let_in))
        except RoomClosed:
            self.guest_is_in, self.rightful = was_in, before
            raise
        self.do(done)

    def let_in(self) -> None:
        self.guest_is_in = Role.GUEST in self.rightful
        self.do(self.room.let_in(self.now))

    def show_out(self) -> None:
        self.guest_is_in = False
        self.rightful.pop(Role.GUEST, None)
        self.do(self.room.show_out(self.now))

    def offer(self, socket: int) -> None:
        self.do(self.room.receive(socket, protocol.Offer(1, "sdp"), self.now))

    def say(self, socket: int, other: Role) -> None:
        """What reaches anybody was said by one of two who have seats, and reaches the other."""
        said = protocol.Exchange(other, protocol.Sealed("c2VhbGVk"))
        for effect in self.room.receive(socket, said, self.now):
            assert isinstance(effect, effects.Send)
            speaker = next(role for role, who in self.rightful.items() if who[1] == socket)
            assert speaker is not other and effect.socket == self.rightful[other][1]
            assert Role.GUEST not in (speaker, other) or self.guest_is_in
            assert effect.message == protocol.Exchange(speaker, said.body)

    def leave(self, socket: int) -> None:
        done = self.room.receive(socket, protocol.Leave(), self.now)
        self.rightful = {role: who for role, who in self.rightful.items() if who[1] != socket}
        self.guest_is_in &= Role.GUEST in self.rightful
        self.do(done)

    def drop(self, socket: int) -> None:
        self.do(self.room.dropped(socket, self.now))

    def answer(self) -> None:
        if self.unanswered:
            wanted = self.unanswered.popleft()
            self.do(self.room.answered(wanted.socket, wanted.connection, "sdp"))

    def connect(self, role: Role) -> None:
        if role in self.coming:
            self.cameras += 1
            self.connected[role] = Camera(self.coming.pop(role), self.cameras)
            self.wire.forwarder.attach(role, self.connected[role])
            self.report(reports.Connected("room", role))

    def close(self, role: Role) -> None:
        if self.connected.pop(role, None):
            self.wire.forwarder.detach(role)
            self.report(reports.Closed("room", role))

    def report(self, report: reports.Report) -> None:
        self.do(self.room.media(report, self.now))

    def lose_worker(self) -> None:
        self.wire, self.admitted = Wire(), False
        self.coming.clear()
        self.connected.clear()
        self.report(reports.Lost("room"))

    def wait(self, seconds: float) -> None:
        self.now += seconds
        self.do(self.room.tick(self.now))

    def end(self) -> None:
        self.rightful.clear()
        self.guest_is_in = False
        self.do(self.room.end("finished"))

    # ---- what is done about it

    def do(self, wanted: list[Effect]) -> None:
        for effect in wanted:
            match effect:
                case effects.Answer(role):
                    self.coming[role] = self.room.seats[role].person
                    self.unanswered.append(effect)
                case effects.Admit(roles):
                    assert not roles or {*BOTH} <= {*roles} <= {*self.rightful}
                    assert Role.GUEST not in roles or self.guest_is_in
                    self.wire.forwarder.admit(roles)
                    self.admitted = bool(roles)
                case effects.Unseat(role):
                    self.unseat(role)
                case effects.Shut():
                    for role in Role:
                        self.unseat(role)

    def unseat(self, role: Role) -> None:
        self.wire.forwarder.dismiss(role)
        self.admitted &= role is Role.GUEST
        self.coming.pop(role, None)
        self.connected.pop(role, None)

    # ---- what must hold

    def flows(self) -> set[tuple[str, str]]:
        """Let everybody send a packet: who is seen, and by whom."""
        seen = set()
        for role, camera in self.connected.items():
            self.wire.forwarder.on_rtp(role, camera.picture())
            for other in self.connected.values():
                if other.rtp:
                    seen.add((camera.person, other.person))
                    other.rtp.clear()
        return seen

    def check(self) -> None:
        people = {person for person, _ in self.rightful.values()}
        flows = self.flows()
        assert not flows or (self.admitted and {*BOTH} <= {*self.rightful})
        assert all({one, other} <= people and one != other for one, other in flows)
        guest, _ = self.rightful.get(Role.GUEST, ("", 0))
        assert self.guest_is_in or not any(guest in pair for pair in flows)
        if self.room.state is State.TALKING:
            assert {*BOTH} <= {*self.rightful}
            assert all(self.room.seats[role].connected for role in BOTH)


ROLES = st.sampled_from(Role)
SOCKETS = st.integers(1, 5)
HAPPENINGS = st.one_of(
    st.tuples(st.just("join"), st.just(Role.PATIENT), st.sampled_from(["kari", "nina"])),
    st.tuples(st.just("join"), st.just(Role.DOCTOR), st.sampled_from(["berg", "dahl"])),
    st.tuples(
        st.just("join"), st.just(Role.GUEST), st.sampled_from(["anna", "olav"]), st.booleans()
    ),
    st.tuples(st.sampled_from(["let_in", "show_out"])),
    st.tuples(st.sampled_from(["offer", "leave", "drop"]), SOCKETS),
    st.tuples(st.just("say"), SOCKETS, ROLES),
    st.tuples(st.just("answer")),
    st.tuples(st.sampled_from(["connect", "close"]), ROLES),
    st.tuples(st.just("report"), st.just(reports.Talking("room"))),
    st.tuples(st.just("report"), st.builds(reports.Silent, st.just("room"), ROLES)),
    st.tuples(st.just("report"), st.builds(reports.Back, st.just("room"), ROLES)),
    st.tuples(st.just("lose_worker")),
    st.tuples(st.just("wait"), st.sampled_from([1.0, 6.0, 31.0])),
    st.tuples(st.just("end")),
)
Happening = tuple[str, *tuple[object, ...]]


def play(visit: Visit, happenings: list[Happening]) -> None:
    for name, *details in happenings:
        try:
            getattr(visit, name)(*details)
        except (OutOfTurn, RoomClosed):
            pass  # the answer to whoever may not say this now; nothing has changed
        visit.check()


def seated() -> Visit:
    """Both have come, and what they offer is not answered yet."""
    visit = Visit()
    visit.join(Role.PATIENT, "kari")
    visit.join(Role.DOCTOR, "berg")
    for socket in (1, 2):
        visit.offer(socket)
    return visit


def meeting() -> Visit:
    """Both have come all the way."""
    visit = seated()
    visit.answer()
    visit.answer()
    for role in BOTH:
        visit.connect(role)
    visit.report(reports.Talking("room"))
    return visit


def handed_over() -> Visit:
    """Another doctor has taken the seat in a call, and what she offers is not answered yet."""
    visit = meeting()
    visit.join(Role.DOCTOR, "dahl")
    visit.offer(3)
    return visit


def at_the_door() -> Visit:
    """A guest has come all the way, and the doctor has not said yes."""
    visit = meeting()
    visit.join(Role.GUEST, "anna", False)
    visit.offer(3)
    visit.answer()
    visit.connect(Role.GUEST)
    return visit


def three() -> Visit:
    """The doctor has let the guest in."""
    visit = at_the_door()
    visit.let_in()
    return visit


@pytest.mark.parametrize("start", [Visit, seated, meeting, handed_over, at_the_door, three])
@settings(max_examples=300, deadline=None)
@given(happenings=st.lists(HAPPENINGS, max_size=8))
def test_nothing_flows_but_between_those_who_have_seats_and_were_admitted(
    start: Callable[[], Visit], happenings: list[Happening]
) -> None:
    play(start(), happenings)


def test_two_who_have_come_all_the_way_see_each_other() -> None:
    visit = meeting()
    assert visit.flows() == {("kari", "berg"), ("berg", "kari")}
    assert visit.room.state is State.TALKING


@pytest.mark.parametrize("role", BOTH)
def test_one_who_leaves_is_neither_seen_nor_sees_from_that_moment(role: Role) -> None:
    visit = meeting()
    visit.leave(visit.rightful[role][1])
    assert visit.flows() == set()


def test_one_whose_seat_another_has_taken_neither_is_seen_nor_sees() -> None:
    visit = handed_over()
    assert visit.flows() == set()
    visit.answer()
    visit.connect(Role.DOCTOR)
    assert visit.flows() == {("kari", "dahl"), ("dahl", "kari")}


def test_a_guest_at_the_door_neither_sees_nor_is_seen() -> None:
    assert at_the_door().flows() == {("kari", "berg"), ("berg", "kari")}


def test_a_guest_who_was_let_in_sees_both_and_is_seen_by_both() -> None:
    people = ("kari", "berg", "anna")
    assert three().flows() == {(one, other) for one in people for other in people if one != other}


def test_a_guest_who_is_shown_out_neither_sees_nor_is_seen_and_the_two_go_on() -> None:
    visit = three()
    visit.show_out()
    assert visit.flows() == {("kari", "berg"), ("berg", "kari")}
    assert visit.room.state is State.TALKING


@pytest.mark.parametrize("role", BOTH)
def test_a_guest_is_alone_with_nobody(role: Role) -> None:
    visit = three()
    visit.leave(visit.rightful[role][1])
    assert visit.flows() == set()
