"""The sick note as NAV receives it, and the receipt that comes back (docs/sicknotes.md).

A MsgHead 1.2 around «HelseOpplysningerArbeidsuforhet» of 2013-10-01, and an AppRec 1.0 or 1.1
(norway.md 6.4). NAV and the patient read all of it. The employer is shown by NAV what stands in
`Aktivitet`, in `Tiltak/TiltakArbeidsplassen` and in `MeldingTilArbeidsgiver`: we write the period
and the degree there, and leave the other two out. What the doctor says of function, work and the
exception of § 8-7 stands in `MeldingTilNav`, which no employer is shown.

The same note is the same message each time, byte by byte, by the paper's own id.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from xml.etree.ElementTree import Element, ParseError, fromstring, tostring

from venterom.journal.errors import NationalRefused, NavRejected
from venterom.journal.papers.errand import Result, Subject
from venterom.journal.papers.sheet import Sender
from venterom.journal.papers.sick_note import WHOLE, Employers, SickNote
from venterom.journal.papers.wording import to_nav

MSGHEAD = "http://www.kith.no/xmlstds/msghead/2006-05-24"
SICK_NOTE = "http://www.kith.no/xmlstds/HelseOpplysningerArbeidsuforhet/2013-10-01"
COMMON = "http://www.kith.no/xmlstds/felleskomponent1"  # of numbers and telephones in a sick note
APPREC = (
    "http://www.kith.no/xmlstds/apprec/2004-11-21",
    "http://www.kith.no/xmlstds/apprec/2012-02-15",
)
NAV_HER = "79768"
LISTS = "2.16.578.1.12.4.1.1."
PERSON, ORGANISATION, ICPC2 = "8116", "9051", "7170"
RULES = "2"  # the edition of NAV's rules that the message follows
OK, REJECTED = "1", "2"
MOST_CODES = 5  # of the errors of a receipt that are kept: they all say that it is rejected
WORDS = {
    Employers.ONE: "Én arbeidsgiver",
    Employers.MORE: "Flere arbeidsgivere",
    Employers.NONE: "Ingen arbeidsgiver",
}


@dataclass(frozen=True, slots=True)
class Letter:
    """Everything that the message is made of; `id` is the paper's, and the message's."""

    id: str
    body: SickNote
    signed_at: datetime
    subject: Subject
    doctor: str
    hpr: str
    sender: Sender
    her: str  # the enterprise's HER-id
    icpc2: str  # the diagnosis of the note
    term: str  # its words


def message(letter: Letter) -> bytes:
    """The message, as XML."""
    content = _element("Content", _sick_note(letter))
    document = _element("RefDoc", _coded("MsgType", "XML", "XML-instans"), content)
    whole = _element("MsgHead", _info(letter), _element("Document", document), xmlns=MSGHEAD)
    said: bytes = tostring(whole, encoding="utf-8", xml_declaration=True)
    return said


def receipt(answer: bytes, message_id: str) -> Result:
    """What an AppRec says of a message.

    Raises NavRejected when NAV said no, NationalRefused for what is no receipt of this message.
    """
    root = _parsed(answer)
    space, _, name = root.tag[1:].partition("}")
    if name != "AppRec" or space not in APPREC:
        raise NationalRefused("no AppRec")
    names = {"a": space}
    if root.findtext("a:OriginalMsgId/a:Id", "", names).strip() != message_id:
        raise NationalRefused("an AppRec of another message")
    status = root.find("a:Status", names)
    said = "" if status is None else status.get("V", "")
    if said == REJECTED:
        codes = [each.get("V", "?")[:10] for each in root.findall("a:Error", names)]
        raise NavRejected(" ".join(codes[:MOST_CODES]))
    if said != OK:
        raise NationalRefused(f"AppRec {said[:10]}")
    return Result(message_id, root.findtext("a:Id", "", names).strip()[:100])


def _parsed(answer: bytes) -> Element:
    if b"<!DOCTYPE" in answer:  # nothing of theirs needs one, and one can make a short text huge
        raise NationalRefused("it has a document type")
    try:
        return fromstring(answer)
    except ParseError as fault:
        raise NationalRefused("no XML") from fault


def _info(letter: Letter) -> Element:
    family, given = _names(letter.doctor)
    own = [_ident("Ident", letter.her, ORGANISATION, "HER", "HER-id")]
    if letter.sender.number:
        own.append(
            _ident("Ident", letter.sender.number, ORGANISATION, "ENH", "Organisasjonsnummer")
        )
    professional = _element(
        "HealthcareProfessional",
        _element("FamilyName", family),
        _element("GivenName", given),
        _ident("Ident", letter.hpr, PERSON, "HPR", "HPR-nummer"),
    )
    nav = [
        _element("OrganisationName", "NAV"),
        _ident("Ident", NAV_HER, ORGANISATION, "HER", "HER-id"),
    ]
    return _element(
        "MsgInfo",
        _coded("Type", "SYKMELD", "Medisinsk vurdering av arbeidsmulighet ved sykdom, sykmelding"),
        _element("MIGversion", "v1.2 2006-05-24"),
        _element("GenDate", _moment(letter)),
        _element("MsgId", letter.id),
        _coded("Ack", "J", "Ja"),
        _party("Sender", _element("OrganisationName", letter.sender.name), *own, professional),
        _party("Receiver", *nav),
        _patient(letter.subject),
    )


def _party(name: str, *parts: Element) -> Element:
    return _element(name, _coded("ComMethod", "EDI", "EDI"), _element("Organisation", *parts))


def _patient(subject: Subject) -> Element:
    family, given = _names(subject.name)
    names = _element("FamilyName", family), _element("GivenName", given)
    return _element("Patient", *names, _number("Ident", subject.number))


def _sick_note(letter: Letter) -> Element:
    body = letter.body
    assert body.first is not None
    day = body.first.isoformat()
    return _element(
        "HelseOpplysningerArbeidsuforhet",
        _element("RegelSettVersjon", RULES),
        _element("SyketilfelleStartDato", day),
        _element(
            "Pasient",
            _full_name(letter.subject.name),
            _number("Fodselsnummer", letter.subject.number, COMMON),
        ),
        _element(
            "Arbeidsgiver",
            _coded("HarArbeidsgiver", body.employers, WORDS[body.employers]),
        ),
        _element("MedisinskVurdering", _element("HovedDiagnose", _diagnosis(letter))),
        _element("Aktivitet", _period(body)),
        _element(
            "MeldingTilNav",
            _element("BistandNAVUmiddelbart", "false"),
            _element("BeskrivBistandNAV", to_nav(body)),
        ),
        _element("KontaktMedPasient", _element("BehandletDato", _moment(letter))),
        _element("Behandler", *_doctor(letter)),
        _element(
            "AvsenderSystem", _element("SystemNavn", "Venterom"), _element("SystemVersjon", "1")
        ),
        _element("Strekkode", letter.id),  # of paper forms once; the schema asks for it still
        xmlns=SICK_NOTE,
    )


def _diagnosis(letter: Letter) -> Element:
    return _coded("Diagnosekode", letter.icpc2, letter.term, LISTS + ICPC2)


def _period(body: SickNote) -> Element:
    assert body.first is not None and body.last is not None and body.degree is not None
    if body.degree == WHOLE:
        kind = _element("AktivitetIkkeMulig")
    else:
        degree = _element("Sykmeldingsgrad", str(body.degree))
        kind = _element("GradertSykmelding", degree, _element("Reisetilskudd", "false"))
    first = _element("PeriodeFOMDato", body.first.isoformat())
    return _element("Periode", first, _element("PeriodeTOMDato", body.last.isoformat()), kind)


def _doctor(letter: Letter) -> Iterator[Element]:
    yield _full_name(letter.doctor)
    yield _ident("Id", letter.hpr, PERSON, "HPR", "HPR-nummer", COMMON)
    yield _element("Adresse")
    phone = _element("TeleAddress", V=f"tel:{letter.sender.phone.replace(' ', '')}")
    yield _of(COMMON, _element("KontaktInfo", _coded("TypeTelecom", "HP", "Hovedtelefon"), phone))


def _full_name(name: str) -> Element:
    family, given = _names(name)
    return _element("Navn", _element("Etternavn", family), _element("Fornavn", given))


def _names(name: str) -> tuple[str, str]:
    """Family name and given names. Whoever has one name only has it as both: each is asked for."""
    given, _, family = name.rpartition(" ")
    return family, given or family


def _number(tag: str, number: str, space: str = "") -> Element:
    """A national number; the first digit of a D-number is raised by four."""
    if number[:1] in "4567":
        return _ident(tag, number, PERSON, "DNR", "D-nummer", space)
    return _ident(tag, number, PERSON, "FNR", "Fødselsnummer", space)


def _ident(tag: str, number: str, of: str, kind: str, words: str, space: str = "") -> Element:
    typed = _coded("TypeId", kind, words, LISTS + of)
    return _of(space, _element(tag, _element("Id", number), typed))


def _of(space: str, parent: Element) -> Element:
    """What is in it is of another schema; "": of its own."""
    for each in parent if space else ():
        each.set("xmlns", space)
    return parent


def _coded(tag: str, code: str, words: str, of: str = "") -> Element:
    said = {"V": str(code), "DN": words} | ({"S": of} if of else {})
    return _element(tag, **said)


def _moment(letter: Letter) -> str:
    return letter.signed_at.isoformat(timespec="seconds")


def _element(tag: str, *inside: Element | str, **attributes: str) -> Element:
    made = Element(tag, attributes)
    for each in inside:
        if isinstance(each, str):
            made.text = each
        else:
            made.append(each)
    return made
