"""The transport of hubspot-api-client, and nothing else of it.

The client's own calls speak v3 paths, hide the headers, sleep inside retries and build model objects (nine times the
CPU of plain JSON, measured), so only its connection pool is used. Making a client silences two loggers and
http.client's debugging; that is undone.
"""

import http.client
import logging
import urllib.parse
from collections.abc import Iterator
from contextlib import contextmanager

import urllib3
from hubspot import HubSpot
from urllib3.util.retry import Retry

from connector.errors import Misconfigured

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


def checked_origin(base_url: str) -> str:
    """Accept https, and plain http on this machine only. Raises Misconfigured."""
    parts = urllib.parse.urlsplit(base_url)
    if parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK):
        return base_url.rstrip("/")
    raise Misconfigured("HubSpot's address is not safe.", fix="Give an https address; http is for this machine only.")


def transport(origin: str) -> urllib3.PoolManager:
    """Take the connection pool of one API object of the client; each new API object would make its own."""
    retry = Retry(total=0, redirect=0, raise_on_status=False, respect_retry_after_header=False)
    with _loggers_kept():
        client = HubSpot(access_token=None, host=origin, base_url=origin, retry=retry)
        pool: urllib3.PoolManager = client.crm.contacts.batch_api.api_client.rest_client.pool_manager
    return pool


@contextmanager
def _loggers_kept() -> Iterator[None]:
    """Put back what making a client changes: the levels of two loggers, and http.client's debugging."""
    loggers = [logging.getLogger(name) for name in ("urllib3", "hubspot.crm.contacts")]
    levels = [logger.level for logger in loggers]
    debugging = http.client.HTTPConnection.debuglevel
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
        http.client.HTTPConnection.debuglevel = debugging
