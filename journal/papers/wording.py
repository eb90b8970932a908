"""What a paper says, line by line, in Norwegian (pjf § 10)."""

from collections.abc import Iterator
from datetime import date

from venterom.journal.papers.letters import (
    Certificate,
    Examination,
    Referral,
    Soon,
    Urgency,
    Where,
)
from venterom.journal.papers.paper import Body
from venterom.journal.papers.prescription import (
    SAID,
    Cause,
    Prescription,
    Scheme,
    valid_until,
)
from venterom.journal.papers.sick_note import Door, Employers, SickNote

Line = tuple[str, str]  # what it is about, and what is said

CAUSES = {Cause.NEW: "Ny resept", Cause.RENEWAL: "Fornyelse"}
SCHEMES = {Scheme.WHITE: "Hvit resept", Scheme.BLUE: "Blå resept", Scheme.H: "H-resept"}
DOORS = {
    Door.IMPOSSIBLE: "Fysisk undersøkelse samme dag var ikke mulig (§ 8-7 andre ledd)",
    Door.KNOWN: "Pasient og diagnose er kjent for legen, som kan vurdere arbeidsevnen uten fysisk"
    " undersøkelse og finner det faglig forsvarlig (§ 8-7 tredje ledd)",
    Door.INFECTIOUS: "Overveiende sannsynlig allmennfarlig smittsom sykdom, og oppmøte ville gi"
    " smittefare (§ 8-7 fjerde ledd)",
}
URGENCIES = {
    Urgency.ROUTINE: "Vanlig",
    Urgency.URGENT: "Haster",
    Urgency.ASAP: "Så snart som mulig",
}
PLACES = {Where.GP: "Fastlegen", Where.LEGEVAKT: "Legevakt", Where.HOSPITAL: "Sykehus"}
TIMES = {Soon.NOW: "Med en gang", Soon.TODAY: "I dag", Soon.DAYS: "I løpet av noen dager"}
ELECTRONIC = "Sendes elektronisk til Reseptformidleren. Denne utskriften er ingen resept."
ON_PAPER = "På papir. Ikke sendt elektronisk."
NOT_FOR_EMPLOYERS = "Arbeidsgiveren skal bare ha den siste siden. Her står helseopplysninger."
TO_NAV = "Sendes elektronisk til NAV. Den gjelder når NAV har bekreftet at de har den."
BY_HAND = "Ikke sendt til NAV. Pasienten leverer den selv."
NOT_EXAMINED = "Pasienten er ikke undersøkt fysisk."  # what limits most certificates of ours
BY_VIDEO = "Videokonsultasjon, uten fysisk undersøkelse."

# What a receiver is shown who types the code: enough to see that nothing was changed.
ESSENTIAL = frozenset(
    {"Periode", "Grad", "Legemiddel", "Mengde", "Reiterasjoner", "Gyldig til og med", "Hastegrad"}
)


def lines(body: Body, today: date, *, electronic: bool = False) -> list[Line]:
    """What the paper says when it is issued today (a day in Norway), in the order of reading;
    `electronic`: whether it is sent to those who are to have it."""
    return [(about, said) for about, said in _lines(body, today, electronic) if said]


def for_employer(body: Body) -> list[Line]:
    """What an employer is given of a sick note: how long and how much, and nothing of health. Empty
    for all other papers, and when there is no employer."""
    if not isinstance(body, SickNote) or body.employers is Employers.NONE:
        return []
    return _absence(body)


def to_nav(body: SickNote) -> str:
    """What NAV is told in words: function, work, and by which exception it was written (§ 8-7)."""
    said = [line for line in _sick_note(body) if line not in _absence(body)]
    return "\n".join(f"{about}: {text}" for about, text in said if text != NOT_FOR_EMPLOYERS)


def recipient(body: Body) -> str:
    """To whom the paper goes."""
    match body:
        case Certificate() | Referral():
            return body.to
        case Prescription():
            return "Apotek"
        case SickNote():
            return "NAV"
        case Examination():
            return PLACES[body.where] if body.where else ""


def day(of: date) -> str:
    """24.11.2026"""
    return f"{of:%d.%m.%Y}"


def _lines(body: Body, today: date, electronic: bool) -> Iterator[Line]:
    match body:
        case Prescription():
            yield from _prescription(body, today, electronic)
        case SickNote():
            yield from _sick_note(body)
            yield "Sending", TO_NAV if electronic else BY_HAND
        case Certificate():
            yield from _certificate(body)
        case Referral():
            yield from _referral(body)
        case Examination():
            yield from _examination(body)


def _prescription(body: Prescription, today: date, electronic: bool) -> Iterator[Line]:
    medicine = body.medicine
    assert medicine is not None and body.reit is not None
    yield "Legemiddel", medicine.name
    yield "Virkestoff", f"{medicine.substance} ({medicine.atc})"
    yield "Mengde", f"{body.packages} × {medicine.package} (varenummer {medicine.number})"
    yield "Bruk", f"{body.dosage}, {body.use}"
    yield "Reiterasjoner", str(body.reit) if body.reit else "Ingen"
    yield "Type", f"{SCHEMES[body.scheme]}, {CAUSES[body.cause].lower()}"
    if body.paragraph:
        code = f", refusjonskode {body.refund_code}" if body.refund_code else ""
        yield "Refusjon", f"Blåreseptforskriften {SAID[body.paragraph]}{code}"
    if body.scheme is Scheme.H:
        yield "Betales av", f"Helseforetaket, for diagnose {body.refund_code} (ICD-10)"
    yield "Begrunnelse", body.ground
    yield "Bytte", "" if body.substitution else "Legen har reservert mot generisk bytte."
    yield "Gyldig til og med", day(valid_until(body, today))
    if body.locked:
        yield "Låst", "Bare den som har referansenummeret, kan se resepten på apoteket."
    yield "Sending", ELECTRONIC if electronic else ON_PAPER


def _absence(body: SickNote) -> list[Line]:
    assert body.first and body.last
    return [("Periode", f"{day(body.first)}–{day(body.last)}"), ("Grad", f"{body.degree} %")]


def _sick_note(body: SickNote) -> Iterator[Line]:
    assert body.door
    yield from _absence(body)
    yield "Funksjon", body.function
    yield "Aktivitet på arbeidsplassen", body.work
    yield "Grunnlag", f"{BY_VIDEO} {DOORS[body.door]}."
    yield "Begrunnelse", body.reason
    if for_employer(body):
        yield "Til arbeidsgiveren", NOT_FOR_EMPLOYERS
    if body.door is Door.IMPOSSIBLE and body.examine_by:
        yield "Skal undersøkes fysisk innen", day(body.examine_by)


def _certificate(body: Certificate) -> Iterator[Line]:
    yield "Formål", body.purpose
    yield "Erklæring", body.text
    yield "Grunnlag", BY_VIDEO
    if body.limited:
        yield "Begrensede opplysninger", body.limits
    if body.for_insurer:
        yield "Tatt opp med pasienten", "Legen har gått gjennom erklæringen med pasienten."


def _referral(body: Referral) -> Iterator[Line]:
    assert body.urgency
    yield "Hastegrad", URGENCIES[body.urgency]
    yield "Ønsket hjelp", body.question
    yield "Sykehistorie", body.history
    yield "Legens vurdering", body.assessment
    yield "Grunnlag", BY_VIDEO


def _examination(body: Examination) -> Iterator[Line]:
    assert body.where and body.soon
    yield "Hvor", PLACES[body.where]
    yield "Når", TIMES[body.soon]
    yield "Hvorfor", body.why
    yield "Grunnlag", BY_VIDEO
