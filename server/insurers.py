"""Insurers on the command line: their products, what became of a policy, and who may ask."""

import argparse
from collections.abc import Callable
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncSession

from venterom.queue.coverage.errors import BadPolicyNumber, BadProduct
from venterom.queue.coverage.history import history_of
from venterom.queue.coverage.policies import Cover, normalise
from venterom.queue.coverage.products import products_of, put_product
from venterom.server import programs
from venterom.server.commands import ask
from venterom.server.config import Settings, SettingsError
from venterom.server.policies import LOAD, load

PRODUCT = """\
Says what a product of an insurer covers, from now on and for every policy of it; said again, it
takes the place of what was said before. What is not said is not limited.

Uses are counted in a calendar year, of the holder and the children together, when a visit has been
signed. Ages are the holder's. Countries are where the patient may be, as two letters.

  venterom insurer product "Behandling Pluss" --insurer "Fjellprøve Forsikring" \\
      --uses-per-year 4 --ages 18-67 --children-until 17 --countries NO,SE
"""

PRODUCTS = """\
Lists the products of an insurer, and what each of them covers. Nothing is said about policies or
about people.

  venterom insurer products --insurer "Fjellprøve Forsikring"
"""

HISTORY = """\
Prints what became of one policy: each change with its day and the number of the load that it came
by, and what the policy said then. It says nothing about how the policy was used.

  venterom insurer history FJ-123456
"""


def product(settings: Settings, chosen: argparse.Namespace) -> None:
    """Say what a product covers. Raises SettingsError."""
    low, high = chosen.ages or (0, None)
    cover = Cover(
        uses_per_year=chosen.uses_per_year,
        youngest=low,
        oldest=high,
        children=not chosen.no_children,
        children_until=chosen.children_until,
        countries=frozenset((chosen.countries or "").upper().split(",")) - {""},
    )

    async def put(db: AsyncSession) -> None:
        await put_product(db, insurer=chosen.insurer, product=chosen.product, cover=cover)

    try:
        ask(settings, put)
    except BadProduct as fault:
        raise SettingsError(str(fault)) from None
    print(f"{chosen.insurer}, {chosen.product}: {in_words(cover)}")


def products(settings: Settings, chosen: argparse.Namespace) -> None:
    """List the products of an insurer. Raises SettingsError."""
    found = ask(settings, lambda db: products_of(db, chosen.insurer))
    if not found:  # the name of an insurer is easily mistyped
        raise SettingsError(f"no product of {chosen.insurer!r} is known here")
    for name, cover in found.items():
        print(f"{name}: {in_words(cover)}")


def in_words(cover: Cover) -> str:
    """What a product covers, on one line."""
    uses = f"{cover.uses_per_year} uses a year" if cover.uses_per_year else "any number of uses"
    ages = f"ages {cover.youngest} to {cover.oldest}" if cover.oldest else f"from {cover.youngest}"
    until = "" if cover.children_until is None else f" until {cover.children_until}"
    children = f"children{until}" if cover.children else "no children"
    return ", ".join((uses, ages, children, " ".join(sorted(cover.countries)) or "anywhere"))


def history(settings: Settings, chosen: argparse.Namespace) -> None:
    """Print what became of a policy. Raises SettingsError."""
    try:
        number = normalise(chosen.number)
    except BadPolicyNumber as fault:
        raise SettingsError(str(fault)) from None
    changes = ask(settings, lambda db: history_of(db, number))
    if not changes:
        raise SettingsError("nothing is known of this number")
    for change in changes:
        policy = change.policy
        print(
            f"{change.day} {change.kind.value:<8} by {change.source.value}, load {change.load}: "
            f"{policy.insurer}, {policy.product}, {policy.valid_from} to {policy.valid_until}"
            + ("" if policy.covers_children else ", no children")
        )


def add_commands(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]",
    command: Callable[..., argparse.ArgumentParser],
) -> None:
    """`venterom insurer …`."""
    top = commands.add_parser("insurer", help="insurers' products and policies")
    inner = top.add_subparsers(title="commands", metavar="COMMAND", required=True)
    loaded = command(inner, "load", "take policies in from a file", LOAD, load)
    loaded.add_argument("file", type=Path, metavar="FILE", help="the policies, as CSV")
    loaded.add_argument(
        "--full", action="store_true", help="it holds all of them: those that are missing end"
    )
    loaded.add_argument("--many-may-end", action="store_true", help="more than a tenth of them may")
    loaded.add_argument("--dry-run", action="store_true", help="only say what would be done")
    loaded.add_argument("--report", type=Path, metavar="CSV", help="say it of every line")
    covers = command(inner, "product", "say what a product covers", PRODUCT, product)
    covers.add_argument("product", metavar="PRODUCT", help="its name, as it stands in the files")
    covers.add_argument("--uses-per-year", type=int, metavar="N", help="how often it may be used")
    covers.add_argument("--ages", type=_ages, metavar="FROM-TO", help="of the holder, as in 18-67")
    covers.add_argument("--children-until", type=int, metavar="AGE", help="oldest age of a child")
    covers.add_argument("--no-children", action="store_true", help="children are not covered")
    covers.add_argument("--countries", metavar="NO,SE", help="where the patient may be")
    listed = command(inner, "products", "list what products cover", PRODUCTS, products)
    for each in (loaded, covers, listed):
        each.add_argument("--insurer", required=True, metavar="NAME", help="whose they are")
    past = command(inner, "history", "what became of a policy", HISTORY, history)
    past.add_argument("number", metavar="NUMBER", help="the policy number")
    client = inner.add_parser("client", help="which programs of theirs may ask us")
    programs.add_commands(
        client.add_subparsers(title="commands", metavar="COMMAND", required=True), command
    )


def _ages(text: str) -> tuple[int, int]:
    low, dash, high = text.partition("-")
    if not (dash and low.isdecimal() and high.isdecimal()):
        raise argparse.ArgumentTypeError(f"{text!r} is not of the form 18-67")
    return int(low), int(high)
