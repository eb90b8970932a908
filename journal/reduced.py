"""What stays here of a note that an outside EPJ has taken, and when the rest goes (K8).

    stays  who signed what, when, and about whom; its hash and signature, the lines in the log, the
           EPJ's receipt, the codes of papers and what the national module answered
    goes   the sealed text of the note, its pictures and its papers

So nobody can read here what the EPJ looks after; and whoever has its text can show with what stays
that it is the one that was signed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Protocol

from venterom.journal.papers.prescription import CONTRACEPTIVE_YEARS

TABLES = ("record_entry", "record_attachment", "record_paper")
GOES = ("wrapped_dek", "nonce", "ciphertext")  # the columns that are emptied
# What is left then, as of a note that is deleted; a sealed text is never empty: its tag alone is
# 16 bytes.
EMPTIED: Mapping[str, bytes] = MappingProxyType(dict.fromkeys(GOES, b""))

# A recall is made of what the note says (M5), so the text stays while one may come: as long as the
# longest prescription is valid, in years that are never too short.
RECALLED_WITHIN = timedelta(days=366 * CONTRACEPTIVE_YEARS)


class Sealed(Protocol):
    """A row that holds a sealed text."""

    ciphertext: bytes


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a note whose text is here."""

    signed_at: datetime
    received_at: datetime | None  # when the EPJ's receipt came; None: it has not
    prescribed: bool  # a prescription of it was to be sent
    asked_about: bool  # a wish to correct or delete it waits for an answer, or a yes for its deed


def is_gone(row: Sealed) -> bool:
    """Whether the text is gone from here, since the EPJ alone has it or since it was deleted."""
    return not row.ciphertext


def goes_at(facts: Facts, keep: timedelta) -> datetime | None:
    """From when on the text may go that is kept for `keep` after the receipt. None: it stays, for
    now."""
    if facts.received_at is None or facts.asked_about:
        return None
    after = facts.received_at + keep
    return max(after, facts.signed_at + RECALLED_WITHIN) if facts.prescribed else after
