"""Reads the national register of medicines: FEST, the message M30 in XML (norway.md 7).

The file is read piece by piece and never held whole: it has a hundred megabytes. Of its catalogues
four are read, and joined at the end:

    KatLegemiddelpakning     what is prescribed: number, name, ATC, form, group, package, refund
    KatLegemiddelMerkevare   which strengths a brand has
    KatVirkestoff            what a strength is
    KatRefusjon              who pays for a group of packages, and by which rule (list 7427)

It is read strictly. A file that is not the register, is cut off, or brings definitions of its own
(which could make a small file huge) is refused whole; a package that lacks what a prescription
needs is refused alone and named; one that is no longer active is passed over.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element, ParseError, TreeBuilder, XMLParser

from venterom.journal.errors import NotTheRegister
from venterom.journal.papers.medicine import BY_HOSPITAL, REFUNDED, Medicine

M30 = "http://www.kith.no/xmlstds/eresept/m30/2014-12-01"
ACTIVE = "A"
MOST_DEPTH = 40  # elements in each other; the register has twelve
_NUMBER = re.compile(r"[0-9]{6}")
_ATC = re.compile(r"[A-Z][0-9]{2}[A-Z]{2}[0-9]{2}")
_ENTRIES = (
    *("OppfLegemiddelpakning", "OppfLegemiddelMerkevare", "OppfVirkestoff"),
    "OppfRefusjon",
)


@dataclass(frozen=True, slots=True)
class Refused:
    """A package that was not taken: its number or id, and why, in words."""

    name: str
    why: str


@dataclass(frozen=True, slots=True)
class Register:
    """What a file holds."""

    edition: str  # when it was fetched, as the file says
    medicines: tuple[Medicine, ...]
    passed_over: int  # no longer active
    refused: tuple[Refused, ...]


class _Bad(Exception):
    """A package that is not taken."""


@dataclass(slots=True)
class _Found:
    edition: str = ""
    packages: list[Element] = field(default_factory=list)
    brands: dict[str, list[str]] = field(default_factory=dict)  # brand -> its strengths
    strengths: dict[str, str] = field(default_factory=dict)
    rules: dict[str, str] = field(default_factory=dict)  # group of packages -> who pays (7427)
    passed_over: int = 0


def read(pieces: Iterable[bytes]) -> Register:
    """The register in a file's bytes. Raises NotTheRegister, and then nothing was read."""
    reader = _Reader()
    parser = XMLParser(target=reader)
    try:
        for piece in pieces:
            parser.feed(piece)
        parser.close()
    except ParseError as fault:
        raise NotTheRegister(str(fault)) from None
    found = reader.found
    if not found.edition or not found.packages:
        raise NotTheRegister("no date, or no packages")
    medicines, refused = _joined(found)
    if not medicines:
        raise NotTheRegister("no package could be taken")
    return Register(found.edition, tuple(medicines), found.passed_over, tuple(refused))


class _Reader:
    """Called by the parser for everything; keeps what stands in the entries that are read."""

    def __init__(self) -> None:
        self.found = _Found()
        self._path: list[str] = []
        self._building: TreeBuilder | None = None

    def doctype(self, name: str, public: str | None, system: str | None) -> None:
        """Nothing of ours needs one."""
        raise NotTheRegister("it has a document type")

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        if not self._path and tag != f"{{{M30}}}FEST":
            raise NotTheRegister(f"it begins with {tag[:100]}")
        if len(self._path) > MOST_DEPTH:
            raise NotTheRegister("elements are too deep in each other")
        name = tag.rpartition("}")[2]
        self._path.append(name)
        wanted = len(self._path) == 3 and name in _ENTRIES
        if wanted or self._path[1:] == ["HentetDato"]:
            self._building = TreeBuilder()
        if self._building is not None:
            self._building.start(name, attributes)

    def data(self, text: str) -> None:
        """Text within an element."""
        if self._building is not None:
            self._building.data(text)

    def end(self, tag: str) -> None:
        """An element ends."""
        name = self._path.pop()
        if self._building is None:
            return
        self._building.end(name)
        if name in _ENTRIES or name == "HentetDato":
            done, self._building = self._building.close(), None
            self._keep(name, done)

    def close(self) -> None:
        """The file ends."""

    def _keep(self, name: str, entry: Element) -> None:
        found = self.found
        if name == "HentetDato":
            found.edition = _text(entry)
        elif _code(entry, "Status") != ACTIVE:
            found.passed_over += name == "OppfLegemiddelpakning"
        elif name == "OppfLegemiddelpakning":
            found.packages.append(entry)
        elif name == "OppfLegemiddelMerkevare":
            brand = entry.find("LegemiddelMerkevare")
            if brand is not None:
                refs = brand.findall("SortertVirkestoffMedStyrke")
                found.brands[_text(brand.find("Id"))] = [
                    _text(ref.find("RefVirkestoffMedStyrke")) for ref in refs
                ]
        elif name == "OppfRefusjon":
            for rule in entry.findall("Refusjonshjemmel"):
                for group in rule.findall("Refusjonsgruppe"):
                    found.rules[_text(group.find("Id"))] = _code(rule, "Refusjonshjemmel")
        else:
            for strength in entry.findall("VirkestoffMedStyrke"):
                found.strengths[_text(strength.find("Id"))] = _strength(strength)


def _joined(found: _Found) -> tuple[list[Medicine], list[Refused]]:
    medicines: dict[str, Medicine] = {}
    refused = []
    for entry in found.packages:
        try:
            medicine = _medicine(found, entry)
            if medicine.number in medicines:
                raise _Bad("the number is there twice")
            medicines[medicine.number] = medicine
        except _Bad as bad:
            refused.append(Refused(_name(entry), str(bad)))
    return list(medicines.values()), refused


def _medicine(found: _Found, entry: Element) -> Medicine:
    package = entry.find("Legemiddelpakning")
    if package is None:
        raise _Bad("nothing in it")
    brand = _text(package.find("Pakningsinfo/RefLegemiddelMerkevare"))
    strengths = [found.strengths.get(each, "") for each in found.brands.get(brand, [])]
    groups = [_text(each) for each in package.findall("Refusjon/RefRefusjonsgruppe")]
    rules = {found.rules.get(each, "") for each in groups}
    return Medicine(
        number=_matching(_NUMBER, "Varenr", _text(package.find("Varenr"))),
        fest_id=_needed("Id", _text(package.find("Id"))),
        name=_needed("NavnFormStyrke", _text(package.find("NavnFormStyrke"))),
        substance=_needed("Atc", _code(package, "Atc", "DN")),
        atc=_matching(_ATC, "Atc", _code(package, "Atc")),
        form=_needed("LegemiddelformKort", _code(package, "LegemiddelformKort", "DN")),
        strength=" / ".join(each for each in strengths if each),
        group=_needed("Reseptgruppe", _code(package, "Reseptgruppe")),
        package=" + ".join(_contents(package)),
        reimbursed=REFUNDED in rules,
        by_hospital=BY_HOSPITAL in rules,
    )


def _contents(package: Element) -> Iterator[str]:
    for each in package.findall("Pakningsinfo"):
        size = _text(each.find("Pakningsstr"))
        yield f"{size} {_code(each, 'EnhetPakning')}".strip()


def _strength(strength: Element) -> str:
    said = _quantity(strength.find("Styrke"))
    per = _quantity(strength.find("StyrkeNevner"))
    return f"{said}/{per}" if per else said


def _quantity(element: Element | None) -> str:
    return "" if element is None else f"{element.get('V', '')} {element.get('U', '')}".strip()


def _text(element: Element | None) -> str:
    return "" if element is None else " ".join((element.text or "").split())


def _code(parent: Element, name: str, part: str = "V") -> str:
    element = parent.find(name)
    return "" if element is None else element.get(part, "").strip()


def _needed(name: str, said: str) -> str:
    if not said:
        raise _Bad(f"{name} is missing")
    return said


def _matching(form: re.Pattern[str], name: str, said: str) -> str:
    if not form.fullmatch(_needed(name, said)):
        raise _Bad(f"{name} is not of its form")
    return said


def _name(entry: Element) -> str:
    number = _text(entry.find("Legemiddelpakning/Varenr"))
    return (number or _text(entry.find("Id")) or "?")[:50]
