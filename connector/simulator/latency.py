"""The time that a call takes on its way to a CRM and back, so that a client is measured as it would fare out there.

In real time, as the servers' own is, and without holding a lock: calls that are made at once wait at once. A call that
its client gave up on has been acted on all the same.
"""

import asyncio
import random
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Latency:
    """Lets calls wait; the same seed gives the same waits in the same order."""

    _random: random.Random = field(default_factory=lambda: random.Random(0))

    async def travel(self, latency_ms: float, jitter_ms: float) -> None:
        """Return after `latency_ms` and at random up to `jitter_ms` more; at once when both are 0."""
        if latency_ms or jitter_ms:
            await asyncio.sleep((latency_ms + self._random.uniform(0.0, jitter_ms)) / 1000.0)
