"""A connection pool for strangers: the head of a reply ends in time, and what is wrong with it is not logged.

A socket's time-out is for each piece that comes: a stranger who sends a letter a second would hold a sync for hours.
So the whole head has as long as one piece; then the connection is cut. The body's time is watched where it is read.
Source: urllib3 documentation, "Customizing..." of PoolManager: `pool_classes_by_scheme`, `ConnectionCls`.
"""

import logging
import socket
import threading
from contextlib import suppress
from typing import Any

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection

LONGEST_S = 60.0  # of a connection that has no time-out


def pool() -> urllib3.PoolManager:
    """Make a pool that neither repeats nor redirects; errors come as they are."""
    # urllib3 logs broken header lines together with the address, which may hold a key.
    logging.getLogger("urllib3.connection").addFilter(_holds_no_address)
    made = urllib3.PoolManager(retries=False)
    made.pool_classes_by_scheme = {"http": _Pool, "https": _SecurePool}
    return made


def _holds_no_address(record: logging.LogRecord) -> bool:
    return not str(record.msg).startswith("Failed to parse headers")


class _InTime(HTTPConnection):
    """Cuts the connection when the head of the reply is not there in time."""

    def getresponse(self) -> Any:
        """Read the head of the reply."""
        limit_s = self.timeout if isinstance(self.timeout, int | float) else LONGEST_S
        watch = threading.Timer(limit_s, _cut, (self.sock,))
        watch.daemon = True
        watch.start()
        try:
            return super().getresponse()
        finally:
            watch.cancel()


class _InTimeSecure(_InTime, HTTPSConnection):
    """The same over TLS."""


class _Pool(urllib3.HTTPConnectionPool):
    ConnectionCls = _InTime


class _SecurePool(urllib3.HTTPSConnectionPool):
    ConnectionCls = _InTimeSecure


def _cut(held: socket.socket | None) -> None:
    with suppress(OSError):
        if held is not None:
            held.shutdown(socket.SHUT_RDWR)
