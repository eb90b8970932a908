"""Nobody meets half a page in another language, and what they meet is well said."""

import re
from collections.abc import Iterator

import pytest

from venterom.web.text import LANGUAGES, SOURCE, translations
from venterom.web.words import extract
from venterom.web.words.extract import forms

TRANSLATED = extract.LANGUAGES
PLACEHOLDER = re.compile(r"%\(\w+\)s|\{\w+\}")
WORD = re.compile(r"[a-zæøåéèêóòôü]+")

# Words that no screen uses: they blame, frighten, beg, or say nothing.
NEVER = {
    "nb": (
        "ugyldig",
        "feil oppstod",
        "feil oppsto",
        "oisann",
        "vennligst",
        "merk at",
        "beklagelig",
    ),
    "nn": ("ugyldig", "feil oppstod", "oisann", "venlegst", "ver venleg", "merk at", "beklageleg"),
    "en": ("invalid", "error", "oops", "please", "unfortunately", "illegal", "canceled", "color"),
}

# The same in English as in Norwegian, and rightly so.
SHARED = {"%(n)s min", "Ctrl + Enter", "HPR %(number)s", "Plan"}

# Bokmål that nynorsk has another word or form for.
ONLY_BOKMAAL = frozenset(
    """
    allerede allergier annen annet ansatte arbeidsgiver avbrutt avslutter avsluttet bare barnets
    bedre begynn begynt beholder beklager beroligende bestemmer bilde bildet ble bokstaver brutt
    dager dekket dem dere derfra dessverre egen eget eksempel en endret enige ennå et ett
    etternavn falt feilsøker fikk finner finnes flere foran forbindelsen fornavn fornyelse
    forsiden forsikringen fortell fortsatt fra frem galt gammel ganger gikk gjelder gjør haster
    hel hele helsen henvisning herfra hilsen holde holdt hva hvem hvert hvilken hvis hvor
    hvordan hvorfor høre hører hånden ikke imens innen innholdet innloggingen jeg koble kobler
    komme kommer kommet kortere lagrer lagret lederen legene leger legge lenken leser leste
    listen logger logget lovet lovte mangler medisiner medisinlisten meldingen meldingene
    meldinger mener mens minuttene minutter mister mulig mye møtes måned navn nettleser
    nettleseren nevn noe noen notater nærheten nå også oppdiktede oppdiktet opptatt pasientene
    pasientens pasienter passer personene personer riktig riktige rollen rådgivning sammen
    samtykker satt se selv senere senest siden sier sifrene sjekker sjekket skrevet skriver
    skrives slipper smertestillende sted stedet svarer svarte sviktet sykehistorie sykepleiere
    sykmelding tall tatt tegn tegnene tiden tilkoblet timer tjenesten trekke trenger undersøkes
    uten utenom utgave vakten varslet vegne vei velg velge venter ventet videre vindu vinduer
    virkelige virker vises være øverst øyeblikk øyeblikkelig åpen åpent åpne åpner åpnet
    """.split()
)


def sayings(language: str) -> Iterator[tuple[str, str]]:
    """Each text and its words in this language; of a plural, form by form."""
    for message in extract.read(language):
        if message.id:
            yield from zip(forms(message.id), forms(message.string), strict=True)


def everything(language: str) -> list[str]:
    """All that is said in a language; in bokmål, that is what stands in pages and code."""
    if language == SOURCE:
        return [each for message in extract.wanted() if message.id for each in forms(message.id)]
    return [words for _source, words in sayings(language)]


@pytest.mark.parametrize("language", TRANSLATED)
def test_the_file_holds_what_stands_in_pages_and_code_and_nothing_else(language: str) -> None:
    new = extract.written(extract.updated(language))
    assert (extract.HERE / f"{language}.po").read_bytes() == new, "run make words"


@pytest.mark.parametrize("language", TRANSLATED)
def test_nothing_waits_for_words(language: str) -> None:
    assert extract.missing(extract.read(language)) == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_what_is_filled_in_later_has_the_same_places(language: str) -> None:
    def places(text: str) -> list[str]:
        return sorted(PLACEHOLDER.findall(text))

    assert [s for s, words in sayings(language) if places(s) != places(words)] == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_text_ends_as_its_source_does(language: str) -> None:
    """What follows it on the page was written for that ending: a number, a time, a full stop."""

    def ending(text: str) -> str:
        last = text.removesuffix("kl.").rstrip(" ")[-1:]
        return last if last in ".,:?…" else ""

    assert [s for s, words in sayings(language) if ending(s) != ending(words)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_nobody_is_blamed_frightened_shouted_at_or_kept_waiting_by_words(language: str) -> None:
    never = re.compile("!|" + "|".join(rf"\b{words}\b" for words in NEVER[language]), re.I)
    assert [words for words in everything(language) if never.search(words)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_words_are_no_markup_and_have_no_stray_blanks(language: str) -> None:
    odd = re.compile(r"[<>&\n\t]|^ | $|  ")  # a page takes its own words for safe
    assert [words for words in everything(language) if odd.search(words)] == []


def test_nynorsk_is_nynorsk() -> None:
    def bokmaal(text: str) -> frozenset[str]:
        return ONLY_BOKMAAL.intersection(WORD.findall(text.lower()))

    assert [(words, bokmaal(words)) for _s, words in sayings("nn") if bokmaal(words)] == []


def test_english_is_english() -> None:
    same = {source for source, words in sayings("en") if source == words}
    assert same <= SHARED
    assert [words for _s, words in sayings("en") if re.search("[æøåÆØÅ]", words)] == []


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("nb", ["0 leger på vakt", "1 lege på vakt", "2 leger på vakt", "21 leger på vakt"]),
        ("nn", ["0 legar på vakt", "1 lege på vakt", "2 legar på vakt", "21 legar på vakt"]),
        (
            "en",
            ["0 doctors on duty", "1 doctor on duty", "2 doctors on duty", "21 doctors on duty"],
        ),
    ],
)
def test_one_and_many_are_told_apart(language: str, said: list[str]) -> None:
    one, many = "%(count)s lege på vakt", "%(count)s leger på vakt"
    forms_of = translations(language).ngettext
    assert [forms_of(one, many, n) % {"count": n} for n in (0, 1, 2, 21)] == said


def test_a_text_without_words_is_shown_in_bokmaal() -> None:
    assert translations("nn").gettext("Ny tekst") == "Ny tekst"
