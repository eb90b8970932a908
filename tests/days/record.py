"""The record of a day as people use it, and what they were told of it: every text that was
acknowledged, and every line that the log must therefore have."""

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import date

from aiohttp import web

from tests.journal.make import KEYS, NOTE
from venterom.journal import chart, texts
from venterom.journal.access import Actor, Practitioner, Purpose, Role
from venterom.journal.chain import Action
from venterom.journal.consent import Relation
from venterom.journal.epj import EmbeddedEpj
from venterom.journal.epj_answer import Receipt
from venterom.journal.errors import EpjUnreachable
from venterom.journal.fhir import Resource
from venterom.web.work import Unit, work

SECRET = "KANARI"  # stands in all that must be sealed: reasons, notes, names
GROWN = date(1980, 5, 17)

Line = tuple[str, str, str]  # what, who, of which visit


@dataclass
class Epj:
    """The embedded EPJ behind a line that fails as often as it is told to."""

    inner: EmbeddedEpj
    asked: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)  # what becomes of the next deliveries

    async def deliver(self, encounter: str, bundle: Resource) -> Receipt:
        """Raises EpjUnreachable before it has stored the note, or after."""
        self.asked[encounter] += 1
        failure = self.failures.pop() if self.failures else ""
        if failure == "away":
            raise EpjUnreachable
        receipt = await self.inner.deliver(encounter, bundle)
        if failure == "answer lost":
            raise EpjUnreachable
        return receipt


@dataclass
class Record:
    """What was written and read, as those know it who did."""

    app: web.Application
    lines: Counter[Line] = field(default_factory=Counter)
    drafts: dict[str, tuple[int, str]] = field(default_factory=dict)  # version and plan by visit
    signed: dict[str, tuple[str, str]] = field(default_factory=dict)  # hash and plan by visit
    authors: dict[str, str] = field(default_factory=dict)  # who wrote last, by visit

    async def open(self, unit: Unit, who: Actor, reason: str) -> str:
        """A visit whose patient has told why, and agreed."""
        visit = (await chart.open_visit(unit.db, unit.now, by=who)).id
        await chart.set_patient(
            unit.db,
            unit.now,
            visit=visit,
            patient=who.person,
            relation=Relation.SELF,
            birth_date=GROWN,
        )
        await chart.set_reason(unit.db, KEYS, unit.now, visit=visit, text=f"{SECRET} {reason}")
        agreed = await chart.give_consent(
            unit.db,
            KEYS,
            unit.now,
            visit=visit,
            by=who,
            patient=who.person,
            language="nb",
            version=texts.CURRENT,
        )
        self.note(Action.REASON_WRITTEN, who, visit)
        if agreed.fresh:
            self.note(Action.NOTICE_READ, who, visit)
            self.note(Action.CONSENT_GIVEN, who, visit)
        return visit

    async def withdraw(self, unit: Unit, who: Actor, visit: str) -> None:
        """The patient takes the consent back."""
        await chart.withdraw_consent(unit.db, KEYS, unit.now, visit=visit, by=who)
        self.note(Action.CONSENT_WITHDRAWN, who, visit)

    async def begin_care(self, unit: Unit, doctor: Practitioner, visit: str) -> None:
        """The doctor takes the patient."""
        await chart.begin_care(unit.db, unit.now, visit=visit, doctor=doctor.actor)
        self.lines[Action.CARE_BEGUN, doctor.person, visit] = 1

    async def story(self, who: Actor, visit: str) -> None:
        """Read what the patient told. Raises MayNotRead."""
        async with work(self.app) as unit:
            story = await chart.read_story(
                unit.db, KEYS, unit.now, reader=who, visit=visit, purpose=Purpose.TREATMENT
            )
            assert SECRET in story.reason
        self.note(Action.STORY_READ, who, visit)

    async def outcome(self, who: Actor, visit: str) -> None:
        """Read what the doctor decided. Raises MayNotRead."""
        async with work(self.app) as unit:
            told = await chart.read_outcome(unit.db, KEYS, unit.now, reader=who, visit=visit)
        if told.written:
            assert told.plan == self.signed[visit][1]
            self.note(Action.OUTCOME_READ, who, visit)

    async def write(self, doctor: Practitioner, visit: str, text: str) -> None:
        """Save the note over the version that is known."""
        version, _ = self.drafts.get(visit, (0, ""))
        fields = replace(NOTE, plan=f"{SECRET} {text}")
        async with work(self.app) as unit:
            saved = await chart.save_draft(
                unit.db, KEYS, unit.now, visit=visit, author=doctor, fields=fields, version=version
            )
        self.drafts[visit] = saved, fields.plan
        if self.authors.get(visit) != doctor.person:
            self.authors[visit] = doctor.person
            self.note(Action.DRAFT_BEGUN, doctor.actor, visit)

    async def sign(self, unit: Unit, doctor: Practitioner, visit: str) -> None:
        """Make it final."""
        done = await chart.sign(unit.db, KEYS, unit.now, visit=visit, author=doctor)
        await chart.close(unit.db, unit.now, visit=visit)
        unit.events.append(done)
        if done.fresh:
            self.signed[visit] = done.content_hash, self.drafts[visit][1]
            self.note(Action.NOTE_SIGNED, doctor.actor, visit)

    def note(self, action: Action, who: Actor, visit: str) -> None:
        """This was done, so the log has a line of it."""
        self.lines[action, who.person, visit] += 1


def patient(person: str) -> Actor:
    """One who is ill."""
    return Actor(person, Role.PATIENT, f"{SECRET} {person}")


def doctor(person: str) -> Practitioner:
    """One who is at work."""
    return Practitioner(person, "Berit Prøveberg", "9999001", "sign-in-1")
