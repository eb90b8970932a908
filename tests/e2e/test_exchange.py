"""Two pages agree on a secret, and their words tell whether somebody sits between them."""

from collections.abc import AsyncGenerator
from itertools import product
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from tests.e2e.modules import modules, run

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

STATES = ("waiting", "committed", "answered", "agreed", "failed")
EVENTS = ("begin", "commit", "key", "reveal", "hello", "constructor", "__proto__")
NEXT = {
    ("waiting", "begin"): "committed",
    ("waiting", "commit"): "answered",
    ("committed", "begin"): "committed",
    ("committed", "key"): "agreed",
    ("answered", "commit"): "answered",
    ("answered", "reveal"): "agreed",
}
# `between(…)` makes both ends; `meet(one, other, server)` carries messages as the server lets them
# through: `server(message)` returns what the other is told, or null for nothing.
SETTING = """
    const between = {room: '/visit/v1/signal', begins: 'doctor', answers: 'patient'};
    const two = (doctors = between, patients = between) =>
        [new exchange.Exchange(doctors), new exchange.Exchange(patients)];
    const meet = async (doctor, patient, server = (message) => message) => {
        let said = await doctor.begin();
        for (let to = patient; said; to = to === patient ? doctor : patient) {
            const told = server(said);
            said = told && await to.take(told);
        }
    };
    const seen = async ({state, secret}) => ({
        state, words: await secret?.words(), name: await secret?.name(),
    });
    const both = async (doctor, patient) => [await seen(doctor), await seen(patient)];
"""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def page(browser: Browser) -> AsyncGenerator[Page]:
    """Where the modules run."""
    async with modules(browser) as opened:
        yield opened


async def play(page: Page, body: str, given: Any = None) -> Any:
    """What comes of a meeting."""
    return await run(page, SETTING + body, given)


async def test_both_get_the_same_five_words_and_the_same_name(page: Page) -> None:
    doctor, patient = await play(page, "const [d, p] = two(); await meet(d, p); return both(d, p);")
    assert doctor == patient
    assert doctor["state"] == "agreed" and len(doctor["words"]) == 5 and doctor["name"]


async def test_another_time_they_are_others(page: Page) -> None:
    body = "const [d, p] = two(); await meet(d, p); return (await seen(d)).name;"
    assert await play(page, body) != await play(page, body)


async def test_what_may_happen_when_is_this_table(page: Page) -> None:
    table = await run(page, "return exchange.NEXT;")
    found = {(state, event): table[state].get(event) for state, event in product(STATES, EVENTS)}
    assert found == {pair: NEXT.get(pair) for pair in found}
    assert set(table) == set(STATES)


@pytest.mark.parametrize("event", [each for each in EVENTS if each != "begin"])
async def test_what_is_said_out_of_turn_changes_nothing(page: Page, event: str) -> None:
    body = """
        const [d, p] = two();
        await meet(d, p);
        const before = await both(d, p);
        const answers = [await d.take({kind: given}), await p.take({kind: given})];
        return [answers, before, await both(d, p)];
    """
    answers, before, after = await play(page, body, event)
    assert answers == [None, None] and before == after


async def test_a_server_that_puts_its_own_keys_between_makes_the_words_differ(page: Page) -> None:
    body = """
        const [doctor, itself] = two();
        const [itselfAgain, patient] = two();
        await meet(doctor, itself);
        await meet(itselfAgain, patient);
        return both(doctor, patient);
    """
    doctor, patient = await play(page, body)
    assert doctor["state"] == patient["state"] == "agreed"
    assert doctor["words"] != patient["words"] and doctor["name"] != patient["name"]


@pytest.mark.parametrize("field", ["key", "nonce", "versions"])
async def test_a_server_that_changes_what_is_revealed_is_found_out(page: Page, field: str) -> None:
    body = """
        const [doctor, patient] = two();
        const [other] = two();
        await meet(other, two()[1], (said) => { other.said = said; return said; });
        const lies = {...other.said, versions: '0,1'};
        await meet(doctor, patient, (said) =>
            said.kind === 'reveal' ? {...said, [given]: lies[given]} : said);
        return both(doctor, patient);
    """
    _doctor, patient = await play(page, body, field)
    assert patient["state"] == "failed" and patient["words"] is None


@pytest.mark.parametrize(
    ("field", "value"), [("nonce", "AAAA"), ("versions", "0,1"), ("versions", "1,1")]
)
async def test_a_server_that_changes_the_answer_makes_the_words_differ(
    page: Page, field: str, value: str
) -> None:
    body = """
        const [doctor, patient] = two();
        await meet(doctor, patient, (said) =>
            said.kind === 'key' ? {...said, [given[0]]: given[1]} : said);
        return both(doctor, patient);
    """
    doctor, patient = await play(page, body, [field, value])
    assert doctor["words"] != patient["words"]


@pytest.mark.parametrize(
    "lie",
    [
        {"key": ""},
        {"key": "AAAA"},
        {"key": "BA" + "A" * 85},  # a point that lies on no curve
        {"key": "not base64url"},
        {"versions": "2"},
        {"versions": ""},
    ],
)
async def test_a_key_that_is_none_and_a_version_that_nobody_knows_end_it(
    page: Page, lie: dict[str, str]
) -> None:
    body = """
        const [doctor, patient] = two();
        await meet(doctor, patient, (said) => said.kind === 'key' ? {...said, ...given} : said);
        return both(doctor, patient);
    """
    doctor, patient = await play(page, body, lie)
    assert doctor["state"] == "failed" and doctor["words"] is None
    assert patient["state"] == "answered" and patient["words"] is None


@pytest.mark.parametrize("field", ["room", "begins", "answers"])
async def test_who_believes_to_be_elsewhere_gets_other_words(page: Page, field: str) -> None:
    body = """
        const [doctor, patient] = two(between, {...between, [given]: 'guest'});
        await meet(doctor, patient);
        return both(doctor, patient);
    """
    doctor, patient = await play(page, body, field)
    assert doctor["words"] != patient["words"]


async def test_no_key_is_shown_before_the_other_side_has_committed(page: Page) -> None:
    body = """
        const [doctor, patient] = two();
        const kinds = [];
        await meet(doctor, patient, (said) => {
            kinds.push([said.kind, 'key' in said]);
            return said;
        });
        return kinds;
    """
    assert await play(page, body) == [["commit", False], ["key", True], ["reveal", True]]


async def test_each_commitment_is_answered_with_a_key_of_its_own(page: Page) -> None:
    # Else who sits between could commit again, knowing the key that the words will be made of.
    body = """
        const [, patient] = two();
        const answers = [];
        for (const [doctor] of [two(), two(), two()])
            answers.push(await patient.take(await doctor.begin()));
        return answers.map(({key, nonce}) => key + nonce);
    """
    assert len(set(await play(page, body))) == 3


async def test_an_answer_to_an_earlier_commitment_is_not_taken(page: Page) -> None:
    body = """
        const [doctor, patient] = two();
        const other = two()[0];
        const answer = await patient.take(await other.begin());
        await doctor.begin();
        return [await doctor.take(answer), doctor.state];
    """
    assert await play(page, body) == [None, "committed"]


# ---- what is done with the secret

WRAPPED = """
    const [doctor, patient] = two();
    await meet(doctor, patient);
    const [others] = await (async () => { const [d, p] = two(); await meet(d, p); return [p]; })();
    const key = crypto.getRandomValues(new Uint8Array(32));
    const wrapped = await doctor.secret.wrap(4n, key);
    const opens = async (secret, kid, text) =>
        secret.unwrap(kid, text)
            .then((plain) => hex(new Uint8Array(plain)) === hex(key), () => false);
"""


async def test_a_senders_key_opens_for_the_other_page_under_its_own_number_only(page: Page) -> None:
    body = """
        const changed = (wrapped[0] === 'A' ? 'B' : 'A') + wrapped.slice(1);
        return [
            await opens(patient.secret, 4n, wrapped), await opens(patient.secret, 8n, wrapped),
            await opens(others.secret, 4n, wrapped), await opens(patient.secret, 4n, changed),
        ];
    """
    assert await play(page, WRAPPED + body) == [True, False, False, False]


async def test_only_the_other_page_can_say_that_the_words_are_the_same(page: Page) -> None:
    body = """
        const said = await doctor.secret.proof('same');
        return [
            said === await patient.secret.proof('same'),
            said === await patient.secret.proof('different'),
            said === await others.secret.proof('same'),
        ];
    """
    assert await play(page, WRAPPED + body) == [True, False, False]


async def test_no_key_of_the_exchange_can_be_taken_out_of_the_browser(page: Page) -> None:
    body = "return patient.secret.base.extractable;"
    assert await play(page, WRAPPED + body) is False


# ---- the words

ALL = "return Array.from({length: 64}, (_, n) => words.wordsOf(BigInt(n))[4]);"


async def test_there_are_64_words_that_anybody_can_read_out(page: Page) -> None:
    found = await run(page, ALL)
    assert len(set(found)) == 64
    assert all(word.isascii() and word.isalpha() and 3 <= len(word) <= 9 for word in found)


async def test_thirty_bits_make_five_words_and_each_bit_counts(page: Page) -> None:
    body = "return given.map((number) => words.wordsOf(BigInt(number)).join(' '));"
    numbers = [0, *(1 << bit for bit in range(30))]
    assert len(set(await run(page, body, numbers))) == 31
    first = (await run(page, ALL))[0]
    assert (await run(page, body, [1 << 30])) == [" ".join([first] * 5)]
