"""Venterom: a waiting room, a video room and a record. The code is in the five linked folders."""

import sys

__version__ = "0.1.0"

if not __debug__:  # ours, and those by which aiortc reads what browsers say
    sys.exit("venterom: Python runs with -O, which removes checks that must not be removed.")
