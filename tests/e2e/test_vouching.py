"""Three who share keys: two compare words with the doctor, and need not with each other; with pages
and a room that are made of nothing but their messages."""

from collections.abc import AsyncGenerator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from tests.e2e.made_room import PAIR, play, stage

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

THREE = (
    PAIR
    + """
    const guest = room.enter('guest');
    await quiet();
    const pages = [doctor, patient, guest];
    const passes = async (seconds) => {
        for (let at = 0; at < seconds; at += 1) {
            await wait(1000);
            await quiet();
        }
    };
    const stands = () => pages.map((page) => [now(page).with, now(page).verdict]);
    """
)


@pytest_asyncio.fixture(loop_scope="session")
async def page(browser: Browser) -> AsyncGenerator[Page]:
    async with stage(browser) as opened:
        yield opened


async def test_each_has_words_with_the_doctor_and_the_doctor_with_each(page: Page) -> None:
    body = """
        await passes(2);
        const first = spoken(doctor);
        const with_patient = [first === spoken(patient), spoken(guest) !== first];
        judge(doctor, 'same');
        await passes(2);
        return [...with_patient, now(doctor).with, spoken(doctor) === spoken(guest), stands()];
    """
    same, other, whom, also, stands = await play(page, THREE + body)
    assert same and other and also and whom == "guest"
    # The patient has nothing left to compare; the guest has, and nothing is known as a whole.
    assert stands == [["guest", ""], ["", ""], ["doctor", ""]]


async def test_the_doctor_vouches_for_the_two_when_both_have_compared(page: Page) -> None:
    body = """
        judge(doctor, 'same');
        await passes(1);
        judge(doctor, 'same');
        await passes(3);
        return stands().map(([, verdict]) => verdict);
    """
    assert await play(page, THREE + body) == ["same", "same", "same"]


async def test_who_sits_between_the_two_is_found_out_by_the_doctor(page: Page) -> None:
    # Whoever sits between has another secret with each, so another name of it: here it is told so.
    body = """
        const between = {room: '/visit/v1/signal', begins: 'patient', answers: 'guest'};
        const [towards, away] = [new exchange.Exchange(between), new exchange.Exchange(between)];
        const sat = [];
        room.carry = (from, to, body) => {
            const said = decoded(body);
            const isTheirs = [from, to].sort().join() === 'guest,patient';
            const isKeys = ['commit', 'key', 'reveal'].includes(said.kind);
            if (isTheirs && isKeys) sat.push([from, said]);
            else room.pages[to]?.client.hears(from, said);
        };
        const patient2 = room.enter('patient'), guest2 = room.enter('guest');
        const doctor2 = room.enter('doctor');
        await quiet();
        const meets = async () => {
            while (sat.length) {
                const [from, said] = sat.shift();
                if (from === 'patient' && said.kind === 'commit') {
                    patient2.client.hears('guest', await towards.take(said));
                    guest2.client.hears('patient', await away.begin());
                } else if (from === 'patient') await towards.take(said);
                else guest2.client.hears('patient', await away.take(said));
                await quiet();
            }
        };
        await meets();
        const own = (page, seat) => page.kept.pairs.get(seat)?.name;
        const names = [own(patient2, 'guest'), own(guest2, 'patient')];
        judge(doctor2, 'same');
        for (let at = 0; at < 5; at += 1) {
            await wait(1000);
            await quiet();
            await meets();
        }
        judge(doctor2, 'same');
        for (let at = 0; at < 3; at += 1) {
            await wait(1000);
            await quiet();
        }
        return [
            names.every(Boolean), names[0] === names[1],
            [doctor2, patient2, guest2].map((page) => now(page).verdict),
        ];
    """
    known, alike, verdicts = await play(page, body)
    assert known and not alike
    assert verdicts == ["different", "different", "different"]


async def test_only_the_doctor_vouches_and_only_with_a_proof(page: Page) -> None:
    body = """
        const pair = () => patient.kept.pairs.get('guest');
        const name = pair().name;
        const said = {kind: 'vouched', seat: 'guest', name, verdict: 'same'};
        const secret = pair().exchange.secret;
        const proof = await secret.proof(`vouched guest ${name} same`);
        patient.client.hears('doctor', {...said, proof: 'AAAA'});
        patient.client.hears('guest', {...said, proof});
        await quiet();
        return pair().verdict;
    """
    assert await play(page, THREE + body) == ""


async def test_when_the_third_has_left_two_stand_as_before(page: Page) -> None:
    body = """
        judge(doctor, 'same');
        await passes(1);
        const three = now(doctor).verdict;
        room.leave(guest);
        await passes(1);
        return [three, now(doctor).verdict, now(patient).verdict];
    """
    assert await play(page, THREE + body) == ["", "same", "same"]


async def test_who_is_at_the_door_is_given_no_keys(page: Page) -> None:
    body = """
        const seats = {doctor: 'here', patient: 'here', guest: 'knocking'};
        const encryption = {doctor: END, patient: END, guest: END};
        for (const {client} of [doctor, patient]) client.tell('room', {encryption, seats});
        await quiet();
        const before = doctor.kept.pairs.has('guest');
        doctor.client.tell('room', {encryption, seats: {...seats, guest: 'here'}});
        await quiet();
        return [before, doctor.kept.pairs.has('guest')];
    """
    assert await play(page, PAIR + body) == [False, True]
