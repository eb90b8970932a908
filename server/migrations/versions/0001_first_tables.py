"""The first tables."""

import sqlalchemy as sa
from alembic import op

from venterom.server.db import insert_only_ddl

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

INSERT_ONLY = (
    "promise",
    "promise_outcome",
    "policy_use",
    "look_up_log",
    "record_audit",
    "record_consent",
    "record_entry",
    "outbox",
)


def upgrade() -> None:
    """All of them, and the triggers that keep what happened from being changed."""
    waiting_room()
    coverage()
    record()
    identity()
    events()
    for statement in insert_only_ddl(op.get_bind().dialect.name, INSERT_ONLY):
        op.execute(statement)


def waiting_room() -> None:
    """The waiting room."""
    op.create_table(
        "promise",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("visit", sa.String(length=32), nullable=False),
        sa.Column("patient", sa.String(length=32), nullable=False),
        sa.Column("quoted_at", sa.BigInteger(), nullable=False),
        sa.Column(
            "decision",
            sa.Enum(
                "promise20",
                "later",
                "slot",
                "declined",
                name="promise_decision",
                native_enum=False,
                create_constraint=True,
                length=16,
            ),
            nullable=False,
        ),
        sa.Column("deadline", sa.BigInteger(), nullable=True),
        sa.Column("p_keep", sa.Double(), nullable=False),
        sa.Column("p_min_others", sa.Double(), nullable=False),
        sa.Column("model", sa.String(length=32), nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("state_json", sa.Text(), nullable=False),
        sa.Column("inputs_sha256", sa.String(length=64), nullable=False),
        sa.CheckConstraint(
            "deadline IS NOT NULL OR decision IN ('slot', 'declined')", name="promise_has_deadline"
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("promise_quoted", "promise", ["quoted_at"], unique=False)
    op.create_index("promise_visit", "promise", ["visit", "quoted_at"], unique=False)
    op.create_table(
        "shift",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("practitioner", sa.String(length=32), nullable=False),
        sa.Column("on_at", sa.BigInteger(), nullable=False),
        sa.Column("off_at", sa.BigInteger(), nullable=False),
        sa.Column(
            "phase",
            sa.Enum(
                "idle",
                "ringing",
                "consult",
                "wrap",
                "off",
                "lost",
                name="shift_phase",
                native_enum=False,
                create_constraint=True,
                length=16,
            ),
            nullable=False,
        ),
        sa.Column("phase_since", sa.BigInteger(), nullable=False),
        sa.Column("visit", sa.String(length=32), nullable=True),
        sa.Column("heartbeat_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("off_at > on_at", name="shift_ends_later"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "shift_one_live_a_doctor",
        "shift",
        ["practitioner"],
        unique=True,
        sqlite_where=sa.text("phase <> 'off'"),
        postgresql_where=sa.text("phase <> 'off'"),
    )
    op.create_table(
        "shift_plan",
        sa.Column("practitioner", sa.String(length=32), nullable=False),
        sa.Column("on_at", sa.BigInteger(), nullable=False),
        sa.Column("off_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("off_at > on_at", name="plan_ends_later"),
        sa.PrimaryKeyConstraint("practitioner", "on_at"),
    )
    op.create_table(
        "slot_seat",
        sa.Column("visit", sa.String(length=32), nullable=False),
        sa.Column("starts_at", sa.BigInteger(), nullable=False),
        sa.Column("seat", sa.Integer(), nullable=False),
        sa.CheckConstraint("seat >= 0", name="seat_number"),
        sa.CheckConstraint("starts_at % 900000 = 0", name="seat_on_the_quarter"),
        sa.PrimaryKeyConstraint("visit"),
        sa.UniqueConstraint("starts_at", "seat", name="one_visit_a_seat"),
    )
    op.create_table(
        "svc_lock",
        sa.Column("name", sa.String(length=16), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "promise_outcome",
        sa.Column("promise", sa.String(length=32), nullable=False),
        sa.Column(
            "outcome",
            sa.Enum(
                "kept",
                "broken",
                "withdrawn",
                name="promise_outcome_word",
                native_enum=False,
                create_constraint=True,
                length=16,
            ),
            nullable=False,
        ),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("cause", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["promise"],
            ["promise.id"],
        ),
        sa.PrimaryKeyConstraint("promise"),
    )
    op.create_index("promise_outcome_at", "promise_outcome", ["at"], unique=False)
    op.create_table(
        "queue_entry",
        sa.Column("visit", sa.String(length=32), nullable=False),
        sa.Column("patient", sa.String(length=32), nullable=False),
        sa.Column("promise", sa.String(length=32), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "dropin",
                "later",
                "booked",
                name="entry_kind",
                native_enum=False,
                create_constraint=True,
                length=16,
            ),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "waiting",
                "claimed",
                "in_call",
                "wrap",
                "done",
                "cancelled",
                "no_answer",
                "unserved",
                name="entry_state_word",
                native_enum=False,
                create_constraint=True,
                length=16,
            ),
            nullable=False,
        ),
        sa.Column("triage", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("release_at", sa.BigInteger(), nullable=False),
        sa.Column("deadline", sa.BigInteger(), nullable=False),
        sa.Column("slot", sa.BigInteger(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("returns", sa.Integer(), nullable=False),
        sa.Column("claimed_by", sa.String(length=32), nullable=True),
        sa.Column("lease_token", sa.BigInteger(), nullable=False),
        sa.Column("lease_until", sa.BigInteger(), nullable=True),
        sa.Column("doctor_joined_at", sa.BigInteger(), nullable=True),
        sa.Column("connected_at", sa.BigInteger(), nullable=True),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("(slot IS NOT NULL) = (kind = 'booked')", name="entry_slot"),
        sa.CheckConstraint(
            "state NOT IN ('claimed', 'in_call')"
            " OR (claimed_by IS NOT NULL AND lease_until IS NOT NULL)",
            name="entry_held_by_somebody",
        ),
        sa.ForeignKeyConstraint(
            ["promise"],
            ["promise.id"],
        ),
        sa.PrimaryKeyConstraint("visit"),
        sa.UniqueConstraint("promise"),
    )
    op.create_index(
        "entry_one_held_a_doctor",
        "queue_entry",
        ["claimed_by"],
        unique=True,
        sqlite_where=sa.text("state IN ('claimed', 'in_call')"),
        postgresql_where=sa.text("state IN ('claimed', 'in_call')"),
    )
    op.create_index(
        "entry_one_open_a_patient",
        "queue_entry",
        ["patient"],
        unique=True,
        sqlite_where=sa.text("state IN ('waiting', 'claimed', 'in_call')"),
        postgresql_where=sa.text("state IN ('waiting', 'claimed', 'in_call')"),
    )
    op.create_index("entry_state", "queue_entry", ["state"], unique=False)
    waiting = sa.text("state = 'waiting'")
    order: list[str | sa.TextClause] = [sa.text("triage DESC"), "deadline", "created_at", "visit"]
    op.create_index(
        "entry_claim", "queue_entry", order, sqlite_where=waiting, postgresql_where=waiting
    )


def coverage() -> None:
    """The insurers' register."""
    op.create_table(
        "look_up_log",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("insurer", sa.String(length=32), nullable=False),
        sa.Column("clerk", sa.String(length=32), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("look_up_number", "look_up_log", ["number"], unique=False)
    op.create_table(
        "policy",
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("insurer", sa.String(length=32), nullable=False),
        sa.Column("product", sa.String(length=80), nullable=False),
        sa.Column("holder_birth_date", sa.Date(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.Column("covers_children", sa.Boolean(), nullable=False),
        sa.CheckConstraint("valid_until >= valid_from", name="policy_days"),
        sa.PrimaryKeyConstraint("number"),
    )
    op.create_table(
        "policy_check",
        sa.Column("visit", sa.String(length=32), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column(
            "answer",
            sa.Enum(
                "covered",
                "not_covered",
                "unchecked",
                name="policy_answer",
                native_enum=False,
                create_constraint=True,
                length=16,
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.String(length=32), nullable=False),
        sa.Column("insurer", sa.String(length=32), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("visit"),
    )
    op.create_table(
        "policy_use",
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("visit", sa.String(length=32), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("number", "visit"),
    )
    op.create_index("policy_use_number", "policy_use", ["number", "day"], unique=False)


def record() -> None:
    """The record."""
    op.create_table(
        "chain_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("id = 1", name="chain_head_one"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "delivery",
        sa.Column("visit", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.Column("patient", sa.String(), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("content_hash", sa.String(), nullable=False),
        sa.Column("signed_at", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("receipt", sa.String(), nullable=True),
        sa.Column("last_error", sa.String(), nullable=True),
        sa.CheckConstraint(
            "(state = 'in_the_journal') = (receipt IS NOT NULL)", name="delivery_receipt"
        ),
        sa.CheckConstraint(
            "state IN ('signed', 'on_its_way', 'in_the_journal', 'failed')", name="delivery_state"
        ),
        sa.PrimaryKeyConstraint("visit"),
        sa.UniqueConstraint("n", name="delivery_n"),
    )
    op.create_index("delivery_due", "delivery", ["state", "due_at"], unique=False)
    op.create_index("delivery_patient", "delivery", ["patient", "n"], unique=False)
    op.create_table(
        "note_draft",
        sa.Column("visit", sa.String(), nullable=False),
        sa.Column("patient", sa.String(), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("saved_at", sa.BigInteger(), nullable=False),
        sa.Column("kek_id", sa.String(), nullable=False),
        sa.Column("wrapped_dek", sa.LargeBinary(), nullable=False),
        sa.Column("nonce", sa.LargeBinary(), nullable=False),
        sa.Column("ciphertext", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("visit"),
    )
    op.create_table(
        "patient_key",
        sa.Column("patient", sa.String(), nullable=False),
        sa.Column("kek_id", sa.String(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("patient"),
    )
    op.create_table(
        "record_audit",
        sa.Column("n", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("visit", sa.String(), nullable=False),
        sa.Column("patient", sa.String(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("content", sa.String(), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.Column("leaf", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("n"),
    )
    op.create_index("record_audit_visit", "record_audit", ["visit", "action"], unique=False)
    op.create_table(
        "record_consent",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("visit", sa.String(), nullable=False),
        sa.Column("patient", sa.String(), nullable=False),
        sa.Column("given_by", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("text_version", sa.String(), nullable=False),
        sa.Column("text_sha256", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("rule", sa.String(), nullable=False),
        sa.Column("own_yes", sa.Boolean(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("receipt", sa.String(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('notice', 'consent', 'withdrawal')", name="record_consent_kind"
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_record_consent_visit"), "record_consent", ["visit"], unique=False)
    op.create_table(
        "record_entry",
        sa.Column("visit", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("patient", sa.String(), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("author_hpr", sa.String(), nullable=False),
        sa.Column("author_name", sa.String(), nullable=False),
        sa.Column("sign_in", sa.String(), nullable=False),
        sa.Column("signed_at", sa.BigInteger(), nullable=False),
        sa.Column("withheld", sa.Boolean(), nullable=False),
        sa.Column("content_hash", sa.String(), nullable=False),
        sa.Column("after", sa.String(), nullable=False),
        sa.Column("jws", sa.String(), nullable=False),
        sa.Column("kek_id", sa.String(), nullable=False),
        sa.Column("wrapped_dek", sa.LargeBinary(), nullable=False),
        sa.Column("nonce", sa.LargeBinary(), nullable=False),
        sa.Column("ciphertext", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("visit", "version"),
    )
    op.create_index(op.f("ix_record_entry_patient"), "record_entry", ["patient"], unique=False)
    op.create_table(
        "visit",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("opened_by", sa.String(), nullable=False),
        sa.Column("patient", sa.String(), nullable=True),
        sa.Column("birth_date", sa.Date(), nullable=True),
        sa.Column("relation", sa.String(), nullable=True),
        sa.Column("stage", sa.String(), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("(stage = 'closed') = (closed_at IS NOT NULL)", name="visit_closed"),
        sa.CheckConstraint("relation IN ('self', 'child')", name="visit_relation"),
        sa.CheckConstraint("stage <> 'open' OR patient IS NOT NULL", name="visit_open_patient"),
        sa.CheckConstraint("stage IN ('draft', 'open', 'closed')", name="visit_stage"),
        sa.CheckConstraint("(patient IS NULL) = (relation IS NULL)", name="visit_patient"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "visit_one_draft",
        "visit",
        ["opened_by"],
        unique=True,
        sqlite_where=sa.text("stage = 'draft'"),
        postgresql_where=sa.text("stage = 'draft'"),
    )
    op.create_table(
        "visit_reason",
        sa.Column("visit", sa.String(), nullable=False),
        sa.Column("patient", sa.String(), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("written_at", sa.BigInteger(), nullable=False),
        sa.Column("kek_id", sa.String(), nullable=False),
        sa.Column("wrapped_dek", sa.LargeBinary(), nullable=False),
        sa.Column("nonce", sa.LargeBinary(), nullable=False),
        sa.Column("ciphertext", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("visit"),
    )


def identity() -> None:
    """Persons, sign-ins and links."""
    op.create_table(
        "link",
        sa.Column("token", sa.String(length=64), nullable=False),
        sa.Column("visit", sa.String(length=32), nullable=False),
        sa.Column("person", sa.String(length=32), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "issued",
                "bound",
                "closed",
                name="link_state",
                native_enum=False,
                create_constraint=True,
                length=16,
            ),
            nullable=False,
        ),
        sa.Column("bound_session", sa.String(length=64), nullable=True),
        sa.Column("issued", sa.BigInteger(), nullable=False),
        sa.Column("expires", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "(state = 'issued') = (bound_session IS NULL) OR state = 'closed'",
            name="bound_link_has_session",
        ),
        sa.PrimaryKeyConstraint("token"),
    )
    op.create_index(op.f("ix_link_visit"), "link", ["visit"], unique=False)
    op.create_table(
        "pending_sign_in",
        sa.Column("state", sa.String(length=64), nullable=False),
        sa.Column("browser", sa.String(length=64), nullable=False),
        sa.Column("nonce", sa.String(length=64), nullable=False),
        sa.Column("verifier", sa.String(length=64), nullable=False),
        sa.Column(
            "door",
            sa.Enum(
                "patient",
                "doctor",
                "insurer",
                name="pending_door",
                native_enum=False,
                create_constraint=True,
                length=16,
            ),
            nullable=False,
        ),
        sa.Column("return_to", sa.String(length=200), nullable=False),
        sa.Column("expires", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("state"),
    )
    op.create_index(
        op.f("ix_pending_sign_in_expires"), "pending_sign_in", ["expires"], unique=False
    )
    op.create_table(
        "person",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "patient",
                "staff",
                name="person_kind",
                native_enum=False,
                create_constraint=True,
                length=16,
            ),
            nullable=False,
        ),
        sa.Column("number_index", sa.String(length=64), nullable=False),
        sa.Column("key_id", sa.String(length=16), nullable=False),
        sa.Column("nonce", sa.LargeBinary(length=12), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("kind", "number_index", name="one_person_a_number"),
    )
    op.create_table(
        "staff_grant",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("number_index", sa.String(length=64), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "patient",
                "doctor",
                "insurer",
                "director",
                "operator",
                name="grant_role",
                native_enum=False,
                create_constraint=True,
                length=16,
            ),
            nullable=False,
        ),
        sa.Column("hpr_number", sa.String(length=16), nullable=True),
        sa.Column("insurer", sa.String(length=64), nullable=True),
        sa.Column("granted", sa.BigInteger(), nullable=False),
        sa.Column("withdrawn", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("(role = 'doctor') = (hpr_number IS NOT NULL)", name="doctor_is_in_hpr"),
        sa.CheckConstraint("(role = 'insurer') = (insurer IS NOT NULL)", name="clerk_has_insurer"),
        sa.CheckConstraint("role <> 'patient'", name="grant_is_for_staff"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "grant_one_live",
        "staff_grant",
        ["number_index", "role"],
        unique=True,
        sqlite_where=sa.text("withdrawn IS NULL"),
        postgresql_where=sa.text("withdrawn IS NULL"),
    )
    op.create_table(
        "relation",
        sa.Column("parent", sa.String(length=32), nullable=False),
        sa.Column("child", sa.String(length=32), nullable=False),
        sa.Column("stated_at", sa.BigInteger(), nullable=False),
        sa.Column(
            "basis",
            sa.Enum(
                "stated",
                "register",
                name="relation_basis",
                native_enum=False,
                create_constraint=True,
                length=16,
            ),
            nullable=False,
        ),
        sa.CheckConstraint("parent <> child", name="nobody_is_their_own_parent"),
        sa.ForeignKeyConstraint(
            ["child"],
            ["person.id"],
        ),
        sa.ForeignKeyConstraint(
            ["parent"],
            ["person.id"],
        ),
        sa.PrimaryKeyConstraint("parent", "child"),
    )
    op.create_table(
        "session",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("person", sa.String(length=32), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "patient",
                "doctor",
                "insurer",
                "director",
                "operator",
                name="session_role",
                native_enum=False,
                create_constraint=True,
                length=16,
            ),
            nullable=False,
        ),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("last_seen", sa.BigInteger(), nullable=False),
        sa.Column("kept_until", sa.BigInteger(), nullable=True),
        sa.Column("expires", sa.BigInteger(), nullable=False),
        sa.Column("revoked", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("expires > created", name="session_has_a_life"),
        sa.ForeignKeyConstraint(
            ["person"],
            ["person.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_session_person"), "session", ["person"], unique=False)


def events() -> None:
    """Stored events, and messages to people."""
    op.create_table(
        "outbox",
        sa.Column(
            "seq",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("visit", sa.String(length=32), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_outbox_visit"), "outbox", ["visit"], unique=False)
    op.create_table(
        "event_cursor",
        sa.Column("reader", sa.String(length=32), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("reader"),
    )
    op.create_table(
        "message",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("event_seq", sa.BigInteger(), nullable=False),
        sa.Column("visit", sa.String(length=32), nullable=False),
        sa.Column("person", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("sent_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("state IN ('due', 'sent', 'failed')", name="message_state"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("event_seq"),
    )
    op.create_index(op.f("ix_message_person"), "message", ["person"], unique=False)
    op.create_index(op.f("ix_message_visit"), "message", ["visit"], unique=False)
    op.create_index("message_due", "message", ["due_at"], unique=False)
