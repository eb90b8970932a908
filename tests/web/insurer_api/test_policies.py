"""Policies by API: one, or many with an answer for each line."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from tests.web.insurer_api.program import OTHER, OWN, STRANGER, Program, question, register
from tests.web.rig import KARI, PER, Rig
from venterom.queue.coverage.loads import Told
from venterom.queue.coverage.policies import Policy
from venterom.queue.coverage.tables import ChangeRow, PolicyRow
from venterom.web.insurer_api.guard import WALK
from venterom.web.insurer_api.intake import into_register, read
from venterom.web.insurer_api.models import MOST
from venterom.web.insurer_api.scopes import Scope
from venterom.web.insurer_api.setup import API

DATA: dict[str, Any] = {
    "product": "Helseforsikring med videolege",
    "holder_birth_date": "1988-02-03",
    "valid_from": "2026-01-01",
    "valid_until": "2026-12-31",
    "covers_children": True,
}


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (None, ["body"]),
        ("kanari", ["body"]),
        ([], ["body"]),
        (DATA, ["number"]),
        (DATA | {"number": "x"}, ["number"]),
        (DATA | {"number": "NEW-10", "covers_children": "yes"}, ["covers_children"]),
        (DATA | {"number": "NEW-10", "valid_until": "2025-01-01"}, ["body"]),
        (DATA | {"number": "NEW-10", "valid_from": "1.1.2026"}, ["valid_from"]),
        (DATA | {"number": "NEW-10", "kanari": "kanari"}, ["unknown_field"]),
        (DATA | {"number": "new-11"}, ["twice"]),  # the same, in small letters
        ({"number": "NEW-10"}, sorted(DATA)),
    ],
)
def test_a_line_that_is_no_policy_says_why_and_keeps_no_other_out(
    line: Any, why: list[str]
) -> None:
    good = [DATA | {"number": "NEW-11"}, line, DATA | {"number": "NEW-12"}]
    first, judged, last = read(OWN, good)
    assert isinstance(first, Policy) and isinstance(last, Policy)
    assert judged == why
    assert (first.number, first.insurer, last.number) == ("NEW-11", OWN, "NEW-12")


async def put(own: Program, number: str, **other: Any) -> Any:
    """What becomes of one policy."""
    answer = await own.send(f"policies/{number}", DATA | other, method="PUT")
    assert answer.status == 200, await answer.text()
    return (await answer.json())["outcome"]


@pytest.mark.slow
async def test_a_policy_is_taken_then_unchanged_then_changed(rig: Rig) -> None:
    own = await register(rig)
    assert [
        await put(own, "new-10"),
        await put(own, "NEW-10"),
        await put(own, "NEW-10", product="Helse Pluss"),
    ] == ["taken", "unchanged", "changed"]
    [row] = await rig.rows(PolicyRow, number="NEW-10")
    assert (row.insurer, row.product) == (OWN, "Helse Pluss")
    asked = {"number": "NEW-10", "holder_birth_date": "1988-02-03"}
    assert (await (await own.check(asked)).json())["answer"] == "covered"


@pytest.mark.slow
async def test_a_number_of_another_insurers_is_refused_and_a_guess(rig: Rig) -> None:
    own = await register(rig)
    before = await rig.rows(PolicyRow, number=rig.policy(PER))
    for _ in range(WALK):
        assert await put(own, rig.policy(PER)) == "refused"
    assert await rig.rows(PolicyRow, number=rig.policy(PER)) == before
    assert (await own.check(question(rig, KARI))).status == 429  # numbers are not tried out so


@pytest.mark.slow
async def test_many_are_answered_line_by_line(rig: Rig) -> None:
    own = await register(rig)
    await put(own, "NEW-10")
    lines = [
        DATA | {"number": "NEW-10"},
        DATA | {"number": "NEW-10", "product": "Annet"},
        DATA | {"number": "NEW-20"},
        DATA | {"number": "NEW-30", "note": "kanarivurdering"},
        DATA | {"number": rig.policy(PER)},
        DATA | {"number": rig.policy(KARI)},
    ]
    answer = await own.send("policies", {"policies": lines})
    said = await answer.json()
    assert [(line["line"], line["outcome"], line["why"]) for line in said.pop("lines")] == [
        (1, "unchanged", []),
        (2, "refused", ["twice"]),
        (3, "taken", []),
        (4, "refused", ["unknown_field"]),
        (5, "refused", ["not_yours"]),
        (6, "changed", []),
    ]
    assert said == {"taken": 1, "changed": 1, "unchanged": 1, "refused": 3}
    assert "kanari" not in str(said)
    [kari] = await rig.rows(PolicyRow, number=rig.policy(KARI))
    assert kari.holder_birth_date == date(1988, 2, 3)


@pytest.mark.slow
async def test_what_the_register_cannot_take_is_named_and_each_change_is_kept(rig: Rig) -> None:
    own = await register(rig)
    lines = [
        DATA | {"number": "NEW-10", "product": "Kanari"},
        DATA | {"number": "NEW-20", "holder_birth_date": "1850-01-01"},
        DATA | {"number": "NEW-30"},
    ]
    said = await (await own.send("policies", {"policies": lines})).json()
    assert [line["why"] for line in said["lines"]] == [["product"], ["holder_birth_date"], []]
    assert await put(own, "NEW-30", product="Annet") == "changed"
    changes = await rig.rows(ChangeRow, number="NEW-30")
    assert [(each.kind, each.product) for each in changes] == [
        ("taken", DATA["product"]),
        ("changed", "Annet"),
    ]


@pytest.mark.slow
async def test_a_bundle_has_between_one_and_a_thousand_lines(rig: Rig) -> None:
    own = await register(rig)
    none: tuple[Any, ...] = ([], [{}] * (MOST + 1), "x", None, {})
    for lines in none:
        assert (await own.send("policies", {"policies": lines})).status == 422
    full = [DATA | {"number": f"BIG-{n:05}"} for n in range(MOST)]
    answer = await own.send("policies", {"policies": full})
    assert (await answer.json())["taken"] == MOST
    assert (await own.send("policies", {"policies": full})).status == 429  # that was many


@pytest.mark.slow
async def test_if_the_register_fails_nothing_of_a_bundle_is_taken(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = await register(rig)

    async def fails(
        db: AsyncSession, day: date, insurer: str, policies: Sequence[Policy]
    ) -> Sequence[Told]:
        assert await into_register(db, day, insurer, policies)
        raise RuntimeError

    monkeypatch.setattr(rig.app[API], "intake", fails)
    lines = [DATA | {"number": "NEW-10"}]
    assert (await own.send("policies", {"policies": lines})).status == 500
    assert await rig.rows(PolicyRow, number="NEW-10") == []


@pytest.mark.slow
async def test_a_policy_cannot_be_told_of_for_another_insurer(rig: Rig) -> None:
    own = await register(rig)
    refused = await own.send("policies/NEW-10", DATA | {"insurer": OTHER}, method="PUT")
    assert refused.status == 422
    other = await register(rig, client="other", insurer=OTHER, key=STRANGER)
    assert await put(other, "NEW-10") == "taken"
    assert await put(own, "NEW-10") == "refused"


@pytest.mark.slow
async def test_a_bad_number_or_type_or_right_is_refused(rig: Rig) -> None:
    own = await register(rig)
    for number in ("x", "a" * 21, "NEW%2010", "NEW-%D9%A1%D9%A2", "%00%00%00%00%00%00"):
        answer = await own.send(f"policies/{number}", DATA, method="PUT")
        assert answer.status in (404, 422), number
    text = await own.send("policies", {"policies": [{}]}, Content_Type="text/csv")
    assert text.status == 415
    asks = await register(rig, client="asks", may=frozenset({Scope.ELIGIBILITY}))
    assert (await asks.send("policies", {"policies": [{}]})).status == 403
