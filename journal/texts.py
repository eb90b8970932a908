"""The notice and the consent as they were shown: by version and language, each with its hash.

A published version is never changed, for people must always be able to see *their* text. A new
wording is a new version in a file of its own beside `texts_2026_1.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from venterom.journal import texts_2026_1
from venterom.journal.canonical import Plain, canonical, sha256_hex
from venterom.journal.errors import UnknownText

NOTICE = "notice"  # information (GDPR art. 13, pbrl § 3-2): acknowledged, not agreed to
CONSENT = "consent"  # to the form of treatment (pbrl §§ 4-1, 4-2) and what the insurer learns
LANGUAGES = ("nb", "nn", "en")
CURRENT = texts_2026_1.VERSION

# What the consent text names, one by one: each can be told apart later (ISO/IEC TS 27560).
PURPOSES: Mapping[str, bool] = {
    "video": True,
    "electronic_transport": True,
    "insurer_told_of_use": True,
    "recording": False,
}


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and what stands under it."""

    heading: str
    paragraph: str


@dataclass(frozen=True, slots=True)
class Text:
    """A text to be read by a patient, in one version and language."""

    id: str
    version: str
    language: str
    title: str
    sections: tuple[Section, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """What the patient sees: one page, two records."""

    notice: Text
    consent: Text


_PUBLISHED: Mapping[str, texts_2026_1.Texts] = {texts_2026_1.VERSION: texts_2026_1.TEXTS}


def text(which: str, language: str, version: str = CURRENT) -> Text:
    """A text by its id. Raises UnknownText."""
    try:
        title, sections = _PUBLISHED[version][language][which]
    except KeyError as fault:
        raise UnknownText(f"{which} {version} {language}") from fault
    return Text(which, version, language, title, tuple(Section(*pair) for pair in sections))


def page(language: str, version: str = CURRENT) -> Page:
    """Notice and consent as one page. Raises UnknownText."""
    return Page(text(NOTICE, language, version), text(CONSENT, language, version))


def as_said(shown: Text) -> dict[str, Plain]:
    """The text as it is hashed, and as it lies beside a receipt."""
    return {
        "id": shown.id,
        "version": shown.version,
        "language": shown.language,
        "title": shown.title,
        "sections": [[section.heading, section.paragraph] for section in shown.sections],
    }


def text_sha256(shown: Text) -> str:
    """The hash of exactly this text; it is in every receipt."""
    return sha256_hex(canonical(as_said(shown)))


def sha256_said(said: Plain) -> str:
    """The hash of a text that somebody shows us."""
    return sha256_hex(canonical(said))
