"""Reads the settings: from one TOML file, and from VENTEROM_… variables, which go before it."""

import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from venterom.server.config import Section, Settings, SettingsError

PREFIX = "VENTEROM_"
FILE_VARIABLE = "VENTEROM_CONFIG"  # the TOML file, when it is not given on the command line
NESTED = "__"  # VENTEROM_DATABASE__URL is [database] url
PASSWORD = re.compile(r"(://[^:/@]*:)[^@]*@")


def load(path: Path | None, environment: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings. Raises SettingsError with every fault, each on its own line."""
    chosen = path or (Path(environment[FILE_VARIABLE]) if FILE_VARIABLE in environment else None)
    values: dict[str, Any] = {}
    if chosen is not None:
        try:
            values = tomllib.loads(chosen.read_text(encoding="utf-8"))
        except OSError as error:
            raise SettingsError(f"{chosen}: {error.strerror}") from None
        except ValueError as error:  # not TOML, or not even text
            raise SettingsError(f"{chosen}: {error}") from None
    for name, text in sorted(environment.items()):
        if name.startswith(PREFIX) and name != FILE_VARIABLE:
            _put(values, name.removeprefix(PREFIX).lower().split(NESTED), text)
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        raise SettingsError("\n".join(_faults(error))) from None


def names(model: type[BaseModel] = Settings, before: str = PREFIX) -> Iterator[str]:
    """Every name that the environment may set."""
    for name, field in model.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, Section):
            yield from names(kind, f"{before}{name.upper()}{NESTED}")
        else:
            yield f"{before}{name.upper()}"


def _put(values: dict[str, Any], keys: list[str], text: str) -> None:
    """Set one value from the environment; a comma-separated text fills a list."""
    for key in keys[:-1]:
        values = values.setdefault(key, {})
        if not isinstance(values, dict):
            raise SettingsError(f"{key}: this is a group of settings and has no value of its own")
    kind = _kind_of(keys)
    values[keys[-1]] = [part for part in text.split(",") if part] if kind == "list" else text


def _kind_of(keys: list[str]) -> str:
    model: type[BaseModel] = Settings
    for key in keys:
        field = model.model_fields.get(key)
        if field is None:
            return "unknown"
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, Section):
            model = kind
        else:
            return "list" if "tuple" in str(kind) else "value"
    return "section"


def _faults(error: ValidationError) -> Iterator[str]:
    for fault in error.errors():
        where = ".".join(str(part) for part in fault["loc"])
        unknown = fault["type"] == "extra_forbidden"
        yield f"{where}: there is no such setting" if unknown else f"{where}: {fault['msg']}"


def shown(settings: Settings) -> Iterator[tuple[str, str]]:
    """Every setting by its variable's name, with passwords in addresses blanked."""
    for name in names():
        value: Any = settings
        for key in name.removeprefix(PREFIX).lower().split(NESTED):
            value = getattr(value, key)
        text = ",".join(map(str, value)) if isinstance(value, tuple) else str(value)
        yield name, "" if value is None else PASSWORD.sub(r"\1•••@", text)
