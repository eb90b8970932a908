"""The command line: the whole program on one screen."""

import argparse
import asyncio
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from venterom import __version__
from venterom.server import (
    anchor,
    backup,
    codes,
    config,
    export,
    export_check,
    insurers,
    medicines,
    reading,
    receipt,
    replay,
    rotation,
    simulate,
    staff,
    verify,
)

EPILOG = """\
A first look:
  venterom demo                     an invented world at http://127.0.0.1:8080

In production:
  venterom settings                 what is set, and what every setting is called
  venterom migrate                  bring the database's tables up to this version
  venterom backup DIR               a whole copy of the databases, while the service runs
  venterom staff give director      the first director; directors give roles to all others
  venterom medicines load fest.xml  what doctors can prescribe, from the national register
  venterom serve --config /etc/venterom.toml

What insurers cover, whom, and which of their programs may ask:
  venterom insurer --help

How the promise does on invented days:
  venterom queue simulate --help
  venterom queue replay --help      … and on the ledger of real ones

The diagnosis codes that doctors choose from:
  venterom icpc2 load --help
Whether the record is as it was written, and new keys for it:
  venterom journal --help
A patient's receipt of a consent, checked without the service:
  venterom receipt verify FILE

Settings come from one TOML file and from variables named VENTEROM_SECTION__NAME;
docs/venterom.toml explains each of them. Secrets are always files, never values.
"""

SERVE = """\
Starts the service: web pages, web sockets and the background jobs in one process, and beside it
one process for each media worker. It stops on Ctrl-C or SIGTERM: whoever is in a call is told,
and comes back by themselves when it starts again.

It refuses to start when a key is missing or readable by others, when the database has not been
migrated to this version, or when Python runs with -O.
"""

DEMO = """\
Starts the service with an invented world, to be tried in two browser windows: six doctors (three
of them on shift), twelve patients, two insurers with 500 policies, and a director who plans the
shifts. Nobody in it exists.

The database is made when it is not there, and kept when it is. An identity provider of our own
stands in for BankID and HelseID on a second port, where the patients' messages can be read too.

With --crowd N, robots play forty more patients, of whom N come in an hour, and the three doctors
who are not on shift. They use the service as people do, video included, so the waiting room is
alive. A doctor whom you play then counts in the promises from when you go on shift. Three doctors
keep up with about 30 an hour; 120 shows how the service declines what it could not keep.

One demonstration at a time uses a world: another one, and --reset, are refused while it runs.
"""

MIGRATE = """\
Brings the tables of the database up to this version of the program, step by step, and says which
steps it took: all of them, or none. Running it again changes nothing. In production, stop the
service and run `venterom backup` first.

It refuses a database that a newer version of the program has made.
"""

SETTINGS = """\
Prints every setting as it would be used now, with the name of its variable. Secrets are files, so
nothing here needs to be hidden; an address that holds a password is blanked.

A variable goes before the file, and the file before the default.
"""


READ_ENOUGH = 141  # as a shell says that a program's reader has gone


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command. Exits with 2 when something cannot be used as it was given."""
    chosen = parser().parse_args(arguments)
    try:
        settings = reading.load(chosen.config)
        chosen.run(settings, chosen)
        sys.stdout.flush()
    except config.SettingsError as error:
        print(f"venterom: {error}", file=sys.stderr)
        sys.exit(2)
    except BrokenPipeError:  # whoever reads what is printed has read enough, as `head` has
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())  # or the rest fails once more at the end
        sys.exit(READ_ENOUGH)


def parser() -> argparse.ArgumentParser:
    """The commands and what they take."""
    top = argparse.ArgumentParser(
        prog="venterom",
        description="A self-hosted video e-consultation service: a doctor within twenty minutes.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    top.add_argument("--version", action="version", version=f"venterom {__version__}")
    commands = top.add_subparsers(title="commands", metavar="COMMAND", required=True)
    _command(commands, "serve", "start the service", SERVE, _serve)
    demo = _command(commands, "demo", "start an invented world to try it in", DEMO, _demo)
    demo.add_argument("--port", type=_number(1, 65_535), help="port of the service (default: 8080)")
    demo.add_argument(
        "--reset", action="store_true", help="delete the invented world and start with a new one"
    )
    demo.add_argument(
        "--crowd",
        type=_number(1, 120),
        metavar="N",
        help="let N simulated patients come an hour, 1 to 120 (default: none)",
    )
    # For the tests: how many minutes of the crowd's life pass in one minute.
    demo.add_argument("--pace", type=float, default=1.0, help=argparse.SUPPRESS)
    queue = commands.add_parser("queue", help="try the promise on invented days, or on a ledger")
    inner = queue.add_subparsers(title="commands", metavar="COMMAND", required=True)
    summary = "play days with a policy and score it"
    played = _command(inner, "simulate", summary, simulate.MANUAL, _simulate)
    played.epilog = simulate.EPILOG
    simulate.add_options(played)
    _command(inner, "ledger", "write the ledger of promises", replay.LEDGER, _ledger)
    replayed = _command(inner, "replay", "decide a ledger again", replay.REPLAY, _replay)
    replayed.add_argument("ledger", metavar="LEDGER", help="a file of `venterom queue ledger`")
    list_of_codes = commands.add_parser(
        "icpc2", help="the diagnosis codes that doctors choose from"
    )
    acts = list_of_codes.add_subparsers(title="commands", metavar="COMMAND", required=True)
    loaded = _command(acts, "load", "take a published list", codes.LOAD, codes.load)
    loaded.add_argument("file", metavar="FILE", help="the published list, as text")
    _journal(commands)
    kept = commands.add_parser("receipt", help="check a receipt that a patient has downloaded")
    inner = kept.add_subparsers(title="commands", metavar="COMMAND", required=True)
    checked = _command(inner, "verify", "does it hold?", receipt.MANUAL, _receipt)
    checked.add_argument("file", type=Path, metavar="FILE", help="the receipt")
    checked.add_argument("--keys", type=Path, metavar="FILE", help="the service's public keys")
    _staff(commands)
    register = commands.add_parser("medicines", help="load what doctors can prescribe")
    within = register.add_subparsers(title="commands", metavar="COMMAND", required=True)
    loaded = _command(within, "load", "load the national register", medicines.LOAD, _medicines)
    loaded.add_argument("file", type=Path, metavar="FILE", help="the register, M30 in XML")
    insurers.add_commands(commands, _command)
    _command(commands, "migrate", "bring the database up to this version", MIGRATE, _migrate)
    copied = _command(commands, "backup", "copy the databases", backup.MANUAL, backup.backup)
    backup.add_options(copied)
    _command(commands, "settings", "show every setting", SETTINGS, _settings)
    return top


def _staff(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    people = commands.add_parser(
        "staff", help="give a role to somebody, the first director above all"
    )
    inner = people.add_subparsers(title="commands", metavar="COMMAND", required=True)
    given = _command(inner, "give", "give a role", staff.GIVE, staff.give)
    staff.add_options(given, giving=True)
    taken = _command(inner, "withdraw", "take a role away", staff.WITHDRAW, staff.withdraw)
    staff.add_options(taken, giving=False)


def _journal(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    record = commands.add_parser(
        "journal", help="prove that the record is whole, renew its keys, hand it over"
    )
    inner = record.add_subparsers(title="commands", metavar="COMMAND", required=True)
    proved = _command(inner, "verify", "is it as it was written?", verify.MANUAL, verify.verify)
    proved.add_argument(
        "--anchor", type=Path, metavar="FILE", help="compare with checkpoints kept elsewhere"
    )
    _command(inner, "anchor", "write a checkpoint of the log", anchor.MANUAL, anchor.write)
    whole = _command(inner, "export", "hand the whole record over", export.MANUAL, export.export)
    export.add_options(whole)
    summary = "is a record that was handed over whole?"
    checked = _command(inner, "check-export", summary, export_check.MANUAL, export_check.check)
    export_check.add_options(checked)
    summary = "wrap patients' keys anew under the newest key"
    _command(inner, "rotate", summary, rotation.ROTATE, rotation.rotate)
    made = _command(inner, "new-key", "make a new key", rotation.NEW_KEY, rotation.new_key)
    made.add_argument("kind", choices=("record", "signing"), help="what the key is for")


def _command(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]",
    name: str,
    summary: str,
    manual: str,
    run: object,
) -> argparse.ArgumentParser:
    command = commands.add_parser(
        name,
        help=summary,
        description=manual,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.add_argument(
        "--config",
        type=Path,
        metavar="FILE",
        help=f"the TOML file with the settings (default: ${reading.FILE_VARIABLE}, else none)",
    )
    command.set_defaults(run=run)
    return command


def _number(low: int, high: int) -> Callable[[str], int]:
    """A whole number in this range, or a sentence that says so."""

    def read(text: str) -> int:
        if not text.isdecimal() or not low <= int(text) <= high:
            raise argparse.ArgumentTypeError(f"{text!r} is no number from {low} to {high}")
        return int(text)

    return read


def _serve(settings: config.Settings, _chosen: argparse.Namespace) -> None:
    from venterom.server import run

    run.serve(settings)


def _demo(settings: config.Settings, chosen: argparse.Namespace) -> None:
    from venterom.server.demo import run
    from venterom.server.demo.crowd.company import Size

    crowd = Size(chosen.crowd, chosen.pace) if chosen.crowd else None
    run.demonstrate(settings, port=chosen.port, anew=chosen.reset, crowd=crowd)


def _simulate(_settings: config.Settings, chosen: argparse.Namespace) -> None:
    simulate.run(chosen)


def _ledger(settings: config.Settings, _chosen: argparse.Namespace) -> None:
    replay.write(settings)


def _replay(_settings: config.Settings, chosen: argparse.Namespace) -> None:
    replay.replay(chosen)


def _receipt(_settings: config.Settings, chosen: argparse.Namespace) -> None:
    receipt.verify(chosen.file, chosen.keys)


def _medicines(settings: config.Settings, chosen: argparse.Namespace) -> None:
    medicines.load(settings, chosen.file)


def _migrate(settings: config.Settings, _chosen: argparse.Namespace) -> None:
    from venterom.server.migrations import migrate

    steps = asyncio.run(migrate.migrate(config.database_url(settings.database)))
    print("\n".join(steps) or "The database is up to date already.")


def _settings(settings: config.Settings, _chosen: argparse.Namespace) -> None:
    for name, value in reading.shown(settings):
        print(f"{name} = {value}")


if __name__ == "__main__":
    main()
