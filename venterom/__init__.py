"""Venterom: a waiting room, a video room and a record. The code is in the five linked folders."""

__version__ = "0.1.0"
