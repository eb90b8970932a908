"""A receipt as a file: it holds without us, and nothing in it can be changed."""

import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from tests.journal.make import KEYS, NOON
from tests.journal.test_consent import RECORD
from venterom.journal import consent, jws, receipts, texts
from venterom.journal.entry import to_ms
from venterom.journal.errors import BadSignature

SHOWN = texts.text(texts.CONSENT, "nb")
SAID = {
    **consent.receipt(RECORD, KEYS.pseudonym, to_ms(NOON)),
    "text_version": SHOWN.version,
    "text_sha256": texts.text_sha256(SHOWN),
}
RECEIPT = jws.sign(SAID, KEYS.signing, KEYS.kid, consent.RECEIPT)
FILE = receipts.file_of(RECEIPT, KEYS.verifying)
STRANGER = ec.derive_private_key(8, ec.SECP256R1())


def changed(**more: Any) -> str:
    return json.dumps({**FILE, **more})


def test_the_file_holds_by_itself_and_is_known_by_our_key() -> None:
    alone = receipts.check(changed(), {})
    assert (alone.kid, alone.ours, alone.text) == (KEYS.kid, False, SHOWN.title)
    assert alone.said["kind"] == "consent" and alone.said["at"] == to_ms(NOON)
    assert receipts.check(changed(), KEYS.verifying).ours
    # The name that a key set gives a key is not believed: its thumbprint is.
    assert not receipts.check(changed(), {KEYS.kid: STRANGER.public_key()}).ours


FORGED = jws.sign(SAID, STRANGER, jws.thumbprint(STRANGER.public_key()), consent.RECEIPT)
TEXT = texts.as_said(SHOWN)


@pytest.mark.parametrize(
    "file",
    [
        "",
        "[]",
        "{}",
        changed(kind="something else"),
        changed(receipt=None),
        changed(receipt=RECEIPT[:-2] + ("AA" if RECEIPT[-2:] != "AA" else "BB")),
        changed(receipt=RECEIPT.replace(".", ".A", 1)),
        changed(receipt=FORGED),  # by another key than the one beside it
        changed(key=jws.public_jwk(STRANGER.public_key())),
        changed(key=None),
        changed(key={"kty": "oct", "k": "AA"}),
        changed(text={**TEXT, "title": "Samtykke til noe annet"}),
        changed(text={**TEXT, "sections": []}),
    ],
)
def test_what_was_changed_does_not_hold(file: str) -> None:
    with pytest.raises(BadSignature):
        receipts.check(file, KEYS.verifying)


def test_a_receipt_of_a_stranger_is_whole_and_not_ours() -> None:
    theirs = changed(receipt=FORGED, key=jws.public_jwk(STRANGER.public_key()))
    assert not receipts.check(theirs, KEYS.verifying).ours
    with pytest.raises(BadSignature):
        receipts.file_of(FORGED, KEYS.verifying)


def test_a_retired_key_goes_on_signing_for_what_it_signed() -> None:
    keys = {"new": STRANGER.public_key(), **KEYS.verifying}
    assert receipts.file_of(RECEIPT, keys) == FILE


def test_a_text_that_is_no_longer_known_is_left_out() -> None:
    old = jws.sign({**SAID, "text_version": "1999"}, KEYS.signing, KEYS.kid, consent.RECEIPT)
    file = receipts.file_of(old, KEYS.verifying)
    assert "text" not in file and receipts.check(json.dumps(file), {}).text == ""
