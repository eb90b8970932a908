"""How a call was kept from others: how far it was encrypted, and whether the two who were in it
compared the words by which they can know that nobody sits between them (docs/encryption.md)."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Encryption(StrEnum):
    """How far sound and picture were encrypted."""

    END_TO_END = "end_to_end"  # from browser to browser
    HOP_BY_HOP = "hop_by_hop"  # to the service, and on from there


class Words(StrEnum):
    """What the doctor said about the words."""

    MATCHED = "matched"
    DIFFERENT = "different"
    NOT_COMPARED = "not_compared"


@dataclass(frozen=True, slots=True)
class Protection:
    """Of one call."""

    encryption: Encryption
    words: Words


def after(before: Protection | None, said: Protection) -> Protection:
    """What holds of the whole call when this is said of it as it is now.

    A call is protected as its weakest part was. Words that differed are not forgotten because a
    page was loaded anew and others have not been compared yet; a doctor may correct what was said.
    """
    if before is None:
        return said
    weakest = Encryption.HOP_BY_HOP in (before.encryption, said.encryption)
    forgets = before.words is Words.DIFFERENT and said.words is Words.NOT_COMPARED
    return Protection(
        Encryption.HOP_BY_HOP if weakest else Encryption.END_TO_END,
        before.words if forgets else said.words,
    )


# The journal is in Norwegian (pjf § 10), so these are not translated.
HEADING = "Videosamtale"
_SENTENCES: Mapping[Encryption | Words, str] = {
    Encryption.END_TO_END: "Kryptert fra ende til ende.",
    Encryption.HOP_BY_HOP: "Ikke kryptert fra ende til ende, men til tjenesten og videre derfra.",
    Words.MATCHED: "Lege og pasient sammenlignet kontrollordene, og de stemte.",
    Words.DIFFERENT: "Lege og pasient sammenlignet kontrollordene, og de var ulike.",
    Words.NOT_COMPARED: "Kontrollordene ble ikke sammenlignet.",
}


def sentences(kept: Protection) -> str:
    """For the record. Words that nobody could have compared are not spoken of."""
    parts: list[Encryption | Words] = [kept.encryption]
    if kept != Protection(Encryption.HOP_BY_HOP, Words.NOT_COMPARED):
        parts.append(kept.words)
    return " ".join(_SENTENCES[part] for part in parts)
