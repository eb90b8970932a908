"""Calls from networks that let no datagram through, by a real relay, in a network of their own."""

import pytest

from tests.e2e.alone import by_root, run_alone

pytestmark = [pytest.mark.browser, pytest.mark.slow, by_root]


def test_calls_come_up_where_no_datagram_gets_out() -> None:
    run_alone("tests/e2e/walled.py", "turnserver")
