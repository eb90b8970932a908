"""`venterom journal check-export`: is a record that was handed over whole, and as it was signed?"""

import argparse
import io
import json
import sys
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from venterom.journal import anchor, handed, jws
from venterom.journal.canonical import sha256_hex
from venterom.journal.errors import BadAnchor, BadKey, BadSignature
from venterom.journal.handed import Manifest
from venterom.journal.jws import PublicKey
from venterom.server.config import Settings, SettingsError
from venterom.server.parcel import MANIFEST, SEALED, SIGNATURE, opened
from venterom.server.progress import progress

MANUAL = """\
Checks a folder that `venterom journal export` has written, without the service, its database or the
network: the manifest must be signed, every file must be there and be the one that was listed, and
nothing else; the log must be whole from its first line to its last, as the checkpoints know it; and
every note must be the one that was signed.

Files that were sealed for you are opened with --key and --certificate; without, only their hashes
are compared. The folder brings the public keys that it is checked with. With --keys they are those
that you have from the enterprise itself, e.g. its address /receipts/keys.json, saved before it
closed: only that shows whose record it is.

Exits with 1 when something does not hold, and names it; with 2 when it could not look.
"""
NOT_LISTED = frozenset({MANIFEST, SIGNATURE})


@dataclass(frozen=True, slots=True)
class Opener:
    """How sealed files are read. None: they are not."""

    certificate: Path | None
    key: Path | None

    def opens(self, paths: Iterable[Path]) -> bool:
        """Whether all of these can be read."""
        has_key = self.certificate is not None and self.key is not None
        return has_key or all(path.suffix != SEALED for path in paths)

    def read(self, path: Path) -> bytes | None:
        """The content, or None of a file that is sealed and stays so."""
        content = path.read_bytes()
        if path.suffix != SEALED:
            return content
        if self.certificate is None or self.key is None:
            return None
        return opened(content, self.certificate, self.key)


def add_options(command: argparse.ArgumentParser) -> None:
    """What it takes."""
    command.add_argument("folder", type=Path, metavar="DIR", help="the folder that was handed over")
    command.add_argument("--keys", type=Path, metavar="FILE", help="the enterprise's public keys")
    command.add_argument("--key", type=Path, metavar="FILE", help="your private key (RSA, PEM)")
    command.add_argument("--certificate", type=Path, metavar="CERT", help="yours, as it was sealed")


def check(_settings: Settings, chosen: argparse.Namespace) -> None:
    """Print what it is. Exits with 1 when something does not hold."""
    folder: Path = chosen.folder
    if not (folder / MANIFEST).exists():
        sys.exit(f"venterom: {folder}: has no manifest, so it is not whole")
    try:
        keys = jws.keys_from_jwks(json.loads((chosen.keys or folder / "nokler.json").read_bytes()))
        manifest = _manifest(folder, keys)
        opener = Opener(chosen.certificate, chosen.key)
        faults = list(_faults(folder, manifest, keys, opener))
    except OSError as error:
        raise SettingsError(f"{error.filename}: {error.strerror}") from None
    except (BadKey, ValueError) as fault:
        raise SettingsError(f"{folder}: cannot be read ({fault})") from None
    if sys.stderr.isatty():
        print(file=sys.stderr)
    if faults:
        sys.exit("venterom: " + "\nventerom: ".join(faults))
    print(f"Whole: {len(manifest.files)} files from {manifest.service} to {manifest.to}.")
    print(f"The log has {manifest.log.n} lines. Signed by: {', '.join(sorted(keys))}")


def _manifest(folder: Path, keys: Mapping[str, PublicKey]) -> Manifest:
    try:
        text, token = (folder / MANIFEST).read_bytes(), (folder / SIGNATURE).read_text("ascii")
        return handed.read_manifest(text, token, keys)
    except BadSignature as fault:
        sys.exit(f"venterom: {MANIFEST}: {fault.detail}")


def _faults(
    folder: Path, manifest: Manifest, keys: Mapping[str, PublicKey], opener: Opener
) -> Iterator[str]:
    there = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    yield from (f"{name}: is missing" for name in sorted(manifest.files.keys() - there))
    extra = there - manifest.files.keys() - NOT_LISTED
    yield from (f"{name}: is not listed" for name in sorted(extra))
    held = sorted(manifest.files.keys() & there)
    for n, name in enumerate(held, start=1):
        progress("files", n)
        if sha256_hex((folder / name).read_bytes()) != manifest.files[name]:
            yield f"{name}: is another file"
            continue
        if name.startswith("pasienter/") and (content := opener.read(folder / name)) is not None:
            yield from (f"{name}: {fault}" for fault in _patient_faults(content, keys))
    log = [folder / name for name in held if name.startswith("logg/")]
    if opener.opens(log):
        lines = (line for path in log for line in (opener.read(path) or b"").splitlines())
        text = (folder / "anker.jws").read_text("ascii")
        yield from _log_faults(lines, text, manifest, keys)


def _patient_faults(content: bytes, keys: Mapping[str, PublicKey]) -> Iterator[str]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for name in archive.namelist():
            if name.startswith("notater/"):
                found = handed.note_faults(archive.read(name), keys)
                yield from (f"{name}: {fault}" for fault in found)


def _log_faults(
    log: Iterable[bytes], text: str, manifest: Manifest, keys: Mapping[str, PublicKey]
) -> Iterator[str]:
    try:
        anchored = anchor.known(anchor.read(text, keys))
    except BadAnchor as fault:
        yield f"anker.jws: {fault.detail}"
        return
    yield from (f"logg: {fault}" for fault in handed.log_faults(log, manifest.log, anchored))
