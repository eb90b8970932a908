"""What a run prints."""

import json

import pytest

from venterom.queue.simulation.policies import POLICIES
from venterom.queue.simulation.report import Run, line, simulate, table

KEYS = (
    "promised kept worst_hour efficiency b2 b5 calibration escalations_per_day us_per_quote"
    " policy scenario rho days seed"
)


@pytest.mark.parametrize("policy", POLICIES)
def test_every_policy_is_scored(policy: str) -> None:
    result = simulate(Run(days=1, policy=policy))
    figures = json.loads(line(result))
    assert list(figures) == KEYS.split()
    assert (figures["policy"], figures["rho"], figures["days"]) == (policy, 0.8, 1)
    assert result.checksum in table(result)
    assert f"{figures['promised']:.4f}" in table(result)


@pytest.mark.parametrize("scenario", ["b6", "stress", "mm3"])
def test_every_scenario_is_played(scenario: str) -> None:
    figures = json.loads(line(simulate(Run(scenario, days=1, policy="naive"))))
    assert 0 < figures["promised"] <= 1 and figures["scenario"] == scenario


def test_the_planner_has_days_of_its_own() -> None:
    plain, plan = (simulate(Run(days=1, policy=name)).checksum for name in ("ours", "ours-plan"))
    assert plain != plan


def test_calls_of_the_doctor_on_call_are_the_escalations() -> None:
    plain, helped = (simulate(Run(days=1, policy="naive", on_call=on)) for on in (0, 1))
    assert plain.checksum == helped.checksum  # the same days
    assert json.loads(line(plain))["escalations_per_day"] == 0
    assert json.loads(line(helped))["escalations_per_day"] == helped.score.calls > 0
    assert helped.score.rescued > 0 and plain.score.rescued == 0
    assert helped.score.kept_share > plain.score.kept_share
