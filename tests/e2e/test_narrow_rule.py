"""When a line is too narrow for a picture: a rule without a clock, held to a table."""

from collections.abc import AsyncGenerator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from tests.e2e.modules import modules

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

# One sample every two seconds, as in a call; of each, whether the picture is away after it.
PLAY = """async (samples) => {
    const {next, WIDE} = await import('/js/narrow.js');
    let line = WIDE;
    return samples.map((sample, at) => {
        line = next(line, sample, 1000 + 2000 * at);
        return line.isNarrow;
    });
}"""
GOOD = {"kbit": 900, "lost": 0.01}
TIGHT = {"kbit": 149, "lost": 0.0}
ENOUGH = {"kbit": 150, "lost": 0.0}
LOSSY = {"kbit": 900, "lost": 0.2}
SOME_LOSS = {"kbit": 900, "lost": 0.19}
CALM = {"kbit": 60, "lost": 0.04}  # without a picture, nobody knows how much there is room for
UNEASY = {"lost": 0.05}
SILENT = {"kbit": 900}  # no report since the last look: the other end may be away

AWAY = [TIGHT] * 4  # 6 s
BACK = [CALM] * 9  # from the first of them, 16 s

CASES = {
    "a good line keeps its picture": ([GOOD] * 60, 0),
    "enough is enough": ([ENOUGH] * 60, 0),
    "nothing is known": ([{}] * 60, 0),
    "some loss": ([SOME_LOSS] * 60, 0),
    "too tight for a moment": ([TIGHT] * 3 + [GOOD], 0),
    "now and then too tight": ([TIGHT, TIGHT, GOOD] * 20, 0),
    "too tight for six seconds": (AWAY, 1),
    "heavy loss for six seconds": ([LOSSY] * 4, 1),
    "one bad report, and then nobody who reports": ([LOSSY, *[SILENT] * 30], 0),
    "bad reports, some of them lost on the way": ([LOSSY, SILENT, LOSSY, SILENT, LOSSY], 1),
    "tight, whoever reports": ([{"kbit": 149}] * 4, 1),
    "one after the other": ([LOSSY, TIGHT] * 2, 1),
    "not yet calm for long enough": ([*AWAY, *BACK[:-1]], 1),
    "calm for long enough": ([*AWAY, *BACK], 2),
    "never calm": ([*AWAY, *[UNEASY] * 200], 1),
    "calm with a break": ([*AWAY, *BACK[:-1], UNEASY, *BACK[:-1]], 1),
    "a picture that was just begun is left alone": ([*AWAY, *BACK, *[TIGHT] * 3, GOOD], 2),
    "one that was too much again": ([*AWAY, *BACK, *[TIGHT] * 8], 3),
    "then it has to be calm for twice as long": ([*AWAY, *BACK, *[TIGHT] * 8, *BACK], 3),
    "and comes back all the same": ([*AWAY, *BACK, *[TIGHT] * 8, *[CALM] * 16], 4),
    "one that stood for a minute was not too soon": (
        [*AWAY, *BACK, *[GOOD] * 31, *AWAY, *BACK],
        4,
    ),
}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def page(browser: Browser) -> AsyncGenerator[Page]:
    """Where the module runs."""
    async with modules(browser) as opened:
        yield opened


@pytest.mark.parametrize(("samples", "turns"), CASES.values(), ids=CASES)
async def test_a_line_turns_so_often(
    page: Page, samples: list[dict[str, float]], turns: int
) -> None:
    played = await page.evaluate(PLAY, samples)
    assert sum(one != other for one, other in zip([False, *played], played, strict=False)) == turns


async def test_a_line_that_never_bears_a_picture_is_asked_less_and_less_often(page: Page) -> None:
    body = """async () => {
        const {next, WIDE} = await import('/js/narrow.js');
        let line = WIDE;
        const back = [];
        for (let now = 1000; now < 3_600_000; now += 2000) {
            const before = line.isNarrow;
            line = next(line, before ? {lost: 0} : {kbit: 100}, now);
            if (before && !line.isNarrow) back.push(now);
        }
        return back.slice(1).map((at, n) => at - back[n]);
    }"""
    between = await page.evaluate(body)
    assert between == sorted(between)
    assert between[0] < 60_000 and between[-1] >= 120_000
    assert len(between) < 30  # in an hour
