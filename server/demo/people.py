"""The people of the demonstration: all invented, the same each time, of the ages that are needed.

The crowd are those whom robots play (`venterom demo --crowd`), so that nobody who tries the
demonstration finds their own character in use.

Every family name ends in a word that says so, every national number has its month + 80, and every
HPR number begins with 999. Ages follow the year of the `today` that is handed in: within a year
everybody stays the same, so that the demonstration can be started again.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from venterom.web.identity.numbers import make

POLICIES = 500
PRODUCT = "Helseforsikring med videolege"
INSURERS = ("Fjellprøve Forsikring", "Kystprøve Forsikring")
PREFIXES = ("FJP", "KYP")
STEP = 7_919  # a prime: the policy numbers are all different, and do not count upwards
SPAN = 900_000


@dataclass(frozen=True, slots=True)
class Somebody:
    """An invented person."""

    given: str
    family: str
    birth_date: date
    number: str

    @property
    def name(self) -> str:
        """Given name and family name."""
        return f"{self.given} {self.family}"


@dataclass(frozen=True, slots=True)
class Doctor:
    """An invented doctor."""

    who: Somebody
    hpr_number: str
    on_shift: bool  # from the start, for whoever tries the demonstration without a crowd


@dataclass(frozen=True, slots=True)
class Patient:
    """An invented patient, the children, and the policy number that the patient will type."""

    who: Somebody
    policy: str
    children: tuple[Somebody, ...]


@dataclass(frozen=True, slots=True)
class Clerk:
    """Somebody who answers the telephone at an insurer."""

    who: Somebody
    insurer: str


@dataclass(frozen=True, slots=True)
class Director:
    """Somebody who plans the doctors' shifts."""

    who: Somebody


@dataclass(frozen=True, slots=True)
class Operator:
    """Somebody who keeps the machinery running."""

    who: Somebody


@dataclass(frozen=True, slots=True)
class DemoPolicy:
    """An invented policy; the fields are those of the insurers' register."""

    number: str
    insurer: str
    product: str
    holder_birth_date: date
    valid_from: date
    valid_until: date
    covers_children: bool


@dataclass(frozen=True, slots=True)
class World:
    """Everybody and everything that the demonstration begins with."""

    doctors: tuple[Doctor, ...]
    patients: tuple[Patient, ...]
    clerks: tuple[Clerk, ...]
    directors: tuple[Director, ...]
    operators: tuple[Operator, ...]
    crowd: tuple[Patient, ...]
    policies: tuple[DemoPolicy, ...]

    @property
    def robots(self) -> tuple[Doctor, ...]:
        """The doctors whom robots play when there is a crowd."""
        return tuple(doctor for doctor in self.doctors if not doctor.on_shift)

    def for_people(self, crowd: bool) -> tuple[Doctor, ...]:
        """The doctors whom somebody at the keyboard may play."""
        return tuple(doctor for doctor in self.doctors if doctor.on_shift or not crowd)


# Given name, family name, age at the end of the year.
DOCTORS = (
    ("Solveig", "Legeprøve", 44),
    ("Jonas", "Fjordtestesen", 38),
    ("Amina", "Viddeprøve", 51),
    ("Håkon", "Testheim", 63),
    ("Linnea", "Skogprøve", 35),
    ("Yusuf", "Brevikstest", 47),
)
Family = tuple[str, str, int, tuple[tuple[str, int], ...]]
# The same, and the children: under 12, 12 to 15 or 16 to 17 on both sides of their birthdays.
PATIENTS: tuple[Family, ...] = (
    ("Kari", "Prøvdal", 41, (("Ida", 7), ("Emil", 14))),
    ("Per", "Testesen", 46, (("Nora", 17),)),
    ("Leila", "Havprøve", 33, (("Sami", 2),)),
    ("Ola", "Testvik", 52, (("Tuva", 15), ("Jakob", 17))),
    ("Ingrid", "Nordprøve", 29, ()),
    ("Bjørn", "Lykkjetest", 67, ()),
    ("Mai", "Sundprøve", 24, ()),
    ("Tor-Erik", "Åstest", 58, ()),
    ("Agnes", "Kveldprøve", 81, ()),
    ("Mateusz", "Vestprøve", 36, ()),
    ("Ragnhild", "Uprøvd Testli", 45, ()),  # no policy
    ("Svein", "Gammeltest", 61, ()),  # a policy that has run out
)
CROWD: tuple[Family, ...] = (
    ("Anne", "Bakkeprøve", 34, (("Leon", 4), ("Alma", 7))),
    ("Morten", "Testberg", 57, ()),
    ("Fatima", "Elveprøve", 42, (("Yasmin", 10),)),
    ("Øyvind", "Prøvhaug", 48, (("Maja", 13),)),
    ("Eva", "Myrtest", 71, ()),
    ("Kristoffer", "Neprøve", 27, ()),
    ("Birgit", "Testrud", 83, ()),
    ("Ali", "Strandprøve", 39, (("Adam", 6),)),
    ("Randi", "Prøvestad", 64, ()),
    ("Henrik", "Furutest", 31, (("Ella", 1),)),
    ("Sunniva", "Liprøve", 22, ()),
    ("Dag", "Testnes", 59, ()),
    ("Nasrin", "Bjerkeprøve", 36, (("Dina", 3), ("Omid", 9))),
    ("Gunnar", "Prøvmo", 76, ()),
    ("Camilla", "Tangtest", 45, (("Sander", 17),)),
    ("Vidar", "Steinprøve", 53, ()),
    ("Ewa", "Testdal", 40, (("Zofia", 11),)),
    ("Trygve", "Prøvås", 69, ()),
    ("Marte", "Granprøve", 26, ()),
    ("Abdi", "Testvoll", 33, (("Hodan", 5),)),
    ("Liv", "Prøvsund", 80, ()),
    ("Espen", "Hagetest", 43, (("Oskar", 15),)),
    ("Thuy", "Osprøve", 49, ()),
    ("Roger", "Testbakken", 55, ()),
    ("Hanne", "Prøvli", 38, (("Iben", 8), ("Noah", 2))),
    ("Idar", "Moprøve", 62, ()),
    ("Selma", "Testholm", 20, ()),
    ("Rolf", "Prøvebråten", 74, ()),
    ("Ingeborg", "Sjøtest", 51, (("Vetle", 16),)),
    ("Marek", "Engprøve", 37, ()),
    ("Turid", "Testmyr", 66, ()),
    ("Emre", "Prøvvik", 28, ()),
    ("Synne", "Fosstest", 32, (("Live", 1),)),
    ("Arnt", "Åkerprøve", 72, ()),
    ("Johanne", "Testlund", 24, ()),
    ("Stian", "Prøvnes", 41, (("Jonathan", 12),)),
    ("Wenche", "Holtprøve", 68, ()),
    ("Isak", "Testfjell", 19, ()),
    ("Margrethe", "Sandprøve", 86, ()),
    ("Kjell", "Prøvtangen", 60, ()),
)
DIRECTORS = (("Ragna", "Lederprøve", 54),)
OPERATORS = (("Odd", "Driftstest", 48),)
CLERKS = (("Berit", "Kundeprøve", 39), ("Arne", "Kontortest", 55))
WITHOUT_POLICY = 10  # their place among the patients
EXPIRED = 11


@cache
def world(today: date) -> World:
    """Everybody, as of `today`."""
    patients = tuple(_patient(place, today) for place in range(len(PATIENTS)))
    crowd = tuple(_one_of_crowd(place, today) for place in range(len(CROWD)))
    return World(
        doctors=tuple(_doctor(place, today) for place in range(len(DOCTORS))),
        patients=patients,
        clerks=tuple(
            Clerk(_somebody(given, family, age, 200 + place, today), INSURERS[place])
            for place, (given, family, age) in enumerate(CLERKS)
        ),
        directors=tuple(
            Director(_somebody(given, family, age, 210 + place, today))
            for place, (given, family, age) in enumerate(DIRECTORS)
        ),
        operators=tuple(
            Operator(_somebody(given, family, age, 220 + place, today))
            for place, (given, family, age) in enumerate(OPERATORS)
        ),
        crowd=crowd,
        policies=tuple(_policy(place, patients + crowd, today) for place in range(POLICIES)),
    )


def born(today: date, turns: int, serial: int) -> date:
    """A day on which somebody was born who turns `turns` in the year of `today`."""
    return date(today.year - turns, 1 + serial % 12, 1 + serial * 7 % 28)


def _somebody(given: str, family: str, age: int, serial: int, today: date) -> Somebody:
    birth_date = born(today, age, serial)
    return Somebody(given, family, birth_date, make(birth_date, serial))


def _doctor(place: int, today: date) -> Doctor:
    given, family, age = DOCTORS[place]
    who = _somebody(given, family, age, 100 + place, today)
    return Doctor(who, f"999{place + 1:04}", on_shift=place < 3)


def _patient(place: int, today: date) -> Patient:
    given, family, age, children = PATIENTS[place]
    return Patient(
        who=_somebody(given, family, age, place, today),
        policy="" if place == WITHOUT_POLICY else _number(place),
        children=tuple(
            _somebody(name, family, years, 300 + place * 10 + nth, today)
            for nth, (name, years) in enumerate(children)
        ),
    )


def _one_of_crowd(place: int, today: date) -> Patient:
    given, family, age, children = CROWD[place]
    return Patient(
        who=_somebody(given, family, age, 20 + place, today),
        policy=_number(len(PATIENTS) + place),
        children=tuple(
            _somebody(name, family, years, 120 + place * 2 + nth, today)
            for nth, (name, years) in enumerate(children)
        ),
    )


def _number(place: int) -> str:
    """The number of the policy at this place; even places are the first insurer's."""
    return f"{PREFIXES[place % 2]}-{100_000 + (place + 1) * STEP % SPAN}"


def _policy(place: int, holders: tuple[Patient, ...], today: date) -> DemoPolicy:
    """The first belong to the patients and the crowd; the others to people who never come."""
    has_patient = place < len(holders) and place != WITHOUT_POLICY
    holder = holders[place].who.birth_date if has_patient else born(today, 19 + place % 60, place)
    lasts = date(today.year + 1, 1, 1) + timedelta(days=place % 300)
    ends = date(today.year - 1, 11, 30) if place == EXPIRED else lasts
    return DemoPolicy(
        number=_number(place),
        insurer=INSURERS[place % 2],
        product=PRODUCT,
        holder_birth_date=holder,
        valid_from=date(ends.year - 2, 1, 1),
        valid_until=ends,
        covers_children=True,
    )
