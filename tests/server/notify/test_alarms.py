"""What a director is told of: what begins, once (as it is told: tests/web/test_alarms.py)."""

import pytest

from venterom.server.notify.alarms import Matter, begun

BOTH = frozenset(Matter)


@pytest.mark.parametrize(
    ("now", "before", "told"),
    [
        (frozenset(), frozenset(), []),
        ({Matter.UNSIGNED}, frozenset(), [Matter.UNSIGNED]),
        ({Matter.UNSIGNED}, {Matter.UNSIGNED}, []),  # told already
        (BOTH, {Matter.UNSIGNED}, [Matter.UNDELIVERED]),
        (frozenset(), BOTH, []),  # over
    ],
)
def test_what_begins_is_told(
    now: frozenset[Matter], before: frozenset[Matter], told: list[Matter]
) -> None:
    assert begun(now, before) == told
