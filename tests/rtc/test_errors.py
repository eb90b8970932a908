"""Every error of the room has a code for programs and a sentence for people."""

import inspect

import pytest

from venterom.rtc import errors
from venterom.rtc.errors import BadOffer, RtcError, TicketAltered

KINDS = [
    kind
    for _, kind in inspect.getmembers(errors, inspect.isclass)
    if issubclass(kind, errors.RtcError)
]


@pytest.mark.parametrize("kind", KINDS)
def test_an_error_says_one_plain_sentence(kind: type[RtcError]) -> None:
    assert kind().text.endswith(".")
    assert "\n" not in kind().text


def test_the_code_is_the_name_of_the_class_and_the_text_never_quotes_what_was_sent() -> None:
    assert TicketAltered().code == "TicketAltered"
    assert BadOffer("a=candidate:…").text == BadOffer().text
