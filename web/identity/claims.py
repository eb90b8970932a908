"""What an ID token says, judged: somebody we know the name of, or a refusal with its reason.

The signature has been checked already. Everything else is checked here, with `now` handed in:
OpenID Connect Core 1.0 section 3.1.3.7, and the level (`acr`), which a request can only ask for.
"""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from venterom.web.identity import numbers
from venterom.web.identity.judging import (
    SKEW,
    Claims,
    Reason,
    Refusal,
    Refused,
    check_origin,
    check_times,
    identifier,
    require,
    text,
)
from venterom.web.identity.proofs import same
from venterom.web.identity.roles import Door

LONGEST_LIFE = timedelta(hours=1)  # of an ID token, from `iat` to `exp`
NAME_LENGTH = 120
HPR_LENGTH = 9
HPR_CLAIM = "helseid://claims/hpr/hpr_number"
EARLIEST_BIRTH = date(1900, 1, 1)
NAMES = ("name", "given_name", "family_name", "birthdate")


@dataclass(frozen=True, slots=True)
class ClaimNames:
    """What a provider calls things that the standard leaves open."""

    number: str = "nnin_altsub"  # BankID; Criipto says `socialno`, ID-porten `pid`
    hpr: str = HPR_CLAIM
    level: str = "acr"


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Somebody whom an identity provider vouches for."""

    door: Door
    issuer: str
    subject: str = field(repr=False)
    level: str
    name: str = field(repr=False)
    birth_date: date | None = field(repr=False)  # from its own claim, never from the number
    number: str = field(repr=False)
    hpr_number: str | None
    sid: str = field(default="", repr=False)  # the provider's name for its session, if it has one
    proved: datetime | None = None  # when they proved it, if the provider says so


def judge(
    claims: Claims,
    *,
    issuer: str,
    audience: str,
    nonce: str,
    now: datetime,
    levels: frozenset[str],
    kind: Door,
    names: ClaimNames,
    synthetic: bool,
) -> SignedIn | Refusal:
    """Who the claims say this is, if they were made by `issuer`, for us, just now, at our demand.

    `synthetic`: whether this installation is for invented people (`numbers.names_one`).
    """
    try:
        check_origin(claims, issuer, audience)
        check_times(claims, now, LONGEST_LIFE)
        _check_nonce(claims, nonce)
        return SignedIn(
            door=kind,
            issuer=issuer,
            subject=identifier(claims, "sub", Reason.SUBJECT),
            level=_level(claims, names.level, levels),
            name=_name(claims),
            birth_date=_birth_date(claims, now, required=kind is Door.PATIENT),
            number=_number(claims, names.number, synthetic),
            hpr_number=_hpr_number(claims, names.hpr),
            sid=identifier(claims, "sid", Reason.SESSION) if "sid" in claims else "",
            proved=_proved(claims, now),
        )
    except Refused as refused:
        return Refusal(refused.reason)


def is_printable_name(name: str) -> bool:
    """Whether a text can be somebody's name: short, not blank, no control characters."""
    return 0 < len(name) <= NAME_LENGTH and name.isprintable() and name == name.strip()


def _check_nonce(claims: Claims, nonce: str) -> None:
    require(bool(nonce) and same(text(claims, "nonce"), nonce), Reason.NONCE)


def _proved(claims: Claims, now: datetime) -> datetime | None:
    """What is no time, or is to come, proves nothing; it is no reason to refuse a sign-in."""
    at = claims.get("auth_time")
    if not isinstance(at, int) or isinstance(at, bool):
        return None
    is_over = 0 <= at <= now.timestamp() + SKEW.total_seconds()
    return datetime.fromtimestamp(at, UTC) if is_over else None


def _level(claims: Claims, name: str, levels: frozenset[str]) -> str:
    level = text(claims, name)
    require(level in levels, Reason.LEVEL)
    return level


def _name(claims: Claims) -> str:
    parts = (text(claims, "given_name"), text(claims, "family_name"))
    name = text(claims, "name") or " ".join(part for part in parts if part)
    require(is_printable_name(name), Reason.NAME)
    return name


def _birth_date(claims: Claims, now: datetime, *, required: bool) -> date | None:
    if "birthdate" not in claims and not required:
        return None
    born = _date(text(claims, "birthdate"))
    require(born is not None and EARLIEST_BIRTH <= born <= now.date(), Reason.BIRTH_DATE)
    return born


def _date(written: str) -> date | None:
    """A date written YYYY-MM-DD; the other ways of ISO 8601 are not in the standard."""
    try:
        day = date.fromisoformat(written)
    except ValueError:
        return None
    return day if day.isoformat() == written else None


def _number(claims: Claims, name: str, synthetic: bool) -> str:
    number = text(claims, name)
    require(numbers.names_one(number, synthetic), Reason.NUMBER)
    return number


def _hpr_number(claims: Claims, name: str) -> str | None:
    """HelseID may repeat the claim, or make a list of it; two different numbers prove nothing."""
    value = claims.get(name, [])
    shown = value if isinstance(value, list) else [value]
    if not shown:
        return None
    number = shown[0]
    same_all = all(other == number for other in shown)
    require(same_all and isinstance(number, str) and is_hpr_number(number), Reason.HPR_NUMBER)
    return str(number)


def is_hpr_number(number: str) -> bool:
    """Whether this looks like a number of the register of health personnel."""
    return number.isascii() and number.isdigit() and len(number) <= HPR_LENGTH
