"""`venterom receipt verify`: is this the receipt of a consent, and who signed it? Asks nobody."""

import json
import sys
from collections.abc import Mapping
from pathlib import Path

from venterom.journal import receipts
from venterom.journal.entry import from_ms
from venterom.journal.errors import BadKey, BadSignature
from venterom.journal.jws import PublicKey, keys_from_jwks
from venterom.journal.receipts import Checked
from venterom.server.config import SettingsError

MANUAL = """\
Checks a receipt that a patient has downloaded: that it was signed, that nothing in it was changed,
and that the text beside it is the one that was agreed to. It needs no service, database or network.

The file brings its own public key. With --keys it is compared with the keys of the service (its
address /receipts/keys.json, saved beforehand); without, compare the thumbprint that is printed with
the one on the service's page /receipts. Exits with 1 when the receipt does not hold.
"""
KINDS = {
    "notice": "the information was read",
    "consent": "consent was given",
    "withdrawal": "consent was taken back",
}


def verify(file: Path, keys: Path | None) -> None:
    """Print what the receipt says. Exits with 1 when it does not hold."""
    ours = _keys(keys) if keys else {}
    try:
        checked = receipts.check(_read(file), ours)
    except BadSignature as fault:
        sys.exit(f"venterom: the receipt does not hold: {fault.detail}")
    print("\n".join(lines(checked, compared=keys is not None)))
    if keys is not None and not checked.ours:
        sys.exit(1)


def lines(checked: Checked, *, compared: bool) -> list[str]:
    """What is printed about a receipt that holds."""
    said = checked.said
    known = {True: "yes", False: "NO: the service does not know this key"}[checked.ours]
    return [
        "The signature holds.",
        f"What:      {KINDS.get(said['kind'], said['kind'])}",
        f"When:      {_moment(said['at'])} (UTC)",
        f"Text:      {said['text_version']}, {said['language']}: {checked.text or '(not here)'}",
        f"Decided:   {said['rule']}",
        f"Key:       {checked.kid}",
        f"The key is the service's: {known if compared else 'not compared'}",
    ]


def _moment(milliseconds: int) -> str:
    return from_ms(milliseconds).strftime("%Y-%m-%d %H:%M:%S")


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{file} cannot be read") from error


def _keys(file: Path) -> Mapping[str, PublicKey]:
    try:
        return keys_from_jwks(json.loads(_read(file)))
    except (BadKey, ValueError, AttributeError) as error:
        raise SettingsError(f"{file} holds no public keys") from error
