"""A media worker that says what it holds, one line on standard output, whenever it gets SIGUSR1.
It has no collector: what is over has to be freed at once."""

import argparse
import asyncio
import gc
import json
import os
import signal

from venterom.rtc import worker
from venterom.rtc.forwarder import Forwarder
from venterom.rtc.handshake import Handshake
from venterom.rtc.transport import Transport

KINDS = (Transport, Handshake, Forwarder)


def tell() -> None:
    """Tasks, open files, and the things that a room is made of."""
    things = gc.get_objects()
    held = {kind.__name__: sum(isinstance(each, kind) for each in things) for kind in KINDS}
    tasks, files = len(asyncio.all_tasks()), len(os.listdir("/proc/self/fd"))
    print(json.dumps({**held, "tasks": tasks, "files": files}), flush=True)


def main() -> None:
    """The worker's own command line, as far as tests use it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--socket", required=True)
    parser.add_argument("--addresses", nargs="*", default=[])
    arguments = parser.parse_args()
    with asyncio.Runner(loop_factory=worker.loop_factory()) as runner:
        runner.get_loop().add_signal_handler(signal.SIGUSR1, tell)
        gc.disable()
        runner.run(worker.run(arguments.socket, arguments.addresses, 0))


if __name__ == "__main__":
    main()
