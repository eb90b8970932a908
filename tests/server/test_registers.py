"""The registers by their settings: no doctor is let in where nobody can be asked."""

from pathlib import Path

import pytest
from aiohttp import web

from venterom.server import registers
from venterom.server.config import (
    ByHelseId,
    Identity,
    Register,
    Registers,
    Settings,
    SettingsError,
)
from venterom.web.keys import HPR, POPULATION

URL = "https://gateway.example/hpr"
DOCTORS = Identity(staff=ByHelseId(issuer="https://id.example"))


def given(name: str = "hpr", /, **register: object) -> Settings:
    """Settings with one register."""
    return Settings(registers=Registers.model_validate({name: Register.model_validate(register)}))


async def keys(settings: Settings) -> set[str]:
    """Which registers are there for as long as the application lives."""
    app = web.Application()
    async for _ in registers.connected(settings)(app):
        return {name for name, key in (("hpr", HPR), ("population", POPULATION)) if key in app}
    raise AssertionError


async def test_without_an_address_nobody_is_asked() -> None:
    assert await keys(Settings()) == set()


@pytest.mark.parametrize("name", ["hpr", "population"])
async def test_a_register_is_asked_with_its_secret(tmp_path: Path, name: str) -> None:
    (tmp_path / "secret").write_text("abc\n")
    assert await keys(given(name, url=URL, secret_file=tmp_path / "secret")) == {name}


@pytest.mark.parametrize("name", ["hpr", "population"])
@pytest.mark.parametrize(
    ("register", "says"),
    [
        ({"url": URL}, "an address needs a secret_file"),
        ({"url": "http://gateway.example/hpr"}, "begins with https://"),
        ({"url": URL, "secret_file": "no/such/file"}, "No such file"),
    ],
)
def test_what_cannot_be_asked_safely_is_not_asked(
    name: str, register: dict[str, object], says: str
) -> None:
    with pytest.raises(SettingsError, match=says):
        registers.connected(given(name, **register))


def test_where_doctors_sign_in_the_register_has_to_be_set(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"registers\.hpr\.url"):
        registers.connected(Settings(identity=DOCTORS))
    (tmp_path / "secret").write_text("abc")
    asked = given(url=URL, secret_file=tmp_path / "secret")
    registers.connected(asked.model_copy(update={"identity": DOCTORS}))
