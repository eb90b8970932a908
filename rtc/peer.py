"""A peer without a browser: a moving picture, a tone, and the room's protocol. For tests, robots
and benchmarks. It counts what it receives, and looks whether the picture moves."""

import array
import asyncio
import contextlib
import math
from collections.abc import Callable, Iterable
from fractions import Fraction
from types import TracebackType

import aiohttp
from aiortc import (
    MediaStreamTrack,
    RTCConfiguration,
    RTCPeerConnection,
    RTCRtpSender,
    RTCSessionDescription,
)
from aiortc.mediastreams import AudioStreamTrack, MediaStreamError, VideoStreamTrack
from aiortc.rtcconfiguration import RTCBundlePolicy
from av import AudioFrame, VideoFrame
from av.frame import Frame
from yarl import URL

from venterom.rtc import protocol
from venterom.rtc.protocol import (
    Answer,
    Closed,
    Encryption,
    Join,
    Joined,
    Offer,
    Ping,
    Refused,
    Rejoin,
    Replaced,
    Room,
)

PING_EVERY = 2.0  # seconds
FRAME_EVERY = 1 / 15  # seconds; enough to see that something moves
SIZE = (160, 120)  # pixels; small, since the encoder shares the machine with the tests
TONE = 440  # Hz
SOUND_RATE = 48_000  # samples a second
SOUND_FRAME = 960  # samples: 20 ms


class MovingPicture(VideoStreamTrack):
    """Vertical stripes that wander to the right."""

    def __init__(self, every: float = FRAME_EVERY) -> None:
        super().__init__()
        self._every = every
        self._number = 0

    async def recv(self) -> Frame:
        """The next frame, when it is time for it."""
        await asyncio.sleep(self._every)
        self._number += 1
        frame = VideoFrame(*SIZE, "yuv420p")
        self.draw(frame, self._number)
        frame.pts = round(self._number * self._every * 90_000)
        frame.time_base = Fraction(1, 90_000)
        return frame

    def draw(self, frame: VideoFrame, number: int) -> None:
        """Fill the frame with this number."""
        for plane in frame.planes:
            row = bytes((4 * (x + number)) % 256 for x in range(plane.line_size))
            plane.update(row * plane.height)


class Tone(AudioStreamTrack):
    """One steady note."""

    def __init__(self) -> None:
        super().__init__()
        self._sample = 0
        self._began: float | None = None

    async def recv(self) -> Frame:
        """The next 20 ms, when it is time for them."""
        clock = asyncio.get_running_loop().time
        self._began = self._began or clock()
        await asyncio.sleep(max(0, self._began + self._sample / SOUND_RATE - clock()))
        samples = range(self._sample, self._sample + SOUND_FRAME)
        wave = (round(8000 * math.sin(math.tau * TONE * n / SOUND_RATE)) for n in samples)
        frame = AudioFrame(format="s16", layout="mono", samples=SOUND_FRAME)
        frame.planes[0].update(array.array("h", wave).tobytes())
        frame.sample_rate = SOUND_RATE
        frame.pts = self._sample
        frame.time_base = Fraction(1, SOUND_RATE)
        self._sample += SOUND_FRAME
        return frame


Tracks = Callable[[], Iterable[MediaStreamTrack]]


def picture_and_tone() -> Iterable[MediaStreamTrack]:
    """What a peer sends, unless it is told otherwise."""
    return Tone(), MovingPicture()


def _content(frame: object) -> bytes:
    assert isinstance(frame, VideoFrame | AudioFrame)
    return bytes(frame.planes[0])


class Connection:
    """One RTCPeerConnection with picture and tone, and the count of what comes back."""

    def __init__(self, tracks: Tracks = picture_and_tone) -> None:
        self._tracks = tracks
        self.pc = RTCPeerConnection(
            RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE)
        )
        self.frames = 0  # pictures decoded
        self.changes = 0  # pictures that differ from the one before
        self.loud = 0  # sound frames that are not silent
        self._readers: list[asyncio.Task[None]] = []
        self.pc.on("track", self._on_track)

    async def offer(self) -> str:
        """The offer of this connection, VP8 and Opus only."""
        for track in self._tracks():
            transceiver = self.pc.addTransceiver(track)
            codecs = RTCRtpSender.getCapabilities(track.kind).codecs
            wanted = ("audio/opus", "video/vp8", "video/rtx")
            transceiver.setCodecPreferences([c for c in codecs if c.mimeType.lower() in wanted])
        await self.pc.setLocalDescription(await self.pc.createOffer())
        lines = self.pc.localDescription.sdp.splitlines(keepends=True)
        # aiortc names its certificate three times; browsers do once, and the room takes only that.
        others = ("a=fingerprint:sha-384", "a=fingerprint:sha-512")
        return "".join(line for line in lines if not line.startswith(others))

    async def take(self, answer: str) -> None:
        """Connect as the answer says."""
        await self.pc.setRemoteDescription(RTCSessionDescription(answer, "answer"))

    async def close(self) -> None:
        """Stop sending and reading."""
        for reader in self._readers:
            reader.cancel()
        await asyncio.gather(*self._readers, return_exceptions=True)
        await self.pc.close()

    def _on_track(self, track: MediaStreamTrack) -> None:
        read = self._watch if track.kind == "video" else self._listen
        self._readers.append(asyncio.create_task(read(track)))

    async def _watch(self, track: MediaStreamTrack) -> None:
        before = b""
        with contextlib.suppress(MediaStreamError):
            while True:
                picture = _content(await track.recv())
                self.frames += 1
                self.changes += picture != before
                before = picture

    async def _listen(self, track: MediaStreamTrack) -> None:
        with contextlib.suppress(MediaStreamError):
            while True:
                samples = array.array("h", _content(await track.recv()))
                self.loud += max(samples) > 500


class Peer:
    """Joins a room with a ticket and stays until it is closed: `async with Peer(url, ticket)`.

    `url` is that of the room's web socket, written with http or https.
    """

    def __init__(self, url: str, ticket: str, tracks: Tracks = picture_and_tone) -> None:
        self._url = URL(url)
        self._ticket = ticket
        self._tracks = tracks
        self._connections = 0
        self.connection = Connection(tracks)
        self.room: Joined | Room | None = None  # the last that was told
        self.ended: Closed | Refused | Replaced | None = None
        self._over = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> "Peer":
        self._session = aiohttp.ClientSession()
        try:
            self._socket = await self._session.ws_connect(
                self._url,
                headers={"Origin": str(self._url.origin())},
                max_msg_size=protocol.MAX_CHARACTERS,
            )
        except BaseException:
            await self._session.close()
            raise
        await self._send(Join(self._ticket, protocol.VERSION, Encryption.HOP_BY_HOP))
        self._tasks = [asyncio.create_task(each) for each in (self._read(), self._ping())]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._socket.close()
        await self._session.close()
        await self.connection.close()

    async def leave(self) -> None:
        """Give the seat up."""
        await self._send(protocol.Leave())

    async def rejoin(self) -> None:
        """A new connection for the same seat, made while the old one lives."""
        old, self.connection = self.connection, Connection(self._tracks)
        await self._offer()
        await self.until(lambda: self.connection.pc.connectionState == "connected")
        await old.close()

    async def over(self) -> None:
        """Wait until the room is closed to us, or the line to it is lost."""
        await self._over.wait()

    async def until(self, holds: Callable[[], bool], within: float = 30.0) -> None:
        """Wait for a condition. Raises TimeoutError."""
        async with asyncio.timeout(within):
            while not holds():
                await asyncio.sleep(0.05)

    async def _offer(self) -> None:
        self._connections += 1
        await self._send(Offer(self._connections, await self.connection.offer()))

    async def _send(self, message: protocol.Message) -> None:
        await self._socket.send_str(protocol.dump(message))

    async def _ping(self) -> None:
        number = 0
        while True:
            await asyncio.sleep(PING_EVERY)
            number += 1
            await self._send(Ping(number))

    async def _read(self) -> None:
        try:
            async for frame in self._socket:
                if frame.type is aiohttp.WSMsgType.TEXT:
                    await self._take(protocol.parse(frame.data))
        finally:
            self._over.set()

    async def _take(self, message: protocol.Message) -> None:
        match message:
            case Joined():
                self.room = message
                await self._offer()
            case Room():
                self.room = message
            case Answer(number, sdp) if number == self._connections:
                await self.connection.take(sdp)
            case Rejoin():
                old, self.connection = self.connection, Connection(self._tracks)
                await old.close()
                await self._offer()
            case Closed() | Refused() | Replaced():
                self.ended = message
                self._over.set()
