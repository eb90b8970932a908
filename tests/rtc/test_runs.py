"""Packets are put together for the kernel, and flights of records put apart, and none is lost."""

from struct import pack

import pytest
from hypothesis import given
from hypothesis import strategies as st

from venterom.rtc.outbox import BYTES, TRAILER, Outbox
from venterom.rtc.runs import MOST_BYTES, MOST_SEGMENTS, datagrams, runs


@pytest.mark.parametrize(
    ("sizes", "counts"),
    [
        ([], []),
        ([100], [1]),
        ([100, 100, 100], [3]),
        ([100, 100, 60], [3]),  # the last may be shorter
        ([100, 60, 60], [2, 1]),  # and then it is the last
        ([60, 100], [1, 1]),
        ([60, 100, 100, 30, 100], [1, 3, 1]),
        ([1] * (MOST_SEGMENTS + 1), [MOST_SEGMENTS, 1]),
        ([1200] * 60, [54, 6]),  # more than an IP packet holds
    ],
)
def test_a_run_is_of_one_size_but_for_its_last_packet(sizes: list[int], counts: list[int]) -> None:
    assert [count for _, count in runs(sizes)] == counts


@given(st.lists(st.integers(30, 1500), max_size=200))
def test_runs_are_all_packets_in_their_order_and_the_kernel_takes_them(sizes: list[int]) -> None:
    reached = 0
    for first, count in runs(sizes):
        assert first == reached
        run = sizes[first : first + count]
        assert count <= MOST_SEGMENTS and sum(run) <= MOST_BYTES
        assert set(run[:-1]) <= {run[0]} and run[-1] <= run[0]
        reached += count
    assert reached == len(sizes)


@given(st.lists(st.binary(min_size=30, max_size=1500), max_size=30))
def test_an_outbox_gives_back_what_was_put_in(packets: list[bytes]) -> None:
    box = Outbox()
    for packet in packets:
        box.buffer[box.end : box.end + len(packet)] = packet
        box.add(len(packet))
    sent = [
        bytes(run[at : at + size]) for run, size in box.take() for at in range(0, len(run), size)
    ]
    assert sent == packets
    assert (box.end, [*box.take()]) == (0, [])


def test_an_outbox_has_room_for_what_sealing_adds() -> None:
    assert Outbox().full_at == BYTES - TRAILER


def record(length: int) -> bytes:
    """A DTLS record with so many bytes, header included."""
    return pack("!BHQH", 22, 0xFEFD, 0, length - 13) + bytes(length - 13)


@pytest.mark.parametrize(
    ("records", "sizes"),
    [
        ([], []),
        ([100], [100]),
        ([100, 200], [300]),
        ([700, 500], [1200]),
        ([700, 501], [700, 501]),
        ([1300], [1300]),  # a record stays whole
        ([600, 600, 600, 100], [1200, 700]),
    ],
)
def test_a_flight_is_cut_between_records(records: list[int], sizes: list[int]) -> None:
    flight = b"".join(map(record, records))
    assert [len(each) for each in datagrams(flight, 1200)] == sizes
    assert b"".join(datagrams(flight, 1200)) == flight
