import asyncio
import threading
from collections import deque
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from sqlalchemy import insert, update

from connector.clock import MovableClock
from tasks.settings import Settings
from tasks.store import tables, units
from tasks.store.times import to_text
from tasks.wiring import open_wiring

NOW = datetime(2026, 11, 3, 12, tzinfo=UTC)
CONNECTIONS = """
connections:
  acme:
    crm: hubspot
    sign_in: {kind: token, token: env:HUBSPOT_TOKEN}
  globex:
    crm: hubspot
    sign_in: {kind: token, token: env:HUBSPOT_TOKEN}
"""


class Watched:
    """An installation, in the words of these tests; its clock stands still unless told."""

    def __init__(self, home, database_url, **settings):
        (home / "connections.yaml").write_text(CONNECTIONS)
        self.clock = MovableClock(NOW)
        chosen = Settings(home=home, database_url=database_url, **settings)
        self.wiring = open_wiring(chosen, clock=self.clock)
        self.store = self.wiring.store

    @property
    def now(self):
        return self.clock.now()

    def ago(self, **by):
        return self.now - timedelta(**by)

    def later(self, **by):
        self.clock.advance(timedelta(**by))

    def insert(self, table, **row):
        with self.store.write() as tx:
            tx.execute(insert(tables.metadata.tables[table]).values(**row))

    def run(self, verb="sync", *, began, state="succeeded", connection="acme", error=None, counts="{}"):
        at = to_text(began)
        row = {"connection": connection, "verb": verb, "state": state, "started_at": at, "heartbeat_at": at}
        self.insert("runs", **row, finished_at=None if state == "running" else at, counts=counts, error=error)

    def unit(self, key, *, queue="live", verb="sync", since=None, connection="acme", **values):
        with self.store.write() as tx:
            units.add(tx, [units.New(key, connection, queue, verb)], now=since or self.now)
            if values:
                tx.execute(update(tables.units).where(tables.units.c.id == key).values(**values))

    def slot(self, name, *, every_s, at):
        self.insert("schedule", name=name, every_s=every_s, last_slot=int(at.timestamp()))


@pytest.fixture
def installed(tmp_path, database_url):
    """Make an installation on each kind of database: `installed(refusal_rate=0.2)`."""
    opened = []

    def make(**settings):
        opened.append(Watched(tmp_path, database_url, **settings))
        return opened[-1]

    yield make
    for watched in opened:
        watched.store.close()


@pytest.fixture
def watched(installed):
    return installed()


class Hook:
    """A webhook on a real socket: `answers` are the next statuses, 200 when there are none left."""

    def __init__(self):
        self.answers, self.bodies = deque(), []
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                hook.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
                status = hook.answers.popleft() if hook.answers else 200
                self.send_response(status)
                if status == 302:
                    self.send_header("Location", hook.url + "elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/s3cret/"

    @contextmanager
    def serving(self):
        thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            thread.join()
            self._server.server_close()


@pytest.fixture
def hook(tmp_path):
    with Hook().serving() as hook:
        (tmp_path / "hook").write_text(hook.url)
        yield hook


class Mailbox:
    """A mail server on a real socket that takes what it is given; `offers` are its extensions."""

    def __init__(self):
        self.letters, self.offers, self.refuses = [], [], False
        self.certificate, self.was_private = None, False
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()

    async def _talk(self, reader, writer):
        async def say(line):
            writer.write(line.encode() + b"\r\n")
            await writer.drain()

        await say("220 here")
        while line := (await reader.readline()).decode().strip():
            word = line.split()[0].upper()
            if word == "EHLO":
                for offer in ["here", *self.offers]:  # the first line is no offer
                    await say(f"250-{offer}")
                await say("250 HELP")
            elif word == "STARTTLS" and self.certificate:
                await say("220 go on")
                await writer.start_tls(self.certificate)
                self.was_private = True
            elif word == "RCPT" and self.refuses:
                await say("550 no such person as someone@example.org")
            elif word == "DATA":
                await say("354 go on")
                self.letters.append((await reader.readuntil(b"\r\n.\r\n")).decode())
                await say("250 taken")
            elif word == "QUIT":
                await say("221 bye")
                break
            else:
                await say("250 well")
        writer.close()

    async def _serve(self):
        self._stop = asyncio.Event()
        server = await asyncio.start_server(self._talk, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        await self._stop.wait()
        server.close()
        await server.wait_closed()

    @contextmanager
    def serving(self):
        thread = threading.Thread(target=self._loop.run_until_complete, args=(self._serve(),))
        thread.start()
        self._ready.wait(10)
        try:
            yield self
        finally:
            self._loop.call_soon_threadsafe(self._stop.set)
            thread.join()
            self._loop.close()


@pytest.fixture
def mailbox():
    with Mailbox().serving() as mailbox:
        yield mailbox
