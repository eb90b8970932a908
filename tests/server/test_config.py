"""The settings: every one is explained, unknown ones are refused, secrets stay in files."""

from pathlib import Path

import pytest

from venterom.server import config, reading

SAMPLE = Path("docs/venterom.toml")


def test_the_sample_says_what_the_defaults_are() -> None:
    assert reading.load(SAMPLE, {}) == config.Settings()


def test_the_sample_names_every_setting() -> None:
    text = SAMPLE.read_text(encoding="utf-8")
    keys = {
        name.rsplit("__", 1)[-1].removeprefix(reading.PREFIX).lower() for name in reading.names()
    }
    assert {
        key for key in keys if f"\n{key} = " not in text and f"\n# {key} = " not in text
    } == set()


FAULTS = [
    ({"VENTEROM_HTTP__PROT": "80"}, "http.prot: there is no such setting"),  # a slip of the pen
    ({"VENTEROM_HTTP__PORT": "many"}, "http.port: "),  # not a number
    ({"VENTEROM_NONSENSE": "1"}, "nonsense: there is no such setting"),  # no section at all
    ({"VENTEROM_CONFIG": "/nowhere/at/all.toml"}, "/nowhere/at/all.toml: "),  # no such file
]


@pytest.mark.parametrize(("environment", "says"), FAULTS)
def test_what_cannot_be_used_is_refused_by_name(environment: dict[str, str], says: str) -> None:
    with pytest.raises(config.SettingsError) as refused:
        reading.load(None, environment)
    assert says in str(refused.value)


def test_the_environment_goes_before_the_file() -> None:
    settings = reading.load(SAMPLE, {"VENTEROM_MEDIA__ADDRESSES": "127.0.0.1,::1"})
    assert settings.media.addresses == ("127.0.0.1", "::1")


def test_a_database_address_may_come_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "address"
    file.write_text("postgresql+asyncpg://somewhere/venterom\n", encoding="utf-8")
    settings = reading.load(None, {"VENTEROM_DATABASE__URL_FILE": str(file)})
    assert config.database_url(settings.database) == "postgresql+asyncpg://somewhere/venterom"


def test_a_password_in_an_address_is_not_shown() -> None:
    url = "postgresql+asyncpg://venterom:hemmelig@db/venterom"
    settings = reading.load(None, {"VENTEROM_DATABASE__URL": url})
    shown = dict(reading.shown(settings))["VENTEROM_DATABASE__URL"]
    assert shown == "postgresql+asyncpg://venterom:•••@db/venterom"


def test_settings_cannot_be_changed_once_read() -> None:
    with pytest.raises(Exception, match="frozen"):
        config.Settings().mode = "demonstration"
