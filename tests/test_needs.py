"""The tests' own installer: which command it runs or names on which system."""

import sys

import pytest

from tests import needs

ALL = list(needs.NEEDS)
BROWSER = [need for need in ALL if need.name == "Chromium"]
APT = ["apt-get", "install", "-y", "--no-install-recommends"]
PLAYWRIGHT = [sys.executable, "-m", "playwright", "install", "--with-deps", "chromium"]


@pytest.mark.parametrize(
    ("wanted", "system", "orders"),
    [
        # Debian: everything in one go, after the lists are fresh
        (BROWSER, "debian", [["apt-get", "update"], [*APT, "chromium"]]),
        # Ubuntu's chromium is a snap, so the browser comes another way
        (BROWSER, "ubuntu", [PLAYWRIGHT]),
        (BROWSER, "darwin", [["brew", "install", "--cask", "chromium"]]),
        # a system whose package names we do not know
        (BROWSER, "nixos", []),
        ([], "debian", []),
    ],
)
def test_each_system_gets_its_own_command(
    wanted: list[needs.Need], system: str, orders: list[list[str]]
) -> None:
    assert needs.commands(wanted, system) == orders


def test_ubuntu_takes_the_rest_from_apt() -> None:
    update, install, browser = needs.commands(ALL, "ubuntu")
    assert update == ["apt-get", "update"]
    assert {"postgresql", "libpango-1.0-0", "fonts-dejavu-core"} < set(install)
    assert not {"chromium", "firefox-esr"} & set(install)
    assert browser == PLAYWRIGHT


def test_whoever_may_not_install_is_told_the_exact_command() -> None:
    text = needs.advice("Chromium", needs.commands(BROWSER, "debian"))
    assert "sudo apt-get install -y --no-install-recommends chromium" in text


def test_on_an_unknown_system_the_things_are_named() -> None:
    assert "Chromium" in needs.advice("Chromium", [])
