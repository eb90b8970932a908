"""Pages that lost the service come back spread over time, and go on showing what they showed."""

import json
import shutil
import subprocess
from typing import Any

import pytest

from tests.house import ROOT

SCRIPTS = ROOT / "web/static/js"
RESTART, BUSY, CUT = 1012, 1013, 1006
# What a browser does for live.js: one page, and sockets that the test opens, cuts and writes to.
LIVE = """
const [script, chance, steps] = JSON.parse(process.argv[1]);
Math.random = () => chance;
globalThis.HTMLElement = class {};
const sockets = [], pauses = [];
let due = null;
globalThis.WebSocket = class { constructor() { sockets.push(this); } close() {} };
globalThis.setTimeout = (then, after) => { due = then; pauses.push(after); };
globalThis.setInterval = () => 0;
globalThis.addEventListener = globalThis.dispatchEvent = () => undefined;
globalThis.location = { href: "https://venterom.example/visit/1" };
const live = { dataset: { live: "/live/visit/1", view: "waiting" }, innerHTML: "7 foran deg",
  querySelectorAll: () => [], querySelector: () => null };
const state = { dataset: { lost: "Kobler til", back: "Tilbake" }, textContent: "" };
globalThis.document = { activeElement: null, addEventListener: () => undefined,
  getElementById: (id) => ({ live, "live-state": state })[id] ?? null };
await import(script);
const seen = [];
for (const step of steps) {
  if (step === "due") due();
  else if (typeof step === "number") sockets.at(-1).onclose({ code: step });
  else sockets.at(-1).onmessage({ data: JSON.stringify(step) });
  seen.push([live.innerHTML, state.textContent]);
}
console.log(JSON.stringify({ seen, pauses, sockets: sockets.length }));
"""
PAUSES = """
const { pause } = await import(process.argv[1]);
console.log(JSON.stringify(JSON.parse(process.argv[2]).map((given) => pause(...given))));
"""


def in_node(program: str, *given: str) -> Any:
    """What it prints."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("no Node")
    command = [node, "--input-type=module", "-e", program, *given]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    return json.loads(done.stdout)


def page(*steps: object, chance: float = 0.0) -> Any:
    """What an open page does, step by step: a close code, a state, or what is due by now."""
    return in_node(LIVE, json.dumps([(SCRIPTS / "live.js").as_uri(), chance, steps]))


def pauses(*given: tuple[int, int, float]) -> list[float]:
    """The rule: tries, code and chance become milliseconds."""
    found: list[float] = in_node(PAUSES, (SCRIPTS / "comeback.js").as_uri(), json.dumps(given))
    return found


def test_each_try_waits_longer_and_between_a_fifth_and_the_whole_of_its_longest_time() -> None:
    longest = pauses(*((tries, CUT, 1.0) for tries in range(6)))
    assert longest == [500, 2_000, 8_000, 20_000, 20_000, 20_000]
    shortest = pauses(*((tries, CUT, 0.0) for tries in range(6)))
    assert shortest == pytest.approx([each / 5 for each in longest])


@pytest.mark.parametrize("code", [RESTART, BUSY])
def test_whom_the_service_sends_away_does_not_try_at_once(code: int) -> None:
    assert pauses((0, code, 1.0), (1, code, 1.0)) == [8_000, 20_000]


def test_those_who_were_sent_away_at_once_come_back_evenly() -> None:
    many = 1_000
    came = pauses(*((0, RESTART, n / many) for n in range(many)))
    a_second = [sum(at <= each < at + 1_000 for each in came) for at in range(2_000, 8_000, 1_000)]
    assert max(a_second) <= 1.1 * many / 6.4


def test_in_the_meantime_the_page_shows_what_it_showed_and_that_it_has_lost_the_line() -> None:
    moved = {"view": "waiting", "html": "6 foran deg"}
    done = page(RESTART, "due", CUT, "due", moved)
    lost = ["7 foran deg", "Kobler til"]
    assert done["seen"] == [lost, lost, lost, lost, ["6 foran deg", "Tilbake"]]
    assert done["sockets"] == 3


def test_who_has_been_shown_something_begins_anew_with_short_waits() -> None:
    still: dict[str, str] = {}  # all is as it was
    assert page(CUT, "due", CUT, "due", still, CUT)["pauses"] == [100, 400, 100]
