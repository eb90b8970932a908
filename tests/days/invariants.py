"""The ten invariants, looked at after every event of a day.

What has not changed since the last look is not read again; what was appended is read once.
"""

import sqlite3
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from io import StringIO
from typing import Any

from aiohttp.test_utils import make_mocked_request
from sqlalchemy import Engine, FromClause, Row, create_engine, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.pool import StaticPool

from tests.days.agenda import ROUND
from tests.days.day import Day
from tests.days.record import SECRET
from tests.journal.make import KEYS
from venterom.journal import chain, writing
from venterom.journal.access import SYSTEM, Role
from venterom.journal.chain import EMPTY, Action, Head, Line, Link
from venterom.journal.entry import content_hash, to_ms, unpack
from venterom.journal.states import Delivery
from venterom.journal.tables import AuditRow, DeliveryRow, DraftRow, EpjRow
from venterom.journal.tables import EntryRow as SignedRow
from venterom.journal.verifying import verify
from venterom.queue.floor import Entry
from venterom.queue.promise import Outcome
from venterom.queue.states import HELD, OPEN, Phase, State
from venterom.queue.tables import EntryRow, EscalationRow, OutcomeRow, ShiftRow
from venterom.server.errors import UNHANDLED, answer_to
from venterom.web import health
from venterom.web.work import look

READS = frozenset({Action.STORY_READ, Action.NOTE_READ, Action.OUTCOME_READ, Action.REASON_READ})
ALARM = timedelta(minutes=2)  # before a deadline, at the latest


@dataclass
class Invariants:
    """What is looked at, and up to where it has been read."""

    day: Day
    care: sqlite3.Connection
    epj: sqlite3.Connection
    secrets: tuple[bytes, ...]
    log: StringIO
    changes: int = -1
    head: Head = EMPTY
    lines: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    cares: set[tuple[str, str]] = field(default_factory=set)  # doctor and visit
    drafts: dict[str, tuple[int, str]] = field(default_factory=dict)
    opened: set[str] = field(default_factory=set)  # signed notes that were read back
    answered: int = 0  # refusals that were looked at

    def __post_init__(self) -> None:
        self._asked = make_mocked_request("GET", "/healthz", app=self.day.app)
        self._care, self._epj = _reader(self.care), _reader(self.epj)

    async def check(self) -> None:
        """All that may have changed."""
        before, self.changes = self.changes, self.care.total_changes + self.epj.total_changes
        if self.changes != before:
            self._read()
            self.everybody_who_was_told_has_one_place()
            self.nobody_has_two()
            await self.every_text_is_there_as_it_was_acknowledged()
            self.each_note_is_in_the_epj_once()
            self.the_log_has_a_line_for_everything()
        self.nothing_flows_but_between_doctor_and_patient()
        self.promises_end_once_and_truly()
        self.nothing_secret_is_in_the_clear()
        if self.changes != before:
            await self.it_answers()

    async def check_whole(self) -> None:
        """What is too dear for each event, once when the day is over."""
        self.opened.clear()
        await self.every_text_is_there_as_it_was_acknowledged()
        async with look(self.day.app) as unit:
            verdict = await verify(unit.db, KEYS)
        assert verdict.ok, f"I8: {verdict.first_bad}"
        assert all(entry.state not in OPEN for entry in self._entries), "I1: somebody waits on"
        assert set(self._epj_has) == set(self.day.record.signed), "I4: a note never came"

    def _read(self) -> None:
        self._entries = [Entry(**row._mapping) for row in self._rows(EntryRow.__table__)]
        self._shifts = self._rows(ShiftRow.__table__)
        self._outcomes = {row.promise: row for row in self._rows(OutcomeRow.__table__)}
        first = select(EscalationRow.promise, func.min(EscalationRow.at).label("at"))
        with self._care.connect() as db:
            found = db.execute(first.group_by(EscalationRow.promise))
            self._alarmed = {row.promise: row.at for row in found}
            lines = select(*AuditRow.__table__.c).where(AuditRow.n > self.head.n)
            self._new_lines = db.execute(lines.order_by(AuditRow.n)).all()
            signed = db.execute(select(SignedRow.visit, SignedRow.content_hash))
            self._signed = {row.visit: row.content_hash for row in signed}
            sent = db.execute(select(DeliveryRow.visit, DeliveryRow.state))
            self._sent = {row.visit: row.state for row in sent}
        with self._epj.connect() as db:
            has = db.execute(select(EpjRow.encounter, EpjRow.content_hash))
            self._epj_has = {row.encounter: row.content_hash for row in has}
        self.day.entries = {entry.visit: entry for entry in self._entries}
        arrived = [state == Delivery.IN_THE_JOURNAL for state in self._sent.values()]
        self.day.undelivered = len(arrived) - sum(arrived)

    def _rows(self, table: FromClause) -> Sequence[Row[Any]]:
        with self._care.connect() as db:
            return db.execute(select(*table.c)).all()

    def everybody_who_was_told_has_one_place(self) -> None:
        """I1: each acknowledged place is there, in one state, with what was told first."""
        assert {entry.visit for entry in self._entries} == set(self.day.told), "I1"
        for entry in self._entries:
            told = self.day.told[entry.visit]
            assert (entry.deadline, entry.promise) == (told.deadline, told.promise), f"I1: {entry}"
        open_ones = Counter(entry.patient for entry in self._entries if entry.state in OPEN)
        assert all(times == 1 for times in open_ones.values()), "I1: two places of one patient"

    def nobody_has_two(self) -> None:
        """I2: one owner at most, and a doctor's phase is what the doctor's patient says."""
        held = [entry for entry in self._entries if entry.state in HELD]
        assert all(entry.claimed_by and entry.lease_until for entry in held), "I2: no owner"
        busy = {entry.claimed_by: entry.visit for entry in held}
        assert len(busy) == len(held), "I2: a doctor has two"
        for shift in self._shifts:
            if shift.phase in (Phase.RINGING, Phase.CONSULT):
                assert busy.get(shift.practitioner) == shift.visit, f"I2: {shift}"
            elif shift.phase in (Phase.IDLE, Phase.WRAP):
                assert shift.practitioner not in busy, f"I2: {shift}"

    async def every_text_is_there_as_it_was_acknowledged(self) -> None:
        """I3: drafts and signed notes open, and hold what was acknowledged."""
        record = self.day.record
        assert self._signed == {v: digest for v, (digest, _) in record.signed.items()}, "I3"
        begun = {v: draft for v, draft in record.drafts.items() if v not in record.signed}
        async with look(self.day.app) as unit:
            for visit, (version, plan) in begun.items():
                if self.drafts.get(visit) != (version, plan):
                    row = await unit.db.get(DraftRow, visit)
                    assert row is not None and row.version == version, f"I3: draft of {visit}"
                    assert (await writing.open_draft(unit.db, KEYS, row)).plan == plan, "I3"
            for visit in record.signed.keys() - self.opened:
                await self._opens(unit.db, visit)
        self.drafts, self.opened = begun, set(record.signed)

    async def _opens(self, db: AsyncSession, visit: str) -> None:
        row = await writing.last_entry(db, visit)
        assert row is not None, f"I3: {visit}"
        packed = await writing.open_entry(db, KEYS, row)
        digest, plan = self.day.record.signed[visit]
        assert (content_hash(packed), unpack(packed).note.plan) == (digest, plan), "I3"

    def each_note_is_in_the_epj_once(self) -> None:
        """I4: what is in the EPJ was signed, and what is said to be there is."""
        for visit, digest in self._epj_has.items():
            assert self._signed.get(visit) == digest, f"I4: {visit}"
        delivered = {v for v, state in self._sent.items() if state == Delivery.IN_THE_JOURNAL}
        assert delivered <= set(self._epj_has), "I4: said to be there, and is not"
        assert set(self._sent) == set(self._signed), "I4: a signed note is not on its way"

    def the_log_has_a_line_for_everything(self) -> None:
        """I5 and I8: the chain holds, has each line that it must have, and no reader without a
        relation."""
        for row in self._new_lines:
            link = _link(row)
            assert not list(chain.faults(self.head, link)), f"I8: line {row.n}"
            self.head = Head(row.n, row.hash)
            self.lines[row.action, row.actor, row.visit] += 1
            if row.action == Action.CARE_BEGUN:
                self.cares.add((row.actor, row.visit))
            if row.action in READS:
                own = row.role == Role.PATIENT and row.actor == row.patient
                assert own or (row.actor, row.visit) in self.cares, f"I5: line {row.n}"
        wanted = self.day.record.lines.copy()
        for visit, times in self.day.epj.asked.items():
            wanted[Action.NOTE_SENT, SYSTEM.person, visit] = times
        missing, more = wanted - self.lines, self.lines - wanted
        assert not missing and not more, (
            f"I8: lines that are missing {missing}, and too many {more}"
        )

    def nothing_flows_but_between_doctor_and_patient(self) -> None:
        """I6: packets pass only between the two whose visit it is, once both have a seat."""
        for visit, call in self.day.calls.open.items():
            call.check()
            if flows := call.flows():
                entry = self.day.entries[visit]
                assert entry.state in HELD, f"I6: {visit}"
                both = (entry.patient, entry.claimed_by)
                assert flows <= {both, both[::-1]}, f"I6: {flows}"
        assert not any(call.flows() for call in self.day.calls.over), "I6: a closed room"

    def promises_end_once_and_truly(self) -> None:
        """I7: a promise was kept, or somebody was alarmed before its time had passed."""
        now = self.day.clock.now
        for entry in self._entries:
            ended, joined = self._outcomes.get(entry.promise), entry.doctor_joined_at
            if ended is None:
                assert joined is None and entry.state in OPEN, f"I7: {entry}"
                assert now <= entry.deadline + 2 * ROUND or self._was_down(entry), f"I7: {entry}"
            elif ended.outcome is Outcome.KEPT:
                assert joined is not None and joined <= entry.deadline, f"I7: {entry}"
            elif ended.outcome is Outcome.WITHDRAWN:
                assert joined is None and entry.state is State.CANCELLED, f"I7: {entry}"
            else:
                assert joined is None or joined > entry.deadline, f"I7: {entry}"
                assert ended.cause, f"I7: {entry}"
                self._was_alarmed(entry, ended)

    def _was_alarmed(self, entry: Entry, ended: Row[Any]) -> None:
        """Somebody who was nobody's patient until it was too late, and not let go before."""
        waited = entry.state is State.WAITING and not (entry.returns or entry.attempts)
        if waited and ended.at > entry.deadline and not self._was_down(entry):
            at = self._alarmed.get(entry.promise)
            assert at is not None and at <= entry.deadline, f"I7: nobody was alarmed: {entry}"

    def _was_down(self, entry: Entry) -> bool:
        soon = entry.deadline - ALARM - ROUND, entry.deadline + 2 * ROUND
        return any(began <= soon[1] and ended >= soon[0] for began, ended in self.day.away)

    def nothing_secret_is_in_the_clear(self) -> None:
        """I9: no planted word is in a log, in an answer, or anywhere in the files."""
        files = self.care.serialize() + self.epj.serialize()
        assert not any(secret in files for secret in self.secrets), "I9: in the database"
        for refusal in self.day.refused[self.answered :]:
            answer = answer_to(refusal)
            assert answer is not UNHANDLED, f"I10: {refusal!r} has no answer"
            assert SECRET not in f"{answer} {refusal}", f"I9: {refusal!r}"
        self.answered = len(self.day.refused)
        assert SECRET not in self.log.getvalue(), "I9: in the log"

    async def it_answers(self) -> None:
        """I10: it is up, and nothing went wrong that nobody expected."""
        assert (await health.healthz(self._asked)).status == 200, "I10"
        assert not self.log.getvalue(), f"I10: {self.log.getvalue()}"


def _reader(connection: sqlite3.Connection) -> Engine:
    """The same connection, read without the loop."""
    return create_engine("sqlite://", creator=lambda: connection, poolclass=StaticPool)


def _link(row: Row[Any]) -> Link:
    """A row of the log as a link of the chain."""
    said = {name: getattr(row, name) for name in Line.__slots__} | {"at": to_ms(row.at)}
    return Link(Line(**said), row.salt, row.leaf, row.hash)
