"""Calls over IPv6 without a relay, in a network of their own."""

import pytest

from tests.e2e.alone import by_root, run_alone

pytestmark = [pytest.mark.browser, pytest.mark.slow, by_root]


def test_calls_come_up_where_only_ipv6_leads_to_the_media_worker() -> None:
    run_alone("tests/e2e/ipv6.py")
