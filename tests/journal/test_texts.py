"""The texts that patients agree to: published, so never changed."""

import re
from dataclasses import replace

import pytest

from venterom.journal import texts
from venterom.journal.errors import UnknownText
from venterom.journal.texts import CONSENT, CURRENT, LANGUAGES, NOTICE, Section

# A text that was changed after it was published is another text than people agreed to. If this
# fails, take the change back and publish a new version.
PUBLISHED = {
    ("2026-1", "nb", "notice"): "a9cce8c6da8e938fb3646439d631cc4d909356543a6007a2aeb0e599a47e32b6",
    ("2026-1", "nb", "consent"): "78784bca20e504c1b69e04769b1f541b6ebc25d7049f8fdac522ac8205c25fb5",
    ("2026-1", "nn", "notice"): "586c347bed1f5baefd88d238c7a4ef62f52b6fa244f984b72fac0a90cc67a0e2",
    ("2026-1", "nn", "consent"): "340e438c42062b2d6543abcacdbf05a17ff3a5538a5846434e9ca3264ffe20fb",
    ("2026-1", "en", "notice"): "3526f8d4edc8a6de72849fe5c79c848024bdfaf9de3cbe24c600576529643e18",
    ("2026-1", "en", "consent"): "ecbde0f7d60258e6a3c6afc959e35cdd6699a381710dbe3370c319049ce75ee9",
}


@pytest.mark.parametrize(("key", "sha256"), PUBLISHED.items())
def test_a_published_text_is_never_changed(key: tuple[str, str, str], sha256: str) -> None:
    version, language, which = key
    assert texts.text_sha256(texts.text(which, language, version)) == sha256


def test_every_text_that_there_is_was_published() -> None:
    there = {(CURRENT, language, which) for language in LANGUAGES for which in (NOTICE, CONSENT)}
    assert there <= PUBLISHED.keys()


@pytest.mark.parametrize(
    ("which", "language", "version"),
    [("notice", "de", CURRENT), ("advert", "nb", CURRENT), ("notice", "nb", "1999-1")],
)
def test_an_unknown_text_is_an_error(which: str, language: str, version: str) -> None:
    with pytest.raises(UnknownText):
        texts.text(which, language, version)


def test_languages_have_the_same_sections() -> None:
    for which in ("notice", "consent"):
        assert len({len(texts.text(which, language).sections) for language in LANGUAGES}) == 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_is_short_plain_and_complete(language: str) -> None:
    page = texts.page(language)
    whole = " ".join(s.paragraph for text in (page.notice, page.consent) for s in text.sections)
    for needed in ("113", "116 117"):  # not for emergencies
        assert needed in whole
    assert len(whole.split()) < 400  # two minutes to read
    sentences = re.split(r"[.:] ", whole)
    assert max(len(sentence.split()) for sentence in sentences) <= 40
    assert len({page.notice.id, page.consent.id}) == 2


def test_nynorsk_is_nynorsk() -> None:
    def words(language: str) -> set[str]:
        page = texts.page(language)
        sections = page.notice.sections + page.consent.sections
        return set(re.findall(r"\w+", " ".join(s.paragraph for s in sections).lower()))

    only_bokmaal = {"ikke", "jeg", "hva", "hvem", "hvorfor", "noen", "ble", "et", "en", "sier"}
    assert not words("nn") & only_bokmaal and len(words("nb") & only_bokmaal) > 5


def test_the_hash_covers_everything_that_is_read() -> None:
    shown = texts.text("notice", "nb")
    first = shown.sections[0]
    changed = [
        replace(shown, title="x"),
        replace(shown, language="nn"),
        replace(shown, version="2026-2"),
        replace(shown, id="consent"),
        replace(shown, sections=shown.sections[::-1]),
        replace(shown, sections=shown.sections[:-1]),
        replace(shown, sections=(Section(first.heading, "x"), *shown.sections[1:])),
        replace(shown, sections=(Section("x", first.paragraph), *shown.sections[1:])),
    ]
    assert len({texts.text_sha256(text) for text in [shown, *changed]}) == len(changed) + 1
