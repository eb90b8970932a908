"""When a prescription may be written, and how long it is valid.

Sources: FOR-2022-06-02-977 (rekvireringsforskriften), blåreseptforskriften §§ 2 and 3 with list
7427, norway.md 6.1 and 6.2, mission.md H10, H12, H13, E2, E3 and E4. That nothing of the groups A
and B is prescribed by video is no law but the policy of the service (H12); that an antibiotic
needs a written ground, too (H13).

Who pays decides what else is asked:

    white  the patient                nothing
    blue   the national insurance     the rule (§ 2, § 3 …), and the code of its list
    H      the regional health trust  a medicine that the trusts have taken over, the diagnosis in
                                      ICD-10, and a doctor of the trust's or with its agreement;
                                      the national insurance then refunds nothing
"""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from venterom.journal import icpc2
from venterom.journal.papers.medicine import BY_HOSPITAL, REFUNDED, Medicine
from venterom.journal.papers.problem import MAX_LINE, Problem, Problems, lines

ADDICTIVE = frozenset({"A", "B"})
PRESCRIBED = frozenset({"C", "CF", "F", "K"})  # the other groups of list 7421
YEARS, CONTRACEPTIVE_YEARS = 1, 3  # how long a prescription is valid (E3)
TO_A_WOMAN = timedelta(weeks=2)  # isotretinoin
MOST_PACKAGES = 20  # a quarter's worth of the smallest packages; more is a slip of the finger
MOST_REIT = 12  # once a month for the year that a prescription lasts
SHORTEST_GROUND = 15  # characters: «rask strep-test» has as many, «hals» has not
_ICD10 = re.compile(r"[A-Z][0-9]{2}(?:\.?[0-9A-Z]{1,2})?")


class Cause(StrEnum):
    """Whether the patient takes it already."""

    NEW = "new"
    RENEWAL = "renewal"


class Scheme(StrEnum):
    """Who pays (E4)."""

    WHITE = "white"
    BLUE = "blue"
    H = "h"  # the hospital


class Paragraph(StrEnum):
    """The refund's ground (list 7427); § 3 after an application to Helfo for this patient."""

    P2 = REFUNDED
    P3 = "300"
    P3A = "301"
    P3B = "302"


SAID = {Paragraph.P2: "§ 2", Paragraph.P3: "§ 3", Paragraph.P3A: "§ 3a", Paragraph.P3B: "§ 3b"}


@dataclass(frozen=True, slots=True)
class Prescription:
    """One medicine for one patient. Its number (ReseptID) is the id of its paper."""

    medicine: Medicine | None
    dosage: str
    use: str  # what it is for, in words that a patient reads
    packages: int | None  # None: what was typed is no number
    reit: int | None  # how often it may be fetched again
    cause: Cause = Cause.NEW
    scheme: Scheme = Scheme.WHITE
    paragraph: Paragraph | None = None
    refund_code: str = ""  # ICPC-2 or ICD-10
    locked: bool = False  # only who has the reference number may see it (E2)
    substitution: bool = True  # the pharmacy may give the same substance by another maker
    ground: str = ""  # for an antibiotic
    to_woman: bool | None = None  # asked for isotretinoin alone; never read off a number
    may_bill_hospital: bool = False  # for H: a doctor of the health trust's, or with its agreement

    @property
    def rule(self) -> str:
        """By which rule somebody else than the patient pays (list 7427); "" where nobody does."""
        return BY_HOSPITAL if self.scheme is Scheme.H else self.paragraph or ""

    @property
    def is_of_icpc2(self) -> bool:
        """Whether the code is of ICPC-2; else it is of ICD-10, as hospitals write it always: some
        codes are of both, and mean something else in each."""
        return self.scheme is not Scheme.H and icpc2.well_formed(self.refund_code)


def problems(written: Prescription) -> Problems:
    """What keeps it from being issued, by field."""
    found = lines(MAX_LINE, dosage=written.dosage, use=written.use)
    if len(written.ground) > MAX_LINE:
        found["ground"] = Problem.TOO_LONG
    found |= _amounts(written) | _refund(written)
    if written.medicine is None:
        return found | {"medicine": Problem.NO_MEDICINE}
    return found | _medicine(written, written.medicine)


def valid_until(written: Prescription, today: date) -> date:
    """The last day on which it can be fetched, when it is written today (a day in Norway)."""
    medicine = written.medicine
    if medicine is not None and medicine.is_isotretinoin and written.to_woman:
        return today + TO_A_WOMAN - timedelta(days=1)
    contraceptive = medicine is not None and medicine.is_contraceptive
    return _years_after(today, CONTRACEPTIVE_YEARS if contraceptive else YEARS)


def _medicine(written: Prescription, medicine: Medicine) -> Problems:
    found: Problems = {}
    if medicine.group in ADDICTIVE:
        found["medicine"] = Problem.ADDICTIVE
    elif medicine.group not in PRESCRIBED:
        found["medicine"] = Problem.UNKNOWN_GROUP
    if medicine.is_antibiotic and len(written.ground) < SHORTEST_GROUND:
        found["ground"] = Problem.NO_GROUND
    if medicine.is_isotretinoin:
        if written.to_woman is None:
            found["to_woman"] = Problem.ASK_WHETHER_WOMAN
        elif written.to_woman and written.reit:
            found["reit"] = Problem.NO_REIT  # two weeks are over before it is fetched again
    return found | _payer(written, medicine)


def _payer(written: Prescription, medicine: Medicine) -> Problems:
    if written.scheme is Scheme.H and not medicine.by_hospital:
        return {"scheme": Problem.NOT_BY_HOSPITAL}
    if written.scheme is Scheme.BLUE and medicine.by_hospital:
        return {"scheme": Problem.BY_HOSPITAL}
    if written.paragraph is Paragraph.P2 and not medicine.reimbursed:
        return {"paragraph": Problem.NOT_REFUNDED}
    return {}


def _amounts(written: Prescription) -> Problems:
    found: Problems = {}
    if written.packages is None or not 1 <= written.packages <= MOST_PACKAGES:
        found["packages"] = Problem.NOT_A_NUMBER
    if written.reit is None or not 0 <= written.reit <= MOST_REIT:
        found["reit"] = Problem.NOT_A_NUMBER
    return found


def _refund(written: Prescription) -> Problems:
    if written.scheme is not Scheme.BLUE:
        found: Problems = {"paragraph": Problem.NOT_BLUE} if written.paragraph else {}
        return found | (_hospital(written) if written.scheme is Scheme.H else {})
    if written.paragraph is None:
        return {"paragraph": Problem.NO_PARAGRAPH}
    # § 2 refunds for these codes alone; after an application Helfo's decision holds the diagnosis.
    needed = written.paragraph is Paragraph.P2 or bool(written.refund_code)
    return {"refund_code": Problem.NO_REFUND_CODE} if needed and not _is_code(written) else {}


def _hospital(written: Prescription) -> Problems:
    found: Problems = {}
    if not written.may_bill_hospital:
        found["may_bill_hospital"] = Problem.NO_HOSPITAL_RIGHT
    if not _ICD10.fullmatch(written.refund_code):
        found["refund_code"] = Problem.NO_DIAGNOSIS
    return found


def _is_code(written: Prescription) -> bool:
    return written.is_of_icpc2 or _ICD10.fullmatch(written.refund_code) is not None


def _years_after(day: date, years: int) -> date:
    """The last day of so many years that begin with this day."""
    try:
        after = day.replace(year=day.year + years)
    except ValueError:  # 29 February
        after = date(day.year + years, 3, 1)
    return after - timedelta(days=1)
