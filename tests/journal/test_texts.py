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
    ("2026-1", "nb", "notice"): "4b5bceb6c0eaa15ff0b790f65ba22940810d905825efbd493b6c345d33c14c39",
    ("2026-1", "nb", "consent"): "3412e1a84edb209487105be3c27ed5db73494124d8443d3d0d4d6e5d6e64632d",
    ("2026-1", "nn", "notice"): "444915a5744088d989aadc1ebe353421a28e2a4f5f232d30ffdfa773f3c40c3a",
    ("2026-1", "nn", "consent"): "93154b6de515691612b8a39726be983540b32557506593592664c061f0eaf9f8",
    ("2026-1", "en", "notice"): "423a186313818d54c98e3856c39839ada75b564c55109b7b27e49a5aee6edfb5",
    ("2026-1", "en", "consent"): "45e202b88010a51064c5158cedd072611d34e81924a9eb1f766b4a58f38dd81e",
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
