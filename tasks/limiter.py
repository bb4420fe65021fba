"""One burst limit over all workers: turns and places in Redis.

A bucket is one Redis key holding the time of the next free turn; a script takes a turn atomically, so that any number
of workers together stay under the vendor's limit, and one worker's 429 makes all of them wait. Losing the keys only
forgets the last seconds (Redis holds nothing that may not be lost). While Redis cannot be reached, each worker goes on
by itself at a cautious share of the rate: it may be gone for minutes, and fresh leads should not wait for it.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import redis
import structlog
from redis.backoff import NoBackoff
from redis.retry import Retry

from connector.clock import Clock
from connector.crm import Budget
from connector.limiter import LONGEST_WAIT_S, SAVED_S, MemoryLimiter

ALONE_SHARE = 0.25  # of the rate, for each worker while they cannot agree: right for four of them
ASK_AGAIN_S = 5.0  # how long Redis is let alone after it could not be reached
REDIS_S = 2.0  # to connect, and for an answer
LOOK_AGAIN_S = 0.25  # how often a worker looks for a free place
# How long a place is held at most; a worker that was killed gives none back. Eight places of 40 s: even of calls that
# run into our read timeout of 120 s there are then never more than 24 at once, and Salesforce allows 25 that last
# longer than 20 s ("Salesforce app limits", concurrent API requests; trials, which allow 5, answer with a wait).
PLACE_S = 40.0

GONE = (
    redis.ConnectionError,
    redis.TimeoutError,
    redis.exceptions.OutOfMemoryError,
    redis.exceptions.ReadOnlyError,
    redis.exceptions.NoPermissionError,
)

# KEYS[1] the bucket; ARGV now, the time between turns, what idle saves, the longest wait; in seconds. Returns the wait.
TAKE_A_TURN = """
local now = tonumber(ARGV[1])
local turn = math.max(tonumber(redis.call('GET', KEYS[1]) or '0'), now - tonumber(ARGV[3]))
turn = math.min(turn, now + tonumber(ARGV[4]))
redis.call('SET', KEYS[1], string.format('%.6f', turn + tonumber(ARGV[2])), 'EX', 300)
return string.format('%.6f', math.max(0, turn - now))
"""
# KEYS[1] the bucket; ARGV[1] when its next turn may be at the earliest.
KEEP_OUT = """
local turn = math.max(tonumber(redis.call('GET', KEYS[1]) or '0'), tonumber(ARGV[1]))
redis.call('SET', KEYS[1], string.format('%.6f', turn), 'EX', 300)
"""
# KEYS[1] the places; ARGV now, until when one is held, how many there are, whose it is. Returns 1 if one was free.
# A place that ends later than a new one would is of a clock that has been set back since.
TAKE_A_PLACE = """
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '(' .. ARGV[2], '+inf')
if redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[3]) then return 0 end
redis.call('ZADD', KEYS[1], ARGV[2], ARGV[4])
redis.call('EXPIRE', KEYS[1], 300)
return 1
"""

log = structlog.get_logger()


def open_redis(url: str) -> "redis.Redis":
    """Open a client that says within seconds that its Redis is gone: waits of the library's own would be unseen."""
    return redis.Redis.from_url(
        url, socket_timeout=REDIS_S, socket_connect_timeout=REDIS_S, retry=Retry(NoBackoff(), retries=1)
    )


class RedisLimiter:
    """A `connector.limiter.RateLimiter` shared by all processes on one Redis.

    `per_second` are the rates by bucket, `places` how many calls of a bucket may run at one time.
    """

    def __init__(
        self,
        client: Any,
        clock: Clock,
        *,
        connection: str,
        per_second: Mapping[str, float],
        places: Mapping[str, int] | None = None,
    ) -> None:
        self._client = client
        self._take = client.register_script(TAKE_A_TURN)
        self._keep_out = client.register_script(KEEP_OUT)
        self._take_place = client.register_script(TAKE_A_PLACE)
        self._clock = clock
        self._connection = connection
        self._per_second = dict(per_second)
        self._places = dict(places or {})
        self._alone = MemoryLimiter(clock, {name: rate * ALONE_SHARE for name, rate in per_second.items()})
        self._lost_at: float | None = None

    def wait(self, bucket: str) -> None:
        """Return when one more call may be made; a bucket without a limit returns at once."""
        rate = self._per_second.get(bucket)
        wait_s = self._turn(bucket, 1.0 / rate if rate else 0.0)
        if wait_s is None:
            self._alone.wait(bucket)
        elif wait_s > 0:
            self._clock.sleep(wait_s)

    def space(self, bucket: str, every_s: float) -> None:
        """Return when it is this caller's turn among all; the next one's is `every_s` seconds later."""
        wait_s = self._turn(bucket, every_s)
        if wait_s is None:
            self._alone.space(bucket, every_s / ALONE_SHARE)
        elif wait_s > 0:
            self._clock.sleep(wait_s)

    @contextmanager
    def place(self, bucket: str) -> Iterator[None]:
        """Hold one of the bucket's places; waits for one as long as all are held."""
        most = self._places.get(bucket)
        if most is None:
            yield
            return
        holder = uuid4().hex
        while self._ask(self._take_place, self._key(f"{bucket}:places"), *self._times(PLACE_S), most, holder) == 0:
            self._clock.sleep(LOOK_AGAIN_S)
        try:
            yield
        finally:
            self._ask(self._leave, self._key(f"{bucket}:places"), holder)

    def penalize(self, bucket: str, seconds: float) -> None:
        """Keep all workers out of the bucket for so long."""
        self._alone.penalize(bucket, seconds)
        self._ask(self._keep_out, self._key(bucket), self._times(min(seconds, LONGEST_WAIT_S))[1])

    def reported(self, budget: Budget) -> None:
        """Take no note: who limits bursts does not count days."""

    def close(self) -> None:
        """Give the socket back."""
        self._client.close()

    def _turn(self, bucket: str, every_s: float) -> float | None:
        now = self._clock.now().timestamp()
        told = self._ask(self._take, self._key(bucket), now, every_s, SAVED_S, LONGEST_WAIT_S)
        return None if told is None else float(told)

    def _key(self, name: str) -> str:
        return f"truegrade:limit:{self._connection}:{name}"

    def _times(self, seconds: float) -> tuple[str, str]:
        now = self._clock.now().timestamp()
        return f"{now:.6f}", f"{now + seconds:.6f}"

    def _leave(self, *, keys: list[str], args: list[Any]) -> Any:
        return self._client.zrem(keys[0], args[0])

    def _ask(self, script: Any, key: str, *arguments: Any) -> Any:
        """Run a script; None when Redis cannot be reached, or could not be a moment ago."""
        now = self._clock.now().timestamp()
        if self._lost_at is not None and 0 <= now - self._lost_at < ASK_AGAIN_S:
            return None
        try:
            told = script(keys=[key], args=list(arguments))
        except GONE as error:
            if self._lost_at is None:
                fix = "start the Redis of TRUEGRADE_REDIS_URL, or correct the setting"
                log.warning("limiter.redis.lost", connection=self._connection, error=type(error).__name__, fix=fix)
            self._lost_at = now
            return None
        if self._lost_at is not None:
            log.info("limiter.redis.back", connection=self._connection)
            self._lost_at = None
        return told if told is not None else True
