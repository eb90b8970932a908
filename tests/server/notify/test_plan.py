"""Who is told what when something has happened."""

from dataclasses import fields
from datetime import UTC, datetime
from types import ModuleType

import pytest

import venterom.journal.events as record
import venterom.queue.events as waiting_room
from venterom.server.notify import alarms
from venterom.server.notify.plan import TELLINGS, Message, Telling, telling
from venterom.web.identity import links

AT = datetime(2026, 11, 24, 11, 20, tzinfo=UTC)
TIME = AT.isoformat()


@pytest.mark.parametrize(
    ("name", "body", "told"),
    [
        ("Joined", {"deadline": TIME}, Telling(Message.PLACE_TAKEN, AT)),
        ("Joined", {"deadline": TIME, "fresh": True}, Telling(Message.PLACE_TAKEN, AT)),
        ("Joined", {"deadline": TIME, "fresh": False}, None),  # asked again: told already
        ("Booked", {"slot": TIME, "deadline": "later"}, Telling(Message.SLOT_BOOKED, AT)),
        ("Moved", {"slot": TIME, "was": "earlier"}, Telling(Message.SLOT_BOOKED, AT)),
        ("Moved", {"slot": TIME, "fresh": False}, None),
        ("Unserved", {"at": TIME}, Telling(Message.UNSERVED)),
        ("Claimed", {"deadline": TIME}, Telling(Message.DOCTOR_READY)),  # now: no time to name
        ("Returned", {"deadline": TIME}, Telling(Message.WAITING_AGAIN, AT)),
        ("Finished", {}, Telling(Message.WRITTEN)),
        ("Finished", {"fresh": False}, None),
        ("Amended", {}, Telling(Message.WRITTEN)),
        ("Amended", {"fresh": False}, None),
        (
            "OnCallPaged",
            {"practitioner": "d"},
            Telling(Message.ON_CALL, staff="d", page="/doctor/shift"),
        ),
        (
            "NotesStopped",
            {"director": "r", "visit": ""},
            Telling(Message.UNDELIVERED, staff="r", page="/director/journal"),
        ),
        ("LinkAskedFor", {}, Telling(Message.NEW_LINK)),
        ("LinkTriedByOther", {}, Telling(Message.LINK_TRIED)),
        ("Connected", {}, None),  # they see it themselves
        ("PromiseBroken", {"deadline": TIME}, None),
        ("Delivered", {}, None),
        ("", {}, None),
    ],
)
def test_what_is_told_about_an_event(
    name: str, body: dict[str, object], told: Telling | None
) -> None:
    assert telling(name, body) == told


def test_every_message_has_its_cause() -> None:
    assert {message for message, _ in TELLINGS.values()} == set(Message)


@pytest.mark.parametrize("name", TELLINGS)
def test_the_event_exists_and_holds_the_time_that_is_named(name: str) -> None:
    modules: tuple[ModuleType, ...] = (waiting_room, record, alarms, links)
    [event] = [getattr(module, name) for module in modules if hasattr(module, name)]
    time = TELLINGS[name][1]
    assert time is None or time in {field.name for field in fields(event)}
