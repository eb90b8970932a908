"""`venterom icpc2 load`: the published list of diagnosis codes."""

import argparse
import sys
from pathlib import Path

from venterom.journal import coding, icpc2_file
from venterom.server import config
from venterom.server.clock import utcnow
from venterom.server.commands import ask
from venterom.web.text import today

LOAD = """\
Takes the list of ICPC-2 codes that the directorate of health publishes each year (finnkode,
«teknisk koderegister»), and lets doctors choose from it, from the next letter they type on. The
running service need not be stopped.

FILE is text in UTF-8 with one code a line, cells apart by tabs or semicolons: the published text
file, or the published spreadsheet saved as «CSV UTF-8». Processes (codes 30 to 69), names of
chapters and codes that are valid no longer are left out.

A file with a fault anywhere is not used at all: each faulty line is named, and the list is as it
was. Notes that are signed keep the words that their code had then.

  venterom icpc2 load icpc-2.txt
"""
MOST_BYTES = 20_000_000  # a hundred times the published file: what is larger is another file
MOST_TOLD = 50  # faults that are printed: with more of them it is the wrong file


def load(settings: config.Settings, chosen: argparse.Namespace) -> None:
    """Read, judge, and use all of it, or exit with 2."""
    path = Path(chosen.file)
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise config.SettingsError(f"{path}: {error.strerror}") from None
    if len(data) > MOST_BYTES:
        raise config.SettingsError(f"{path}: is no list of codes, it is too large")
    found = icpc2_file.read(data, today(utcnow()))
    for fault in found.faults[:MOST_TOLD]:
        print(f"{path}: {fault}", file=sys.stderr)
    if found.faults:
        raise config.SettingsError(f"{path}: faults: {len(found.faults)}. Nothing was loaded.")
    ask(settings, lambda db: coding.load(db, utcnow(), found.terms))
    print(f"{len(found.terms)} codes are in use now; {found.left_out} lines were left out.")
