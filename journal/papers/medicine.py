"""A medicine as the national register describes a package of it, and how it is searched for."""

from dataclasses import dataclass

MOST_FOUND = 20  # more than anybody reads; whoever sees so many types a letter more
FEWEST_LETTERS = 2  # one letter finds a tenth of the register
ANTIBIOTICS = "J01"  # ATC: antibacterials for systemic use
CONTRACEPTIVES = ("G02B", "G03A")  # ATC: hormonal contraceptives, local and systemic
ISOTRETINOIN = "D10BA01"  # ATC: isotretinoin to be swallowed
# Who pays, in list 7427. That 950 is the health trusts is what public programs make of it, and not
# read in the list itself (docs/prescribing.md).
REFUNDED, BY_HOSPITAL = "200", "950"


@dataclass(frozen=True, slots=True)
class Medicine:
    """One package of a medicine (FEST, «Legemiddelpakning»)."""

    number: str  # varenummer, six digits
    fest_id: str
    name: str  # with form and strength, as doctors know it
    substance: str
    atc: str
    form: str
    strength: str  # "" where the register gives none
    group: str  # reseptgruppe, list 7421
    package: str  # what is in it: «100 stk»
    # On the list of what is refunded without an application (blåreseptforskriften § 2).
    reimbursed: bool
    by_hospital: bool = False  # the health trusts pay for it: H-prescription, and no refund

    @property
    def is_antibiotic(self) -> bool:
        """Whether it is given against bacteria, in the whole body."""
        return self.atc.startswith(ANTIBIOTICS)

    @property
    def is_contraceptive(self) -> bool:
        """Whether it is a hormonal contraceptive."""
        return self.atc.startswith(CONTRACEPTIVES)

    @property
    def is_isotretinoin(self) -> bool:
        """Whether it harms an unborn child so much that its prescriptions are short."""
        return self.atc == ISOTRETINOIN

    @property
    def key(self) -> str:
        """What a search looks through, in small letters."""
        return " ".join((self.name, self.substance, self.atc, self.number)).casefold()


def wanted(typed: str) -> tuple[str, ...]:
    """The parts that must all be found, in small letters; none: too little was typed."""
    words = tuple(typed.casefold().split())
    return words if sum(map(len, words)) >= FEWEST_LETTERS else ()
