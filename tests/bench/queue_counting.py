"""A doorkeeper in front of a record: passes everything on, and counts the reads."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from time import monotonic
from urllib.parse import urlsplit

import orjson

_NOT_PASSED_ON = {"connection", "keep-alive", "transfer-encoding", "content-length"}


class Doorkeeper:
    """Counts what passes. ``queue_reads`` are the times at which the queue was read."""

    def __init__(self, record: str) -> None:
        self._base = record.encode()
        self._record = urlsplit(record)
        self.queue_reads: list[float] = []
        self.reads = 0
        """Searches and reads of every kind, each entry of a batch by itself."""
        self.base = ""

    def count(self, method: str, path: str, body: bytes) -> None:
        """Take note of one request."""
        asked = [path] if method == "GET" else []
        if method == "POST" and body.startswith(b"{"):
            told = orjson.loads(body)
            if told.get("resourceType") == "Bundle":
                asked += [
                    each["request"]["url"]
                    for each in told.get("entry", ())
                    if each["request"]["method"] == "GET"
                ]
        self.reads += len(asked)
        self.queue_reads += [
            monotonic() for url in asked if "Encounter?" in url and "status=arrived" in url
        ]

    def altered(self, body: bytes, told: bytes) -> bytes:  # noqa: ARG002 - for those who alter
        """What to answer instead of ``told``, which the record said to ``body``: the same."""
        return told

    def pass_on(self, request: BaseHTTPRequestHandler) -> None:
        """Ask the record the same, and answer with what it says."""
        length = int(request.headers.get("content-length") or 0)
        body = request.rfile.read(length)
        self.count(request.command, request.path, body)
        headers = {
            name: value
            for name, value in request.headers.items()
            if name.lower() not in _NOT_PASSED_ON
        }
        connection = http.client.HTTPConnection(
            str(self._record.hostname), self._record.port, timeout=60
        )
        try:
            connection.request(request.command, request.path, body or None, headers)
            answer = connection.getresponse()
            told = self.altered(body, answer.read()).replace(self._base, self.base.encode())
        except (OSError, http.client.HTTPException):
            request.close_connection = True  # as a record that is down would
            return
        finally:
            connection.close()
        request.send_response_only(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in _NOT_PASSED_ON:
                request.send_header(name, value)
        request.send_header("content-length", str(len(told)))
        request.end_headers()
        request.wfile.write(told)


@contextmanager
def doorkeeper(record: str, kind: type[Doorkeeper] = Doorkeeper) -> Iterator[Doorkeeper]:
    """A doorkeeper before the record of this base URL; ``base`` is its own."""
    keeper = kind(record)

    class Passing(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        wbufsize = -1

        def log_message(self, *_: object) -> None:
            """Nothing is logged."""

        def handle_any(self) -> None:
            keeper.pass_on(self)

        do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = handle_any  # noqa: N815

    server = ThreadingHTTPServer(("127.0.0.1", 0), Passing)
    server.daemon_threads = True
    keeper.base = f"http://127.0.0.1:{server.server_port}{urlsplit(record).path}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield keeper
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
