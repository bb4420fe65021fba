import redis
from celery import Celery

from connector.clock import SystemClock
from tasks.broker import broker_url, embedded_broker


def test_the_embedded_broker_serves_a_folder_with_a_blank_and_keeps_its_data(tmp_path):
    folder = tmp_path / "home of truegrade" / "broker"
    with embedded_broker(folder, clock=SystemClock()) as url, redis.Redis.from_url(url) as client:
        client.set("work", "queued")

    with embedded_broker(folder, clock=SystemClock()) as url, redis.Redis.from_url(url) as client:
        assert client.get("work") == b"queued"


def test_two_brokers_do_not_meet(tmp_path):
    clock = SystemClock()
    with embedded_broker(tmp_path / "a", clock=clock) as one, embedded_broker(tmp_path / "b", clock=clock) as other:
        with redis.Redis.from_url(one) as client:
            client.set("mine", "1")
        with redis.Redis.from_url(other) as client:
            assert client.get("mine") is None


def test_celery_speaks_to_it(tmp_path):
    with embedded_broker(tmp_path / "broker", clock=SystemClock()) as url:
        app = Celery(broker=broker_url(url))
        app.send_task("news", queue="crm")
        with redis.Redis.from_url(url) as client:
            assert client.llen("crm") == 1
        app.close()
