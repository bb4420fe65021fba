import gzip
import http.client
import socket
import time
from urllib.parse import urlsplit

import pytest
import requests

BELL = "/services/data/bell"
BOOK = "/services/data/book"


@pytest.fixture
def client():
    with requests.Session() as session:
        yield session


def spoken(simulator, text):
    """Send bytes on a connection of our own, and give all that comes back until the server hangs up."""
    parts = urlsplit(simulator.url)
    with socket.create_connection((parts.hostname, parts.port), timeout=10) as line:
        line.sendall(text)
        received = b""
        while chunk := line.recv(65536):
            received += chunk
        return received


def test_every_request_is_logged_before_its_reply_arrives(simulator, client):
    client.get(simulator.url + BELL, params={"q": "secret"})
    client.post(simulator.url + BELL, json={})

    entries = [(of.crm, of.method, of.path, of.kind, of.status) for of in simulator.log.entries()]
    assert entries == [("salesforce", "GET", BELL, "read", 200), ("salesforce", "POST", BELL, "write", 200)]


def test_a_request_to_a_crm_that_is_not_there_is_not_found(simulator, client):
    assert client.get(simulator.url + "/crm/v3/bell").status_code == 404
    assert simulator.log.count() == 0


def test_a_dialect_that_fails_is_a_500_in_the_log(simulator, client, caplog):
    reply = client.get(simulator.url + "/services/data/broken")

    assert reply.status_code == 500
    assert [of.status for of in simulator.log.entries()] == [500]
    assert "ZeroDivisionError" in caplog.text


def test_a_fault_reply_is_the_dialects_and_it_does_not_act(simulator, bell, client):
    simulator.faults.add("salesforce", "write", "503")

    refused = client.post(simulator.url + BELL, data=b"x" * 100_000)
    accepted = client.post(simulator.url + BELL, data=b"x")

    assert (refused.status_code, refused.headers["retry-after"], refused.content) == (503, "7", b"out of order")
    assert accepted.json() == {"rung": 1}
    assert [(of.status, of.fault) for of in simulator.log.entries()] == [(503, "503"), (200, None)]


def test_a_reset_comes_before_acting(simulator, bell):
    simulator.faults.add("salesforce", "read", "reset")

    with pytest.raises(ConnectionResetError):
        spoken(simulator, f"GET {BELL} HTTP/1.1\r\nHost: x\r\n\r\n".encode())

    assert bell.rung == 0
    assert [(of.status, of.fault) for of in simulator.log.entries()] == [(0, "reset")]


def test_a_reset_hits_a_client_that_is_still_sending(simulator, bell, client):
    simulator.faults.add("salesforce", "write", "reset")

    with pytest.raises(requests.ConnectionError):
        client.post(simulator.url + BELL, data=b"x" * 5_000_000)

    assert bell.rung == 0


@pytest.mark.parametrize("path", [BELL, "/services/data/empty"])
def test_a_reset_after_comes_after_acting(simulator, bell, path):
    simulator.faults.add("salesforce", "write", "reset-after")

    with pytest.raises(ConnectionResetError):
        spoken(simulator, f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n".encode())

    assert bell.rung == 1
    assert [(of.status, of.fault) for of in simulator.log.entries()] == [(0, "reset-after")]


def test_a_cut_reply_promises_all_and_brings_half(simulator):
    simulator.faults.add("salesforce", "read", "cut")

    head, _, body = spoken(simulator, f"GET {BOOK} HTTP/1.1\r\nHost: x\r\n\r\n".encode()).partition(b"\r\n\r\n")

    assert b"content-length: 10000" in head.lower()
    assert body == b"ding dong " * 500


def test_a_cut_reply_is_an_error_to_a_client(simulator, client):
    simulator.faults.add("salesforce", "read", "cut")

    with pytest.raises(requests.exceptions.ChunkedEncodingError) as caught:
        client.get(simulator.url + BOOK)

    assert "IncompleteRead" in str(caught.value)


def test_a_cut_of_an_empty_reply_resets_the_connection(simulator, bell):
    simulator.faults.add("salesforce", "write", "cut")

    with pytest.raises(ConnectionResetError):
        spoken(simulator, b"POST /services/data/empty HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n")

    assert bell.rung == 1


def test_after_a_fault_the_next_connection_works(simulator, client):
    for fault in ("reset", "cut", "reset-after"):
        simulator.faults.add("salesforce", "read", fault)
        with pytest.raises(requests.RequestException):
            client.get(simulator.url + BELL)

    assert client.get(simulator.url + BELL).status_code == 200


@pytest.mark.parametrize(("accepts", "encoding"), [("gzip, deflate", "gzip"), ("identity", None)])
def test_a_large_reply_is_compressed_for_clients_that_accept_it(simulator, accepts, encoding):
    line = http.client.HTTPConnection(urlsplit(simulator.url).netloc, timeout=10)
    line.request("GET", BOOK, headers={"accept-encoding": accepts})
    reply = line.getresponse()
    body = reply.read()
    line.close()

    assert reply.headers["content-encoding"] == encoding
    assert (gzip.decompress(body) if encoding else body) == b"ding dong " * 1000


def test_a_small_reply_is_not_compressed(simulator, client):
    assert "content-encoding" not in client.get(simulator.url + BELL).headers


def test_the_date_is_the_clocks(simulator, client):
    assert client.get(simulator.url + BELL).headers["date"] == "Mon, 05 Jan 2026 12:00:00 GMT"


def test_a_client_that_waits_to_be_told_to_go_on_is_told(simulator, bell):
    ask = f"POST {BELL} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nhi"

    received = spoken(simulator, ask.encode())

    assert received.startswith(b"HTTP/1.1 100")
    assert bell.received == b"hi"


def test_a_kept_alive_connection_answers_without_nagles_delay(simulator, client):
    client.get(simulator.url + BELL)

    taken = []
    for _ in range(20):
        before = time.perf_counter()
        client.get(simulator.url + BELL)
        taken.append(time.perf_counter() - before)

    # The delay is 40 ms on every reply; a busy machine delays only some.
    assert min(taken) < 0.03
