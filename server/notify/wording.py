"""The words of messages. No name, no reason: a telephone lies on a table."""

from collections.abc import Mapping

from venterom.server.notify.plan import Message, Telling
from venterom.web.text import N_, clock, translations

WORDS: Mapping[Message, str] = {
    Message.PLACE_TAKEN: N_(
        "Du har plass i venterommet. En lege ringer deg opp senest kl. %(time)s: %(link)s"
        " Hilsen Venterom"
    ),
    Message.SLOT_BOOKED: N_(
        "Timen din er kl. %(time)s. Her kommer du inn: %(link)s Hilsen Venterom"
    ),
    Message.DOCTOR_READY: N_("Legen er klar for deg nå: %(link)s Hilsen Venterom"),
    Message.WAITING_AGAIN: N_(
        "Forbindelsen til legen falt ut. Du har beholdt plassen din, senest kl. %(time)s:"
        " %(link)s Hilsen Venterom"
    ),
    Message.WRITTEN: N_("Legen har skrevet til deg. Logg inn og les: %(link)s Hilsen Venterom"),
}


def text(telling: Telling, link: str, language: str) -> str:
    """The message as it is sent."""
    words = translations(language).gettext(WORDS[telling.message])
    return words % {"time": clock(telling.at) if telling.at else "", "link": link}
