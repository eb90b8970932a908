"""What a server that lies or loses things cannot do to the keys of two pages, in the room that is
made of nothing but their messages."""

from collections.abc import AsyncGenerator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from tests.e2e.made_room import PAIR, play, stage

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


@pytest_asyncio.fixture(loop_scope="session")
async def page(browser: Browser) -> AsyncGenerator[Page]:
    async with stage(browser) as opened:
        yield opened


async def test_a_server_that_changes_keys_makes_no_words_or_other_words(page: Page) -> None:
    body = """
        const said = await new exchange.Exchange(BETWEEN).begin();
        const {key, nonce} = await new exchange.Exchange(BETWEEN).take(said);
        room.lies = (said) => said.kind === 'key' ? {...said, key, nonce} : said;
        const patient = room.enter('patient'), doctor = room.enter('doctor');
        await quiet();
        return [spoken(doctor), spoken(patient)];
    """
    doctor, patient = await play(page, body)
    assert doctor != patient


async def test_somebody_whom_the_page_does_not_show_is_given_no_key(page: Page) -> None:
    body = """
        const two = ['doctor', 'patient'];
        const [patient, doctor] = [room.enter('patient', END, two), room.enter('doctor', END, two)];
        const guest = room.enter('guest');
        await quiet();
        const friends = [...doctor.kept.pairs.keys()];
        return [now(doctor).mode, friends, guest.guard.opens, guest.guard.sends];
    """
    assert await play(page, body) == ["locked", ["patient"], [], False]


async def test_what_is_said_of_words_that_are_others_by_now_is_said_of_none(page: Page) -> None:
    body = """
        const before = now(doctor).words;
        room.enter('patient');
        await quiet();
        doctor.kept.judge('same', before);
        await quiet();
        return now(doctor).verdict;
    """
    assert await play(page, PAIR + body) == ""


async def test_only_the_other_page_can_say_what_the_doctor_said(page: Page) -> None:
    body = """
        const {secret} = doctor.kept.pairs.get('patient').exchange;
        for (const proof of ['', 'AAAA', await secret.proof('different')])
            patient.client.hears('doctor', {kind: 'judged', verdict: 'same', proof});
        await quiet();
        const before = now(patient).verdict;
        judge(doctor, 'different');
        await quiet();
        return [before, now(patient).verdict, now(doctor).verdict];
    """
    assert await play(page, PAIR + body) == ["", "different", "different"]


async def test_nobody_else_can_give_a_key_nor_an_old_one_again(page: Page) -> None:
    body = """
        const heard = [];
        room.lies = (said, from) => { if (from === 'doctor') heard.push(said); return said; };
        room.join(doctor);
        await quiet();
        const epoch = heard.findLast(({kind}) => kind === 'epoch');
        room.join(doctor);
        await quiet();
        const newest = heard.findLast(({kind}) => kind === 'epoch');
        const before = patient.guard.opens.length;
        const {secret} = doctor.kept.pairs.get('patient').exchange;
        const anothers = await secret.wrap(4002n, new Uint8Array(32)); // of a third one's seat
        const lies = [
            epoch, newest, {...newest, kid: '4002', key: anothers},
            {...epoch, kid: '4000'}, {...epoch, kid: '4001'}, {...epoch, kid: 'many'},
            {...epoch, kid: '4000', key: 'AAAA'}, {kind: 'have'}, {kind: 'have', kid: 'x'}, {},
        ];
        lies.push('AAAA', '', '%%', null, 7);
        for (const said of lies) patient.client.hears('doctor', said);
        await quiet();
        room.join(patient);
        await quiet();
        const opened = patient.guard.opens.length - before;
        const isNewest = patient.guard.opens.at(-1) === doctor.guard.kid;
        return [opened, isNewest, now(patient).mode, spoken(patient) === spoken(doctor)];
    """
    # One more, of having joined again.
    assert await play(page, PAIR + body) == [1, True, "locked", True]


async def test_a_page_does_not_let_itself_be_asked_for_words_without_end(page: Page) -> None:
    body = """
        const patient = room.enter('patient');
        room.pages.doctor = {can: END, client: new Client('doctor', room)};
        room.stands();
        let answers = 0;
        room.pages.doctor.client.addEventListener('exchange', () => { answers += 1; });
        await quiet();
        answers = 0;
        for (let n = 0; n < 50; n += 1)
            patient.client.hears('doctor', await new exchange.Exchange(BETWEEN).begin());
        await quiet();
        return answers;
    """
    assert await play(page, body) == 30


# ---- what gets lost


async def test_what_was_lost_is_begun_again(page: Page) -> None:
    body = """
        const lost = new Set(['commit', 'key', 'reveal']);
        room.lies = (said) => lost.delete(said.kind) ? null : said;
        const patient = room.enter('patient'), doctor = room.enter('doctor');
        for (let n = 0; n < 5; n += 1) { await quiet(); await wait(4000); await quiet(); }
        return [now(doctor).mode, now(patient).mode, spoken(doctor) === spoken(patient), lost.size];
    """
    assert await play(page, body) == ["locked", "locked", True, 0]


async def test_a_new_key_is_used_when_the_other_has_it_or_after_two_seconds(page: Page) -> None:
    body = """
        const before = doctor.guard.kid;
        room.lies = (said) => said.kind === 'have' ? null : said;
        room.join(doctor);
        await quiet();
        const waits = doctor.guard.kid === before;
        await wait(4000);
        await quiet();
        return [waits, doctor.guard.kid > before];
    """
    assert await play(page, PAIR + body) == [True, True]


@pytest.mark.parametrize(("ms", "renewed"), [(1900, False), (2100, True)])
async def test_frames_that_do_not_open_for_two_seconds_make_new_keys(
    page: Page, ms: int, renewed: bool
) -> None:
    body = """
        const before = [doctor.guard.kid, patient.guard.kid];
        patient.guard.fails(0n, given);
        await wait(1100);
        await quiet();
        return [doctor.guard.kid > before[0], patient.guard.kid > before[1], now(patient).isBlind];
    """
    assert await play(page, PAIR + body, ms) == [renewed, renewed, False]


async def test_after_ten_seconds_both_are_told_and_again_when_it_works(page: Page) -> None:
    body = """
        const told = [];
        for (const happens of [(guard) => guard.fails(0n, 10100), (guard) => guard.works()]) {
            happens(patient.guard);
            await wait(1100);
            await quiet();
            told.push([patient, doctor].map((page) => now(page).isBlind));
        }
        return told;
    """
    assert await play(page, PAIR + body) == [[True, True], [False, False]]


async def test_two_who_come_to_no_keys_in_ten_seconds_are_told(page: Page) -> None:
    body = """
        room.lies = (said) => said.kind === 'reveal' ? null : said;
        const patient = room.enter('patient'), doctor = room.enter('doctor');
        await quiet();
        for (let n = 0; n < 13; n += 1) { await wait(1000); await quiet(); }
        return [now(patient).isBlind, patient.guard.sends, patient.guard.isClear];
    """
    assert await play(page, body) == [True, False, False]
