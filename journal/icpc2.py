"""ICPC-2, the diagnosis codes of primary care (finnkode, OID 2.16.578.1.12.4.1.1.7170).

The full list belongs to WONCA and is loaded by the operator (icpc2_file.py). Here are the rule for
what a code looks like, how one is found, and a few very common ones in our own words, which stand
in until a list is loaded.
"""

import re
import unicodedata
from collections.abc import Mapping
from types import MappingProxyType

OID = "2.16.578.1.12.4.1.1.7170"
CHAPTERS = "ABDFHKLNPRSTUWXYZ"  # organ systems; C, E, G and so on do not exist
MOST_FOUND = 12  # that are offered at once: what is seen without scrolling
_LETTERS = str.maketrans({"ø": "o", "æ": "ae", "đ": "d", "ł": "l"})  # no accents to take off
_WORD = re.compile(r"\w+")
_CODE = re.compile(rf"[{CHAPTERS}](?!00)[0-9]{{2}}")

COMMON: Mapping[str, str] = MappingProxyType(
    {
        "A03": "Feber",
        "A04": "Slapp og trøtt",
        "A77": "Virusinfeksjon, annen",
        "D01": "Vondt i magen",
        "D11": "Diaré",
        "D73": "Omgangssyke, antatt smitte",
        "F70": "Øyekatarr, smittsom",
        "H71": "Ørebetennelse, mellomøret",
        "H70": "Ørebetennelse, øregangen",
        "K86": "Høyt blodtrykk",
        "L03": "Vondt i korsryggen",
        "L08": "Vond skulder",
        "N01": "Hodepine",
        "N89": "Migrene",
        "P02": "Psykisk belastning, forbigående",
        "P06": "Søvnvansker",
        "P76": "Depresjon",
        "R05": "Hoste",
        "R74": "Forkjølelse",
        "R75": "Bihulebetennelse",
        "R76": "Halsbetennelse",
        "R80": "Influensa",
        "R97": "Pollenallergi",
        "S06": "Utslett, avgrenset",
        "S87": "Atopisk eksem",
        "S98": "Elveblest",
        "U71": "Blærekatarr",
        "W11": "Prevensjon, p-piller",
    }
)


def normalise(text: str) -> str:
    """The code as it is stored: capital, without blanks around it."""
    return text.strip().upper()


def well_formed(code: str) -> bool:
    """A chapter letter and 01 to 99. Whether the code is in use, only the full list can tell."""
    return _CODE.fullmatch(code) is not None


def is_process(code: str) -> bool:
    """Whether it says what was done (30 to 69 in every chapter), and not what ails somebody."""
    return "30" <= code[1:] <= "69"


def search(
    terms: Mapping[str, str], typed: str, limit: int = MOST_FOUND
) -> tuple[tuple[str, str], ...]:
    """Codes whose code or words begin with each word that was typed, the likeliest first: those
    whose code begins so, then those whose words do from the start, then all by their codes.
    Capitals, accents and signs between words do not matter."""
    words = folded(typed)
    if not words:
        return ()
    found = [
        (_rank(code, said, words), code, term)
        for code, term in terms.items()
        if _fits(words, said := folded(f"{code} {term}"))
    ]
    return tuple((code, term) for _, code, term in sorted(found)[:limit])


def folded(text: str) -> tuple[str, ...]:
    """The words of a text as they are compared: «Øyekatarr, smittsom» is oyekatarr and smittsom."""
    plain = text.casefold().translate(_LETTERS)
    bare = "".join(c for c in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(c))
    return tuple(_WORD.findall(bare))


def _fits(words: tuple[str, ...], said: tuple[str, ...]) -> bool:
    return all(any(word.startswith(begun) for word in said) for begun in words)


def _rank(code: str, said: tuple[str, ...], words: tuple[str, ...]) -> int:
    if code.casefold().startswith(words[0]):
        return 0
    whole = " ".join(said[1:])
    return 1 if whole.startswith(" ".join(words)) else 2
