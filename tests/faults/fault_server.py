"""A record that answers as it is told to, octet by octet: every way in which servers go wrong."""

from __future__ import annotations

import contextlib
import json
import socket
import socketserver
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as it arrived."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def path(self) -> str:
        """The path below the base."""
        return urlsplit(self.target).path.removeprefix("/fhir").strip("/")

    @property
    def params(self) -> list[tuple[str, str]]:
        """The search parameters, from the URL or the form."""
        form = self.body.decode() if self.path.endswith("_search") else ""
        return parse_qsl(urlsplit(self.target).query or form, keep_blank_values=True)

    @property
    def resource(self) -> Any:
        """The JSON that was sent."""
        return json.loads(self.body)


@dataclass(frozen=True, slots=True)
class Sent:
    """Octets to send, pauses (seconds) between them, and how the connection ends."""

    parts: Sequence[bytes | float]
    close: bool = False
    reset: bool = False


Respond = Callable[[Asked], Sent]


def http(
    status: int,
    body: bytes | dict[str, Any] | list[Any] | None = None,
    headers: dict[str, str] | None = None,
) -> Sent:
    """A whole and well-formed HTTP answer."""
    content = (
        body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    )
    lines = {
        "Content-Type": "application/fhir+json",
        "Content-Length": str(len(content)),
        **(headers or {}),
    }
    head = f"HTTP/1.1 {status} Said\r\n" + "".join(f"{k}: {v}\r\n" for k, v in lines.items())
    return Sent([head.encode("latin-1") + b"\r\n" + content])


def bundle(*resources: Any, next_link: str = "", **more: Any) -> dict[str, Any]:
    """A searchset of these resources."""
    found: dict[str, Any] = {
        "resourceType": "Bundle",
        "type": "searchset",
        "entry": [{"resource": resource} for resource in resources],
        **more,
    }
    if next_link:
        found["link"] = [{"relation": "next", "url": next_link}]
    return found


def outcome(code: str, severity: str = "error", words: str = "") -> dict[str, Any]:
    """An OperationOutcome of one issue."""
    issue = {"severity": severity, "code": code}
    if words:
        issue["diagnostics"] = words
    return {"resourceType": "OperationOutcome", "issue": [issue]}


def batch_of(asked: Asked, one: Callable[[Asked], tuple[int, Any]]) -> Sent:
    """The answer to a batch, each entry as ``one`` says."""
    entries = []
    for entry in asked.resource["entry"]:
        request = entry["request"]
        inner = Asked(
            request["method"],
            f"/fhir/{request['url']}",
            asked.headers,
            json.dumps(entry.get("resource")).encode(),
        )
        status, body = one(inner)
        answer: dict[str, Any] = {"response": {"status": f"{status} Said"}}
        if body is not None:
            answer["resource"] = body
        entries.append(answer)
    return http(200, {"resourceType": "Bundle", "type": "batch-response", "entry": entries})


class _Handler(socketserver.BaseRequestHandler):
    server: _Listener

    def handle(self) -> None:
        with self.server.counted():
            reader = self.request.makefile("rb")
            with reader, contextlib.suppress(OSError):
                while (asked := _read(reader)) is not None:
                    self.server.asked.append(asked)
                    if not self._send(self.server.respond(asked)):
                        return

    def _send(self, sent: Sent) -> bool:
        for part in sent.parts:
            if isinstance(part, bytes):
                self.request.sendall(part)
            elif self.server.ending.wait(part):
                return False
        if sent.reset:
            linger = struct.pack("ii", 1, 0)
            self.request.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            self.request.close()
        return not (sent.close or sent.reset)


def _read(reader: Any) -> Asked | None:
    line = reader.readline()
    if not line:
        return None
    method, target, _ = line.decode("latin-1").split(" ", 2)
    headers = {}
    while (field_line := reader.readline()) not in (b"\r\n", b""):
        name, _, value = field_line.decode("latin-1").partition(":")
        headers[name.strip().lower()] = value.strip()
    return Asked(method, target, headers, reader.read(int(headers.get("content-length", 0))))


class _Listener(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128

    def __init__(self, respond: Respond) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.respond = respond
        self.asked: list[Asked] = []
        self.ending = threading.Event()
        self.open = 0
        self.most_open = 0
        self._lock = threading.Lock()

    @contextmanager
    def counted(self) -> Iterator[None]:
        """Count the connections that are open, and the most there were."""
        with self._lock:
            self.open += 1
            self.most_open = max(self.open, self.most_open)
        try:
            yield
        finally:
            with self._lock:
                self.open -= 1

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away is no news."""


@dataclass
class FaultServer:
    """The server while it runs: where it is, and what it was asked."""

    base: str
    listener: _Listener = field(repr=False)

    @property
    def asked(self) -> list[Asked]:
        """Every request so far."""
        return self.listener.asked

    def open_after(self, seconds: float) -> int:
        """How many connections are still open, waiting so long for them to end."""
        until = time.perf_counter() + seconds
        while self.listener.open and time.perf_counter() < until:
            time.sleep(0.01)
        return self.listener.open


@contextmanager
def serving(respond: Respond, tls: ssl.SSLContext | None = None) -> Iterator[FaultServer]:
    """Serve on loopback until the block ends."""
    with _Listener(respond) as listener:
        if tls is not None:
            listener.socket = tls.wrap_socket(listener.socket, server_side=True)
        thread = threading.Thread(target=listener.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            scheme = "http" if tls is None else "https"
            base = f"{scheme}://127.0.0.1:{listener.server_address[1]}/fhir"
            yield FaultServer(base, listener)
        finally:
            listener.ending.set()
            listener.shutdown()
            thread.join(5)
