"""Fuzzing that looks where an input leads: `python -m tests.rtc.guided NAME CORPUS [libFuzzer's
own options]`, for each of hostile.TARGETS. What leads somewhere new is kept in the folder CORPUS.

Only our own Python and that of aiortc and aioice is watched, not OpenSSL and libsrtp.
"""

import sys
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["venterom.rtc", "aiortc", "aioice"]):
    from tests.rtc.hostile import TARGETS


def main() -> None:
    """Never returns: the fuzzer ends the process, with 0 when nothing was raised."""
    name, folder, *options = sys.argv[1:]
    target = TARGETS[name]
    corpus = Path(folder)
    corpus.mkdir(exist_ok=True)
    for number, seed in enumerate(target.seeds):
        (corpus / f"seed-{number}").write_bytes(seed)
    longest = 2 * max(map(len, target.seeds))
    atheris.Setup(
        [sys.argv[0], str(corpus), f"-max_len={longest}", "-keep_seed=1", *options], target.make()
    )
    atheris.Fuzz()


if __name__ == "__main__":
    main()
