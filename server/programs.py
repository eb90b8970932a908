"""`venterom insurer client`: which programs of insurers may ask us."""

import argparse
from collections.abc import Callable
from pathlib import Path

from venterom.journal.errors import BadKey
from venterom.server import config
from venterom.server.clock import utcnow
from venterom.server.commands import ask
from venterom.server.config import SettingsError
from venterom.web.insurer_api import clients, scopes
from venterom.web.insurer_api.assertions import ALGORITHMS
from venterom.web.insurer_api.scopes import Scope
from venterom.web.text import today

Command = Callable[..., argparse.ArgumentParser]

ADD = f"""\
Registers a program of an insurer's, so that it can ask over HTTP whether a policy covers somebody,
or tell us of policies. docs/insurer_api.md is what the insurer's developers need to know.

INSURER is the name by which the insurer's policies stand in the register, to the letter. FILE is
the program's public key set (JWKS, RFC 7517) as the insurer sent it: keys with a `kid`, for
{" or ".join(ALGORITHMS)}. Compare each `kid` with them on another way than the one it came. A set
that holds a private key is refused: that key is not private any more.

A program is renewed by registering it anew under another name, and removing the old one when it is
no longer used. So keys change without a moment in which nobody can ask.

  venterom insurer client add "Fjellprøve Forsikring" jwks.json --scope eligibility
"""
LIST = """\
Prints every program that is registered: its name, the insurer, what it may do, the `kid` of its
keys, and since when. Those that were removed come last, with the day.

  venterom insurer client list
"""
REMOVE = """\
Lets a program in no more, from its next question on; a token that it holds is of no use either. Its
name stays, since the log of look-ups names it, and is not given away again.

  venterom insurer client remove fjellprove-web
"""


def add_commands(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]", command: Command
) -> None:
    """The three, made by the command line's own way to make one."""
    added = command(commands, "add", "register a program", ADD, add)
    added.add_argument("insurer", metavar="INSURER", help="whose program it is")
    added.add_argument("keys", type=Path, metavar="FILE", help="its public key set")
    added.add_argument("--id", metavar="NAME", help="its name (default: one is made up)")
    added.add_argument(
        "--scope",
        action="append",
        choices=[each.value for each in Scope],
        help="what it may do; say it once for each (default: eligibility)",
    )
    command(commands, "list", "show who is registered", LIST, show)
    removed = command(commands, "remove", "let a program in no more", REMOVE, remove)
    removed.add_argument("id", metavar="NAME", help="its name, as `list` shows it")


def add(settings: config.Settings, chosen: argparse.Namespace) -> None:
    """Register one, and say by which name. Raises SettingsError."""
    client = chosen.id or clients.new_id()
    if not clients.CLIENT_ID.fullmatch(client):
        raise SettingsError("a name has 3 to 32 small letters, digits and dashes")
    if not clients.INSURER.fullmatch(chosen.insurer):
        raise SettingsError("an insurer's name has 1 to 32 letters, digits and signs")
    try:
        keys = chosen.keys.read_text(encoding="utf-8")
        known = clients.read_keys(keys)
    except (OSError, UnicodeDecodeError, BadKey) as error:
        raise SettingsError(f"{chosen.keys}: {error}") from None
    may = frozenset(Scope(each) for each in chosen.scope or [Scope.ELIGIBILITY])
    new = ask(
        settings,
        lambda db: clients.add(
            db, today(utcnow()), client=client, insurer=chosen.insurer, may=may, keys=keys
        ),
    )
    if not new:
        raise SettingsError(f"{client} is the name of another program, now or once")
    print(f"{client} may ask for {chosen.insurer}: {scopes.write(may)}")
    for kid in known:
        print(f"  key {kid}")


def show(settings: config.Settings, _chosen: argparse.Namespace) -> None:
    """Print who is registered."""
    found = ask(settings, clients.listed)
    if not found:
        print("No program is registered.")
    for each in found:
        until = f", removed {each.removed}" if each.removed else ""
        print(f"{each.id}  {each.insurer}  {scopes.write(each.scopes)}")
        print(f"  since {each.added}{until}; keys {', '.join(each.keys)}")


def remove(settings: config.Settings, chosen: argparse.Namespace) -> None:
    """Remove one. Raises SettingsError if there is none."""
    day = today(utcnow())
    if not ask(settings, lambda db: clients.remove(db, day, client=chosen.id)):
        raise SettingsError(f"no program is registered as {chosen.id}")
    print(f"{chosen.id} is let in no more.")
