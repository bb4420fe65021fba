import http.client
import logging

import pytest
import urllib3

from connector.errors import Misconfigured
from connector.hubspot.transport import checked_origin, transport


@pytest.mark.parametrize(
    "url", ["http://api.hubapi.com", "http://127.0.0.1.example.com", "ftp://127.0.0.1", "nonsense"]
)
def test_plain_http_stays_on_this_machine(url):
    with pytest.raises(Misconfigured, match="https"):
        checked_origin(url)


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://api.hubapi.com/", "https://api.hubapi.com"),
        ("http://localhost:1", "http://localhost:1"),
        ("http://[::1]:1/", "http://[::1]:1"),
    ],
)
def test_https_and_this_machine_are_accepted(url, origin):
    assert checked_origin(url) == origin


def test_the_clients_pool_makes_no_attempts_of_its_own():
    pool = transport("http://127.0.0.1:9")

    assert isinstance(pool, urllib3.PoolManager)
    assert pool.connection_pool_kw["retries"].total == 0
    assert not pool.connection_pool_kw["retries"].respect_retry_after_header


def test_the_clients_hand_on_the_logs_is_undone():
    logger = logging.getLogger("urllib3")
    before, debugging = logger.level, http.client.HTTPConnection.debuglevel
    logger.setLevel(logging.INFO)
    http.client.HTTPConnection.debuglevel = 1
    try:
        transport("http://127.0.0.1:9")

        assert logger.level == logging.INFO
        assert http.client.HTTPConnection.debuglevel == 1
    finally:
        logger.setLevel(before)
        http.client.HTTPConnection.debuglevel = debugging
