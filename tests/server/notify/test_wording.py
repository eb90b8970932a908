"""What a message says. A telephone lies on a table, so it says no name and no reason."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from venterom.server.notify.plan import TELLINGS, Message, Telling
from venterom.server.notify.wording import WORDS, text
from venterom.web.text import LANGUAGES, translations

AT = datetime(2026, 11, 24, 6, 15, tzinfo=UTC)
LINK = "https://venterom.example.no/j#" + 43 * "x"
ONE_SMS = 160  # characters of GSM 03.38
GSM = set(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
SAID = {
    ("nb", Message.PLACE_TAKEN): "En lege ringer deg opp senest kl. 07:15. Plassen din i køen: {}"
    " Hilsen Venterom",
    ("nb", Message.SLOT_BOOKED): "Du har time tirsdag 24. november kl. 07:15. Her kommer du inn:"
    " {} Hilsen Venterom",
    ("nn", Message.SLOT_BOOKED): "Du har time tysdag 24. november kl. 07:15. Her kjem du inn:"
    " {} Helsing Venterom",
    ("en", Message.SLOT_BOOKED): "Your appointment is on Tuesday 24 November at 07:15."
    " Join here: {} Regards, Venterom",
    ("nn", Message.DOCTOR_READY): "Legen er klar for deg no: {} Helsing Venterom",
    ("en", Message.WAITING_AGAIN): "The doctor dropped out. Another comes. You keep your time,"
    " 07:15: {} Regards, Venterom",
}

every_message = pytest.mark.parametrize("message", Message)
every_language = pytest.mark.parametrize("language", LANGUAGES)


@pytest.mark.parametrize(("language", "message"), SAID)
def test_a_message_is_said_in_the_patients_language(language: str, message: Message) -> None:
    assert text(Telling(message, AT), LINK, language) == SAID[language, message].format(LINK)


@every_language
@every_message
def test_a_message_has_room_for_a_time_and_a_link_and_nothing_else(
    message: Message, language: str
) -> None:
    words = translations(language).gettext(WORDS[message])
    assert set(re.findall(r"%\((\w+)\)s", words)) <= {"day", "time", "link"}
    assert text(Telling(message, AT), LINK, language).split().count(LINK) == 1


@every_language
@every_message
def test_a_message_is_one_sms_on_every_day_of_the_year(message: Message, language: str) -> None:
    for days in range(366):
        said = text(Telling(message, AT + timedelta(days=days)), LINK, language)
        assert len(said) <= ONE_SMS and set(said) <= GSM, said


@every_language
@pytest.mark.parametrize("event", TELLINGS)
def test_a_message_names_the_time_that_its_event_knows(event: str, language: str) -> None:
    message, time = TELLINGS[event]
    said = text(Telling(message, AT if time else None), LINK, language)
    assert ("07:15" in said) == bool(time)


def test_every_message_has_words() -> None:
    assert set(WORDS) == set(Message)
