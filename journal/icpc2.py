"""ICPC-2, the diagnosis codes of primary care (finnkode, OID 2.16.578.1.12.4.1.1.7170).

The full list belongs to WONCA and is loaded by the operator. Here are the rule for what a code
looks like and a few very common ones, in our own words, for suggestions while typing.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType

OID = "2.16.578.1.12.4.1.1.7170"
CHAPTERS = "ABDFHKLNPRSTUWXYZ"  # organ systems; C, E, G and so on do not exist
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


def suggestions(typed: str, limit: int = 8) -> list[tuple[str, str]]:
    """Common codes whose code or words begin with what was typed, in the order of their codes."""
    start = typed.strip().casefold()
    fits = [
        (code, words)
        for code, words in sorted(COMMON.items())
        if start and any(w.startswith(start) for w in (code.casefold(), *_words(words)))
    ]
    return fits[:limit]


def _words(text: str) -> list[str]:
    lower = text.casefold()
    return [lower, *lower.replace(",", "").split()]
