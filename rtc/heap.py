"""The memory of a process that has started."""

import gc

# New objects before the collector looks, where Python has 700. An open page or a seat in a room has
# three hundred: all of them were looked at each time that a few hundred had come.
YOUNG = 20_000


def keep() -> None:
    """What has been loaded stays for good, and the collector looks at it no more.

    A full look at all of the service takes a tenth of a second, at a media worker a sixth of that,
    and meanwhile nobody is answered and no packet passed on. What comes later is looked at as ever,
    only less often.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG)
