"""One burst limit over all workers: token buckets in Redis.

The bucket is one Redis key holding the time of the next free turn; a script takes a turn atomically, so that any number
of workers together stay under the vendor's limit. Losing the key only forgets the last second (Redis holds nothing that
may not be lost).
"""

from collections.abc import Mapping
from typing import Any

import redis

from connector.clock import Clock
from connector.errors import Retryable

# KEYS[1] the bucket; ARGV[1] now, ARGV[2] the time between turns, in seconds. Returns how long to wait for our turn.
TAKE_A_TURN = """
local now = tonumber(ARGV[1])
local turn = math.max(tonumber(redis.call('GET', KEYS[1]) or '0'), now - 1)
redis.call('SET', KEYS[1], string.format('%.6f', turn + tonumber(ARGV[2])), 'EX', 120)
return string.format('%.6f', math.max(0, turn - now))
"""


class RedisLimiter:
    """A `connector.limiter.RateLimiter` shared by all processes on one Redis."""

    def __init__(self, client: Any, clock: Clock, *, connection: str, per_second: Mapping[str, float]) -> None:
        self._take = client.register_script(TAKE_A_TURN)
        self._clock = clock
        self._connection = connection
        self._per_second = dict(per_second)

    def wait(self, bucket: str) -> None:
        """Return when one more call may be made; a bucket without a limit returns at once."""
        rate = self._per_second.get(bucket)
        if rate is None:
            return
        key = f"truegrade:limit:{self._connection}:{bucket}"
        try:
            wait_s = float(self._take(keys=[key], args=[self._clock.now().timestamp(), 1.0 / rate]))
        except (redis.ConnectionError, redis.TimeoutError) as error:
            raise Retryable(
                f"The Redis of TRUEGRADE_REDIS_URL cannot be reached ({type(error).__name__}). Start it, or correct "
                "the setting.",
                sent=False,
            ) from error
        if wait_s > 0:
            self._clock.sleep(wait_s)
