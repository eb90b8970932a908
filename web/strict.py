"""JSON as one object that means one thing: no name twice, no NaN, nothing without end. Pure."""

import json
from typing import NoReturn


def read_object(body: bytes) -> dict[str, object]:
    """The object. Raises ValueError for anything else, and RecursionError for what is too deep;
    numbers of more than 4,300 digits are a ValueError of Python's own."""
    said = json.loads(body.decode(), object_pairs_hook=_no_twins, parse_constant=_no_constant)
    if not isinstance(said, dict):
        raise ValueError("this is no object")
    return said


def _no_twins(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name occurs twice")
    return found


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")
