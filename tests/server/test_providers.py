"""From the settings to what is demanded at a door: each value is the kind's, until it is set."""

from pathlib import Path

import pytest

from venterom.server import reading, vault
from venterom.server.config import ByBankId, ByHelseId, Keys, Settings, SettingsError
from venterom.server.config import Provider as Chosen
from venterom.server.providers import provider
from venterom.server.vault import Vault
from venterom.web.identity.kinds import KINDS
from venterom.web.identity.provider import Provider
from venterom.web.identity.roles import Door

ISSUER = "https://id.example"
WHERE: dict[str, object] = {"issuer": ISSUER, "client_id": "us"}


@pytest.fixture(scope="module")
def keyring(tmp_path_factory: pytest.TempPathFactory) -> Vault:
    folder = tmp_path_factory.mktemp("keys")
    files = Keys(
        root_file=folder / "root.key",
        signing_file=folder / "signing.pem",
        client_file=folder / "client.pem",
        folder=folder / "later",
    )
    vault.make_missing(files)
    return vault.load(files)


def made(keyring: Vault, chosen: Chosen, door: Door = Door.PATIENT) -> Provider:
    return provider(Settings(), keyring, door, chosen)


def test_an_operator_who_says_only_where_helseid_is_gets_its_whole_profile(keyring: Vault) -> None:
    found = made(keyring, ByHelseId.model_validate(WHERE), Door.DOCTOR)
    kind = KINDS["helseid"]
    assert (found.scopes, found.levels, found.asked) == (kind.scopes, kind.levels, kind.asked)
    assert (found.names, found.algorithms, found.pushed) == (kind.names, kind.algorithms, True)
    assert found.bound_to is not None and not found.userinfo
    assert found.redirect_uri == "http://127.0.0.1:8080/sign-in/doctor/back"


def test_an_operator_who_says_only_where_bankid_is_gets_the_high_level_and_userinfo(
    keyring: Vault,
) -> None:
    found = made(keyring, ByBankId.model_validate(WHERE))
    assert found.levels == ("urn:bankid:bid;LOA=4",)
    assert found.userinfo and found.bound_to is None
    assert found.hints == (("login_hint", "BID"),)


@pytest.mark.parametrize(
    ("name", "value", "attribute", "expected"),
    [
        ("scopes", ("openid",), "scopes", ("openid",)),
        ("levels", ("urn:x",), "levels", ("urn:x",)),
        ("asked_levels", ("urn:x",), "asked", ("urn:x",)),
        ("algorithms", ("RS256",), "algorithms", ("RS256",)),
        ("hints", ("ui_locales=nb", "a=b=c"), "hints", (("ui_locales", "nb"), ("a", "b=c"))),
        ("pushed", False, "pushed", False),
        ("userinfo", True, "userinfo", True),
        ("dpop", False, "bound_to", None),
    ],
)
def test_every_value_can_be_set(
    keyring: Vault, name: str, value: object, attribute: str, expected: object
) -> None:
    chosen = ByHelseId.model_validate({**WHERE, name: value})
    assert getattr(made(keyring, chosen, Door.DOCTOR), attribute) == expected


def test_every_claim_can_be_named(keyring: Vault) -> None:
    named = {"number_claim": "n", "level_claim": "l", "hpr_claim": "h"}
    chosen = Chosen.model_validate({**WHERE, "levels": ("x",), **named})
    names = made(keyring, chosen).names
    assert (names.number, names.level, names.hpr) == ("n", "l", "h")


@pytest.mark.parametrize(
    "unsafe",
    [
        {"kind": "plain"},  # no level is demanded
        {"issuer": "http://id.example"},
        {"algorithms": ("HS256",)},  # a shared secret
        {"algorithms": ("none",)},
        {"hints": ("login_hint",)},
    ],
)
def test_what_would_be_unsafe_stops_the_service_and_is_named(
    keyring: Vault, unsafe: dict[str, object]
) -> None:
    with pytest.raises(SettingsError, match="the identity provider of the patient"):
        made(keyring, ByBankId.model_validate({**WHERE, **unsafe}))


def test_the_key_that_tokens_are_bound_to_does_nothing_else_and_stays_the_same(
    keyring: Vault,
) -> None:
    keys = [keyring.binding("doctor"), keyring.binding("director"), keyring.client, keyring.signing]
    numbers = {key.private_numbers().private_value for key in keys}
    assert len(numbers) == 4
    assert keyring.binding("doctor").private_numbers() == keys[0].private_numbers()


def test_a_door_keeps_its_kind_when_only_its_address_is_set(tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    file.write_text('[identity.staff]\nissuer = "https://id.example"\n', encoding="utf-8")
    settings = reading.load(file, {})
    assert settings.identity.staff.kind == "helseid"
    assert settings.identity.patients.kind == "bankid"
    assert (
        reading.load(None, {"VENTEROM_IDENTITY__STAFF__DPOP": "false"}).identity.staff.dpop is False
    )
