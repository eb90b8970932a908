"""The register's file: what is taken of it, what is refused, and what refuses it whole."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from venterom.journal.errors import NotTheRegister
from venterom.journal.papers import fest
from venterom.journal.papers.fest import M30, Refused

SAMPLE = Path(__file__).parents[3] / "server/demo/medicines.xml"
PACKAGE = (
    "<OppfLegemiddelpakning><Id>ID_9</Id><Status V='A'/>"
    "<Legemiddelpakning xmlns='http://www.kith.no/xmlstds/eresept/forskrivning/2014-12-01'>"
    "<Atc V='C09AA99' DN='Prøvepril'/><NavnFormStyrke>Prøvepress tab 10 mg</NavnFormStyrke>"
    "<Reseptgruppe V='C'/><LegemiddelformKort V='53' DN='Tablett'/><Id>ID_1</Id>"
    "<Varenr>990001</Varenr></Legemiddelpakning></OppfLegemiddelpakning>"
)


def file(
    *packages: str, head: str = "", date: str = "2026-11-23", space: str = M30, more: str = ""
) -> bytes:
    """A register of these packages, and of more."""
    return (
        f"<?xml version='1.0'?>{head}<FEST xmlns='{space}'><HentetDato>{date}</HentetDato>"
        f"<KatLegemiddelpakning>{''.join(packages)}</KatLegemiddelpakning>{more}</FEST>"
    ).encode()


def pieces(data: bytes, size: int) -> Iterator[bytes]:
    """As a file is read."""
    for first in range(0, len(data), size):
        yield data[first : first + size]


@pytest.mark.parametrize("size", [1, 7, 1_000_000])
def test_the_sample_is_read_whole_however_it_is_cut(size: int) -> None:
    register = fest.read(pieces(SAMPLE.read_bytes(), size))
    assert register.edition == "2026-11-23T03:00:00"
    assert (len(register.medicines), register.passed_over, register.refused) == (16, 1, ())
    found = {each.number: each for each in register.medicines}
    press = found["990001"]
    assert (press.name, press.substance) == ("Prøvepress tab 10 mg", "Prøvepril")
    assert (press.atc, press.form, press.strength) == ("C09AA99", "Tablett", "10 mg")
    assert (press.group, press.package, press.reimbursed) == ("C", "100 stk", True)
    assert found["990013"].strength == "100 mikrog/1 dose"
    assert found["990006"].strength == "" and not found["990006"].reimbursed
    payers = {each.number: (each.reimbursed, each.by_hospital) for each in register.medicines}
    assert {number for number, pays in payers.items() if pays == (False, True)} == {"990016"}
    assert len([number for number, pays in payers.items() if pays == (True, False)]) == 5
    assert {each.group for each in register.medicines} == {"A", "B", "C", "CF"}


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        (PACKAGE.replace("990001", ""), "Varenr is missing"),
        (PACKAGE.replace("990001", "99000"), "Varenr is not of its form"),
        (PACKAGE.replace("990001", "99000x"), "Varenr is not of its form"),
        (PACKAGE.replace("C09AA99", "C09"), "Atc is not of its form"),
        (PACKAGE.replace("<Atc V='C09AA99' DN='Prøvepril'/>", ""), "Atc is missing"),
        (PACKAGE.replace("Prøvepress tab 10 mg", " "), "NavnFormStyrke is missing"),
        (PACKAGE.replace("<Reseptgruppe V='C'/>", ""), "Reseptgruppe is missing"),
        (PACKAGE.replace("DN='Tablett'", ""), "LegemiddelformKort is missing"),
        (PACKAGE.replace("<Id>ID_1</Id>", ""), "Id is missing"),
        (PACKAGE.replace("Legemiddelpakning xmlns", "Annet xmlns", 1), ""),
    ],
)
def test_a_package_that_lacks_what_a_prescription_needs_is_refused_alone(
    changed: str, why: str
) -> None:
    if not why:
        changed, why = (
            PACKAGE[: PACKAGE.index("<Legemid")] + "</OppfLegemiddelpakning>",
            "nothing in it",
        )
    good = PACKAGE.replace("990001", "990002")
    register = fest.read([file(changed, good)])
    assert [each.number for each in register.medicines] == ["990002"]
    assert [each.why for each in register.refused] == [why]


def test_a_number_that_comes_twice_is_taken_once_and_named() -> None:
    register = fest.read([file(PACKAGE, PACKAGE)])
    assert len(register.medicines) == 1
    assert register.refused == (Refused("990001", "the number is there twice"),)


def paid_for(*rules: str, status: str = "A") -> str:
    """A catalogue in which the group ID_5 stands under each of these rules."""
    entries = "".join(
        f"<OppfRefusjon><Id>ID_7</Id><Status V='{status}'/><Refusjonshjemmel>"
        f"<Refusjonshjemmel V='{rule}'/>"
        "<Refusjonsgruppe><Id>ID_4</Id></Refusjonsgruppe>"
        f"<Refusjonsgruppe><Id>{'ID_5' if rule else 'ID_6'}</Id></Refusjonsgruppe>"
        "</Refusjonshjemmel></OppfRefusjon>"
        for rule in rules
    )
    return f"<KatRefusjon>{entries}</KatRefusjon>"


@pytest.mark.parametrize(
    ("catalogue", "pays"),
    [
        (paid_for("200"), (True, False)),
        (paid_for("950"), (False, True)),
        (paid_for("400"), (False, False)),  # dangerous infectious diseases: not § 2
        (paid_for(""), (False, False)),  # the group is nowhere
        (paid_for("200", status="U"), (False, False)),  # no longer
        ("", (False, False)),
    ],
)
def test_who_pays_for_a_package_is_read_from_the_rule_of_its_group(
    catalogue: str, pays: tuple[bool, bool]
) -> None:
    group = "<Refusjon><RefRefusjonsgruppe>ID_5</RefRefusjonsgruppe></Refusjon>"
    package = PACKAGE.replace("<Varenr>", f"{group}<Varenr>")
    (read,) = fest.read([file(package, more=catalogue)]).medicines
    assert (read.reimbursed, read.by_hospital) == pays


BOMB = "<!DOCTYPE FEST [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;'>]>"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"PK\x03\x04 a zip",
        b"<html></html>",
        file(),
        file(PACKAGE, date=""),
        file(PACKAGE, space="http://www.kith.no/xmlstds/eresept/m30/2009-11-01"),
        file(PACKAGE, head=BOMB),
        file(PACKAGE, head="<!DOCTYPE FEST SYSTEM 'file:///etc/passwd'>"),
        file(PACKAGE)[:-20],
        file(PACKAGE) + b"<more/>",
        file(PACKAGE.replace("990001", "x")),
        file("<a>" * 100 + "</a>" * 100, PACKAGE),
        file(PACKAGE).replace(b"Pr\xc3\xb8vepril", b"\xff\xfe"),
    ],
    ids=range(13),
)
def test_what_is_not_the_register_is_refused_whole(data: bytes) -> None:
    with pytest.raises(NotTheRegister):
        fest.read(pieces(data, 100))
