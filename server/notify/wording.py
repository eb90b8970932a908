"""The words of messages. No name, no reason: a telephone lies on a table."""

from collections.abc import Mapping
from datetime import datetime

from venterom.server.notify.plan import Message, Telling
from venterom.web.text import N_, clock, day, translations

WORDS: Mapping[Message, str] = {
    Message.PLACE_TAKEN: N_(
        "En lege ringer deg opp senest kl. %(time)s. Plassen din i køen: %(link)s Hilsen Venterom"
    ),
    Message.SLOT_BOOKED: N_(
        "Du har time %(day)s kl. %(time)s. Her kommer du inn: %(link)s Hilsen Venterom"
    ),
    Message.DOCTOR_READY: N_("Legen er klar for deg nå: %(link)s Hilsen Venterom"),
    Message.WAITING_AGAIN: N_(
        "Legen falt ut. En ny lege kommer, og du beholder tiden din, kl. %(time)s:"
        " %(link)s Hilsen Venterom"
    ),
    Message.UNSERVED: N_(
        "Vi stengte før en lege ble ledig. Beklager. Ring 21 49 24 01: %(link)s Hilsen Venterom"
    ),
    Message.WILL_BE_LATE: N_(
        "Det blir trolig senere enn kl. %(time)s. Vent, eller velg en annen tid: %(link)s Hilsen"
        " Venterom"
    ),
    Message.UNSIGNED: N_(
        "Noe er ikke signert i tide. Se hva det gjelder: %(link)s Hilsen Venterom"
    ),
    Message.UNDELIVERED: N_(
        "Noe kommer ikke frem dit det skal. Se hva du kan gjøre: %(link)s Hilsen Venterom"
    ),
    Message.ON_CALL: N_("Du trengs på vakt nå. Svar her om du kommer: %(link)s Hilsen Venterom"),
    Message.NEW_LINK: N_("Her er en ny lenke til timen din: %(link)s Hilsen Venterom"),
    Message.LINK_TRIED: N_(
        "Noen andre prøvde lenken din, og kom ikke inn. Bruk denne: %(link)s Hilsen Venterom"
    ),
    Message.WRITTEN: N_("Legen har skrevet til deg. Logg inn og les: %(link)s Hilsen Venterom"),
}


def text(telling: Telling, link: str, language: str) -> str:
    """The message as it is sent."""
    words = translations(language).gettext(WORDS[telling.message])
    return words % {"link": link, **(_when(telling.at, language) if telling.at else {})}


def _when(at: datetime, language: str) -> dict[str, str]:
    return {"day": day(at, language), "time": clock(at)}
