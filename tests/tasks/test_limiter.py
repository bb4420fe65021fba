from datetime import UTC, datetime

import pytest
import redis

from connector.clock import MovableClock, SystemClock
from connector.limiter import MemoryLimiter
from tasks.broker import embedded_broker
from tasks.limiter import RedisLimiter

START = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def redis_url(tmp_path_factory):
    with embedded_broker(tmp_path_factory.mktemp("broker"), clock=SystemClock()) as url:
        yield url


def test_the_shared_limit_holds_over_all_workers(redis_url):
    clock = MovableClock(START)
    with redis.Redis.from_url(redis_url) as client:
        workers = [RedisLimiter(client, clock, connection="one", per_second={"burst": 10}) for _ in range(3)]
        for turn in range(100):
            workers[turn % 3].wait("burst")

    passed_s = (clock.now() - START).total_seconds()
    assert 8.5 < passed_s < 10


def test_the_limit_in_memory_agrees():
    clock = MovableClock(START)
    limiter = MemoryLimiter(clock, {"burst": 10})
    for _ in range(100):
        limiter.wait("burst")

    assert 8.5 < (clock.now() - START).total_seconds() < 10


def test_a_bucket_without_a_limit_never_waits(redis_url):
    clock = MovableClock(START)
    with redis.Redis.from_url(redis_url) as client:
        RedisLimiter(client, clock, connection="two", per_second={}).wait("burst")

    assert clock.slept == []
