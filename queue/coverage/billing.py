"""What an insurer is billed for a month: how many consultations, by product, and no policy number.

The whole is always told, exactly: it is what is paid for. Its parts are told when nobody can be
recognised in them. A part with few in it is put together with others, until nobody can work out a
small one by taking the parts from the whole.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from venterom.queue.coverage.usage import Month

# Consultations. Below five is what Norwegian statistics of health do not show (a judgement for us:
# these counts say nothing of health, but that somebody saw a doctor is close enough to it).
FEW = 5
SEVERAL = ""  # stands for products that are told together


@dataclass(frozen=True, slots=True)
class Part:
    """Consultations of one product, or of `SEVERAL` together."""

    product: str
    uses: int


@dataclass(frozen=True, slots=True)
class Bill:
    """What is billed for a month. `later`: of these, how many were settled after the visit, since
    the policy could not be checked when the patient came; None: too few, or all but too few, to be
    told apart from the others."""

    month: Month
    uses: int
    later: int | None
    products: tuple[Part, ...]


def bill(month: Month, by_product: Mapping[str, int], later: int) -> Bill:
    """The bill of a month: how often each product was used, how many were settled later."""
    uses = sum(by_product.values())
    tells = later in (0, uses) or min(later, uses - later) >= FEW
    return Bill(month, uses, later if tells else None, parts(by_product))


def parts(by_product: Mapping[str, int]) -> tuple[Part, ...]:
    """The parts that may be told, most used first; several together come last."""
    each = [Part(product, uses) for product, uses in by_product.items() if uses]
    alone = sorted(each, key=lambda part: (-part.uses, part.product))
    together = [part for part in alone if _is_few(part.uses) or part.product == SEVERAL]
    alone = [part for part in alone if part not in together]
    while alone and _is_few(_sum(together)):
        together.append(alone.pop())
    return (*alone, *([Part(SEVERAL, _sum(together))] if together else []))


def _sum(these: list[Part]) -> int:
    return sum(part.uses for part in these)


def _is_few(count: int) -> bool:
    """Whether somebody could be recognised. Nobody is in none."""
    return 0 < count < FEW
