"""Addresses belong to whoever proved them, and packets go where the browser has chosen."""

import pytest

from venterom.rtc.book import CONSENT, MOST_ADDRESSES, Book

NOW = 1000.0
A, B, C = "192.0.2.1:1", "192.0.2.1:2", "[2001:db8::1]:3"
PATIENT, DOCTOR = "patient", "doctor"


def book() -> Book[str, str]:
    one: Book[str, str] = Book()
    for user in (PATIENT, DOCTOR):
        one.enter(user, user.upper())
    return one


@pytest.mark.parametrize(
    ("proofs", "way"),
    [
        ([], None),
        ([(A, False)], A),  # the first valid check is enough to answer
        ([(A, False), (B, False)], A),  # a later one changes nothing by itself
        ([(A, False), (B, True)], B),
        ([(A, True), (B, False)], A),
        ([(A, True), (B, True), (C, False), (A, True)], A),
    ],
)
def test_packets_go_to_the_first_address_until_the_browser_chooses(
    proofs: list[tuple[str, bool]], way: str | None
) -> None:
    one = book()
    for source, nominates in proofs:
        assert one.prove(PATIENT, source, nominates=nominates, now=NOW)
    assert one.way(PATIENT) == way
    assert one.owners == {source: "PATIENT" for source, _ in proofs}


def test_nobody_gets_an_address_that_is_somebody_elses() -> None:
    one = book()
    one.prove(PATIENT, A, nominates=True, now=NOW)
    assert not one.prove(DOCTOR, A, nominates=True, now=NOW + 1)
    assert (one.owners[A], one.way(DOCTOR)) == ("PATIENT", None)
    one.forget(PATIENT)
    assert one.prove(DOCTOR, A, nominates=True, now=NOW + 2)


def test_whoever_has_left_is_a_stranger() -> None:
    one = book()
    one.prove(PATIENT, A, nominates=True, now=NOW)
    one.prove(PATIENT, B, nominates=False, now=NOW)
    one.forget(PATIENT)
    assert one.owners == {}
    assert (one.named(PATIENT), one.way(PATIENT)) == (None, None)
    assert one.named(DOCTOR) == "DOCTOR"
    one.forget(PATIENT)  # once more is nothing


def test_of_many_addresses_the_newest_and_the_chosen_one_are_kept() -> None:
    one = book()
    one.prove(PATIENT, A, nominates=True, now=NOW)
    sources = [f"192.0.2.9:{port}" for port in range(3 * MOST_ADDRESSES)]
    for source in sources:
        one.prove(PATIENT, source, nominates=False, now=NOW)
    assert {*one.owners} == {A, *sources[1 - MOST_ADDRESSES :]}
    assert one.way(PATIENT) == A


@pytest.mark.parametrize(
    ("last", "lapsed"), [(0.0, ["PATIENT"]), (1.0, []), (CONSENT, [])], ids=str
)
def test_consent_lasts_so_long_after_the_last_check(last: float, lapsed: list[str]) -> None:
    one = book()
    one.prove(PATIENT, A, nominates=True, now=NOW)
    one.prove(PATIENT, A, nominates=False, now=NOW + last)
    assert one.lapsed(NOW + CONSENT + 0.5) == lapsed


def test_checks_from_another_address_are_no_consent_for_the_chosen_one() -> None:
    one = book()
    one.prove(PATIENT, A, nominates=True, now=NOW)
    one.prove(PATIENT, B, nominates=False, now=NOW + CONSENT)
    assert one.lapsed(NOW + CONSENT + 1) == ["PATIENT"]


def test_an_address_that_nobody_asks_from_is_dropped_and_the_connection_lives() -> None:
    one = book()
    one.prove(PATIENT, B, nominates=False, now=NOW)
    one.prove(PATIENT, A, nominates=True, now=NOW + CONSENT)
    assert one.lapsed(NOW + CONSENT + 1) == []
    assert one.owners == {A: "PATIENT"}
