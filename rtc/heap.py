"""The memory of a process that has started."""

import gc

# New objects until the collector looks at them. An open page has three hundred, a peer of a room as
# many: at Python's own number, 700, all of them were looked at each time that a few had come. What
# is over leaves no ring behind, so that nothing waits for the look.
YOUNG = 20_000


def keep() -> None:
    """What has been loaded stays for good, and the collector looks at it no more.

    A full look at all of the service takes a tenth of a second, at a media worker a sixth of that,
    and meanwhile nobody is answered and no packet passed on.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG)
