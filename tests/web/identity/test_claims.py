"""An ID token is believed only when every claim says what it must: one row for each way to fail."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta

import pytest

from venterom.web.identity.claims import (
    HPR_CLAIM,
    ClaimNames,
    SignedIn,
    is_printable_name,
    judge,
)
from venterom.web.identity.judging import Reason, Refusal
from venterom.web.identity.numbers import make
from venterom.web.identity.roles import Door

NOW = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)
EPOCH_NOW = int(NOW.timestamp())
ISSUER = "https://id.example"
BIRTH = date(1986, 5, 17)
NUMBER = make(BIRTH, 0)
HIGH = "urn:bankid:bid;LOA=4"
SUBSTANTIAL = "urn:bankid:bis;LOA=3"

GOOD: dict[str, object] = {
    "iss": ISSUER,
    "aud": "venterom",
    "sub": "abc",
    "exp": EPOCH_NOW + 300,
    "iat": EPOCH_NOW,
    "nonce": "n-1",
    "acr": HIGH,
    "name": "Kari Prøvdal",
    "birthdate": "1986-05-17",
    "nnin_altsub": NUMBER,
}
GONE = object()
UNCHANGED: Mapping[str, object] = {}


def judged(
    changes: Mapping[str, object] = UNCHANGED, kind: Door = Door.PATIENT
) -> SignedIn | Refusal:
    claims = {name: value for name, value in {**GOOD, **changes}.items() if value is not GONE}
    return judge(
        claims,
        issuer=ISSUER,
        audience="venterom",
        nonce="n-1",
        now=NOW,
        levels=frozenset({HIGH}),
        kind=kind,
        names=ClaimNames(),
        synthetic=True,
    )


def test_a_good_token_says_who_signed_in() -> None:
    assert judged() == SignedIn(
        door=Door.PATIENT,
        issuer=ISSUER,
        subject="abc",
        level=HIGH,
        name="Kari Prøvdal",
        birth_date=BIRTH,
        number=NUMBER,
        hpr_number=None,
    )


def test_when_somebody_proved_who_they_are_is_what_the_provider_says() -> None:
    """Which may be long ago, where it knows them still."""
    said = judged({"auth_time": EPOCH_NOW - 86_400})
    assert isinstance(said, SignedIn) and said.proved == NOW - timedelta(days=1)


@pytest.mark.parametrize(
    "said", [GONE, None, True, "", str(EPOCH_NOW), EPOCH_NOW + 0.5, -1, EPOCH_NOW + 61, 10**30]
)
def test_a_time_that_is_none_or_is_to_come_proves_nothing_and_stops_nobody(said: object) -> None:
    result = judged({"auth_time": said})
    assert isinstance(result, SignedIn) and result.proved is None


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": ["venterom"]},  # a list of one needs no azp
        {"aud": ["venterom", "other"], "azp": "venterom"},  # several: made at our demand
        {"azp": "venterom"},
        {"exp": EPOCH_NOW - 59},  # their clock goes a minute slow
        {"iat": EPOCH_NOW + 60},  # or a minute fast
        {"nbf": EPOCH_NOW + 60},
        {"exp": EPOCH_NOW + 3600},  # the longest life we take
        {"name": GONE, "given_name": "Kari", "family_name": "Prøvdal"},
        {"hpr_number": "unheard of"},  # a claim that nobody asked for is passed over
        {"amr": None, "tid": 7},
    ],
)
def test_what_the_standard_leaves_open_is_taken(changes: dict[str, object]) -> None:
    result = judged(changes)
    assert isinstance(result, SignedIn)
    assert result.name == "Kari Prøvdal"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"iss": GONE}, Reason.ISSUER),
        ({"iss": "https://id.example/"}, Reason.ISSUER),  # compared exactly
        ({"iss": "https://evil.example"}, Reason.ISSUER),
        ({"iss": [ISSUER]}, Reason.ISSUER),
        ({"aud": GONE}, Reason.AUDIENCE),
        ({"aud": "other"}, Reason.AUDIENCE),
        ({"aud": "venterom2"}, Reason.AUDIENCE),  # not a matter of substrings
        ({"aud": []}, Reason.AUDIENCE),
        ({"aud": ["other"]}, Reason.AUDIENCE),
        ({"aud": {"venterom": 1}}, Reason.AUDIENCE),
        ({"aud": ["venterom", "other"]}, Reason.PARTY),  # several, and no azp
        ({"aud": ["venterom", "other"], "azp": "other"}, Reason.PARTY),
        ({"azp": "other"}, Reason.PARTY),  # azp counts with one audience too
        ({"azp": None}, Reason.PARTY),
        ({"exp": GONE}, Reason.MISSING_TIME),
        ({"iat": GONE}, Reason.MISSING_TIME),
        ({"exp": str(EPOCH_NOW + 300)}, Reason.MISSING_TIME),
        ({"exp": EPOCH_NOW + 300.5}, Reason.MISSING_TIME),
        ({"exp": True}, Reason.MISSING_TIME),  # True == 1 in Python
        ({"exp": None}, Reason.MISSING_TIME),
        ({"exp": EPOCH_NOW - 60}, Reason.EXPIRED),
        ({"exp": EPOCH_NOW - 120}, Reason.EXPIRED),  # two minutes of skew are too many
        ({"exp": -(10**30), "iat": -(10**30)}, Reason.EXPIRED),  # no date is that far back
        ({"iat": EPOCH_NOW + 61}, Reason.NOT_YET),
        ({"iat": EPOCH_NOW + 120}, Reason.NOT_YET),
        ({"nbf": EPOCH_NOW + 61}, Reason.NOT_YET),
        ({"nbf": "soon"}, Reason.MISSING_TIME),
        ({"nbf": None}, Reason.MISSING_TIME),
        ({"exp": EPOCH_NOW + 3601}, Reason.LIVES_TOO_LONG),
        ({"exp": 10**30}, Reason.LIVES_TOO_LONG),
        ({"iat": EPOCH_NOW - 7200}, Reason.LIVES_TOO_LONG),
        ({"nonce": GONE}, Reason.NONCE),
        ({"nonce": ""}, Reason.NONCE),
        ({"nonce": "n-2"}, Reason.NONCE),
        ({"nonce": ["n-1"]}, Reason.NONCE),
        ({"nonce": "\ud800"}, Reason.NONCE),
        ({"acr": GONE}, Reason.LEVEL),
        ({"acr": SUBSTANTIAL}, Reason.LEVEL),  # BankID with a face instead of a code
        ({"acr": HIGH.lower()}, Reason.LEVEL),
        ({"acr": [HIGH]}, Reason.LEVEL),
        ({"acr": ""}, Reason.LEVEL),
        ({"sub": GONE}, Reason.SUBJECT),
        ({"sub": ""}, Reason.SUBJECT),
        ({"sub": "a" * 256}, Reason.SUBJECT),
        ({"sub": "å"}, Reason.SUBJECT),  # the standard says ASCII
        ({"sub": 7}, Reason.SUBJECT),
        ({"name": GONE}, Reason.NAME),
        ({"name": "  "}, Reason.NAME),
        ({"name": "Kari\nPrøvdal"}, Reason.NAME),
        ({"name": "Kari \u202eladvørP"}, Reason.NAME),  # written backwards
        ({"name": "K" * 121}, Reason.NAME),
        ({"name": {"first": "Kari"}}, Reason.NAME),
        ({"birthdate": GONE}, Reason.BIRTH_DATE),  # never read from the number instead
        ({"birthdate": ""}, Reason.BIRTH_DATE),
        ({"birthdate": "19860517"}, Reason.BIRTH_DATE),
        ({"birthdate": "1986-W20-6"}, Reason.BIRTH_DATE),
        ({"birthdate": "1986-13-01"}, Reason.BIRTH_DATE),
        ({"birthdate": "0000-05-17"}, Reason.BIRTH_DATE),  # the standard's "no year"
        ({"birthdate": "1986"}, Reason.BIRTH_DATE),
        ({"birthdate": "1899-12-31"}, Reason.BIRTH_DATE),
        ({"birthdate": "2026-11-25"}, Reason.BIRTH_DATE),  # tomorrow
        ({"birthdate": 19860517}, Reason.BIRTH_DATE),
        ({"nnin_altsub": GONE}, Reason.NUMBER),
        ({"nnin_altsub": "12345678901"}, Reason.NUMBER),
        ({"nnin_altsub": "02013299903"}, Reason.NUMBER),  # could be somebody's
        ({"nnin_altsub": int(NUMBER)}, Reason.NUMBER),
        ({"nnin_altsub": GONE, "pid": NUMBER}, Reason.NUMBER),  # the name is configured
        ({HPR_CLAIM: "99900ab"}, Reason.HPR_NUMBER),
        ({HPR_CLAIM: ""}, Reason.HPR_NUMBER),
        ({HPR_CLAIM: "9990001000"}, Reason.HPR_NUMBER),  # ten digits
        ({HPR_CLAIM: 9990001}, Reason.HPR_NUMBER),
        ({HPR_CLAIM: None}, Reason.HPR_NUMBER),
        ({HPR_CLAIM: ["9990001", "9990002"]}, Reason.HPR_NUMBER),  # one person has one
        ({HPR_CLAIM: [{"number": "9990001"}]}, Reason.HPR_NUMBER),
    ],
)
def test_a_token_that_proves_nothing_is_refused_with_its_reason(
    changes: dict[str, object], reason: Reason
) -> None:
    assert judged(changes) == Refusal(reason)


@pytest.mark.parametrize(
    ("claim", "number"),
    [
        (GONE, None),  # not in HPR
        ([], None),
        ("9990001", "9990001"),
        (["9990001"], "9990001"),
        (["9990001", "9990001"], "9990001"),  # HelseID may repeat it
    ],
)
def test_the_hpr_number_comes_as_a_text_or_a_list(claim: object, number: str | None) -> None:
    result = judged({HPR_CLAIM: claim}, Door.DOCTOR)
    assert isinstance(result, SignedIn)
    assert result.hpr_number == number


@pytest.mark.parametrize("door", [Door.DOCTOR, Door.INSURER])
def test_staff_need_no_birth_date_but_a_wrong_one_is_refused(door: Door) -> None:
    assert isinstance(judged({"birthdate": GONE}, door), SignedIn)
    assert judged({"birthdate": "soon"}, door) == Refusal(Reason.BIRTH_DATE)


def test_a_token_without_nonce_never_fits_a_sign_in_without_nonce() -> None:
    result = judge(
        {**GOOD, "nonce": ""},
        issuer=ISSUER,
        audience="venterom",
        nonce="",
        now=NOW,
        levels=frozenset({HIGH}),
        kind=Door.PATIENT,
        names=ClaimNames(),
        synthetic=True,
    )
    assert result == Refusal(Reason.NONCE)


@pytest.mark.parametrize("claim", ["nnin_altsub", "socialno", "pid"])
def test_the_number_stands_in_the_claim_that_was_configured(claim: str) -> None:
    claims = {name: value for name, value in GOOD.items() if name != "nnin_altsub"}
    result = judge(
        {**claims, claim: NUMBER, "level": "4"},
        issuer=ISSUER,
        audience="venterom",
        nonce="n-1",
        now=NOW + timedelta(seconds=30),
        levels=frozenset({"4"}),
        kind=Door.PATIENT,
        names=ClaimNames(number=claim, level="level"),
        synthetic=True,
    )
    assert isinstance(result, SignedIn)
    assert (result.number, result.level) == (NUMBER, "4")


def test_neither_name_nor_number_is_printed_with_the_value() -> None:
    shown = repr(judged())
    assert NUMBER not in shown
    assert "Kari" not in shown
    assert "1986" not in shown


@pytest.mark.parametrize(
    ("name", "fits"),
    [
        ("Åse-Lill O'Prøve", True),
        ("", False),
        (" Kari", False),
        ("Kari\x00", False),
        ("K" * 120, True),
        ("K" * 121, False),
    ],
)
def test_a_name_is_short_and_printable(name: str, fits: bool) -> None:
    assert is_printable_name(name) is fits
