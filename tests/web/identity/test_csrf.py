"""A form's token belongs to one session and one key."""

import pytest

from venterom.web.identity import csrf

KEY = bytes(range(32))


def test_a_token_fits_the_session_it_was_made_for() -> None:
    assert csrf.fits(KEY, "one", csrf.token(KEY, "one"))


@pytest.mark.parametrize(
    ("key", "session", "shown"),
    [
        (KEY, "two", csrf.token(KEY, "one")),  # another session
        (bytes(32), "one", csrf.token(KEY, "one")),  # another key
        (KEY, "one", csrf.token(KEY, "one")[:-1]),  # cut
        (KEY, "one", csrf.token(KEY, "one") + "A"),  # longer
        (KEY, "one", ""),  # no token in the form
        (KEY, "", csrf.token(KEY, "one")),  # no session
        (KEY, "one", "\ud800"),  # what JSON can bring
        (KEY, "one", "æøå"),
    ],
)
def test_any_other_token_is_refused(key: bytes, session: str, shown: str) -> None:
    assert not csrf.fits(key, session, shown)
