from datetime import UTC, datetime, timedelta

import pytest
import redis
import structlog
from structlog.testing import capture_logs

from connector.clock import MovableClock, SystemClock
from connector.limiter import MemoryLimiter
from tasks.broker import embedded_broker
from tasks.limiter import ALONE_SHARE, ASK_AGAIN_S, PLACE_S, RedisLimiter, open_redis

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


@pytest.fixture
def clock():
    return MovableClock(START)


@pytest.fixture
def worker(redis_url, clock):
    """Make limiters as workers have them, on one Redis and one clock."""
    made = []

    def make(connection, *, url=redis_url, per_second=None, places=None):
        limiter = RedisLimiter(
            open_redis(url), clock, connection=connection, per_second=per_second or {}, places=places
        )
        made.append(limiter)
        return limiter

    yield make
    for limiter in made:
        limiter.close()


@pytest.mark.parametrize("per_second", [{"burst": 10}, {}], ids=["limited", "unlimited"])
def test_one_workers_penalty_makes_all_wait(worker, clock, per_second):
    name = f"penalty{len(per_second)}"
    one, other = worker(name, per_second=per_second), worker(name, per_second=per_second)

    one.penalize("burst", 10)
    other.wait("burst")

    assert clock.now() - START == timedelta(seconds=10)


def test_a_penalty_in_memory_agrees(clock):
    limiter = MemoryLimiter(clock, {"burst": 10})

    limiter.penalize("burst", 10)
    limiter.wait("search")
    limiter.wait("burst")

    assert clock.slept == [10]


def test_calls_are_spaced_as_told_over_all_workers(worker, clock):
    workers = [worker("spaced"), worker("spaced")]
    for turn in range(10):
        workers[turn % 2].space("day", 6.0)

    assert 45 <= (clock.now() - START).total_seconds() <= 54


def test_a_clock_that_is_set_back_does_not_make_us_wait_for_hours(worker, clock):
    limiter = worker("back", per_second={"burst": 10})
    clock.advance(timedelta(hours=5))
    limiter.wait("burst")
    clock.advance(-timedelta(hours=5))
    limiter.wait("burst")

    assert sum(clock.slept) <= 120


def test_only_so_many_calls_have_a_place_at_one_time(worker, clock):
    one, other = worker("places", places={"writes": 1}), worker("places", places={"writes": 1})

    with one.place("writes"), one.place("burst"):
        pass
    with other.place("writes"):
        pass

    assert clock.slept == []


def test_the_place_of_a_killed_worker_comes_free(worker, clock):
    one, other = worker("killed", places={"writes": 1}), worker("killed", places={"writes": 1})
    held = one.place("writes")
    held.__enter__()
    with other.place("writes"):
        waited = clock.now() - START
    held.__exit__(None, None, None)  # or it would leave when it is collected

    assert timedelta(seconds=PLACE_S) <= waited < timedelta(seconds=PLACE_S + 1)


@pytest.fixture(autouse=True)
def _whole_log():
    """Hear all that is logged, whatever level a test before this one had set."""
    structlog.reset_defaults()


def test_without_redis_each_worker_goes_on_at_a_cautious_rate_and_says_so_once(worker, clock, tmp_path):
    limiter = worker("lost", url=f"unix://{tmp_path}/nobody.sock", per_second={"burst": 10}, places={"writes": 1})

    with capture_logs() as logs:
        for _ in range(50):
            limiter.wait("burst")
            with limiter.place("writes"):
                limiter.penalize("search", 1)

    assert (clock.now() - START).total_seconds() == pytest.approx(50 / (10 * ALONE_SHARE), abs=1.5)
    assert [(entry["event"], entry["log_level"]) for entry in logs] == [("limiter.redis.lost", "warning")]


def test_when_redis_is_back_the_limit_is_shared_again(worker, clock, tmp_path):
    address = tmp_path / "now.sock"
    limiter = worker("back", url=f"unix://{address}", per_second={"burst": 10})
    limiter.wait("burst")

    with embedded_broker(tmp_path / "broker", clock=SystemClock()) as url, capture_logs() as logs:
        address.symlink_to(url.removeprefix("unix://"))
        clock.advance(timedelta(seconds=ASK_AGAIN_S))
        limiter.wait("burst")

    assert [entry["event"] for entry in logs] == ["limiter.redis.back"]
