"""The half of bench/eligibility.py that asks over HTTP, in a process of its own: what the asking
itself takes is not taken from those who answer.

Each caller has one connection, and asks again when it was answered. Without a pause that shows how
many questions are answered a second. With one, questions are due at set times, and the time of each
counts from when it was due: if one is answered late, so are those that wait behind it, and all of
them show it. The first second of each measurement warms up and is not counted.
"""

import asyncio
import json
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

WARM_S = 1.0

Question = Mapping[str, str]  # what is asked about one policy


@dataclass(frozen=True, slots=True)
class Rush:
    """Who ask."""

    insurer: str
    question: Callable[[int], Question]  # about the n-th policy
    policies: int
    callers: int  # at the same time
    pace: int  # checks a second for `p99_ms`


@dataclass(frozen=True, slots=True)
class Ask:
    """What is asked: where, with which token, for how many seconds, and how long each caller pauses
    from one question to the next (seconds; 0: not at all)."""

    port: int
    path: str
    token: str
    seconds: float
    pause: float = 0.0


def ask(rush: Rush, what: Ask) -> list[float]:
    """How long each question took, in seconds."""
    return asyncio.run(_all(rush, what))


async def _all(rush: Rush, what: Ask) -> list[float]:
    chance, begin = random.Random(7), time.perf_counter()
    asked = await asyncio.gather(*(_one(rush, what, chance, begin) for _ in range(rush.callers)))
    return [each for many in asked for each in many]


async def _one(rush: Rush, what: Ask, chance: random.Random, begin: float) -> list[float]:
    reader, writer = await asyncio.open_connection("127.0.0.1", what.port)
    heads = f"POST {what.path} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {what.token}\r\n"
    heads += "Content-Type: application/json\r\nContent-Length: {}\r\n\r\n"
    took, due = [], begin + what.pause * chance.random()
    counted = begin + WARM_S
    while (begun := due if what.pause else time.perf_counter()) < counted + what.seconds:
        await asyncio.sleep(begun - time.perf_counter())  # at once, if that is past
        due += what.pause
        body = json.dumps(rush.question(chance.randrange(rush.policies)))
        writer.write((heads.format(len(body)) + body).encode())
        await _answer(reader)
        if begun >= counted:
            took.append(time.perf_counter() - begun)
    writer.close()
    return took


async def _answer(reader: asyncio.StreamReader) -> None:
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    assert head.startswith(b"http/1.1 200 "), head
    at = head.index(b"content-length:") + len(b"content-length:")
    await reader.readexactly(int(head[at : head.index(b"\r", at)]))
