"""A service on a real socket that behaves as strangers do: slow, huge, half, packed, wrong, or well."""

import gzip
import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Stranger:
    """What it was asked (`asked`: path, headers, body), and how it answers: `behaves` is a function of the handler."""

    def __init__(self, port):
        self.url = f"http://127.0.0.1:{port}"
        self.asked, self.behaves = [], well({})


@contextmanager
def stranger():
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            length = int(self.headers.get("Content-Length", 0))
            self.body = self.rfile.read(length)
            served.asked.append((self.path, dict(self.headers), self.body))
            try:
                served.behaves(self)
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True

        do_POST = do_GET  # noqa: N815  the library's name

        def log_message(self, *_):
            pass

        def send(self, status, body=b"", kind="application/json", **headers):
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(headers.pop("length", len(body))))
            for name, value in headers.items():
                self.send_header(name.replace("_", "-"), value)
            self.end_headers()
            self.wfile.write(body)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    served = Stranger(server.server_port)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield served
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def well(data):
    return lambda handler: handler.send(200, json.dumps(data).encode())


def status(number, **headers):
    return lambda handler: handler.send(number, b"{}", **headers)


def html(handler):
    handler.send(200, b"<html>Sign in</html>", kind="text/html")


def invalid(handler):
    handler.send(200, b'{"industry": ')


def huge(handler):
    handler.send(200, b'{"industry": "' + b"x" * 3_000_000 + b'"}')


BOMB = gzip.compress(b"[" + b" " * 50_000_000 + b"]", 9)


def bomb(handler):
    handler.send(200, BOMB, Content_Encoding="gzip")


def packed(handler):
    handler.send(200, gzip.compress(b'{"industry": "Tools"}'), Content_Encoding="gzip")


def half(handler):
    handler.send(200, b'{"industry": "To', length=1000)
    handler.close_connection = True


def slow(handler):
    threading.Event().wait(3)
    handler.close_connection = True


def dripping(handler):
    handler.send_response(200)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    for _ in range(100):
        handler.wfile.write(b" ")
        handler.wfile.flush()
        threading.Event().wait(0.1)


def slow_head(handler):
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
    for _ in range(200):
        handler.wfile.write(b"x")
        handler.wfile.flush()
        threading.Event().wait(0.1)


def broken_head(handler):
    body = b'{"industry": "Tools"}'
    head = f"HTTP/1.1 200 OK\r\nno colon here\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    handler.wfile.write(head.encode() + body)
    handler.close_connection = True


def elsewhere(address):
    return lambda handler: handler.send(302, Location=address)
