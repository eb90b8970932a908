"""A provider's word that somebody is signed out is believed only when every claim is as it must
be: one row for each way to fail."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest

from venterom.web.identity.judging import SKEW, Reason, Refusal
from venterom.web.identity.logout import EVENT, LONGEST_LIFE, Order, judge

NOW = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)
EPOCH_NOW = int(NOW.timestamp())
ISSUER = "https://id.example"
GONE = object()
GOOD: dict[str, object] = {
    "iss": ISSUER,
    "aud": "venterom",
    "iat": EPOCH_NOW,
    "exp": EPOCH_NOW + 120,
    "jti": "once",
    "sub": "abc",
    "sid": "s-1",
    "events": {EVENT: {}},
}


def judged(changes: Mapping[str, object]) -> Order | Refusal:
    claims = {name: value for name, value in {**GOOD, **changes}.items() if value is not GONE}
    return judge(claims, issuer=ISSUER, audience="venterom", now=NOW)


@pytest.mark.parametrize(
    ("changes", "subject", "sid"),
    [
        ({}, "abc", "s-1"),
        ({"sid": GONE}, "abc", ""),  # everything of one person
        ({"sub": GONE}, "", "s-1"),  # one session
        ({"events": {EVENT: {}, "https://other.example/event": {}}}, "abc", "s-1"),
        ({"aud": ["venterom"]}, "abc", "s-1"),
        ({"exp": EPOCH_NOW - 59}, "abc", "s-1"),  # their clock goes a minute slow
        ({"iat": EPOCH_NOW + 60}, "abc", "s-1"),
        ({"trace_id": "x"}, "abc", "s-1"),  # a claim that nobody knows is passed over
    ],
)
def test_a_good_order_says_which_sign_ins_are_over(
    changes: Mapping[str, object], subject: str, sid: str
) -> None:
    assert judged(changes) == Order(subject, sid, "once", NOW + LONGEST_LIFE + 2 * SKEW)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"iss": GONE}, Reason.ISSUER),
        ({"iss": "https://evil.example"}, Reason.ISSUER),
        ({"aud": GONE}, Reason.AUDIENCE),
        ({"aud": "another-client"}, Reason.AUDIENCE),
        ({"aud": ["venterom", "another-client"]}, Reason.PARTY),
        ({"iat": GONE}, Reason.MISSING_TIME),
        ({"exp": GONE}, Reason.MISSING_TIME),
        ({"exp": str(EPOCH_NOW)}, Reason.MISSING_TIME),
        ({"exp": EPOCH_NOW - 60}, Reason.EXPIRED),
        ({"iat": EPOCH_NOW + 61}, Reason.NOT_YET),
        ({"nbf": EPOCH_NOW + 61}, Reason.NOT_YET),
        ({"exp": EPOCH_NOW + 601}, Reason.LIVES_TOO_LONG),
        ({"exp": 10**30}, Reason.LIVES_TOO_LONG),
        ({"nonce": "n-1"}, Reason.NONCE),  # an ID token in disguise
        ({"nonce": None}, Reason.NONCE),
        ({"events": GONE}, Reason.EVENT),
        ({"events": {}}, Reason.EVENT),
        ({"events": {"https://other.example/event": {}}}, Reason.EVENT),
        ({"events": [EVENT]}, Reason.EVENT),
        ({"events": {EVENT: None}}, Reason.EVENT),
        ({"events": {EVENT: True}}, Reason.EVENT),
        ({"events": EVENT}, Reason.EVENT),
        ({"sub": GONE, "sid": GONE}, Reason.SUBJECT),  # nobody in particular: everybody
        ({"sub": ""}, Reason.SUBJECT),
        ({"sub": None}, Reason.SUBJECT),
        ({"sub": ["abc"]}, Reason.SUBJECT),
        ({"sub": "a" * 256}, Reason.SUBJECT),
        ({"sub": "å"}, Reason.SUBJECT),
        ({"sid": ""}, Reason.SESSION),
        ({"sid": 7}, Reason.SESSION),
        ({"sid": "s" * 256}, Reason.SESSION),
        ({"jti": GONE}, Reason.TOKEN_ID),
        ({"jti": ""}, Reason.TOKEN_ID),
        ({"jti": 1}, Reason.TOKEN_ID),
        ({"jti": "j" * 256}, Reason.TOKEN_ID),
    ],
)
def test_an_order_that_proves_nothing_is_refused_with_its_reason(
    changes: Mapping[str, object], reason: Reason
) -> None:
    assert judged(changes) == Refusal(reason)


def test_its_id_is_kept_for_as_long_as_it_could_be_shown_again() -> None:
    latest = {"iat": EPOCH_NOW + 60, "exp": EPOCH_NOW + 660}
    order = judged(latest)
    assert isinstance(order, Order)
    last = NOW + timedelta(seconds=660 + 59)
    claims = {**GOOD, **latest}
    assert isinstance(judge(claims, issuer=ISSUER, audience="venterom", now=last), Order)
    assert order.kept_until > last
    over = judge(claims, issuer=ISSUER, audience="venterom", now=order.kept_until)
    assert over == Refusal(Reason.EXPIRED)


def test_nothing_about_anybody_is_printed_with_it() -> None:
    shown = repr(judged({}))
    assert not {"abc", "s-1", "once"} & set(shown.split("'"))
