"""Connections whose every single read is bounded by what is left of the deadline.

``requests`` bounds the silence between two packets, so a record that drips one byte a second is
waited for all day. Here the time left is set on the socket before each read, of the head as well
as the body, and what arrives is counted.
"""

from __future__ import annotations

import http.client
import io
import socket
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotInTime
from ipaddress import ip_address
from threading import Thread
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, InvalidHeader
from urllib3.poolmanager import PoolManager
from urllib3.response import BaseHTTPResponse
from urllib3.util.retry import Retry

from fhir_queries.deadline import on_the_wire
from fhir_queries.errors import RecordUnavailable

_READ_AT_ONCE = 1 << 16
_ACK_AT_ONCE: int | None = getattr(socket, "TCP_QUICKACK", None)
_NOT_NOW = (429, 502, 503, 504)


def _keep_alive() -> list[tuple[int, int, int]]:
    options = [
        (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1),
        (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),
    ]
    for name, seconds in (("TCP_KEEPIDLE", 30), ("TCP_KEEPINTVL", 10), ("TCP_KEEPCNT", 3)):
        if hasattr(socket, name):
            options.append((socket.IPPROTO_TCP, getattr(socket, name), seconds))
    return options


class TooMuch(OSError):
    """More arrived than an answer may hold."""


class _BoundedReader(io.RawIOBase):
    def __init__(self, raw: io.RawIOBase, sock: socket.socket) -> None:
        super().__init__()
        self._raw = raw
        self._sock = sock

    def readable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._raw.fileno()

    def readinto(self, buffer: Any) -> int | None:
        wire = on_the_wire.get()
        if wire is not None:
            left = wire.left()
            if left <= 0:
                raise TimeoutError("the deadline passed")
            self._sock.settimeout(min(left, wire.read_seconds))
            if _ACK_AT_ONCE is not None:
                # A server that sends head and body apart waits 40 ms for a delayed ACK
                self._sock.setsockopt(socket.IPPROTO_TCP, _ACK_AT_ONCE, 1)
        arrived: int | None = self._raw.readinto(buffer)
        if wire is not None and arrived:
            wire.received += arrived
            if wire.received > wire.most_octets:
                raise TooMuch("more than an answer may hold")
        return arrived

    def close(self) -> None:
        if not self.closed:
            self._raw.close()
        super().close()


class _BoundedResponse(http.client.HTTPResponse):
    def __init__(self, sock: socket.socket, *args: Any, **named: Any) -> None:
        super().__init__(sock, *args, **named)
        raw = self.fp.detach()
        self.fp = io.BufferedReader(_BoundedReader(raw, sock), _READ_AT_ONCE)


def _connect_in_time(
    connection: HTTPConnection, connect: Callable[[], socket.socket]
) -> socket.socket:
    """Connect, with the look-up of the host's name and all its addresses inside the time.

    A look-up can't be broken off, so it has a thread of its own, which a program may end without.
    """
    try:
        ip_address(connection.host.strip("[]"))
    except ValueError:
        pass
    else:
        return connect()
    seconds = connection.timeout if isinstance(connection.timeout, int | float) else None
    pending: Future[socket.socket] = Future()
    Thread(target=_settle, args=(pending, connect), daemon=True, name="record-connect").start()
    try:
        return pending.result(timeout=seconds)
    except NotInTime:
        if pending.done():
            raise
        pending.add_done_callback(_close_late)
        raise ConnectTimeoutError(connection, "no connection in time") from None


def _settle(pending: Future[socket.socket], connect: Callable[[], socket.socket]) -> None:
    try:
        pending.set_result(connect())
    except Exception as fault:  # noqa: BLE001 - raised again where the connection is awaited
        pending.set_exception(fault)


def _close_late(pending: Future[socket.socket]) -> None:
    if pending.exception() is None:
        pending.result().close()


class _BoundedHTTP(HTTPConnection):
    response_class = _BoundedResponse

    def _new_conn(self) -> socket.socket:
        return _connect_in_time(self, super()._new_conn)


class _BoundedHTTPS(HTTPSConnection):
    response_class = _BoundedResponse

    def _new_conn(self) -> socket.socket:
        return _connect_in_time(self, super()._new_conn)


class _HTTPPool(HTTPConnectionPool):
    ConnectionCls = _BoundedHTTP


class _HTTPSPool(HTTPSConnectionPool):
    ConnectionCls = _BoundedHTTPS


class PatientRetry(Retry):
    """Tries again what may be sent twice, when the record says "not now", inside the deadline.

    Reads that time out are never tried again here: with urllib3's read retries a timeout of one
    second took 4.31 s.
    """

    def __init__(self, total: Any = 2, **named: Any) -> None:
        named.setdefault("connect", 1)
        named.setdefault("read", False)
        named.setdefault("redirect", False)
        named.setdefault("other", False)
        named.setdefault("backoff_factor", 0.1)
        named.setdefault("backoff_jitter", 0.1)
        named.setdefault("backoff_max", 2.0)
        named.setdefault("status_forcelist", _NOT_NOW)
        named["allowed_methods"] = None
        named["raise_on_status"] = False
        super().__init__(total=total, **named)

    def is_retry(self, method: str, status_code: int, has_retry_after: bool = False) -> bool:
        wire = on_the_wire.get()
        if wire is not None and not wire.repeatable:
            return False
        return bool(super().is_retry(method, status_code, has_retry_after))

    def get_retry_after(self, response: BaseHTTPResponse) -> float | None:
        try:
            return super().get_retry_after(response)
        except InvalidHeader:
            return None

    def sleep(self, response: BaseHTTPResponse | None = None) -> None:
        wire = on_the_wire.get()
        asked = self.get_retry_after(response) if response is not None else None
        pause = asked or self.get_backoff_time()
        if wire is not None and pause >= wire.left():
            status = response.status if response is not None else None
            raise RecordUnavailable("asked to wait past the deadline", status=status)
        super().sleep(response)


class BoundedAdapter(HTTPAdapter):
    """The pool of connections to one record."""

    def __init__(self, pool_size: int, attempts: int) -> None:
        retry = PatientRetry(total=max(0, attempts - 1), connect=min(1, attempts - 1))
        super().__init__(pool_connections=4, pool_maxsize=pool_size, max_retries=retry)

    def init_poolmanager(self, *args: Any, **named: Any) -> None:
        super().init_poolmanager(*args, socket_options=_keep_alive(), **named)
        _bound(self.poolmanager)

    def proxy_manager_for(self, proxy: Any, **named: Any) -> Any:
        manager = super().proxy_manager_for(proxy, socket_options=_keep_alive(), **named)
        _bound(manager)
        return manager


def _bound(manager: PoolManager) -> None:
    manager.pool_classes_by_scheme = {"http": _HTTPPool, "https": _HTTPSPool}
