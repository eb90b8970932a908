"""Janus (Debian's package) with its videoroom, for bench/media.py: started with a configuration of
its own, and asked over its HTTP. Each client has two connections, one to speak on and one to
listen on, as videoroom wants it."""

import contextlib
import http.client
import itertools
import json
import re
import shutil
import time
from pathlib import Path
from typing import Any

from bench.media_ends import End

PLUGIN = "janus.plugin.videoroom"
PARTS = {"plugins": "libjanus_videoroom.so", "transports": "libjanus_http.so"}
HOW_TO_GET = (
    "Janus not measured: it takes the program, and a network of its own to run in. "
    "To have them, as root: apt-get install janus iproute2"
)
START_WITHIN = 60.0  # seconds, on a busy machine; mostly it is one
PORT = 8088  # in a network of its own, where nobody else has it


def is_here(host: str) -> bool:
    """Whether it is installed, and the host is not loopback's, on which it finds no address."""
    return bool(shutil.which("janus") and _parts()) and not host.startswith("127.")


def command(folder: Path, host: str) -> list[str]:
    """How to start it, configured in this folder."""
    for kind, part in _parts().items():
        (folder / kind).mkdir()
        (folder / kind / part.name).symlink_to(part)
    (folder / "janus.jcfg").write_text(
        f"""general: {{ plugins_folder = "{folder}/plugins"
            transports_folder = "{folder}/transports"
            session_timeout = 0, debug_level = 0 }}
        nat: {{ ice_lite = true, ice_enforce_list = "{host}" }}"""
    )
    (folder / "janus.transport.http.jcfg").write_text(
        f"""general: {{ http = true, ip = "127.0.0.1", port = {PORT}, json = "compact" }}"""
    )
    (folder / "janus.plugin.videoroom.jcfg").write_text("general: { events = false }")
    return ["janus", "--config", f"{folder}/janus.jcfg", "--configs-folder", str(folder)]


def _parts() -> dict[str, Path]:
    """The two parts that are needed of those that come with it."""
    return {
        kind: found
        for kind, name in PARTS.items()
        for found in Path("/usr/lib").glob(f"*/janus/{kind}/{name}")
    }


class Api:
    """What Janus is asked, one question after the other. Raises TimeoutError without it."""

    def __init__(self) -> None:
        self._http = http.client.HTTPConnection("127.0.0.1", PORT)
        until = time.monotonic() + START_WITHIN
        while self._http.sock is None:
            with contextlib.suppress(ConnectionRefusedError):
                self._http.connect()
            if time.monotonic() > until:
                raise TimeoutError
            time.sleep(0.05)
        self._numbers = itertools.count()
        self._session = self._ask({"janus": "create"}, "/janus")["data"]["id"]

    def handle(self) -> int:
        """One for each connection."""
        attached = self._ask({"janus": "attach", "plugin": PLUGIN}, f"/janus/{self._session}")
        return int(attached["data"]["id"])

    def tell(self, handle: int, body: dict[str, Any], jsep: dict[str, str] | None = None) -> Any:
        """A message to videoroom; what comes of it. Raises RuntimeError."""
        message = {"janus": "message", "body": body} | ({"jsep": jsep} if jsep else {})
        reply = self._ask(message, f"/janus/{self._session}/{handle}")
        if "error" in reply.get("plugindata", {}).get("data", {}):
            raise RuntimeError(reply)
        return reply

    def _ask(self, message: dict[str, Any], path: str) -> Any:
        number = str(next(self._numbers))
        reply = self._said("POST", path, json.dumps(message | {"transaction": number}))
        while reply["janus"] == "ack" or reply.get("transaction") != number:
            reply = self._said("GET", f"/janus/{self._session}?maxev=1")
        return reply

    def _said(self, method: str, path: str, body: str | None = None) -> Any:
        self._http.request(method, path, body)
        return json.loads(self._http.getresponse().read())


def meet(api: Api, ends: list[End]) -> None:
    """Two by two they hear each other from now on."""
    director = api.handle()
    for room in {_room(end) for end in ends}:
        api.tell(director, {"request": "create", "room": room, "publishers": 2, "fir_freq": 0})
    feeds = [_publish(api, end) for end in ends]
    for end in ends:
        _subscribe(api, end, feeds[end.number ^ 1])


def _room(end: End) -> int:
    return end.number // 2 + 1


def _publish(api: Api, end: End) -> int:
    """It speaks from now on; the name of what it says."""
    handle = api.handle()
    joined = api.tell(handle, {"request": "join", "ptype": "publisher", "room": _room(end)})
    offer = {"type": "offer", "sdp": _active(end.offer("sendonly"))}
    end.line.connect(api.tell(handle, {"request": "publish"}, offer)["jsep"]["sdp"])
    return int(joined["plugindata"]["data"]["id"])


def _subscribe(api: Api, end: End, feed: int) -> None:
    """It hears this from now on."""
    handle = api.handle()
    wish = {"request": "join", "ptype": "subscriber", "room": _room(end)}
    theirs = api.tell(handle, wish | {"streams": [{"feed": feed}]})["jsep"]["sdp"]
    sound, picture = re.findall(r"a=mid:(\S+)", theirs)
    sections = end.sections("recvonly", (sound, picture))
    answer = {"type": "answer", "sdp": _active(end.ear.text(*sections))}
    api.tell(handle, {"request": "start"}, answer)
    end.ear.connect(theirs)


def _active(sdp: str) -> str:
    """The same, with our end as the client of DTLS: Janus would be it, too, if it could choose."""
    return sdp.replace("a=setup:actpass", "a=setup:active")
