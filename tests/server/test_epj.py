"""Which EPJ the settings name."""

from datetime import timedelta
from pathlib import Path

import pytest

from venterom.journal.epj import EmbeddedEpj
from venterom.journal.outside_epj import OutsideEpj
from venterom.journal.seal import KekRing
from venterom.server import epj
from venterom.server.clock import utcnow
from venterom.server.config import Epj, SettingsError
from venterom.server.config import OutsideEpj as OutsideSettings
from venterom.server.vault import new_signing_key

KEKS = KekRing("k", {"k": b"k" * 32})
WHOLE = {
    "url": "https://epj.example/fhir",
    "token_url": "https://id.example/token",
    "issuer": "https://id.example",
    "client_id": "venterom",
    "scope": "epj/write",
}


def settings(folder: Path, **changed: str) -> Epj:
    """An outside EPJ, with what a test changes."""
    key = folder / "client.pem"
    key.touch(0o600)
    key.write_bytes(new_signing_key())
    outside = OutsideSettings.model_validate({"key_file": key} | WHOLE | changed)
    return Epj(url=f"sqlite+aiosqlite:///{folder}/epj.db", outside=outside)


async def test_an_outside_epj_is_used_when_it_is_named_and_makes_no_tables(tmp_path: Path) -> None:
    chosen = settings(tmp_path)
    other = epj.side(chosen)
    assert other is not None and (other.url, other.issuer) == (WHOLE["url"], WHOLE["issuer"])
    async with epj.connected(chosen, other, KEKS, utcnow) as connected:
        assert isinstance(connected, OutsideEpj)
    assert not (tmp_path / "epj.db").exists()


async def test_without_one_it_is_the_embedded_record(tmp_path: Path) -> None:
    chosen = settings(tmp_path, url="")
    assert epj.side(chosen) is None
    async with epj.connected(chosen, None, KEKS, utcnow) as connected:
        assert isinstance(connected, EmbeddedEpj)
    assert (tmp_path / "epj.db").exists()


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"url": "http://epj.example/fhir"}, "epj.outside.url"),  # a note never goes in the clear
        ({"token_url": "http://id.example/token"}, "epj.outside.token_url"),
        ({"issuer": ""}, "epj.outside.issuer"),
        ({"client_id": ""}, "client_id"),
        ({"key_file": "/nowhere/client.pem"}, "/nowhere/client.pem"),
    ],
)
def test_one_that_is_half_named_stops_the_start(
    tmp_path: Path, changed: dict[str, str], named: str
) -> None:
    with pytest.raises(SettingsError, match=named):
        epj.side(settings(tmp_path, **changed))


@pytest.mark.parametrize(
    ("changed", "kept"),
    [
        ({}, timedelta(days=30)),
        ({"keep_text_days": "7"}, timedelta(days=7)),
        ({"keep_text": "true"}, None),
        ({"url": ""}, None),  # the embedded one: nobody else has it
    ],
)
def test_the_text_stays_here_for_a_while_or_for_good(
    tmp_path: Path, changed: dict[str, str], kept: timedelta | None
) -> None:
    assert epj.text_is_kept(settings(tmp_path, **changed)) == kept
