"""How fast time passes for the crowd: as it does for people, or faster, for a test."""

import asyncio
from dataclasses import dataclass
from random import Random


@dataclass(frozen=True, slots=True)
class Tempo:
    """Minutes of a robot's life, by its own chance."""

    pace: float  # minutes of life in one real minute
    chance: Random

    def seconds(self, minutes: float) -> float:
        """How long that really takes."""
        return minutes * 60 / self.pace

    async def wait(self, minutes: float) -> None:
        """Let that much pass."""
        await asyncio.sleep(self.seconds(minutes))

    async def dawdle(self, bounds: tuple[float, float]) -> None:
        """Take as long as people take, which is never the same."""
        await self.wait(self.chance.uniform(*bounds))
