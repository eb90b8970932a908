"""Every message can be written and read; anything else is one error, whatever it is."""

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from venterom.rtc import protocol
from venterom.rtc.errors import BadMessage
from venterom.rtc.protocol import MAX_CHARACTERS, Message, dump, parse, parse_incoming

MESSAGES: list[Message] = [
    protocol.Join("ticket", 3, protocol.Encryption.END_TO_END),
    protocol.Offer(1, "v=0\r\n"),
    protocol.Ping(7),
    protocol.Leave(),
    protocol.Quality({"round_trip_ms": 40, "lost": 0}),
    protocol.Exchange("doctor", protocol.Sealed("A-_9")),
    protocol.Chat("patient", protocol.SealedText("A-_9")),
    protocol.Joined("patient", "waiting", {"patient": "here"}, {"patient": "end_to_end"}, {}),
    protocol.Room("talking", {"patient": "connected"}, {"patient": "hop_by_hop"}, {"name": "Anna"}),
    protocol.Answer(1, "v=0\r\n"),
    protocol.Pong(7),
    protocol.Rejoin("media"),
    protocol.Replaced(),
    protocol.Network({"patient": "weak", "doctor": "good"}),
    protocol.Closed("finished"),
    protocol.Refused("BadOffer", "The browser's offer is not one that the room can take.", 1),
]
MANUAL = Path(__file__).parents[2] / "docs" / "protocol.md"


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: type(message).__name__)
def test_a_message_survives_the_wire(message: Message) -> None:
    assert parse(dump(message)) == message


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "[]",
        '"join"',
        "{",
        "{}",
        '{"type":"dance"}',
        '{"type":["join"]}',  # a type that cannot be looked up
        '{"type":"leave","more":1}',  # a field too many
        '{"type":"ping"}',  # a field too few
        '{"type":"ping","number":"7"}',
        '{"type":"ping","number":true}',  # a bool is not a number here
        '{"type":"ping","number":-1}',
        '{"type":"ping","number":2147483648}',
        '{"type":"ping","number":1e3}',
        '{"type":"ping","number":' + "9" * 5000 + "}",  # more digits than int() reads
        '{"type":"join","ticket":{"a":"b"},"version":2,"encryption":"end_to_end"}',
        '{"type":"room","state":"talking","seats":{"patient":{"deep":1}}}',
        '{"type":"room","state":"talking","seats":[]}',
        '{"type":"quality","figures":{"lost":-1}}',
        '{"type":"quality","figures":{"lost":NaN}}',
        '{"type":"quality","figures":{"lost":Infinity}}',
        '{"type":"quality","figures":{"lost":0.5}}',
        '{"type":"quality","figures":{"lost":true}}',
        '{"type":"quality","figures":{"lost":"1"}}',
        '{"type":"quality","figures":{"lost":{"deep":1}}}',
        '{"type":"quality","figures":[1]}',
        '{"type":"join","ticket":"t","version":2,"encryption":"some"}',
        '{"type":"join","ticket":"t","version":2,"encryption":["end_to_end"]}',
        '{"type":"exchange","seat":"doctor","body":""}',
        '{"type":"exchange","seat":"doctor","body":"not base64url"}',
        '{"type":"exchange","seat":"doctor","body":"A\\n"}',  # a line end is none either
        '{"type":"exchange","seat":"doctor","body":"' + "A" * 1025 + '"}',
        '{"type":"chat","seat":"doctor","body":""}',
        '{"type":"chat","seat":"doctor","body":"plain words"}',
        '{"type":"chat","seat":"doctor","body":"' + "A" * 4097 + '"}',
        "[" * 60_000,  # deeper than the parser goes
        '{"type":"leave"}' + " " * MAX_CHARACTERS,
    ],
)
def test_anything_else_is_a_bad_message(text: str) -> None:
    with pytest.raises(BadMessage):
        parse(text)


@given(st.text() | st.recursive(st.none() | st.integers() | st.text(), st.lists).map(json.dumps))
def test_no_text_raises_anything_but_bad_message(text: str) -> None:
    with pytest.raises(BadMessage):
        parse(text)


def test_what_pages_say_to_each_other_may_be_as_long_as_it_has_to_be() -> None:
    longest = protocol.Exchange("doctor", protocol.Sealed("A" * 1024))
    assert parse_incoming(dump(longest)) == longest


def test_a_page_may_not_say_what_only_the_room_says() -> None:
    assert parse_incoming(dump(protocol.Ping(1))) == protocol.Ping(1)
    with pytest.raises(BadMessage):
        parse_incoming(dump(protocol.Closed("finished")))


def test_an_offer_of_the_largest_size_fits_into_a_message() -> None:
    lines = "a=x\r\n" * (32 * 1024 // 5)
    assert isinstance(parse(dump(protocol.Offer(1, lines))), protocol.Offer)


def test_every_block_of_the_manual_is_a_message_and_every_message_is_in_the_manual() -> None:
    blocks = re.findall(r"```json\n(.*?)```", MANUAL.read_text(), re.DOTALL)
    messages = [parse(block) for block in blocks]
    assert {type(message) for message in messages} == {type(message) for message in MESSAGES}


def test_the_manual_names_the_version_and_every_presence() -> None:
    text = MANUAL.read_text()
    assert f"version {protocol.VERSION}" in text
    assert all(f"`{presence}`" in text for presence in protocol.Presence)
