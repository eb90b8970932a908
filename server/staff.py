"""`venterom staff`: the first director, and whoever cannot be given a role by another."""

import argparse
import getpass
import sys
from collections.abc import Awaitable, Callable

from sqlalchemy.ext.asyncio import AsyncSession

from venterom.journal.access import SYSTEM
from venterom.journal.chain import Action
from venterom.server import config, vault
from venterom.server.clock import utcnow
from venterom.server.commands import ask
from venterom.web.identity import grants
from venterom.web.identity.claims import is_hpr_number
from venterom.web.identity.numbers import names_one
from venterom.web.identity.roles import STAFF, Role
from venterom.web.identity.sealed import Keys

GIVE = """\
Gives a role to whoever signs in with a national number, for a year. The number is asked for, or
read from standard input; it is never an argument, which others on the machine could see, and it is
not stored in clear.

The first director gets the role this way. After that directors give roles on their page, but nobody
decides about their own: where there is one director only, this renews it (withdraw, then give).

  venterom staff give director
  venterom staff give doctor --hpr 1234567
"""
WITHDRAW = """\
Takes a role away from whoever has a national number, which is asked for, and ends every sign-in in
that role at once.

  venterom staff withdraw director
"""
ROLES = tuple(sorted(role.value for role in STAFF))

Deed = Callable[[AsyncSession, Keys], Awaitable[bool]]


def add_options(command: argparse.ArgumentParser, *, giving: bool) -> None:
    """What the commands take."""
    command.add_argument("role", choices=ROLES, help="the role")
    if giving:
        command.add_argument("--hpr", metavar="NUMBER", help="a doctor's HPR number")
        command.add_argument("--insurer", metavar="NAME", help="whose clerk it is")


def give(settings: config.Settings, chosen: argparse.Namespace) -> None:
    """Raises SettingsError for what makes no sense."""
    role = Role(chosen.role)
    if (role is Role.DOCTOR) != (chosen.hpr is not None):
        raise config.SettingsError("a doctor has an HPR number (--hpr), and nobody else")
    if chosen.hpr is not None and not is_hpr_number(chosen.hpr):
        raise config.SettingsError("--hpr: up to nine digits")
    if (role is Role.INSURER) != bool(chosen.insurer):
        raise config.SettingsError("an insurer's clerk has an insurer (--insurer), and nobody else")
    number = _number(settings)

    async def do(db: AsyncSession, keys: Keys) -> bool:
        now = utcnow()
        given = await grants.grant(
            db, keys, now, number=number, role=role, hpr_number=chosen.hpr, insurer=chosen.insurer
        )
        if given is not None:
            await grants.noted(db, now, SYSTEM, Action.GRANT_GIVEN, given)
        return given is not None

    if not _run(settings, do):
        raise config.SettingsError("this person has the role already")
    print(f"Given: {role}, for a year.")


def withdraw(settings: config.Settings, chosen: argparse.Namespace) -> None:
    """Raises SettingsError when there is nothing to withdraw."""
    role, number = Role(chosen.role), _number(settings)

    async def do(db: AsyncSession, keys: Keys) -> bool:
        now = utcnow()
        held = await grants.of_number(db, keys, number, role)
        if held is None:
            return False
        await grants.withdraw(db, now, held.id)
        await grants.noted(db, now, SYSTEM, Action.GRANT_ENDED, held)
        return True

    if not _run(settings, do):
        raise config.SettingsError("this person does not have the role")
    print(f"Withdrawn: {role}.")


def _number(settings: config.Settings) -> str:
    """The national number, typed unseen or read from standard input."""
    asked = getpass.getpass("National number: ") if sys.stdin.isatty() else sys.stdin.readline()
    number = "".join(asked.split())
    if not names_one(number, settings.is_demonstration):
        raise config.SettingsError("this is not a national number that may be used here")
    return number


def _run(settings: config.Settings, do: Deed) -> bool:
    keyring = vault.load(settings.keys)
    return ask(settings, lambda db: do(db, keyring.identity_keys()))
