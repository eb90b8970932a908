"""The sick note as NAV receives it, what an employer is given, and what is read of a receipt."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import TypeAlias
from xml.etree.ElementTree import Element, fromstring

import pytest

from tests.journal.papers.make import BODIES, SICK_NOTE, TODAY
from tests.journal.papers.nav_stand_in import COMMON, HEAD, NOTE, ORDER, apprec
from venterom.journal.errors import NationalRefused, NavRejected
from venterom.journal.papers import wording
from venterom.journal.papers.errand import Subject
from venterom.journal.papers.nav_message import Letter, message, receipt
from venterom.journal.papers.sheet import Sender
from venterom.journal.papers.sick_note import Door, Employers, SickNote

ID = "11111111-2222-4333-8444-555555555555"
LETTER = Letter(
    id=ID,
    body=SICK_NOTE,
    signed_at=datetime(2026, 11, 24, 11, 0, tzinfo=UTC),
    subject=Subject("Kari Anne Prøvdal", date(1980, 5, 17), "17858012345"),
    doctor="Berit Prøveberg",
    hpr="9999001",
    sender=Sender("Prøvelegene AS", "999999999", "Prøveveien 1", "23 01 48 00"),
    her="8140000",
    icpc2="R76",
    term="Halsbetennelse",
)


def note(letter: Letter = LETTER) -> Element:
    """The sick note within the message."""
    (found,) = fromstring(message(letter)).iter(f"{NOTE}HelseOpplysningerArbeidsuforhet")
    return found


def said(tag: str, letter: Letter = LETTER) -> list[str]:
    """What stands in the elements of this name."""
    return [each.text or "" for each in note(letter).iter(f"{NOTE}{tag}")]


def test_it_is_the_same_message_each_time() -> None:
    assert message(LETTER) == message(LETTER)
    head = fromstring(message(LETTER))
    assert head.findtext(f"{HEAD}MsgInfo/{HEAD}MsgId") == ID


def test_nav_is_told_who_how_long_how_much_why_and_by_which_exception() -> None:
    assert said("Fornavn")[0] == "Kari Anne" and said("Etternavn")[0] == "Prøvdal"
    assert (said("PeriodeFOMDato"), said("PeriodeTOMDato")) == (["2026-11-24"], ["2026-11-27"])
    (diagnosis,) = note().iter(f"{NOTE}Diagnosekode")
    assert diagnosis.attrib == {
        "V": "R76",
        "DN": "Halsbetennelse",
        "S": "2.16.578.1.12.4.1.1.7170",
    }
    (words,) = said("BeskrivBistandNAV")
    assert SICK_NOTE.function in words and SICK_NOTE.work in words and SICK_NOTE.reason in words
    assert "§ 8-7 fjerde ledd" in words


Parts: TypeAlias = "list[tuple[str, Parts]]"


def parts(of: Element) -> Parts:
    return [(each.tag, parts(each)) for each in of]


def names(space: str, *tags: str) -> Parts:
    return [(f"{space}{tag}", []) for tag in tags]


def test_its_parts_stand_as_the_schema_wants_them() -> None:
    by_name = {each.tag.removeprefix(NOTE): each for each in note()}
    assert list(by_name) == list(ORDER)
    ident = names(COMMON, "Id", "TypeId")
    name = (f"{NOTE}Navn", names(NOTE, "Etternavn", "Fornavn"))
    assert parts(by_name["Pasient"]) == [name, (f"{NOTE}Fodselsnummer", ident)]
    assert parts(by_name["Behandler"]) == [
        name,
        (f"{NOTE}Id", ident),
        (f"{NOTE}Adresse", []),
        (f"{NOTE}KontaktInfo", names(COMMON, "TypeTelecom", "TeleAddress")),
    ]
    assert by_name["Arbeidsgiver"][0].attrib.keys() == {"V", "DN"}  # its list has no name there
    graded = note(replace(LETTER, body=replace(SICK_NOTE, degree=50)))
    (kind,) = graded.iter(f"{NOTE}GradertSykmelding")
    assert parts(kind) == names(NOTE, "Sykmeldingsgrad", "Reisetilskudd")
    assert by_name["Strekkode"].text == ID


def test_what_nav_shows_to_employers_is_the_period_and_the_degree_alone() -> None:
    shown = {"MeldingTilArbeidsgiver", "Tiltak", "TiltakArbeidsplassen"}
    assert not shown & {each.tag.removeprefix(NOTE) for each in note().iter()}
    (period,) = note().iter(f"{NOTE}Periode")
    assert [each.tag.removeprefix(NOTE) for each in period] == [
        "PeriodeFOMDato",
        "PeriodeTOMDato",
        "AktivitetIkkeMulig",
    ]
    assert not [*period[2]]


@pytest.mark.parametrize(
    ("degree", "kind", "graded"),
    [(100, "AktivitetIkkeMulig", []), (50, "GradertSykmelding", ["50"])],
)
def test_a_period_is_of_one_kind(degree: int, kind: str, graded: list[str]) -> None:
    letter = replace(LETTER, body=replace(SICK_NOTE, degree=degree))
    (period,) = note(letter).iter(f"{NOTE}Periode")
    assert [each.tag.removeprefix(NOTE) for each in period[2:]] == [kind]
    assert said("Sykmeldingsgrad", letter) == graded


@pytest.mark.parametrize(
    ("number", "kind"), [("17858012345", "FNR"), ("57858012345", "DNR"), ("41819012359", "DNR")]
)
def test_a_d_number_is_called_one(number: str, kind: str) -> None:
    letter = replace(LETTER, subject=replace(LETTER.subject, number=number))
    (element,) = note(letter).iter(f"{NOTE}Fodselsnummer")
    assert element[1].get("V") == kind and element[0].text == number


def test_one_name_is_both_names() -> None:
    letter = replace(LETTER, subject=replace(LETTER.subject, name="Prøvdal"))
    assert (said("Etternavn", letter)[0], said("Fornavn", letter)[0]) == ("Prøvdal", "Prøvdal")


@pytest.mark.parametrize("body", [SICK_NOTE, replace(SICK_NOTE, degree=50, door=Door.KNOWN)])
def test_an_employer_is_given_how_long_and_how_much(body: SickNote) -> None:
    lines = wording.for_employer(body)
    assert lines == [("Periode", "24.11.2026–27.11.2026"), ("Grad", f"{body.degree} %")]


@pytest.mark.parametrize(
    "body", [replace(SICK_NOTE, employers=Employers.NONE), *(b for b in BODIES if b != SICK_NOTE)]
)
def test_without_an_employer_or_a_sick_note_there_is_nothing_for_one(body: SickNote) -> None:
    assert wording.for_employer(body) == []


@pytest.mark.parametrize(("sent", "says"), [(True, wording.TO_NAV), (False, wording.BY_HAND)])
def test_the_paper_says_whether_it_is_sent(sent: bool, says: str) -> None:
    assert ("Sending", says) in wording.lines(SICK_NOTE, TODAY, electronic=sent)


@pytest.mark.parametrize("form", ["2004-11-21", "2012-02-15"])
def test_a_yes_is_a_yes(form: str) -> None:
    assert receipt(apprec(ID, "1", form=form).encode(), ID).reference == f"receipt-of-{ID}"


def test_a_no_is_a_no_with_its_codes_and_no_words() -> None:
    with pytest.raises(NavRejected) as no:
        receipt(apprec(ID, "2", error="Kari er ikke i folkeregisteret").encode(), ID)
    assert no.value.detail == "X99"


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"ok",
        b"<html>maintenance</html>",
        b"<AppRec/>",
        apprec(ID, "1").encode()[:-20],
        apprec("another", "1").encode(),
        apprec(ID, "").encode(),
        apprec(ID, "3").encode(),
        apprec(ID, "1", form="1999-01-01").encode(),
        b'<!DOCTYPE x [<!ENTITY a "aaa">]>' + apprec(ID, "1").encode(),
    ],
    ids=range(10),
)
def test_what_is_no_receipt_of_this_message_is_no_yes(answer: bytes) -> None:
    with pytest.raises(NationalRefused):
        receipt(answer, ID)
