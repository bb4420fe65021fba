import pytest
import redis

from connector.clock import SystemClock
from connector.errors import Retryable
from tasks.broker import embedded_broker
from tasks.lease import leased


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    with (
        embedded_broker(tmp_path_factory.mktemp("broker"), clock=SystemClock()) as url,
        redis.Redis.from_url(url) as client,
    ):
        yield client


def test_a_second_job_on_a_connection_is_told_to_come_back(client):
    with leased(client, "one"), pytest.raises(Retryable, match="one"), leased(client, "one"):
        pass

    with leased(client, "one"):
        pass  # free again


def test_other_connections_are_not_held_up(client):
    with leased(client, "two"), leased(client, "three"):
        pass


def test_a_job_that_fails_gives_the_connection_back(client):
    with pytest.raises(ZeroDivisionError), leased(client, "four"):
        raise ZeroDivisionError

    with leased(client, "four"):
        pass


def test_a_lease_that_was_flushed_away_ends_quietly(client):
    with leased(client, "five"):
        client.flushall()
