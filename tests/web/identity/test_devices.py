"""What somebody signed in with, in words of ours."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from venterom.web.identity.devices import BROWSERS, SYSTEMS, device

WORDS = {"", *(name for _mark, name in (*BROWSERS, *SYSTEMS))}
MOZILLA = "Mozilla/5.0"


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        (f"{MOZILLA} (Windows NT 10.0; Win64; x64; rv:153.0) Firefox/153.0", "Firefox, Windows"),
        (
            f"{MOZILLA} (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1 Safari/605.1",
            "Safari, Mac",
        ),
        (
            f"{MOZILLA} (iPhone; CPU iPhone OS 18_1 like Mac OS X) Mobile/15E148 Safari/604.1",
            "Safari, iPhone",
        ),
        (f"{MOZILLA} (Linux; Android 15) Chrome/156.0 Mobile Safari/537.36", "Chrome, Android"),
        (f"{MOZILLA} (X11; Linux x86_64) Chrome/156.0 Safari/537.36 Edg/156.0", "Edge, Linux"),
        (f"{MOZILLA} (X11; CrOS x86_64) Chrome/156.0 Safari/537.36", "Chrome, Chromebook"),
        ("curl/8.0", ""),
        ("", ""),
        ("x" * 600 + "Firefox", ""),  # so much is not looked at
    ],
)
def test_a_browser_and_a_machine_by_their_names(said: str, shown: str) -> None:
    assert device(said) == shown


@given(st.text() | st.sampled_from(["Firefox<script>", "Windows\r\nX: y"]))
def test_nothing_that_was_sent_comes_out(said: str) -> None:
    assert set(device(said).split(", ")) <= WORDS
