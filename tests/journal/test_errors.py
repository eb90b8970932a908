"""Every error has a code and a message."""

import inspect

from venterom.journal import errors
from venterom.journal.errors import BadNote, JournalError, NoSuchVisit


def test_every_error_says_one_plain_sentence() -> None:
    kinds = [kind for _, kind in inspect.getmembers(errors, inspect.isclass)]
    faults = [kind for kind in kinds if issubclass(kind, JournalError)]
    assert len(faults) > 15
    for kind in faults:
        assert kind.__doc__ and kind.__doc__.strip().endswith(".")


def test_the_docstring_is_the_message() -> None:
    assert str(NoSuchVisit()) == "There is no such visit."
    assert str(NoSuchVisit("v1")) == "There is no such visit. (v1)"
    assert "plan: empty" in str(BadNote({"plan": "empty"}))
