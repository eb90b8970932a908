"""Calls on lines that lose packets, in a network of their own. `make soak` sets up more of them."""

import os

import pytest

from tests.e2e.alone import by_root, run_alone

pytestmark = [pytest.mark.slow, by_root]


@pytest.mark.browser
def test_no_picture_freezes_where_three_in_a_hundred_are_lost() -> None:
    run_alone("tests/e2e/lossy.py -k freezes")


@pytest.mark.media
def test_calls_come_up_within_ten_seconds_where_ten_in_a_hundred_are_lost() -> None:
    run_alone("tests/e2e/lossy.py -k come_up", SET_UPS=os.environ.get("SET_UPS", "20"))
