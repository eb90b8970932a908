"""The forms by which a doctor writes papers: what was typed becomes a paper, and what is amiss is
said in words that say what to do.
"""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import TypeVar

from venterom.journal.note import clean_text
from venterom.journal.papers.letters import (
    Certificate,
    Examination,
    Referral,
    Soon,
    Urgency,
    Where,
)
from venterom.journal.papers.medicine import Medicine
from venterom.journal.papers.paper import Body, Kind
from venterom.journal.papers.prescription import Cause, Paragraph, Prescription, Scheme
from venterom.journal.papers.problem import Problem
from venterom.journal.papers.sick_note import Door, Employers, SickNote
from venterom.journal.papers.wording import NOT_EXAMINED
from venterom.web.forms import EMPTY, Errors, Form, read_date
from venterom.web.text import N_

YES = "yes"
Choice = TypeVar("Choice", bound=StrEnum)

FIELDS: Mapping[Kind, tuple[str, ...]] = {
    Kind.PRESCRIPTION: (
        *("medicine", "dosage", "use", "packages", "reit", "cause", "scheme", "paragraph"),
        *("refund_code", "locked", "original", "ground", "to_woman", "may_bill_hospital"),
    ),
    Kind.SICK_NOTE: (
        *("first", "last", "degree", "function", "work", "door", "reason", "examine_by"),
        *("knows_patient", "knows_diagnosis", "can_judge", "is_sound", "employers"),
    ),
    Kind.CERTIFICATE: ("to", "purpose", "text", "limited", "limits", "for_insurer", "taken_up"),
    Kind.REFERRAL: ("to", "question", "history", "assessment", "urgency"),
    Kind.EXAMINATION: ("where", "soon", "why"),
}
# What a new form holds before anybody has typed.
BLANK: Mapping[Kind, Mapping[str, str]] = {
    Kind.PRESCRIPTION: {"packages": "1", "reit": "0", "scheme": Scheme.WHITE},
    Kind.SICK_NOTE: {"degree": "100", "employers": Employers.ONE},
    Kind.CERTIFICATE: {"limited": YES, "limits": NOT_EXAMINED},
    Kind.REFERRAL: {},
    Kind.EXAMINATION: {},
}

WORDS: Mapping[Problem, str] = {
    Problem.EMPTY: EMPTY,
    Problem.TOO_LONG: N_("Dette ble for langt til papiret. Kort det ned."),
    Problem.NOT_A_NUMBER: N_("Skriv et tall som passer her."),
    Problem.NOT_A_DATE: N_("Skriv en dato, for eksempel 24.11.2026."),
    Problem.NOT_CHOSEN: N_("Velg det som passer."),
    Problem.UNPRINTABLE: N_("Her er det et tegn som ikke kan trykkes. Skriv det med bokstaver."),
    Problem.NO_MEDICINE: N_("Søk etter legemidlet, og velg en pakning fra listen."),
    Problem.ADDICTIVE: N_(
        "Gruppe A og B skrives ikke ut på video. Henvis pasienten til fastlegen."
    ),
    Problem.UNKNOWN_GROUP: N_("Reseptgruppen er ukjent. Velg en annen pakning."),
    Problem.NO_GROUND: N_(
        "Antibiotika trenger en begrunnelse. Skriv hva du så eller målte, minst 15 tegn."
    ),
    Problem.NO_PARAGRAPH: N_("Blå resept trenger en hjemmel. Velg § 2, § 3, § 3a eller § 3b."),
    Problem.NO_REFUND_CODE: N_("Skriv refusjonskoden, for eksempel K86 eller I10."),
    Problem.NOT_REFUNDED: N_(
        "Pakningen er ikke på listen for § 2. Velg hvit resept, eller § 3 når Helfo har sagt ja."
    ),
    Problem.NOT_BLUE: N_("Hjemmel hører til blå resept. Velg blå resept, eller ta bort hjemmelen."),
    Problem.BY_HOSPITAL: N_(
        "Helseforetaket betaler for dette legemidlet, og Helfo gjør det ikke. Velg H-resept eller"
        " hvit resept."
    ),
    Problem.NOT_BY_HOSPITAL: N_(
        "Helseforetaket betaler ikke for denne pakningen. Velg hvit eller blå resept."
    ),
    Problem.NO_HOSPITAL_RIGHT: N_(
        "H-resept skrives bare av leger i helseforetaket, eller med avtale. Gjelder det deg, kryss"
        " av. Hvis ikke, be pasienten ringe avdelingen sin på sykehuset."
    ),
    Problem.NO_DIAGNOSIS: N_("H-resept trenger diagnosen i ICD-10, for eksempel M05.3."),
    Problem.ASK_WHETHER_WOMAN: N_(
        "Svar på om resepten er til en kvinne. Da er den bare gyldig i to uker."
    ),
    Problem.NO_REIT: N_("Resepten er bare gyldig i to uker. Sett reiterasjoner til 0."),
    Problem.BACK_DATED: N_("Sykmeldingen kan ikke gjelde før i dag. Velg i dag eller senere."),
    Problem.ENDS_BEFORE: N_("Siste dag kommer før første. Bytt om dem."),
    Problem.TOO_LONG_AWAY: N_("Perioden er for lang. Velg en dag innen ett år."),
    Problem.NO_GATE: N_(
        "Etter video må ett av de tre unntakene i folketrygdloven § 8-7 passe. Passer ingen, må"
        " pasienten undersøkes fysisk: velg «Trenger fysisk undersøkelse» i stedet."
    ),
    Problem.NOT_ALL_FOUR: N_(
        "Dette unntaket krever alle fire. Kryss av for dem, eller velg et annet unntak."
    ),
    Problem.EXAMINE_WHEN: N_(
        "Skriv når pasienten skal undersøkes fysisk: i morgen eller senere. Kan det skje i dag, må"
        " det skje før sykmeldingen."
    ),
    Problem.EXAMINE_TOO_LATE: N_("Undersøkelsen skal skje snarest. Velg en dag innen en uke."),
    Problem.TAKE_UP: N_(
        "Ta det opp med pasienten først, og kryss av. Forsikringsselskapet får det ikke fra oss."
    ),
    Problem.GP_IS_TOO_SLOW: N_("Med en gang er ikke for fastlegen. Velg legevakt eller sykehus."),
    Problem.HOSPITAL_IS_TODAY: N_(
        "Til sykehus skal det være i dag. Kan det vente, velg fastlegen."
    ),
}


def blank(kind: Kind) -> Form:
    """A form before anybody has typed."""
    return dict.fromkeys(FIELDS[kind], "") | dict(BLANK[kind])


def errors(problems: Mapping[str, str]) -> Errors:
    """What is amiss, in words, by field."""
    return {name: WORDS[Problem(problem)] for name, problem in problems.items()}


def body(kind: Kind, form: Form, medicine: Medicine | None) -> Body:
    """The paper that was typed; what is missing or makes no sense is left to the rules."""
    return _BODIES[kind](form, medicine)


def _prescription(form: Form, medicine: Medicine | None) -> Prescription:
    woman = {YES: True, "no": False}.get(form["to_woman"])
    asked = medicine is not None and medicine.is_isotretinoin
    return Prescription(
        medicine=medicine,
        dosage=_line(form["dosage"]),
        use=_line(form["use"]),
        packages=_number(form["packages"]),
        reit=_number(form["reit"]),
        cause=_choice(Cause, form["cause"]) or Cause.NEW,
        scheme=_choice(Scheme, form["scheme"]) or Scheme.WHITE,
        paragraph=_choice(Paragraph, form["paragraph"]),
        refund_code=_line(form["refund_code"]).upper(),
        locked=form["locked"] == YES,
        substitution=form["original"] != YES,
        ground=_line(form["ground"]),
        to_woman=woman if asked else None,
        may_bill_hospital=form["may_bill_hospital"] == YES,
    )


def _sick_note(form: Form, _medicine: Medicine | None) -> SickNote:
    return SickNote(
        first=read_date(form["first"]),
        last=read_date(form["last"]),
        degree=_number(form["degree"]),
        function=clean_text(form["function"]),
        work=clean_text(form["work"]),
        door=_choice(Door, form["door"]),
        reason=clean_text(form["reason"]),
        examine_by=read_date(form["examine_by"]),
        knows_patient=form["knows_patient"] == YES,
        knows_diagnosis=form["knows_diagnosis"] == YES,
        can_judge=form["can_judge"] == YES,
        is_sound=form["is_sound"] == YES,
        employers=_choice(Employers, form["employers"]) or Employers.ONE,
    )


def _certificate(form: Form, _medicine: Medicine | None) -> Certificate:
    return Certificate(
        to=_line(form["to"]),
        purpose=_line(form["purpose"]),
        text=clean_text(form["text"]),
        limited={YES: True, "no": False}.get(form["limited"]),
        limits=clean_text(form["limits"]) if form["limited"] == YES else "",
        for_insurer=form["for_insurer"] == YES,
        taken_up=form["taken_up"] == YES,
    )


def _referral(form: Form, _medicine: Medicine | None) -> Referral:
    return Referral(
        to=_line(form["to"]),
        question=clean_text(form["question"]),
        history=clean_text(form["history"]),
        assessment=clean_text(form["assessment"]),
        urgency=_choice(Urgency, form["urgency"]),
    )


def _examination(form: Form, _medicine: Medicine | None) -> Examination:
    return Examination(
        where=_choice(Where, form["where"]),
        soon=_choice(Soon, form["soon"]),
        why=clean_text(form["why"]),
    )


_BODIES: Mapping[Kind, Callable[[Form, Medicine | None], Body]] = {
    Kind.PRESCRIPTION: _prescription,
    Kind.SICK_NOTE: _sick_note,
    Kind.CERTIFICATE: _certificate,
    Kind.REFERRAL: _referral,
    Kind.EXAMINATION: _examination,
}


def _line(text: str) -> str:
    return " ".join(clean_text(text).split())


def _number(text: str) -> int | None:
    typed = text.strip()
    return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) <= 3 else None


def _choice(kind: type[Choice], text: str) -> Choice | None:
    return kind(text) if text in set(kind) else None
