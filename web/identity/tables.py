"""Rows of who people are, how they signed in, and what the database itself forbids in them.

Nothing here can be read without the keys: identities are sealed, numbers are blind indexes, and of
every secret (session, sign-in, link) only a hash is kept.
"""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import (
    CheckConstraint,
    Enum,
    ForeignKey,
    Index,
    LargeBinary,
    MetaData,
    String,
    UniqueConstraint,
    false,
    literal,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from venterom.journal.tables import Utc
from venterom.web.identity.companions import GuestKind
from venterom.web.identity.hpr import Status
from venterom.web.identity.roles import Door, PersonKind, Role
from venterom.web.identity.tenure import Ending

metadata = MetaData()
INSERT_ONLY: tuple[str, ...] = ("hpr_answer",)

ID = 32  # characters of a person's or a visit's id
HASH = 64  # hexadecimal digits of SHA-256
SECRET = 64  # characters of a nonce or a verifier


class Basis(StrEnum):
    """How we know that somebody is somebody's parent."""

    STATED = "stated"  # the parent says so
    REGISTER = "register"  # Folkeregisteret says so


class LinkState(StrEnum):
    """How far a link has come."""

    ISSUED = "issued"
    BOUND = "bound"
    CLOSED = "closed"


class Base(DeclarativeBase):
    """Rows of this folder."""

    metadata = metadata


def words(kind: type[StrEnum], name: str) -> Enum:
    """A column of the words of `kind`, with a CHECK that forbids all others."""
    return Enum(
        kind,
        name=name,
        native_enum=False,
        create_constraint=True,
        length=16,
        values_callable=lambda members: [member.value for member in members],
    )


class PersonRow(Base):
    """Somebody, sealed."""

    __tablename__ = "person"
    __table_args__ = (UniqueConstraint("kind", "number_index", name="one_person_a_number"),)

    id: Mapped[str] = mapped_column(String(ID), primary_key=True)
    kind: Mapped[PersonKind] = mapped_column(words(PersonKind, "person_kind"))
    number_index: Mapped[str] = mapped_column(String(HASH))
    key_id: Mapped[str] = mapped_column(String(16))
    nonce: Mapped[bytes] = mapped_column(LargeBinary(12))
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    created: Mapped[datetime] = mapped_column(Utc)


class Occasion(StrEnum):
    """Why the register of health personnel was asked."""

    GRANT = "grant"  # before somebody is given the role of a doctor
    SIGN_IN = "sign_in"
    PRESCRIPTION = "prescription"
    NIGHTLY = "nightly"


class HprAnswer(Base):
    """What the register of health personnel said of a number, when, and on which occasion."""

    __tablename__ = "hpr_answer"

    hpr_number: Mapped[str] = mapped_column(String(16), primary_key=True)
    at: Mapped[datetime] = mapped_column(Utc, primary_key=True)
    status: Mapped[Status] = mapped_column(words(Status, "hpr_status"))
    occasion: Mapped[Occasion] = mapped_column(words(Occasion, "hpr_occasion"))


class GrantRow(Base):
    """A role that somebody was given, before or after the first sign-in, until a day. The longest
    that there is are 366 days, 31 622 400 000 ms (tenure.py)."""

    __tablename__ = "staff_grant"
    __table_args__ = (
        CheckConstraint("role <> 'patient'", name="grant_is_for_staff"),
        CheckConstraint("(role = 'doctor') = (hpr_number IS NOT NULL)", name="doctor_is_in_hpr"),
        CheckConstraint("(role = 'insurer') = (insurer IS NOT NULL)", name="clerk_has_insurer"),
        CheckConstraint("ends > granted AND ends <= granted + 31622400000", name="grant_ends"),
        CheckConstraint("(withdrawn IS NULL) = (why IS NULL)", name="grant_ended_for_a_reason"),
        Index(
            "grant_one_live",
            "number_index",
            "role",
            unique=True,
            sqlite_where=text("withdrawn IS NULL"),
            postgresql_where=text("withdrawn IS NULL"),
        ),
    )

    id: Mapped[str] = mapped_column(String(ID), primary_key=True)
    number_index: Mapped[str] = mapped_column(String(HASH))
    role: Mapped[Role] = mapped_column(words(Role, "grant_role"))
    hpr_number: Mapped[str | None] = mapped_column(String(16))
    insurer: Mapped[str | None] = mapped_column(String(64))
    granted: Mapped[datetime] = mapped_column(Utc)
    ends: Mapped[datetime] = mapped_column(Utc)
    withdrawn: Mapped[datetime | None] = mapped_column(Utc)
    why: Mapped[Ending | None] = mapped_column(words(Ending, "grant_ending"))


class RelationRow(Base):
    """Somebody is somebody's parent, and how we know."""

    __tablename__ = "relation"
    __table_args__ = (CheckConstraint("parent <> child", name="nobody_is_their_own_parent"),)

    parent: Mapped[str] = mapped_column(ForeignKey("person.id"), primary_key=True)
    child: Mapped[str] = mapped_column(ForeignKey("person.id"), primary_key=True)
    stated_at: Mapped[datetime] = mapped_column(Utc)
    basis: Mapped[Basis] = mapped_column(words(Basis, "relation_basis"))
    checked_at: Mapped[datetime | None] = mapped_column(Utc)  # when the register said so last


class ProxyRow(Base):
    """A grown patient lets another grown person read the record, until a day. 31 622 400 000 ms
    are 366 days, the longest that there is (proxy.py)."""

    __tablename__ = "proxy"
    __table_args__ = (
        CheckConstraint("giver <> holder", name="proxy_is_for_another"),
        CheckConstraint(
            "expires > given AND expires <= given + 31622400000", name="proxy_has_an_end"
        ),
        CheckConstraint("ended IS NULL OR ended >= given", name="proxy_ends_after_it_begins"),
        Index(
            "proxy_one_live",
            "giver",
            "holder",
            unique=True,
            sqlite_where=text("ended IS NULL"),
            postgresql_where=text("ended IS NULL"),
        ),
    )

    id: Mapped[str] = mapped_column(String(ID), primary_key=True)
    giver: Mapped[str] = mapped_column(ForeignKey("person.id"))
    holder: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    given: Mapped[datetime] = mapped_column(Utc)
    expires: Mapped[datetime] = mapped_column(Utc)
    ended: Mapped[datetime | None] = mapped_column(Utc)


class SessionRow(Base):
    """A sign-in that is kept on the server. `id` is the hash of what the browser holds."""

    __tablename__ = "session"
    __table_args__ = (
        CheckConstraint("expires > created", name="session_has_a_life"),
        # Who was ended is asked each second, of many sign-ins of which few were.
        Index(
            "session_revoked",
            "revoked",
            sqlite_where=text("revoked IS NOT NULL"),
            postgresql_where=text("revoked IS NOT NULL"),
        ),
    )

    id: Mapped[str] = mapped_column(String(HASH), primary_key=True)
    person: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    role: Mapped[Role] = mapped_column(words(Role, "session_role"))
    created: Mapped[datetime] = mapped_column(Utc)
    last_seen: Mapped[datetime] = mapped_column(Utc)
    kept_until: Mapped[datetime | None] = mapped_column(Utc)
    expires: Mapped[datetime] = mapped_column(Utc)
    revoked: Mapped[datetime | None] = mapped_column(Utc)
    device: Mapped[str] = mapped_column(String(32), server_default=text("''"))
    proved: Mapped[datetime | None] = mapped_column(Utc)


class VouchedRow(Base):
    """Which person and session at the identity provider a sign-in comes from, as blind indexes; so
    that it ends when the provider says that it is over there."""

    __tablename__ = "vouched_sign_in"

    session: Mapped[str] = mapped_column(String(HASH), primary_key=True)
    subject: Mapped[str] = mapped_column(String(HASH), index=True)
    sid: Mapped[str | None] = mapped_column(String(HASH), index=True)
    expires: Mapped[datetime] = mapped_column(Utc)


class LogoutRow(Base):
    """A provider's word that somebody is signed out, which is taken once. `token` is a hash."""

    __tablename__ = "logout_taken"

    token: Mapped[str] = mapped_column(String(HASH), primary_key=True)
    kept_until: Mapped[datetime] = mapped_column(Utc)


class PendingRow(Base):
    """A sign-in that was begun and has not come back yet; taken out when it does."""

    __tablename__ = "pending_sign_in"

    state: Mapped[str] = mapped_column(String(HASH), primary_key=True)
    browser: Mapped[str] = mapped_column(String(HASH))
    nonce: Mapped[str] = mapped_column(String(SECRET))
    verifier: Mapped[str] = mapped_column(String(SECRET))
    door: Mapped[Door] = mapped_column(words(Door, "pending_door"))
    return_to: Mapped[str] = mapped_column(String(200))
    expires: Mapped[datetime] = mapped_column(Utc, index=True)


class LinkRow(Base):
    """A link to one visit, for one person. `token` is an HMAC of what the message holds."""

    __tablename__ = "link"
    __table_args__ = (
        CheckConstraint(
            "(state = 'issued') = (bound_session IS NULL) OR state = 'closed'",
            name="bound_link_has_session",
        ),
    )

    token: Mapped[str] = mapped_column(String(HASH), primary_key=True)
    visit: Mapped[str] = mapped_column(String(ID), index=True)
    person: Mapped[str] = mapped_column(String(ID))
    state: Mapped[LinkState] = mapped_column(words(LinkState, "link_state"))
    bound_session: Mapped[str | None] = mapped_column(String(HASH))
    issued: Mapped[datetime] = mapped_column(Utc)
    expires: Mapped[datetime] = mapped_column(Utc)
    tried_by_other: Mapped[datetime | None] = mapped_column(Utc)  # when its person was told so


class InvitationRow(Base):
    """Somebody whom a doctor has asked into a call. Only hashes are kept of the link, and of what
    the browser holds that it was first opened in; the name is sealed."""

    __tablename__ = "invitation"
    __table_args__ = (
        CheckConstraint("bound IS NOT NULL OR let_in IS NULL", name="only_who_came_is_let_in"),
        Index(
            "invitation_one_open",
            "visit",
            unique=True,
            sqlite_where=text("ended IS NULL"),
            postgresql_where=text("ended IS NULL"),
        ),
    )

    id: Mapped[str] = mapped_column(String(ID), primary_key=True)
    visit: Mapped[str] = mapped_column(String(ID), index=True)
    kind: Mapped[GuestKind] = mapped_column(words(GuestKind, "guest_kind"))
    key_id: Mapped[str] = mapped_column(String(16))
    nonce: Mapped[bytes] = mapped_column(LargeBinary(12))
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    token: Mapped[str] = mapped_column(String(HASH), unique=True)
    bound: Mapped[str | None] = mapped_column(String(HASH), unique=True)
    invited_by: Mapped[str] = mapped_column(String(ID))
    own_yes: Mapped[bool] = mapped_column(
        server_default=false()
    )  # the patient's, as the doctor says
    created: Mapped[datetime] = mapped_column(Utc)
    expires: Mapped[datetime] = mapped_column(Utc)
    let_in: Mapped[datetime | None] = mapped_column(Utc)
    ended: Mapped[datetime | None] = mapped_column(Utc)


async def insert_once(db: AsyncSession, row: type[Base], **values: object) -> bool:
    """Insert, unless a unique key forbids it; says whether it was inserted."""
    # Both databases know ON CONFLICT, but SQLAlchemy spells it once for each.
    spell = sqlite.insert if db.get_bind().dialect.name == "sqlite" else postgresql.insert
    statement = spell(row).values(**values).on_conflict_do_nothing().returning(literal(1))
    return (await db.execute(statement)).first() is not None
