"""The media process: `python -m venterom.rtc.worker --socket PATH --addresses 127.0.0.1`.

Care speaks to it over HTTP on a Unix socket, in the manner of WHIP (RFC 9725): an offer is posted,
the answer comes back. It has no database, no key and no HTTP that a browser can reach, and may die
at any moment. It ends when its standard input ends, so it cannot outlive its parent.
"""

import argparse
import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncGenerator, Callable

from aiohttp import web
from aiohttp.typedefs import Handler
from aioice.ice import get_host_addresses

from venterom.rtc import heap, reports, srtp, stack, transport
from venterom.rtc.echoes import Echoes
from venterom.rtc.errors import BadMessage, BadOffer, RoomsFull, RtcError, TooFast
from venterom.rtc.hall import Connect, Hall
from venterom.rtc.offer import MAX_CHARACTERS
from venterom.rtc.port import Port

WATCH_EVERY = 0.2  # seconds
COUNT_EVERY = 1.0  # seconds
STOP_WITHIN = 5.0  # seconds until the process goes, whatever is still open (W9)
READY = "ready"  # on standard output, with CODE behind it: the socket listens
# What packets go through: modules that may have been compiled when we were installed (setup.py).
CODE = "plain" if str(transport.__file__).endswith(".py") else "compiled"
STATUS: dict[type[RtcError], int] = {RoomsFull: 503, TooFast: 429}  # what is not 400
MOST_REPORTS = 2000  # not yet read by a consumer; a slower one is cut off and asks anew

HALL = web.AppKey[Hall]("HALL")
ECHOES = web.AppKey[Echoes]("ECHOES")
READERS = web.AppKey[set[asyncio.Queue[reports.Report | None]]]("READERS")
LAG = web.AppKey[list[float]]("LAG")


def build(counters: reports.Counters, connect: Connect) -> web.Application:
    """The worker's application. Needs a running event loop."""
    app = web.Application(middlewares=[_errors], client_max_size=MAX_CHARACTERS)
    readers: set[asyncio.Queue[reports.Report | None]] = set()
    app[READERS] = readers
    app[HALL] = Hall(lambda report: _tell(readers, report), counters, connect)
    app[ECHOES] = Echoes(counters, connect)
    app[LAG] = [0.0]
    app.add_routes(
        [
            web.post("/rooms/{room}/seats/{seat}", answer),
            web.delete("/rooms/{room}/seats/{seat}", leave),
            web.post("/rooms/{room}/admit", admit),
            web.delete("/rooms/{room}", close),
            web.post("/echoes/{echo}", echo),
            web.delete("/echoes/{echo}", end_echo),
            web.get("/events", events),
            web.get("/health", health),
        ]
    )
    app.cleanup_ctx.append(_watching)
    app.on_shutdown.append(_goodbye)
    return app


async def answer(request: web.Request) -> web.Response:
    """An offer for a seat -> 201 and the answer."""
    room, seat = request.match_info["room"], request.match_info["seat"]
    sdp = await request.app[HALL].answer(room, seat, await _text(request))
    return web.Response(status=201, text=sdp, content_type="application/sdp")


async def leave(request: web.Request) -> web.Response:
    """A seat is given up."""
    await request.app[HALL].leave(request.match_info["room"], request.match_info["seat"])
    return web.Response(status=204)


async def admit(request: web.Request) -> web.Response:
    """`{"seats": ["patient", "doctor"]}`: these may see and hear each other."""
    try:
        content = await request.json()
    except ValueError:
        raise BadMessage from None
    match content:
        case {"seats": [*seats]} if all(isinstance(seat, str) for seat in seats):
            request.app[HALL].admit(request.match_info["room"], seats)
        case _:
            raise BadMessage
    return web.Response(status=204)


async def close(request: web.Request) -> web.Response:
    """A room is over."""
    await request.app[HALL].close(request.match_info["room"])
    return web.Response(status=204)


async def echo(request: web.Request) -> web.Response:
    """An offer for an echo -> 201 and the answer."""
    sdp = await request.app[ECHOES].answer(request.match_info["echo"], await _text(request))
    return web.Response(status=201, text=sdp, content_type="application/sdp")


async def end_echo(request: web.Request) -> web.Response:
    """An echo is over -> what has arrived, or nothing when there was none."""
    arrived = request.app[ECHOES].end(request.match_info["echo"])
    return web.Response(text=arrived.dump() if arrived else "", content_type="application/json")


async def health(request: web.Request) -> web.Response:
    """Alive, and how busy."""
    open_now = {"rooms": len(request.app[HALL].rooms), "echoes": len(request.app[ECHOES])}
    return web.json_response({**open_now, "lag": request.app[LAG][0]})


async def events(request: web.Request) -> web.StreamResponse:
    """Reports as they happen, one JSON object a line, until one side ends it."""
    response = web.StreamResponse(headers={"Content-Type": "application/x-ndjson"})
    await response.prepare(request)
    queue: asyncio.Queue[reports.Report | None] = asyncio.Queue(MOST_REPORTS)
    request.app[READERS].add(queue)
    with contextlib.suppress(ConnectionError):
        while (report := await queue.get()) is not None:
            await response.write(reports.dump(report).encode() + b"\n")
    request.app[READERS].discard(queue)
    return response


async def _text(request: web.Request) -> str:
    try:
        return (await request.read()).decode("ascii")
    except (web.HTTPRequestEntityTooLarge, UnicodeDecodeError):
        raise BadOffer from None


def _tell(readers: set[asyncio.Queue[reports.Report | None]], report: reports.Report) -> None:
    for queue in [*readers]:
        if queue.full():
            readers.discard(queue)
            _end(queue)
        else:
            queue.put_nowait(report)


def _end(queue: asyncio.Queue[reports.Report | None]) -> None:
    if queue.full():
        queue.get_nowait()
    queue.put_nowait(None)


@web.middleware
async def _errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except RtcError as error:
        return web.json_response({"code": error.code}, status=STATUS.get(type(error), 400))


async def _watching(app: web.Application) -> AsyncGenerator[None]:
    tasks = [asyncio.create_task(each) for each in (_watch(app), _count(app))]
    yield
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _goodbye(app: web.Application) -> None:
    # Browsers that are not told wait half a minute, and a reader of events would be waited for.
    await app[HALL].close_all()
    app[ECHOES].end_all()
    for queue in [*app[READERS]]:
        _end(queue)


async def _watch(app: web.Application) -> None:
    clock = asyncio.get_running_loop().time
    while True:
        due = clock() + WATCH_EVERY
        await asyncio.sleep(WATCH_EVERY)
        app[LAG][0] = max(app[LAG][0], clock() - due)
        app[HALL].watch()


async def _count(app: web.Application) -> None:
    while True:
        await asyncio.sleep(COUNT_EVERY)
        _tell(app[READERS], app[HALL].count(app[LAG][0]))
        app[LAG][0] = 0.0


async def run(socket: str, addresses: list[str], port_number: int) -> None:
    """Serve until standard input ends or a signal comes."""
    counters = reports.Counters(int)
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda *_: _count_fault(counters))
    stack.check()
    port = Port(counters, in_place=srtp.fits())
    port.open(addresses or get_host_addresses(use_ipv4=True, use_ipv6=True), port_number)
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    parent = asyncio.create_task(until_parent_gone(stop))
    app = build(counters, lambda offer, listener: transport.Transport(offer, listener, port))
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.UnixSite(runner, socket).start()
    heap.keep()
    print(READY, CODE, flush=True)
    await stop.wait()
    parent.cancel()
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(STOP_WITHIN):
            await runner.cleanup()
    port.close()


def _count_fault(counters: reports.Counters) -> None:
    """Nobody has caught it; counted, and not in the log (W20)."""
    counters["unhandled"] += 1


async def until_parent_gone(stop: asyncio.Event) -> None:
    """Set the event when standard input ends: nobody is left who could want this process."""
    reader = asyncio.StreamReader()
    protocol = asyncio.StreamReaderProtocol(reader)
    await asyncio.get_running_loop().connect_read_pipe(lambda: protocol, sys.stdin)
    await reader.read()
    stop.set()


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="venterom-media", description=__doc__)
    parser.add_argument("--socket", required=True, help="path of the Unix socket to listen on")
    parser.add_argument("--addresses", nargs="*", default=[], help="addresses to bind for media")
    parser.add_argument("--port", type=int, default=0, help="UDP port for media; 0 is any")
    arguments = parser.parse_args()
    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        runner.run(run(arguments.socket, arguments.addresses, arguments.port))
    sys.stdout.flush()
    os._exit(0)  # no thread of a library may keep the process


def loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """The event loop for a process that carries media."""
    # The stock loop reads one datagram a turn and loses most of a burst.
    if sys.platform != "linux":
        return None
    import uvloop

    return uvloop.new_event_loop


if __name__ == "__main__":
    main()
