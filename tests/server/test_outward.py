"""Insurers who keep the register, as the settings name them."""

import tomllib
from pathlib import Path

import pytest
from aiohttp import web

from tests.queue.coverage.certificates import Authority
from venterom.server import outward, reading
from venterom.server.config import KeptOutside, Settings, SettingsError
from venterom.web.keys import OUTWARD


def kept(folder: Path, **changes: object) -> KeptOutside:
    """One insurer, with files that are there."""
    authority = Authority(folder)
    certificate, key = authority.issue("venterom")
    return KeptOutside.model_validate(
        {
            "insurer": "Fjell",
            "prefix": "FJ-",
            "url": "https://register.example/policy",
            "cert_file": certificate,
            "key_file": key,
            "ca_file": authority.file,
            **changes,
        }
    )


async def test_the_application_knows_whom_to_ask(tmp_path: Path) -> None:
    app = web.Application()
    context = outward.registers([kept(tmp_path)])(app)
    await anext(context)
    keeper = app[OUTWARD].keeper("fj-1000001")
    assert keeper is not None and keeper.insurer == "Fjell"
    assert app[OUTWARD].keeper("NF-1000001") is None
    with pytest.raises(StopAsyncIteration):
        await anext(context)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"url": "http://register.example/policy"}, "url begins with https://"),
        ({"insurer": "F" * 33}, "at most 32 characters"),
        ({"prefix": ""}, "prefix is capital letters, digits and dashes"),
        ({"prefix": "fj-"}, "prefix is capital letters"),
        ({"prefix": "F" * 20}, "prefix is capital letters"),  # there would be no number left
        ({"cert_file": "/nowhere/at/all"}, "No such file"),
        ({"ca_file": "/nowhere/at/all"}, "No such file"),
        ({"key_file": "docs/insurers.md"}, "insurers, Fjell: "),  # no key
    ],
)
def test_what_cannot_be_used_stops_the_start_and_names_the_insurer(
    tmp_path: Path, changes: dict[str, object], says: str
) -> None:
    with pytest.raises(SettingsError, match=says) as refused:
        outward.registers([kept(tmp_path, **changes)])
    assert str(refused.value).startswith("insurers, F")


@pytest.mark.parametrize("path", ["docs/venterom.toml", "docs/insurers.md"])
def test_the_example_of_the_documents_can_be_read(path: str) -> None:
    lines = iter(Path(path).read_text(encoding="utf-8").splitlines())
    example = []
    for line in lines:
        if line.removeprefix("# ").startswith("insurers = ["):
            example = [line]
            break
    while example[-1].removeprefix("# ") != "]":
        example.append(next(lines))
    given = tomllib.loads("\n".join(line.removeprefix("# ") for line in example))
    [insurer] = Settings.model_validate(given).insurers
    assert (insurer.insurer, insurer.prefix) == ("Fjellprøve Forsikring", "FJ-")


def test_they_are_named_in_a_file_and_in_no_variable() -> None:
    with pytest.raises(SettingsError, match="insurers"):
        reading.load(None, {"VENTEROM_INSURERS": "Fjell"})
