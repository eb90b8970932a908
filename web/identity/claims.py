"""What an ID token says, judged: somebody we know the name of, or a refusal with its reason.

The signature has been checked already. Everything else is checked here, with `now` handed in:
OpenID Connect Core 1.0 section 3.1.3.7, and the level (`acr`), which a request can only ask for.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum

from venterom.web.identity import numbers
from venterom.web.identity.proofs import same
from venterom.web.identity.roles import Door

SKEW = timedelta(seconds=60)  # by how much their clock and ours may differ
LONGEST_LIFE = timedelta(hours=1)  # of an ID token, from `iat` to `exp`
NAME_LENGTH = 120
SUBJECT_LENGTH = 255  # OpenID Connect Core section 2
HPR_LENGTH = 9
HPR_CLAIM = "helseid://claims/hpr/hpr_number"
EARLIEST_BIRTH = date(1900, 1, 1)


class Reason(StrEnum):
    """Why a token is refused. A code for the log; it holds nothing about the person."""

    ISSUER = "issuer"
    AUDIENCE = "audience"
    PARTY = "authorised_party"
    MISSING_TIME = "missing_time"
    EXPIRED = "expired"
    NOT_YET = "not_yet"
    LIVES_TOO_LONG = "lives_too_long"
    NONCE = "nonce"
    LEVEL = "level"
    SUBJECT = "subject"
    NAME = "name"
    BIRTH_DATE = "birth_date"
    NUMBER = "number"
    HPR_NUMBER = "hpr_number"


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
    subject: str
    level: str
    name: str = field(repr=False)
    birth_date: date | None = field(repr=False)  # from its own claim, never from the number
    number: str = field(repr=False)
    hpr_number: str | None


@dataclass(frozen=True, slots=True)
class Refusal:
    """A token that proves nothing to us."""

    reason: Reason


class _Refused(Exception):
    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason = reason


def judge(
    claims: Mapping[str, object],
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
        _check_origin(claims, issuer, audience)
        _check_times(claims, now)
        _check_nonce(claims, nonce)
        return SignedIn(
            door=kind,
            issuer=issuer,
            subject=_subject(claims),
            level=_level(claims, names.level, levels),
            name=_name(claims),
            birth_date=_birth_date(claims, now, required=kind is Door.PATIENT),
            number=_number(claims, names.number, synthetic),
            hpr_number=_hpr_number(claims, names.hpr),
        )
    except _Refused as refused:
        return Refusal(refused.reason)


def is_printable_name(text: str) -> bool:
    """Whether a text can be somebody's name: short, not blank, no control characters."""
    return 0 < len(text) <= NAME_LENGTH and text.isprintable() and text == text.strip()


def _require(held: bool, reason: Reason) -> None:
    if not held:
        raise _Refused(reason)


def _text(claims: Mapping[str, object], name: str) -> str:
    """A claim that is a text, or "" for whatever else it is."""
    value = claims.get(name)
    return value if isinstance(value, str) else ""


def _check_origin(claims: Mapping[str, object], issuer: str, audience: str) -> None:
    _require(_text(claims, "iss") == issuer, Reason.ISSUER)
    named = claims.get("aud")
    audiences = named if isinstance(named, list) else [named]
    _require(audience in audiences, Reason.AUDIENCE)
    # A token made for several parties must say that it was made at our demand.
    if len(audiences) > 1 or "azp" in claims:
        _require(claims.get("azp") == audience, Reason.PARTY)


def _seconds(claims: Mapping[str, object], name: str) -> int:
    """A time in whole seconds since 1970; `True` is no number, though Python counts with it."""
    value = claims.get(name)
    if not isinstance(value, int) or isinstance(value, bool):
        raise _Refused(Reason.MISSING_TIME)
    return value


def _check_times(claims: Mapping[str, object], now: datetime) -> None:
    clock, skew = now.timestamp(), SKEW.total_seconds()
    issued, expires = _seconds(claims, "iat"), _seconds(claims, "exp")
    _require(clock < expires + skew, Reason.EXPIRED)
    _require(issued <= clock + skew, Reason.NOT_YET)
    _require(expires - issued <= LONGEST_LIFE.total_seconds(), Reason.LIVES_TOO_LONG)
    if "nbf" in claims:
        _require(_seconds(claims, "nbf") <= clock + skew, Reason.NOT_YET)


def _check_nonce(claims: Mapping[str, object], nonce: str) -> None:
    _require(bool(nonce) and same(_text(claims, "nonce"), nonce), Reason.NONCE)


def _subject(claims: Mapping[str, object]) -> str:
    subject = _text(claims, "sub")
    _require(0 < len(subject) <= SUBJECT_LENGTH and subject.isascii(), Reason.SUBJECT)
    return subject


def _level(claims: Mapping[str, object], name: str, levels: frozenset[str]) -> str:
    level = _text(claims, name)
    _require(level in levels, Reason.LEVEL)
    return level


def _name(claims: Mapping[str, object]) -> str:
    parts = (_text(claims, "given_name"), _text(claims, "family_name"))
    name = _text(claims, "name") or " ".join(part for part in parts if part)
    _require(is_printable_name(name), Reason.NAME)
    return name


def _birth_date(claims: Mapping[str, object], now: datetime, *, required: bool) -> date | None:
    if "birthdate" not in claims and not required:
        return None
    text = _text(claims, "birthdate")
    born = _date(text)
    _require(born is not None and EARLIEST_BIRTH <= born <= now.date(), Reason.BIRTH_DATE)
    return born


def _date(text: str) -> date | None:
    """A date written YYYY-MM-DD; the other ways of ISO 8601 are not in the standard."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if day.isoformat() == text else None


def _number(claims: Mapping[str, object], name: str, synthetic: bool) -> str:
    number = _text(claims, name)
    _require(numbers.names_one(number, synthetic), Reason.NUMBER)
    return number


def _hpr_number(claims: Mapping[str, object], name: str) -> str | None:
    """HelseID may repeat the claim, or make a list of it; two different numbers prove nothing."""
    value = claims.get(name, [])
    shown = value if isinstance(value, list) else [value]
    if not shown:
        return None
    number = shown[0]
    same_all = all(other == number for other in shown)
    _require(same_all and isinstance(number, str) and is_hpr_number(number), Reason.HPR_NUMBER)
    return str(number)


def is_hpr_number(text: str) -> bool:
    """Whether this looks like a number of the register of health personnel."""
    return text.isascii() and text.isdigit() and len(text) <= HPR_LENGTH
