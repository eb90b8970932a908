"""The register on the command line."""

from pathlib import Path

import pytest

from tests.journal.papers.test_fest import PACKAGE, SAMPLE, file
from tests.server.service import migrated
from venterom.server import medicines
from venterom.server.config import Database, Settings, SettingsError

pytestmark = pytest.mark.slow


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A migrated database of its own."""
    own = Settings(database=Database(url=f"sqlite+aiosqlite:///{tmp_path / 'care.db'}"))
    migrated(tmp_path / "care.db")
    return own


def test_the_report_says_what_was_taken_and_what_was_refused(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    medicines.load(settings, SAMPLE)
    said = capsys.readouterr().out
    assert (
        "taken        16 packages" in said and "passed over  1" in said and "refused      0" in said
    )
    mixed = tmp_path / "mixed.xml"
    mixed.write_bytes(file(PACKAGE, PACKAGE.replace("990001", "12")))
    medicines.load(settings, mixed)
    assert (
        "1 × Varenr is not of its form\n    12: Varenr is not of its form"
        in capsys.readouterr().out
    )


def test_a_file_that_cannot_be_used_leaves_what_there_was(
    settings: Settings, tmp_path: Path
) -> None:
    cut = tmp_path / "cut.xml"
    cut.write_bytes(SAMPLE.read_bytes()[:-9])
    for bad in (cut, tmp_path / "missing.xml", tmp_path):
        with pytest.raises(SettingsError, match=str(bad)):
            medicines.load(settings, bad)
