"""Errors and events of the waiting room say what the rest of the house relies on."""

import inspect
from dataclasses import fields, is_dataclass
from datetime import datetime
from typing import get_type_hints

import pytest

from venterom.queue import errors, events

ERRORS = [
    kind
    for _, kind in inspect.getmembers(errors, inspect.isclass)
    if issubclass(kind, errors.QueueError)
]
EVENTS = [kind for _, kind in inspect.getmembers(events, is_dataclass)]


@pytest.mark.parametrize("kind", ERRORS)
def test_the_docstring_of_an_error_is_its_message(kind: type[errors.QueueError]) -> None:
    assert str(kind()) == kind.__doc__
    assert str(kind()).endswith(".")


@pytest.mark.parametrize("kind", EVENTS)
def test_an_event_names_its_visit_and_holds_only_plain_values(kind: type) -> None:
    hints = get_type_hints(kind)
    assert hints["visit"] is str
    assert {hints[f.name] for f in fields(kind)} <= {
        str,
        int,
        float,
        bool,
        datetime,
        datetime | None,
    }
