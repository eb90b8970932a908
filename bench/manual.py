"""What a benchmark says when it is asked with `--help`: its own first lines."""

import argparse


def takes_nothing(about: str | None) -> None:
    """Of one that cannot be set in any way. Anything else on the command line ends it with 2."""
    argparse.ArgumentParser(
        description=about, formatter_class=argparse.RawDescriptionHelpFormatter
    ).parse_args()
