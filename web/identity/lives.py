"""How long a sign-in lasts: idle, absolute, and while somebody waits or talks."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

from venterom.web.identity.roles import Role

TOUCH = timedelta(minutes=1)  # how often at most a session's last use is written down
# The same of a page that is only open: after a restart thousands come back within seconds, and each
# would have the disk written to. Far less than IDLE.
TOUCH_OPEN = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Limits:
    """How long without a sign of life, and how long at all."""

    idle: timedelta | None
    absolute: timedelta


IDLE = timedelta(minutes=20)
WORKDAY = timedelta(hours=8)
LIMITS: Mapping[Role, Limits] = MappingProxyType(
    {
        Role.PATIENT: Limits(IDLE, timedelta(hours=2)),
        # A doctor's own sign of life is the shift's heartbeat; a call may outlast any idle limit.
        Role.DOCTOR: Limits(None, WORKDAY),
        Role.INSURER: Limits(IDLE, WORKDAY),
        Role.DIRECTOR: Limits(IDLE, WORKDAY),
        Role.OPERATOR: Limits(IDLE, WORKDAY),
    }
)


@dataclass(frozen=True, slots=True)
class Session:
    """A sign-in. `id` is the hash of what the browser holds, and opens nothing by itself."""

    id: str
    person: str
    role: Role
    created: datetime
    last_seen: datetime
    kept_until: datetime | None  # waiting or in a call until then: no idle limit
    expires: datetime
    revoked: datetime | None = None
    device: str = ""  # roughly, for its owner's eyes (devices.py)
    proved: datetime | None = None  # when the provider had the person prove who they are


def alive(session: Session, now: datetime) -> bool:
    """Whether this sign-in still counts."""
    if session.revoked is not None or now >= session.expires:
        return False
    idle = LIMITS[session.role].idle
    kept = session.kept_until is not None and now < session.kept_until
    return idle is None or kept or now < session.last_seen + idle


def is_fresh(session: Session, now: datetime, within: timedelta) -> bool:
    """Whether its owner has proved so lately who they are. A provider need not say when it was."""
    return session.proved is not None and now < session.proved + within


def is_due(session: Session, now: datetime, every: timedelta = TOUCH) -> bool:
    """Whether the last use should be written down again."""
    return now >= session.last_seen + every


def expiry(role: Role, now: datetime) -> datetime:
    """When a session that begins now ends, whatever happens."""
    return now + LIMITS[role].absolute
