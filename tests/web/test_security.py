"""Whom somebody tells who has found a fault."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.web.rig import BERIT, KARI, NOON, RAGNA, SOLVEIG, Rig
from venterom.server.config import Security, SettingsError
from venterom.server.reading import load
from venterom.web.security import PATH, Said, written

pytestmark = pytest.mark.slow
EXPIRES = datetime(2027, 6, 30, 12, 0, tzinfo=UTC)
CONTACT = "mailto:security@example.org"


@pytest.fixture
def more_settings() -> dict[str, object]:
    return {"security": Security(contacts=(CONTACT,), expires=NOON + timedelta(hours=1))}


def test_it_says_what_rfc_9116_asks_for() -> None:
    said = Said((CONTACT, "https://example.org/tell"), EXPIRES, "https://example.org/policy")
    lines = written(said, EXPIRES, "https://vent.example" + PATH).split("\n")
    assert lines == [
        "Contact: mailto:security@example.org",
        "Contact: https://example.org/tell",
        "Expires: 2027-06-30T12:00:00Z",
        "Preferred-Languages: nb, nn, en",
        "Canonical: https://vent.example/.well-known/security.txt",
        "Policy: https://example.org/policy",
        "",
    ]


async def test_it_is_there_until_it_expires(rig: Rig) -> None:
    stranger = await rig.browser()
    answer = await stranger.raw("GET", PATH)
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert f"Contact: {CONTACT}\n" in await answer.text()
    rig.clock.tick(minutes=60)
    assert (await stranger.raw("GET", PATH)).status == 404


@pytest.mark.parametrize(
    "wrong",
    [
        {"VENTEROM_SECURITY__CONTACTS": CONTACT},  # for how long?
        {"VENTEROM_SECURITY__EXPIRES": "2027-06-30T00:00:00Z"},  # whom?
        {"CONTACTS": CONTACT, "EXPIRES": "2027-06-30T00:00:00"},  # where is it that late?
        {"CONTACTS": "security@example.org", "EXPIRES": "2027-06-30T00:00:00Z"},
        {"CONTACTS": "http://example.org", "EXPIRES": "2027-06-30T00:00:00Z"},
        {"CONTACTS": "mailto:a@b.c\nPolicy: x", "EXPIRES": "2027-06-30T00:00:00Z"},
    ],
)
def test_half_of_it_cannot_be_set(wrong: dict[str, Any]) -> None:
    named = {f"VENTEROM_SECURITY__{name.rpartition('__')[2]}": wrong[name] for name in wrong}
    with pytest.raises(SettingsError):
        load(None, named)


async def test_one_who_is_signed_in_can_sign_out_at_every_door(rig: Rig) -> None:
    for name, page in (
        (KARI, "/mine"),
        (SOLVEIG, "/doctor"),
        (BERIT, "/insurer"),
        (RAGNA, "/director"),
    ):
        who = await rig.sign_in(name, page)
        assert who.page.button("Logg ut")
