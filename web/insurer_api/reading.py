"""A body as JSON, read once and strictly: no name twice, no NaN, nothing without end. Pure."""

from collections.abc import Callable
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.alias_generators import to_camel

from venterom.web.insurer_api.errors import NotReadable, NotUnderstood
from venterom.web.strict import read_object

T = TypeVar("T")


class Own(BaseModel):
    """A value of our own JSON. What is not named is not taken."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Fhir(BaseModel):
    """A value of FHIR R4. What is not named is not taken, so that nothing is passed over that
    changes the meaning, and nothing comes here that is no concern of ours."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, alias_generator=to_camel, serialize_by_alias=True
    )


class Said(Fhir):
    """A value of FHIR that we write."""

    model_config = ConfigDict(validate_by_name=True)


Model = TypeVar("Model", bound=BaseModel)


def understood(model: type[Model], body: bytes) -> Model:
    """The body as this model. Raises NotReadable, NotUnderstood."""
    check_form(body)
    return believed(lambda: model.model_validate_json(body))


def believed(validate: Callable[[], T]) -> T:
    """What validation gives. Raises NotUnderstood with the names of fields, never with values."""
    try:
        return validate()
    except ValidationError as fault:
        raise NotUnderstood(*faulty(fault)) from None


def faulty(fault: ValidationError) -> list[str]:
    """Where the faults are. A name that is not one of ours is not repeated: it may say anything."""
    return sorted({_place(each["type"], each["loc"]) for each in fault.errors(include_input=False)})


def _place(kind: str, at: tuple[int | str, ...]) -> str:
    known = at[:-1] if kind == "extra_forbidden" else at
    words = [str(part) for part in known]
    return ".".join([*words, "unknown_field"] if kind == "extra_forbidden" else words) or "body"


def check_form(body: bytes) -> None:
    """Raise NotReadable unless this is one JSON object, with each name once."""
    try:
        read_object(body)
    except (ValueError, RecursionError):
        raise NotReadable from None
