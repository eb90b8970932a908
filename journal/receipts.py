"""A receipt as a file that anyone can check, years later and without us: is it what was agreed to?

The file holds the signed receipt, the public key it names, and the text that was read. A key that
comes with a file proves only that the file is whole; whose it is shows the thumbprint, which we
publish, or a key that was got from us.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from venterom.journal import jws, texts
from venterom.journal.consent import RECEIPT
from venterom.journal.errors import BadKey, BadSignature, UnknownText
from venterom.journal.jws import PublicKey

KIND = "venterom-consent-receipt"
WITHOUT_TEXT = "consent"  # the text that a withdrawal takes back


@dataclass(frozen=True, slots=True)
class Checked:
    """What a file says, when it holds."""

    said: Mapping[str, Any]  # the payload: kind, at (ms since 1970), language, purposes, …
    kid: str  # thumbprint of the key that signed
    ours: bool  # the key is among those that were handed in
    text: str  # title of the text that was agreed to, "" when the file holds none


def file_of(receipt: str, keys: Mapping[str, PublicKey]) -> dict[str, Any]:
    """The file for this receipt. Raises BadSignature when no key of ours has signed it."""
    said, key = _opened(receipt, keys)
    which = said["kind"] if said["kind"] == texts.NOTICE else WITHOUT_TEXT
    file: dict[str, Any] = {"kind": KIND, "receipt": receipt, "key": jws.public_jwk(key)}
    try:
        shown = texts.text(which, said["language"], said["text_version"])
    except UnknownText:
        return file
    return {**file, "text": texts.as_said(shown)}


def check(content: str, ours: Mapping[str, PublicKey]) -> Checked:
    """Whether the file is what was signed. Raises BadSignature for any other, with the reason."""
    file = _read(content)
    key = _key(file)
    kid, known = jws.thumbprint(key), {jws.thumbprint(each) for each in ours.values()}
    said = json.loads(jws.verify(str(file.get("receipt", "")), {kid: key}, typ=(RECEIPT,)))
    text = file.get("text")
    if text is not None and texts.sha256_said(text) != said["text_sha256"]:
        raise BadSignature("the text is not the one that was agreed to")
    return Checked(said, kid, kid in known, str(text["title"]) if text else "")


def _opened(receipt: str, keys: Mapping[str, PublicKey]) -> tuple[Mapping[str, Any], PublicKey]:
    """What a receipt of ours says, and the key that signed it."""
    for kid, key in keys.items():
        try:
            return json.loads(jws.verify(receipt, {kid: key}, typ=(RECEIPT,))), key
        except BadSignature:
            continue
    raise BadSignature("no key of ours has signed it")


def _read(content: str) -> Mapping[str, Any]:
    try:
        file = json.loads(content)
    except ValueError as fault:
        raise BadSignature("not a receipt") from fault
    if not isinstance(file, dict) or file.get("kind") != KIND:
        raise BadSignature("not a receipt")
    return file


def _key(file: Mapping[str, Any]) -> PublicKey:
    try:
        known = jws.keys_from_jwks({"keys": [{**file["key"], "kid": "own"}]})
    except (BadKey, KeyError, TypeError, ValueError) as fault:
        raise BadSignature("no key") from fault
    if "own" not in known:
        raise BadSignature("no key")
    return known["own"]
