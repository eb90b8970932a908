"""Offers as browsers write them, with everything that names anybody invented."""

import random
from collections.abc import Callable, Sequence

HASH = ":".join(f"{byte:02X}" for byte in range(160, 192))

CHROMIUM = f"""\
v=0
o=- 4711000000000000001 2 IN IP4 127.0.0.1
s=-
t=0 0
a=group:BUNDLE 0 1
a=extmap-allow-mixed
a=msid-semantic: WMS 00000000-1111-2222-3333-444444444444
m=audio 50001 UDP/TLS/RTP/SAVPF 111 63 9 0 8 13 110 126
c=IN IP4 192.0.2.17
a=rtcp:9 IN IP4 0.0.0.0
a=candidate:1000000001 1 udp 2122260223 192.0.2.17 50001 typ host generation 0 network-id 1
a=candidate:1000000002 1 udp 2122194687 aaaaaaaa-0000-4000-8000-000000000001.local 50002 typ host
a=candidate:1000000003 1 tcp 1518280447 192.0.2.17 9 typ host tcptype active generation 0
a=ice-ufrag:Ab+/
a=ice-pwd:invented/password+0000001
a=ice-options:trickle
a=fingerprint:sha-256 {HASH}
a=setup:actpass
a=mid:0
a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level
a=extmap:2 http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time
a=extmap:3 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01
a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid
a=sendrecv
a=msid:00000000-1111-2222-3333-444444444444 00000000-1111-2222-3333-555555555555
a=rtcp-mux
a=rtcp-rsize
a=rtpmap:111 opus/48000/2
a=rtcp-fb:111 transport-cc
a=fmtp:111 minptime=10;useinbandfec=1
a=rtpmap:63 red/48000/2
a=fmtp:63 111/111
a=rtpmap:9 G722/8000
a=rtpmap:0 PCMU/8000
a=rtpmap:8 PCMA/8000
a=rtpmap:13 CN/8000
a=rtpmap:110 telephone-event/48000
a=rtpmap:126 telephone-event/8000
a=ssrc:1001 cname:InventedByUs0001
a=ssrc:1001 msid:00000000-1111-2222-3333-444444444444 00000000-1111-2222-3333-555555555555
m=video 9 UDP/TLS/RTP/SAVPF 96 97 103 104 107 108 39 40 45 46 98 99
c=IN IP4 0.0.0.0
a=rtcp:9 IN IP4 0.0.0.0
a=ice-ufrag:Ab+/
a=ice-pwd:invented/password+0000001
a=ice-options:trickle
a=fingerprint:sha-256 {HASH}
a=setup:actpass
a=mid:1
a=extmap:14 urn:ietf:params:rtp-hdrext:toffset
a=extmap:2 http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time
a=extmap:13 urn:3gpp:video-orientation
a=extmap:3 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01
a=extmap:5 http://www.webrtc.org/experiments/rtp-hdrext/playout-delay
a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid
a=sendrecv
a=msid:00000000-1111-2222-3333-444444444444 00000000-1111-2222-3333-666666666666
a=rtcp-mux
a=rtcp-rsize
a=rtpmap:96 VP8/90000
a=rtcp-fb:96 goog-remb
a=rtcp-fb:96 transport-cc
a=rtcp-fb:96 ccm fir
a=rtcp-fb:96 nack
a=rtcp-fb:96 nack pli
a=rtpmap:97 rtx/90000
a=fmtp:97 apt=96
a=rtpmap:103 H264/90000
a=rtcp-fb:103 nack
a=fmtp:103 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42001f
a=rtpmap:104 rtx/90000
a=fmtp:104 apt=103
a=rtpmap:45 AV1/90000
a=fmtp:45 level-idx=5;profile=0;tier=0
a=rtpmap:46 rtx/90000
a=fmtp:46 apt=45
a=rtpmap:98 VP9/90000
a=fmtp:98 profile-id=0
a=ssrc-group:FID 2001 2002
a=ssrc:2001 cname:InventedByUs0001
a=ssrc:2001 msid:00000000-1111-2222-3333-444444444444 00000000-1111-2222-3333-666666666666
a=ssrc:2002 cname:InventedByUs0001
a=ssrc:2002 msid:00000000-1111-2222-3333-444444444444 00000000-1111-2222-3333-666666666666
"""

FIREFOX = f"""\
v=0
o=mozilla...THIS_IS_SDPARTA-99.0 4711000000000000002 0 IN IP4 0.0.0.0
s=-
t=0 0
a=sendrecv
a=fingerprint:sha-256 {HASH}
a=group:BUNDLE 0 1
a=ice-options:trickle
a=msid-semantic:WMS *
m=audio 50003 UDP/TLS/RTP/SAVPF 109 9 0 8 101
c=IN IP4 192.0.2.18
a=candidate:0 1 UDP 2122252543 192.0.2.18 50003 typ host
a=candidate:1 1 TCP 2105524479 192.0.2.18 9 typ host tcptype active
a=sendrecv
a=end-of-candidates
a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level
a=extmap:2/recvonly urn:ietf:params:rtp-hdrext:csrc-audio-level
a=extmap:3 urn:ietf:params:rtp-hdrext:sdes:mid
a=fmtp:109 maxplaybackrate=48000;stereo=1;useinbandfec=1
a=fmtp:101 0-15
a=ice-pwd:00112233445566778899aabbccddeeff
a=ice-ufrag:0011aabb
a=mid:0
a=msid:- {{00000000-1111-2222-3333-777777777777}}
a=rtcp-mux
a=rtpmap:109 opus/48000/2
a=rtpmap:9 G722/8000/1
a=rtpmap:0 PCMU/8000
a=rtpmap:8 PCMA/8000
a=rtpmap:101 telephone-event/8000/1
a=setup:actpass
a=ssrc:4294967295 cname:{{00000000-1111-2222-3333-888888888888}}
m=video 9 UDP/TLS/RTP/SAVPF 120 124 121 125
c=IN IP4 0.0.0.0
a=sendrecv
a=extmap:3 urn:ietf:params:rtp-hdrext:sdes:mid
a=extmap:4 http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time
a=extmap:5 urn:ietf:params:rtp-hdrext:toffset
a=extmap:6/recvonly http://www.webrtc.org/experiments/rtp-hdrext/playout-delay
a=extmap:7 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01
a=fmtp:120 max-fs=12288;max-fr=60
a=fmtp:124 apt=120
a=fmtp:121 max-fs=12288;max-fr=60
a=fmtp:125 apt=121
a=ice-pwd:00112233445566778899aabbccddeeff
a=ice-ufrag:0011aabb
a=mid:1
a=msid:- {{00000000-1111-2222-3333-999999999999}}
a=rtcp-fb:120 nack
a=rtcp-fb:120 nack pli
a=rtcp-fb:120 ccm fir
a=rtcp-fb:120 goog-remb
a=rtcp-fb:120 transport-cc
a=rtcp-mux
a=rtcp-rsize
a=rtpmap:120 VP8/90000
a=rtpmap:124 rtx/90000
a=rtpmap:121 VP9/90000
a=rtpmap:125 rtx/90000
a=setup:actpass
a=ssrc:3001 cname:{{00000000-1111-2222-3333-888888888888}}
a=ssrc:3002 cname:{{00000000-1111-2222-3333-888888888888}}
a=ssrc-group:FID 3001 3002
"""

AIORTC = f"""\
v=0
o=- 4711000003 4711000003 IN IP4 0.0.0.0
s=-
t=0 0
a=group:BUNDLE 0 1
a=msid-semantic:WMS *
m=audio 50005 UDP/TLS/RTP/SAVPF 96
c=IN IP4 192.0.2.19
a=sendrecv
a=extmap:1 urn:ietf:params:rtp-hdrext:sdes:mid
a=extmap:2 urn:ietf:params:rtp-hdrext:ssrc-audio-level
a=mid:0
a=msid:00000000-1111-2222-3333-aaaaaaaaaaaa 00000000-1111-2222-3333-bbbbbbbbbbbb
a=rtcp:9 IN IP4 0.0.0.0
a=rtcp-mux
a=ssrc:5001 cname:00000000-1111-2222-3333-cccccccccccc
a=rtpmap:96 opus/48000/2
a=candidate:0123456789abcdef 1 udp 2130706431 192.0.2.19 50005 typ host
a=end-of-candidates
a=ice-ufrag:AbCd
a=ice-pwd:InventedPassword000003
a=fingerprint:sha-256 {HASH}
a=setup:actpass
m=video 50005 UDP/TLS/RTP/SAVPF 97 98
c=IN IP4 192.0.2.19
a=sendrecv
a=extmap:1 urn:ietf:params:rtp-hdrext:sdes:mid
a=extmap:3 http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time
a=mid:1
a=msid:00000000-1111-2222-3333-aaaaaaaaaaaa 00000000-1111-2222-3333-dddddddddddd
a=rtcp:9 IN IP4 0.0.0.0
a=rtcp-mux
a=ssrc-group:FID 6001 6002
a=ssrc:6001 cname:00000000-1111-2222-3333-cccccccccccc
a=ssrc:6002 cname:00000000-1111-2222-3333-cccccccccccc
a=rtpmap:97 VP8/90000
a=rtcp-fb:97 nack
a=rtcp-fb:97 nack pli
a=rtcp-fb:97 goog-remb
a=rtpmap:98 rtx/90000
a=fmtp:98 apt=97
a=candidate:0123456789abcdef 1 udp 2130706431 192.0.2.19 50005 typ host
a=end-of-candidates
a=ice-ufrag:AbCd
a=ice-pwd:InventedPassword000003
a=fingerprint:sha-256 {HASH}
a=setup:actpass
"""


def _with_a_slot(text: str) -> str:
    """The same browser, which lets itself be shown one more person."""
    sections = text[text.index("m=audio") :]
    for old, new in (("a=sendrecv", "a=recvonly"), ("a=mid:1", "a=mid:3"), ("a=mid:0", "a=mid:2")):
        sections = sections.replace(old, new)
    kept = [line for line in sections.splitlines() if not line.startswith(("a=ssrc", "a=msid"))]
    return text.replace("BUNDLE 0 1", "BUNDLE 0 1 2 3") + "\n".join(kept) + "\n"


THREE = _with_a_slot(CHROMIUM)

OFFERS = {"Chromium": CHROMIUM, "Firefox": FIREFOX, "aiortc": AIORTC}


def changed(old: str, new: str, text: str = CHROMIUM) -> str:
    """An offer with this piece of it changed everywhere."""
    assert old in text
    return text.replace(old, new)


def mutants(number: int, seed: int) -> list[str]:
    """So many offers with one to four of their lines spoilt."""
    dice = random.Random(seed)
    return [_mutant(dice) for _ in range(number)]


def _mutant(dice: random.Random) -> str:
    lines = dice.choice([*OFFERS.values(), THREE]).splitlines()
    for _ in range(dice.randint(1, 4)):
        at = dice.randrange(len(lines))
        dice.choice(_SPOIL)(lines, at, dice)
    return dice.choice(["\n", "\r\n"]).join(lines)


def _cut(lines: list[str], at: int, dice: random.Random) -> None:
    lines[at] = lines[at][: dice.randrange(len(lines[at]) + 1)]


def _twice(lines: list[str], at: int, dice: random.Random) -> None:
    lines.insert(dice.randrange(len(lines)), lines[at])


def _swap(lines: list[str], at: int, dice: random.Random) -> None:
    other = dice.randrange(len(lines))
    lines[at], lines[other] = lines[other], lines[at]


def _lose(lines: list[str], at: int, dice: random.Random) -> None:
    if len(lines) > 1:
        del lines[at]


def _put(lines: list[str], at: int, dice: random.Random) -> None:
    where = dice.randrange(len(lines[at]) + 1)
    odd = ["\0", "\r", " ", ":", "=", "-1", "9" * 4300, "%s", "é", "\x85", "\u2028", "٣", "/", ";"]
    lines[at] = lines[at][:where] + dice.choice(odd) + lines[at][where:]


def _cross(lines: list[str], at: int, dice: random.Random) -> None:
    name, colon, _ = lines[at].partition(":")
    lines[at] = name + colon + dice.choice(lines).partition(":")[2]


_SPOIL: Sequence[Callable[[list[str], int, random.Random], None]] = (
    *(_cut, _twice, _swap),
    *(_lose, _put, _cross),
)
