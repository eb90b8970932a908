"""A log that was cut off or written anew, by somebody with every key, is found by an anchor."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from tests.journal.make import KEYS, NOON, after
from venterom.journal import anchor, jws
from venterom.journal.anchor import Checkpoint
from venterom.journal.chain import Head
from venterom.journal.errors import BadAnchor

FIRST, NEXT = Head(7, b"a" * 32), Head(9, b"b" * 32)
OTHER = replace(KEYS, signing=ec.derive_private_key(9, ec.SECP256R1()))


def lines(*heads: Head) -> str:
    """An anchor with these ends of the log, a minute apart."""
    written = [anchor.write(head, after(minutes=i), KEYS) for i, head in enumerate(heads)]
    return "".join(f"{line}\n" for line in written)


def test_what_was_written_is_read() -> None:
    found = anchor.read(lines(FIRST, FIRST, NEXT), KEYS.verifying)
    assert found == (
        Checkpoint(FIRST, NOON),
        Checkpoint(FIRST, after(minutes=1)),  # the service was started again
        Checkpoint(NEXT, after(minutes=2)),
    )
    assert anchor.known(found) == {7: FIRST.hash, 9: NEXT.hash}


def test_a_line_that_a_power_cut_has_torn_takes_nothing_from_the_others() -> None:
    one = lines(FIRST)
    for torn in (one[:-2], one[:40], one[: one.index(".")], ""):
        assert anchor.known(anchor.read(f"{torn}\n{lines(NEXT)}", KEYS.verifying)) == {9: NEXT.hash}


FAULTS: dict[str, tuple[Callable[[], str], str]] = {
    "empty": (lambda: "", "it holds no checkpoint"),
    "another file": (lambda: "\x00\x01 what is this?\n", "it holds no checkpoint"),
    "shorter": (lambda: lines(NEXT, FIRST), "line 2: the log ended at 7, and had 9 lines before"),
    "written anew": (
        lambda: lines(FIRST, Head(7, NEXT.hash)),
        "line 2: says something else of the same line",
    ),
    "a stranger's": (
        lambda: lines(FIRST) + anchor.write(NEXT, NOON, OTHER),
        "line 2: the key is unknown",
    ),
    "changed": (
        lambda: lines(FIRST)[:-3] + "AA\n",
        "line 1: the signature does not match",
    ),
    "another text of ours": (
        lambda: jws.sign({"n": 7}, KEYS.signing, KEYS.kid, "journal-entry+jws"),
        "line 1: the type is another one",
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_an_anchor_that_cannot_be_believed_is_refused(name: str) -> None:
    make, says = FAULTS[name]
    with pytest.raises(BadAnchor) as refused:
        anchor.read(make(), KEYS.verifying)
    assert refused.value.detail == says


def test_checkpoints_of_a_key_that_signs_no_more_still_count() -> None:
    now = replace(OTHER, retired={KEYS.kid: KEYS.signing.public_key()})
    text = lines(FIRST) + anchor.write(NEXT, NOON, now)
    assert anchor.known(anchor.read(text, now.verifying)) == {7: FIRST.hash, 9: NEXT.hash}
