"""What is wrong with a paper that a doctor wants to issue; web/ says in words what to do."""

import re
from enum import StrEnum

MAX_LINE = 200  # characters of a name, a dosage, a ground in one line
MAX_TEXT = 3_000  # characters of a text on a paper: one printed page

# What a font surely has: Latin with all letters of Norwegian and Sami, Greek, dashes and quotes,
# arrows and signs of comparison. A letter without a shape would leave a box on the paper, and a
# file that archives refuse.
PRINTED = (
    "\n\t -~\u00a0-\u024f\u0292\u0391-\u03c9\u2010-\u2026\u2032\u2033\u20ac"
    "\u2190-\u2193\u2264\u2265"
)
_UNPRINTED = re.compile(f"[^{PRINTED}]")


class Problem(StrEnum):
    """Why a paper cannot be issued as it is, by field."""

    EMPTY = "empty"
    TOO_LONG = "too_long"
    NOT_A_NUMBER = "not_a_number"
    NOT_A_DATE = "not_a_date"
    NOT_CHOSEN = "not_chosen"
    UNPRINTABLE = "unprintable"
    # prescriptions
    NO_MEDICINE = "no_medicine"
    ADDICTIVE = "addictive"
    UNKNOWN_GROUP = "unknown_group"
    NO_GROUND = "no_ground"
    NO_PARAGRAPH = "no_paragraph"
    NO_REFUND_CODE = "no_refund_code"
    NOT_REFUNDED = "not_refunded"
    NOT_BLUE = "not_blue"
    BY_HOSPITAL = "by_hospital"
    NOT_BY_HOSPITAL = "not_by_hospital"
    NO_HOSPITAL_RIGHT = "no_hospital_right"
    NO_DIAGNOSIS = "no_diagnosis"
    ASK_WHETHER_WOMAN = "ask_whether_woman"
    NO_REIT = "no_reit"
    # sick notes
    BACK_DATED = "back_dated"
    ENDS_BEFORE = "ends_before"
    TOO_LONG_AWAY = "too_long_away"
    NO_GATE = "no_gate"
    NOT_ALL_FOUR = "not_all_four"
    EXAMINE_WHEN = "examine_when"
    EXAMINE_TOO_LATE = "examine_too_late"
    # certificates
    TAKE_UP = "take_up"
    # where to be examined
    GP_IS_TOO_SLOW = "gp_is_too_slow"
    HOSPITAL_IS_TODAY = "hospital_is_today"


Problems = dict[str, Problem]


def lines(longest: int, **texts: str) -> Problems:
    """Which of these texts are missing or too long."""
    found = {}
    for name, text in texts.items():
        if not text:
            found[name] = Problem.EMPTY
        elif len(text) > longest:
            found[name] = Problem.TOO_LONG
    return found


def unprintable(**texts: str) -> Problems:
    """Which of these hold a sign that cannot be printed."""
    return {name: Problem.UNPRINTABLE for name, text in texts.items() if _UNPRINTED.search(text)}


def printed(text: str) -> str:
    """A name from a register, which nobody here can write otherwise: what has no shape is a «?»."""
    return _UNPRINTED.sub("?", text)
