"""What the tests need from the machine: browsers, libraries, a font, PostgreSQL; and on Linux a
relay and what makes networks.

Run as root on Debian or Ubuntu it installs what is missing. Anywhere else it names the command and
fails, before any test has run. It imports the standard library only.
"""

import ctypes.util
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests import postgres  # noqa: E402  (the line above makes it findable as a script)


class Need(NamedTuple):
    """One thing, how to see that it is there, and what each system calls it."""

    name: str
    present: Callable[[], bool]
    debian: tuple[str, ...]
    homebrew: str


def chromium() -> Path | None:
    """The browser that the tests drive: Chromium, or Chrome where that is what people have."""
    return next((path for path in _browsers() if os.access(path, os.X_OK)), None)


def _browsers() -> Iterator[Path]:
    for name in ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"):
        found = shutil.which(name)
        # Ubuntu's is a snap, which is not allowed to see a profile in a temporary folder.
        if found and "snap" not in Path(found).resolve().parts:
            yield Path(found)
    for name in ("Chromium", "Google Chrome"):
        yield Path(f"/Applications/{name}.app/Contents/MacOS/{name}")
    for cache in (".cache/ms-playwright", "Library/Caches/ms-playwright"):
        yield from sorted((Path.home() / cache).glob("chromium-*/chrome-linux*/chrome"))


def firefox() -> Path | None:
    """The other browser. Not Ubuntu's, which is a snap, too."""
    if Path("/snap/bin/firefox").exists():
        return None
    names = ("firefox-esr", "firefox", "/Applications/Firefox.app/Contents/MacOS/firefox")
    return next((Path(found) for found in map(shutil.which, names) if found), None)


def _has_firefox() -> bool:
    # Where it cannot be had, calls between two kinds of browser are skipped, and say so.
    return firefox() is not None or system_name() == "ubuntu"


def _has_pango() -> bool:
    return all(ctypes.util.find_library(name) for name in ("pango-1.0", "pangoft2-1.0"))


def _has_font() -> bool:
    folders = ("/usr/share/fonts", "/usr/local/share/fonts", "/Library/Fonts", "/System/Library")
    return any(
        name.endswith((".ttf", ".otf", ".ttc"))
        for folder in folders
        for _, _, names in os.walk(folder)
        for name in names
    )


def _has_postgres() -> bool:
    try:
        postgres.find_programs()
    except postgres.NoPostgres:
        return False
    return True


NEEDS: tuple[Need, ...] = (
    Need("Chromium", lambda: chromium() is not None, ("chromium",), "--cask chromium"),
    Need("Firefox", _has_firefox, ("firefox-esr",), "--cask firefox"),
    Need("Pango", _has_pango, ("libpango-1.0-0", "libpangoft2-1.0-0"), "pango"),
    Need("a font", _has_font, ("fonts-dejavu-core",), "--cask font-dejavu"),
    Need("PostgreSQL", _has_postgres, ("postgresql",), "postgresql@17"),
)
if sys.platform == "linux":  # elsewhere nobody makes networks of their own, and no test asks for it
    NEEDS += (
        Need("coturn", lambda: shutil.which("turnserver") is not None, ("coturn",), "coturn"),
        Need("nftables", lambda: shutil.which("nft") is not None, ("nftables",), ""),
        Need("iproute2", lambda: shutil.which("ip") is not None, ("iproute2",), ""),
    )


def missing() -> list[Need]:
    """What is not there yet."""
    return [need for need in NEEDS if not need.present()]


def commands(needs: list[Need], system: str) -> list[list[str]]:
    """The commands that install these on `debian`, `ubuntu`, `darwin`; empty where unknown."""
    if system == "darwin":
        return [["brew", "install", *need.homebrew.split()] for need in needs]
    if system not in ("debian", "ubuntu"):
        return []
    packages = [package for need in needs for package in need.debian]
    orders: list[list[str]] = []
    if system == "ubuntu" and "chromium" in packages:
        packages = [each for each in packages if each not in ("chromium", "firefox-esr")]
        orders = [[sys.executable, "-m", "playwright", "install", "--with-deps", "chromium"]]
    if packages:
        install = ["apt-get", "install", "-y", "--no-install-recommends", *packages]
        orders = [["apt-get", "update"], install, *orders]
    return orders


def system_name() -> str:
    """`darwin`, or the family that /etc/os-release (os-release(5)) says this is."""
    if sys.platform == "darwin":
        return "darwin"
    release = Path("/etc/os-release")
    lines = release.read_text().splitlines() if release.exists() else []
    values = dict(line.replace('"', "").split("=", 1) for line in lines if "=" in line)
    names = [values.get("ID", ""), *values.get("ID_LIKE", "").split()]
    return next((name for name in names if name in ("ubuntu", "debian")), names[0])


def main() -> None:
    """Install what is missing, or say how and fail."""
    needs = missing()
    if not needs:
        return
    names = ", ".join(need.name for need in needs)
    orders = commands(needs, system_name())
    may_install = os.geteuid() == 0 and bool(orders) and orders[0][0] != "brew"
    if not may_install:
        sys.exit(advice(names, orders))
    print(f"The tests need {names}: installing.", flush=True)
    for order in orders:
        subprocess.run(order, check=True, env=os.environ | {"DEBIAN_FRONTEND": "noninteractive"})
    if still := missing():
        sys.exit(f"Still missing after installing: {', '.join(need.name for need in still)}.")


def advice(names: str, orders: list[list[str]]) -> str:
    """What somebody types who may not, or whom we cannot, install for."""
    if not orders:
        return f"The tests need {names}. Install them with this system's package manager."
    lines = [f"  {'sudo ' * (order[0] == 'apt-get')}{' '.join(order)}" for order in orders]
    return "\n".join([f"The tests need {names}. Run this, then try again:", *lines])


if __name__ == "__main__":
    main()
