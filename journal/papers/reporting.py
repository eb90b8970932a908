"""Brings sick notes to NAV: at least once from here, exactly once over there (sending.py).

The gateway is asked first whether it has the message, for the last answer may have been lost. What
was taken is not what NAV has: until NAV's own receipt (AppRec) is there, the note is on its way.
"""

import asyncio

from venterom.journal.errors import NationalRefused, NavRejected
from venterom.journal.papers import nav_message
from venterom.journal.papers.errand import CALLED_OFF, Refusal, Result, Subject
from venterom.journal.papers.nav import Nav
from venterom.journal.papers.nav_message import Letter
from venterom.journal.papers.sending import Parcel
from venterom.journal.papers.sheet import Sender
from venterom.journal.papers.sick_note import SickNote
from venterom.journal.retry import Failure

SEND_TIMEOUT = 30  # seconds that the gateway may take for both questions


async def send(
    nav: Nav, parcel: Parcel, subject: Subject, sender: Sender, her: str
) -> Result | Refusal:
    """Ask, then hand over. Never raises: an answer is always to be settled."""
    if parcel.content is None:
        return Refusal(Failure.REFUSED, parcel.fault)
    try:
        async with asyncio.timeout(SEND_TIMEOUT):
            answer = await nav.ask(parcel.paper)
            if not answer.known:
                if parcel.withdrawn:
                    return Refusal(Failure.WRONG, CALLED_OFF)
                xml = nav_message.message(_letter(parcel, subject, sender, her))
                answer = await nav.hand_over(parcel.paper, xml)
        if not answer.receipt:
            return Refusal(Failure.UNREACHABLE, "NoReceiptYet")
        return nav_message.receipt(answer.receipt, parcel.paper)
    except NavRejected as no:
        return Refusal(Failure.WRONG, f"NavRejected {no.detail}"[:80])
    except NationalRefused as fault:
        return Refusal(Failure.REFUSED, fault.detail[:80] or type(fault).__name__)
    except Exception as fault:  # whatever a client library may raise: try again
        return Refusal(Failure.UNREACHABLE, type(fault).__name__)


def _letter(parcel: Parcel, subject: Subject, sender: Sender, her: str) -> Letter:
    content, body = parcel.content, parcel.body
    assert content is not None and isinstance(body, SickNote)
    return Letter(
        id=parcel.paper,
        body=body,
        signed_at=parcel.signed_at,
        subject=subject,
        doctor=parcel.author_name,
        hpr=parcel.author_hpr,
        sender=sender,
        her=her,
        icpc2=content.note.icpc2,
        term=content.term,
    )
