"""A media worker that a packet has driven mad: it says what no worker would. Started by a test."""

import argparse
import asyncio

from aiohttp import web

SAID = [
    b"not JSON",
    b"\xff\xfe\xfd",
    b"[" * 10_000,
    b'{"event": "lost", "room": "room 2"}',  # which only care may say
    b'{"event": "connected", "room": "room 1", "seat": "patient"}',  # and this makes sense
    b"x" * 1_000_000,  # longer than any report
]


async def answer(request: web.Request) -> web.Response:
    """Any offer is fine."""
    return web.Response(status=201, text="v=0")


async def events(request: web.Request) -> web.StreamResponse:
    """Everything at once, and then nothing for ever."""
    response = web.StreamResponse()
    await response.prepare(request)
    await response.write(b"\n".join([*SAID, b""]))
    await asyncio.Event().wait()
    return response


async def run(socket: str) -> None:
    """Serve until somebody kills it: it does not care whether its standard input ends."""
    app = web.Application()
    app.add_routes([web.post("/rooms/{room}/seats/{seat}", answer), web.get("/events", events)])
    runner = web.AppRunner(app)
    await runner.setup()
    await web.UnixSite(runner, socket).start()
    print("ready", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--socket")
    parser.add_argument("--addresses", nargs="*")
    asyncio.run(run(parser.parse_args().socket))
