"""What a demonstration has to itself: its world and its ports. Another one is turned away."""

import fcntl
import socket
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from venterom.server.config import Keys, SettingsError

LOCK = "in-use"  # beside the keys, which every world has, wherever its database is


class InUse(SettingsError):
    """Somebody else is there already, so it cannot be done as it was asked for."""


@contextmanager
def held(keys: Keys) -> Generator[None]:
    """Inside it, this world belongs to this process. Raises InUse.

    The lock goes with the process, however that ends; the file stays behind and means nothing.
    """
    path = _lock(keys)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with path.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise InUse(
                f"a demonstration is running on this world already ({path.parent}/)."
                " Stop it first, with Ctrl-C where it was started."
            ) from None
        yield


def refuse_taken(host: str, port: int, setting: str) -> None:
    """Say so before anything is begun when somebody else listens there. Raises InUse."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        socket.create_server((host, port), family=family).close()
    except OSError as error:
        raise InUse(f"port {port} cannot be used ({error.strerror}); {setting}") from None


def clear(own: Path, keys: Keys) -> None:
    """Delete what is in a world's own folder; the lock that is held stays."""
    lock = _lock(keys)
    for path in sorted(own.rglob("*"), reverse=True):
        if path not in (lock, *lock.parents):
            path.rmdir() if path.is_dir() and not path.is_symlink() else path.unlink()


def _lock(keys: Keys) -> Path:
    return keys.root_file.with_name(LOCK)
