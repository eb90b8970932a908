"""What is kept how long, and why: every table has a rule, and what may go is removed each night.

The record, its log and the consents never go by themselves: pasientjournalloven § 25 has both kept
as long as care may need them. A note goes by a decision of two (journal/deletion.py). Where the law
names no time, «judgement» stands, and it is ours.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from aiohttp import web
from sqlalchemy import ColumnElement, delete, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from venterom.journal import audit
from venterom.journal.access import SYSTEM, Purpose
from venterom.journal.chain import Action
from venterom.journal.states import Stage
from venterom.journal.tables import AuditRow, ReasonRow, VisitRow
from venterom.server.notify.tables import MessageRow
from venterom.web.identity.tables import (
    InvitationRow,
    LinkRow,
    LogoutRow,
    SessionRow,
    VouchedRow,
)
from venterom.web.insurer_api.tables import QuestionRow
from venterom.web.measured import CheckRow
from venterom.web.work import work

EVERY_S = 3_600.0  # an hour more or less does not matter, and each time there is little to do
MOST = 200  # abandoned reasons in one transaction: each writes a line, and holds the log's end
DAY = timedelta(days=1)

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Rule:
    """For how long after it was of use; None: it is not removed by itself."""

    kept: timedelta | None
    why: str


RECORD = Rule(None, "the record: pjl § 25, as long as care may need it; then by a decision")
LOG = Rule(None, "the log of the record: pjl § 25, as long as the record itself")
UNSIGNED = Rule(None, "goes when the note is signed, which is a duty: hpl § 39, pjf § 10")
PROOF = Rule(None, "proves what was promised and why; says nothing about health. Judgement")
RIGHTS = Rule(None, "shows who had which role, and on whose answer: pjf § 13")
STATE = Rule(None, "says how things stand now, and is replaced. Judgement")

RULES: Mapping[str, Rule] = {
    **dict.fromkeys(
        (
            *("record_entry", "record_attachment", "record_paper", "record_consent", "visit"),
            *("record_case", "record_case_answer", "record_deletion", "patient_key", "person"),
            *("paper_code", "paper_withdrawal", "paper_errand", "paper_receipt"),
            *("call_protection", "call_telephone", "call_identification", "picture_ask"),
            *("delivery", "relation"),
        ),
        RECORD,
    ),
    **dict.fromkeys(
        ("record_audit", "chain_head", "broken_glass", "record_block", "proxy", "triage_change"),
        LOG,
    ),
    **dict.fromkeys(("note_draft", "amendment_draft", "paper_draft", "picture_draft"), UNSIGNED),
    **dict.fromkeys(
        (
            *("promise", "promise_outcome", "certainty", "service_time", "escalation", "deferral"),
            *("on_call_ring", "lever_choice", "booking_request", "queue_entry", "outbox"),
            *("call_quality", "policy_use", "policy_check", "look_up_log"),
            *("policy_load", "policy_change"),
            *("policy_charge", "promise_month", "clerk_change"),
        ),
        PROOF,
    ),
    **dict.fromkeys(
        (
            *("delivery_line", "diagnosis_code", "event_cursor", "medicine", "medicine_load"),
            *("phrase", "policy", "shift", "shift_plan", "slot_seat", "svc_lock"),
            *("insurance_product", "insurer_client", "open_matter"),
        ),
        STATE,
    ),
    **dict.fromkeys(("staff_grant", "hpr_answer"), RIGHTS),
    "pending_sign_in": Rule(timedelta(0), "a sign-in under way; goes with the next one. Judgement"),
    "insurer_assertion": Rule(timedelta(0), "shown once; goes with the next one. Judgement"),
    "insurer_question": Rule(7 * DAY, "so that what is asked again is answered again. Judgement"),
    "visit_reason": Rule(
        30 * DAY,
        "of a visit with no doctor in it: no care was given, so it is no record. Judgement."
        " With a doctor in it, it is of the record",
    ),
    "technical_check": Rule(90 * DAY, "for a complaint about the call. Judgement"),
    "message": Rule(90 * DAY, "for a complaint that nobody was told. Judgement"),
    "invitation": Rule(90 * DAY, "until a note that names the guest is surely signed. Judgement"),
    "link": Rule(30 * DAY, "so that an old link says that it is old. Judgement"),
    "session": Rule(DAY, "of no use when it is over. Judgement"),
    "vouched_sign_in": Rule(DAY, "goes with its session. Judgement"),
    "logout_taken": Rule(timedelta(0), "until it could not be shown again anyway. Judgement"),
}


def gone_before(table: str, now: datetime) -> datetime:
    """What was of use for the last time before this moment may go."""
    kept = RULES[table].kept
    assert kept is not None, table
    return now - kept


# Which rows were of use before this moment for the last time.
Removable = type[
    CheckRow
    | MessageRow
    | InvitationRow
    | LinkRow
    | SessionRow
    | VouchedRow
    | LogoutRow
    | QuestionRow
]
_OLD: Mapping[Removable, Callable[[datetime], ColumnElement[bool]]] = {
    CheckRow: lambda before: CheckRow.at < before,
    MessageRow: lambda before: (MessageRow.state != "due") & (MessageRow.due_at < before),
    InvitationRow: lambda before: InvitationRow.expires < before,
    LinkRow: lambda before: LinkRow.expires < before,
    SessionRow: lambda before: SessionRow.expires < before,
    VouchedRow: lambda before: VouchedRow.expires < before,
    LogoutRow: lambda before: LogoutRow.kept_until < before,
    QuestionRow: lambda before: QuestionRow.day < before.date(),
}


async def remove_what_may_go(app: web.Application) -> None:
    """Every rule that has a time, once."""
    async with work(app) as unit:
        removed = {kind.__tablename__: 0 for kind in _OLD}
        for kind, is_old in _OLD.items():
            before = gone_before(kind.__tablename__, unit.now)
            gone = await unit.db.execute(
                delete(kind)
                .where(is_old(before))
                .returning(*kind.__table__.primary_key)
                .execution_options(synchronize_session=False)
            )
            removed[kind.__tablename__] = len(gone.all())
        removed["visit_reason"] = await _abandoned(unit.db, unit.now)
    if any(removed.values()):
        log.info("removed", **removed)


async def _abandoned(db: AsyncSession, now: datetime) -> int:
    """Reasons that patients wrote and then went away, each with its line in the log."""
    before = gone_before("visit_reason", now)
    treated = select(AuditRow.n).where(
        AuditRow.visit == VisitRow.id, AuditRow.action == Action.CARE_BEGUN
    )
    over = or_(
        (VisitRow.stage == Stage.CLOSED) & (VisitRow.closed_at < before),
        (VisitRow.stage == Stage.DRAFT) & (VisitRow.opened_at < before),
    )
    old = select(ReasonRow.visit, ReasonRow.patient).join(VisitRow, VisitRow.id == ReasonRow.visit)
    query = old.where(over, ReasonRow.written_at < before, ~treated.exists())
    rows = (await db.execute(query.order_by(ReasonRow.written_at).limit(MOST))).all()
    for visit, patient in rows:
        await db.execute(delete(ReasonRow).where(ReasonRow.visit == visit))
        await audit.append(
            db,
            now,
            actor=SYSTEM,
            action=Action.REASON_REMOVED,
            visit=visit,
            patient=patient,
            purpose=f"{Purpose.OPERATIONS}/kept_long_enough",
        )
    return len(rows)
