"""Builds the package; with COMPILE_MEDIA=1 the modules that each packet of a call goes through are
compiled as well (mypyc). The settings are in pyproject.toml; why, in docs/decisions/0036."""

import os

from setuptools import setup

# In rtc/. They stay plain Python, and that is what runs from a checkout.
EACH_PACKET = (
    *("door", "form", "forwarder", "hall", "limits", "member", "outbox", "outlet", "pace", "port"),
    *("rtcp", "rtp", "runs", "sieve", "sink", "srtp", "transport"),
)

extensions = []
if os.environ.get("COMPILE_MEDIA") == "1":
    from mypyc.build import mypycify

    paths = [f"venterom/rtc/{name}.py" for name in EACH_PACKET]
    extensions = mypycify(paths, group_name="venterom.rtc.media", opt_level="3")

setup(ext_modules=extensions)
