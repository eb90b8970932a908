"""Brings prescriptions to the national module (sending.py).

Before anything is sent the module is asked what there is. That is the 4-hour rule, and it is also
how a prescription is found that arrived the last time, when only the answer was lost.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime

from venterom.journal.errors import NationalRefused
from venterom.journal.minors import norwegian_day
from venterom.journal.papers import sfm
from venterom.journal.papers.errand import Errand, Refusal, Result, Subject
from venterom.journal.papers.national import National
from venterom.journal.papers.prescription import Prescription
from venterom.journal.papers.sending import Parcel
from venterom.journal.papers.sfm import Order, Prescriber
from venterom.journal.retry import Failure

SEND_TIMEOUT = 30  # seconds that the module may take for both questions


async def send(
    national: National,
    parcel: Parcel,
    subject: Subject,
    her: str,
    clock: Callable[[], datetime],
) -> Result | Refusal:
    """Ask, then send. Never raises: an answer is always to be settled."""
    if parcel.content is None:
        return Refusal(Failure.REFUSED, parcel.fault)
    order, by = _order(parcel), Prescriber(parcel.author_name, parcel.author_hpr, her)
    try:
        async with asyncio.timeout(SEND_TIMEOUT):
            asked_at = clock()
            known = sfm.read_known(await national.get_medication(by, sfm.ask(subject)))
            if order.errand is Errand.SEND and order.id in known.prescriptions:
                return Result(order.id, known.prescriptions[order.id])
            if not sfm.fresh(asked_at, now := clock()):
                return Refusal(Failure.UNREACHABLE, "TooOldToSend")
            parameters = sfm.send(order, subject, by, known, now)
            return sfm.read_result(await national.send_medication(by, parameters), order)
    except NationalRefused as fault:
        return Refusal(Failure.REFUSED, fault.detail[:80] or type(fault).__name__)
    except Exception as fault:  # whatever a client library may raise: try again
        return Refusal(Failure.UNREACHABLE, type(fault).__name__)


def _order(parcel: Parcel) -> Order:
    body = parcel.body
    assert isinstance(body, Prescription)
    written = norwegian_day(parcel.signed_at)
    return Order(parcel.paper, parcel.errand, body, written, parcel.withheld)
