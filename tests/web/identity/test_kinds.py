"""The providers that we know by name: what is demanded of each, as docs/identity.md says."""

from pathlib import Path

import pytest

from venterom.journal import jws
from venterom.server.config import Provider as Settings
from venterom.web.identity.kinds import KINDS

PAGE = Path("docs/identity.md")


def test_every_kind_can_be_set_and_no_other() -> None:
    schema = Settings.model_json_schema()["properties"]["kind"]
    assert set(schema["enum"]) == set(KINDS)


@pytest.mark.parametrize("name", sorted(set(KINDS) - {"plain"}))
def test_every_kind_demands_a_level_and_names_its_number(name: str) -> None:
    kind = KINDS[name]
    assert kind.levels and kind.names.number
    assert "openid" in kind.scopes
    assert set(kind.algorithms) <= set(jws.ALGORITHMS)


def test_patients_come_at_the_high_level_only() -> None:
    for name in ("bankid", "signicat", "criipto"):
        assert not [level for level in KINDS[name].levels if "LOA=3" in level or "subst" in level]
    assert ("login_hint", "BID") in KINDS["bankid"].hints


def test_helseid_gets_all_that_its_profile_asks() -> None:
    kind = KINDS["helseid"]
    assert kind.pushed and kind.dpop
    assert kind.levels == ("4",) and kind.asked == ("Level4",)
    assert kind.names.hpr == "helseid://claims/hpr/hpr_number"
    assert "helseid://scopes/hpr/hpr_number" in kind.scopes


@pytest.mark.parametrize("name", sorted(KINDS))
def test_the_page_for_operators_says_what_each_kind_is(name: str) -> None:
    text = PAGE.read_text(encoding="utf-8")
    kind = KINDS[name]
    for value in (f"`{name}`", *kind.levels, kind.names.number, kind.names.level):
        assert value in text, value
