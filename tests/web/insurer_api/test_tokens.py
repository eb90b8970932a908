"""An access token is worth what we have written into it, and for five minutes."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from venterom.web.insurer_api import tokens
from venterom.web.insurer_api.scopes import Scope, granted

NOW = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)
KEY, OTHER = b"k" * 32, b"o" * 32
RIGHT = tokens.right("own-web", frozenset({Scope.ELIGIBILITY}), NOW)
TOKEN = tokens.write(KEY, RIGHT)


def test_it_names_client_and_scopes_and_lives_five_minutes() -> None:
    assert tokens.read(KEY, TOKEN, NOW) == RIGHT
    assert RIGHT.client == "own-web" and RIGHT.scopes == {Scope.ELIGIBILITY}
    assert tokens.read(KEY, TOKEN, NOW + timedelta(minutes=5, seconds=-1)) == RIGHT
    assert tokens.read(KEY, TOKEN, NOW + timedelta(minutes=5)) is None


def test_one_of_another_key_is_worth_nothing() -> None:
    assert tokens.read(OTHER, TOKEN, NOW) is None


def test_the_parts_of_two_do_not_make_a_third() -> None:
    more = tokens.write(KEY, tokens.right("own-web", frozenset(Scope), NOW))
    mixed = f"{more.partition('.')[0]}.{TOKEN.partition('.')[2]}"
    assert tokens.read(KEY, mixed, NOW) is None


def test_one_that_is_too_long_is_not_looked_into() -> None:
    many = tokens.write(KEY, tokens.right("c" * tokens.LONGEST, frozenset(Scope), NOW))
    assert tokens.read(KEY, many, NOW) is None  # though it is sealed by us


@given(st.integers(0, len(TOKEN) - 1), st.characters(min_codepoint=33, max_codepoint=126))
def test_no_sign_of_it_can_be_another(at: int, sign: str) -> None:
    changed = TOKEN[:at] + sign + TOKEN[at + 1 :]
    assert changed == TOKEN or tokens.read(KEY, changed, NOW) is None


@given(st.text())
def test_what_we_did_not_make_is_worth_nothing(text: str) -> None:
    assert tokens.read(KEY, text, NOW) is None
    assert tokens.read(KEY, f"{text}.{text}", NOW) is None


@pytest.mark.parametrize(
    ("asked", "may", "is_granted"),
    [
        ("", "eligibility policies", "eligibility policies"),  # all that it may
        ("eligibility", "eligibility policies", "eligibility"),
        ("policies eligibility", "eligibility policies", "eligibility policies"),
        ("policies", "eligibility", None),
        ("eligibility policies", "eligibility", None),
        ("journal", "eligibility", None),
        ("ELIGIBILITY", "eligibility", None),
    ],
)
def test_a_token_is_for_what_was_asked_and_never_for_more(
    asked: str, may: str, is_granted: str | None
) -> None:
    given = granted(asked, frozenset(Scope(name) for name in may.split()))
    assert given == (None if is_granted is None else {Scope(n) for n in is_granted.split()})
