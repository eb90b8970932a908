"""Which SQLite is used: ours where it is installed, else Python's, and never one with the fault
for its write-ahead log."""

import sqlite3

import pytest

from venterom.server import sqlite

VERSIONS = [
    ((3, 40, 1), False),  # Debian 12
    ((3, 44, 5), False),
    ((3, 44, 6), True),  # the fault was mended in this series too
    ((3, 45, 0), False),
    ((3, 50, 6), False),
    ((3, 50, 7), True),
    ((3, 51, 2), False),
    ((3, 51, 3), True),  # mended for good
    ((3, 53, 0), True),
]


@pytest.mark.parametrize(("version", "safe"), VERSIONS)
def test_write_ahead_logging_only_where_it_cannot_corrupt(
    version: tuple[int, int, int], safe: bool
) -> None:
    assert sqlite.safe_for_wal(version) is safe


def test_the_driver_speaks_of_the_sqlite_that_is_used() -> None:
    made = sqlite.driver()
    assert made.sqlite_version_info == sqlite.VERSION
    assert made.IntegrityError is sqlite.SQLITE.IntegrityError


def test_where_there_is_no_wheel_pythons_own_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite, "find_spec", lambda _name: None)
    assert sqlite.best() is sqlite3
