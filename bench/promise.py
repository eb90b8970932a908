"""The public benchmark of the promise: what `venterom queue simulate` does, from a checkout.

A table first, then one line of JSON (`promised`, `kept`, `worst_hour`, `efficiency`, …)."""

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from venterom.server import simulate  # noqa: E402, the line above makes it importable


def main() -> None:
    """Simulate and print."""
    parser = argparse.ArgumentParser(
        prog="bench/promise.py",
        description=simulate.MANUAL,
        epilog=simulate.EPILOG.replace("venterom queue simulate", "python bench/promise.py"),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    simulate.add_options(parser)
    simulate.run(parser.parse_args())


if __name__ == "__main__":
    main()
