"""Who shares keys with whom, as people come, go, come back and are lied to; with two pages and a
room that are made of nothing but their messages."""

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


async def test_alone_nothing_is_sent_and_nothing_said(page: Page) -> None:
    body = "const p = room.enter('patient'); await quiet(); return [now(p).mode, p.guard.sends];"
    assert await play(page, body) == ["alone", False]


@pytest.mark.parametrize("first", ["patient", "doctor"])
async def test_two_who_can_share_words_and_open_what_the_other_sends(
    page: Page, first: str
) -> None:
    body = """
        const pages = [room.enter(given), room.enter(given === 'doctor' ? 'patient' : 'doctor')];
        await quiet();
        const [one, two] = pages;
        return [
            pages.map((page) => now(page).mode), spoken(one) === spoken(two), spoken(one) !== '',
            one.guard.opens.includes(two.guard.kid), two.guard.opens.includes(one.guard.kid),
            pages.map(({guard}) => guard.isClear),
            pages.flatMap(({guard}) => guard.bases.map((base) => base.extractable)),
        ];
    """
    modes, same, some, opens, opened, clear, extractable = await play(page, body, first)
    assert modes == ["locked", "locked"] and same and some and opens and opened
    assert clear == [False, False] and set(extractable) == {False}


async def test_the_number_of_a_key_says_epoch_and_seat(page: Page) -> None:
    body = "return [Number(doctor.guard.kid), Number(patient.guard.kid)];"
    doctor, patient = await play(page, PAIR + body)
    assert (doctor % 4, patient % 4) == (0, 1) and doctor >= 4 and patient >= 4


async def test_who_joins_again_with_the_same_page_keeps_the_words_and_both_have_new_keys(
    page: Page,
) -> None:
    body = """
        const before = [spoken(doctor), doctor.guard.kid, patient.guard.kid];
        judge(doctor, 'same');
        await quiet();
        room.join(patient);
        await quiet();
        return [
            spoken(doctor) === before[0], spoken(patient) === before[0], now(patient).verdict,
            doctor.guard.kid > before[1], patient.guard.kid > before[2],
            doctor.guard.opens.includes(patient.guard.kid),
            patient.guard.opens.includes(doctor.guard.kid),
        ];
    """
    assert await play(page, PAIR + body) == [True, True, "same", True, True, True, True]


@pytest.mark.parametrize("seat", ["patient", "doctor"])
async def test_a_page_that_was_loaded_anew_gets_other_words_which_nobody_has_compared(
    page: Page, seat: str
) -> None:
    body = """
        const before = spoken(doctor);
        judge(doctor, 'same');
        await quiet();
        const anew = room.enter(given);
        await quiet();
        const other = given === 'patient' ? doctor : patient;
        return [
            now(anew).mode, now(other).mode,
            spoken(anew) === spoken(other), spoken(anew) !== before,
            [now(anew).verdict, now(other).verdict], anew.guard.opens.includes(other.guard.kid),
        ];
    """
    assert await play(page, PAIR + body, seat) == [
        *("locked", "locked", True, True),
        ["", ""],
        True,
    ]


@pytest.mark.parametrize("seat", ["patient", "doctor"])
async def test_a_page_that_takes_its_seat_back_from_another_has_new_words_at_once(
    page: Page, seat: str
) -> None:
    body = """
        const [older, other] = given === 'patient' ? [patient, doctor] : [doctor, patient];
        const before = spoken(other);
        room.enter(given);
        await quiet();
        room.join(older);
        await quiet();
        return [
            now(older).mode, now(other).mode, spoken(older) === spoken(other),
            spoken(older) !== before, other.guard.opens.at(-1) === older.guard.kid,
        ];
    """
    assert await play(page, PAIR + body, seat) == ["locked", "locked", True, True, True]


async def test_when_the_other_has_left_nothing_more_is_sent_and_their_keys_are_forgotten(
    page: Page,
) -> None:
    body = """
        room.leave(patient);
        await quiet();
        const {acts, sends} = doctor.guard;
        const forgets = acts.some(({act, seat}) => act === 'forget' && seat === 1n);
        return [now(doctor).mode, sends, forgets];
    """
    assert await play(page, PAIR + body) == ["alone", False, True]


async def test_a_third_has_words_with_each_and_opens_both(page: Page) -> None:
    body = """
        const before = [doctor, patient].map(({guard}) => guard.kid);
        const guest = room.enter('guest');
        await quiet();
        const of = (page, seat) => page.kept.pairs.get(seat).words.join(' ');
        return [
            [doctor, patient, guest].map((page) => now(page).mode),
            of(guest, 'doctor') === of(doctor, 'guest'),
            of(guest, 'patient') === of(patient, 'guest'),
            of(doctor, 'patient') === of(patient, 'doctor'),
            new Set([of(guest, 'doctor'), of(guest, 'patient'), of(doctor, 'patient')]).size,
            [doctor, patient].every(({guard}) => guest.guard.opens.includes(guard.kid)),
            [doctor, patient].every(({guard}) => guard.opens.includes(guest.guard.kid)),
            [doctor, patient].every(({guard}, at) => guard.kid > before[at]),
        ];
    """
    modes, *same, pairs, opens, opened, renewed = await play(page, PAIR + body)
    assert modes == ["locked"] * 3 and same == [True] * 3 and pairs == 3
    assert opens and opened and renewed


async def test_when_a_third_leaves_the_others_have_new_keys_that_it_was_not_given(
    page: Page,
) -> None:
    body = """
        const guest = room.enter('guest');
        await quiet();
        room.leave(guest);
        await quiet();
        return [
            [doctor, patient].map(({guard}) => guest.guard.opens.includes(guard.kid)),
            doctor.guard.opens.includes(patient.guard.kid),
        ];
    """
    assert await play(page, PAIR + body) == [[False, False], True]


# ---- where a browser cannot


async def test_where_one_cannot_nothing_passes_before_the_other_has_agreed(page: Page) -> None:
    body = """
        const patient = room.enter('patient', HOP), doctor = room.enter('doctor');
        await quiet();
        const before = [now(doctor).mode, doctor.guard.sends, doctor.guard.isClear];
        doctor.kept.accept();
        await quiet();
        return [before, now(doctor).mode, doctor.guard.isClear, now(patient).mode];
    """
    assert await play(page, body) == [["ask", False, False], "open", True, "open"]


async def test_a_locked_call_never_becomes_an_open_one_by_itself(page: Page) -> None:
    body = """
        patient.can = HOP;
        room.stands();
        await quiet();
        return [now(doctor).mode, doctor.guard.sends, doctor.guard.isClear];
    """
    assert await play(page, PAIR + body) == ["ask", False, False]


async def test_an_open_call_is_locked_as_soon_as_both_can_and_asked_about_anew_after_that(
    page: Page,
) -> None:
    body = """
        room.enter('patient', HOP);
        const doctor = room.enter('doctor');
        await quiet();
        doctor.kept.accept();
        await quiet();
        const patient = room.enter('patient');
        await quiet();
        const locked = [now(doctor).mode, doctor.guard.isClear, spoken(doctor) === spoken(patient)];
        patient.can = HOP;
        room.stands();
        await quiet();
        return [locked, now(doctor).mode];
    """
    assert await play(page, body) == [["locked", False, True], "ask"]
