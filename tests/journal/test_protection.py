"""What is said of how a call was kept from others, and what of it stays."""

from itertools import product

import pytest

from venterom.journal.protection import Encryption, Protection, Words, after, sentences

END, HOP = Encryption.END_TO_END, Encryption.HOP_BY_HOP
SAME, OTHER, NOT = Words.MATCHED, Words.DIFFERENT, Words.NOT_COMPARED
EVERY = [Protection(*pair) for pair in product(Encryption, Words)]


@pytest.mark.parametrize(
    ("before", "said", "whole"),
    [
        ((END, NOT), (END, SAME), (END, SAME)),
        ((END, NOT), (END, OTHER), (END, OTHER)),
        ((END, SAME), (END, NOT), (END, NOT)),  # loaded anew: other words, not compared yet
        ((END, OTHER), (END, NOT), (END, OTHER)),  # which is not forgotten by that
        ((END, OTHER), (END, SAME), (END, SAME)),  # misread, and said again
        ((HOP, NOT), (END, SAME), (HOP, SAME)),  # a part of it was open
        ((END, SAME), (HOP, NOT), (HOP, NOT)),
        ((END, OTHER), (HOP, NOT), (HOP, OTHER)),
    ],
)
def test_a_call_is_as_its_weakest_part_was(
    before: tuple[Encryption, Words],
    said: tuple[Encryption, Words],
    whole: tuple[Encryption, Words],
) -> None:
    assert after(Protection(*before), Protection(*said)) == Protection(*whole)


@pytest.mark.parametrize("said", EVERY)
def test_what_is_said_first_holds_and_saying_it_again_changes_nothing(said: Protection) -> None:
    assert after(None, said) == said == after(said, said)


@pytest.mark.parametrize(
    ("kept", "words"),
    [
        ((END, SAME), "Kryptert fra ende til ende. Lege og pasient sammenlignet"),
        ((END, OTHER), "og de var ulike."),
        ((END, NOT), "Kryptert fra ende til ende. Kontrollordene ble ikke sammenlignet."),
        ((HOP, NOT), "Ikke kryptert fra ende til ende, men til tjenesten og videre derfra."),
        ((HOP, OTHER), "videre derfra. Lege og pasient sammenlignet kontrollordene, og de var"),
    ],
)
def test_the_record_says_it_in_words(kept: tuple[Encryption, Words], words: str) -> None:
    assert words in sentences(Protection(*kept))


def test_words_that_nobody_had_are_not_spoken_of() -> None:
    assert "ordene" not in sentences(Protection(HOP, NOT))


def test_no_two_calls_are_told_alike() -> None:
    assert len({sentences(each) for each in EVERY}) == len(EVERY)
