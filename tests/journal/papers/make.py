"""Medicines and papers for tests: all invented."""

from dataclasses import replace
from datetime import date

from venterom.journal.papers.letters import (
    Certificate,
    Examination,
    Referral,
    Soon,
    Urgency,
    Where,
)
from venterom.journal.papers.medicine import Medicine
from venterom.journal.papers.prescription import Prescription, Scheme
from venterom.journal.papers.sick_note import Door, SickNote

TODAY = date(2026, 11, 24)
MEDICINE = Medicine(
    number="990001",
    fest_id="ID_11111111-0000-4000-8000-000000000001",
    name="Prøvepress tab 10 mg",
    substance="Prøvepril",
    atc="C09AA99",
    form="Tablett",
    strength="10 mg",
    group="C",
    package="100 stk",
    reimbursed=True,
)
ANTIBIOTIC = replace(MEDICINE, number="990002", atc="J01CE99", name="Prøvecillin tab 660 mg")
PILL = replace(MEDICINE, number="990003", atc="G03AA99", name="Prøvelett tab")
ISOTRETINOIN = replace(MEDICINE, number="990004", atc="D10BA01", name="Prøveretin kaps 10 mg")
BY_HOSPITAL = replace(
    MEDICINE,
    number="990016",
    fest_id="ID_11111111-0000-4000-8000-000000000016",
    atc="L04AD98",
    name="Prøvesporin kaps 50 mg",
    reimbursed=False,
    by_hospital=True,
)
SEDATIVE = replace(MEDICINE, number="990005", atc="N05CF99", group="B", name="Prøvesov tab 5 mg")

PRESCRIPTION = Prescription(
    medicine=MEDICINE, dosage="1 tablett daglig", use="mot høyt blodtrykk", packages=1, reit=3
)
H = replace(
    PRESCRIPTION,
    medicine=BY_HOSPITAL,
    scheme=Scheme.H,
    refund_code="M05.3",
    may_bill_hospital=True,
)
SICK_NOTE = SickNote(
    first=TODAY,
    last=date(2026, 11, 27),
    degree=100,
    function="Kan ikke sitte mer enn ti minutter",
    work="Arbeidsgiver har ikke tilpassede oppgaver denne uken",
    door=Door.INFECTIOUS,
    reason="Overveiende sannsynlig meslinger, ville smittet på venterommet",
)
CERTIFICATE = Certificate(
    to="Prøveskolen",
    purpose="Fravær fra eksamen",
    text="Pasienten har feber og kan ikke møte.",
    limited=True,
    limits="Ikke undersøkt fysisk",
)
REFERRAL = Referral(
    to="Ortopedisk poliklinikk, Prøvesykehuset",
    question="Vurdering av kneet",
    history="Vridde kneet for tre uker siden",
    assessment="Mulig meniskskade",
    urgency=Urgency.ROUTINE,
)
EXAMINATION = Examination(Where.LEGEVAKT, Soon.TODAY, "Magesmerter som må kjennes på")
BODIES = (PRESCRIPTION, SICK_NOTE, CERTIFICATE, REFERRAL, EXAMINATION)
