"""Links hold together, and every other way of putting them is seen."""

from dataclasses import replace

import pytest

from venterom.journal import chain
from venterom.journal.chain import EMPTY, Head, Line, Link

LINE = Line(1, 1_000, "kari", "patient", "reason.written", "v", "kari", "", "abc")
SALT = b"s" * chain.SALT_BYTES


def links(count: int) -> list[Link]:
    made: list[Link] = []
    head = EMPTY
    for n in range(1, count + 1):
        made.append(chain.forge(head, replace(LINE, n=n), SALT))
        head = Head(n, made[-1].hash)
    return made


def faults(chained: list[Link]) -> list[tuple[int, str]]:
    head, found = EMPTY, []
    for link in chained:
        found += [(link.line.n, fault) for fault in chain.faults(head, link)]
        head = Head(link.line.n, link.hash)
    return found


def test_a_chain_as_it_was_made_holds() -> None:
    assert faults(links(5)) == []


def test_the_hash_is_what_the_document_says() -> None:
    # Computed once by hand; a change of the form would cut off every chain that there is.
    first = links(1)[0]
    assert first.leaf.hex()[:16] == "0ae7f95558e85ce4"
    assert first.hash.hex()[:16] == "cef91305db69c234"


@pytest.mark.parametrize("field", [name for name in Line.__slots__ if name != "n"])
def test_a_changed_field_is_seen(field: str) -> None:
    chained = links(3)
    old = getattr(LINE, field)
    new = old + 1 if isinstance(old, int) else old + "x"
    line = replace(chained[1].line)
    object.__setattr__(line, field, new)
    chained[1] = replace(chained[1], line=line)
    assert faults(chained) == [(2, "content")]


@pytest.mark.parametrize(
    ("chained", "first"),
    [
        ([links(3)[0], links(3)[2]], (3, "gap")),  # one taken out
        ([links(3)[1]], (2, "gap")),  # the beginning cut off
        ([links(2)[0], links(2)[0]], (1, "gap")),  # one twice
        ([links(3)[1], links(3)[0], links(3)[2]], (2, "gap")),  # put in another order
        ([replace(links(1)[0], salt=b"t" * 32)], (1, "content")),
        ([replace(links(1)[0], leaf=b"t" * 32)], (1, "content")),
        ([replace(links(1)[0], hash=b"t" * 32)], (1, "hash")),
    ],
)
def test_a_chain_put_together_otherwise_is_seen(
    chained: list[Link], first: tuple[int, str]
) -> None:
    assert faults(chained)[0] == first


def test_a_line_forged_anew_breaks_the_next_one() -> None:
    chained = links(3)
    forged = chain.forge(Head(1, chained[0].hash), replace(LINE, n=2, actor="x"), SALT)
    assert faults([chained[0], forged, chained[2]]) == [(3, "hash")]


def test_equal_lines_have_unlike_leaves() -> None:
    assert chain.leaf_of(b"a" * 32, LINE) != chain.leaf_of(b"b" * 32, LINE)
