"""Which error a fault of the network is: connection, encryption, silence, a broken answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import requests
import urllib3.exceptions

from fhir_queries.deadline import OnTheWire
from fhir_queries.errors import BadRecord, RecordError, RecordUnavailable
from fhir_queries.sockets import TooMuch


class ConnectionBroken(Exception):
    """The connection ended before an answer began: worth a second try, if that does no harm."""

    detail = "the connection was closed before an answer"


Kinds = tuple[type[BaseException], ...]
_KINDS: tuple[tuple[Kinds, type[RecordError], str], ...] = (
    (
        (urllib3.exceptions.SSLError, requests.exceptions.SSLError),
        RecordUnavailable,
        "the certificate or encryption isn't accepted",
    ),
    ((requests.exceptions.ProxyError,), RecordUnavailable, "the proxy can't be reached"),
    (
        (urllib3.exceptions.NameResolutionError, urllib3.exceptions.NewConnectionError),
        RecordUnavailable,
        "no connection: refused, or no such host",
    ),
    (
        (urllib3.exceptions.ConnectTimeoutError, requests.ConnectTimeout),
        RecordUnavailable,
        "no connection in time",
    ),
    (
        (TimeoutError, urllib3.exceptions.ReadTimeoutError, requests.Timeout),
        RecordUnavailable,
        "no answer in time",
    ),
    ((urllib3.exceptions.DecodeError,), BadRecord, "the answer's compression is broken"),
    ((urllib3.exceptions.IncompleteRead,), BadRecord, "the answer is cut short"),
    (
        (requests.exceptions.InvalidURL, urllib3.exceptions.LocationValueError),
        BadRecord,
        "a link isn't a web address",
    ),
)


def error_of_fault(fault: BaseException, wire: OnTheWire) -> RecordError | ConnectionBroken:
    """The one error that a fault of the network is, for the call on ``wire``."""
    among = _asks_among(_causes(fault))
    if among(TooMuch):
        return BadRecord("more than an answer may hold")
    if wire.left() <= 0:
        return RecordUnavailable("the deadline passed")
    for kinds, error, detail in _KINDS:
        if among(*kinds):
            return error(detail)
    if wire.received == 0 and among(ConnectionError, urllib3.exceptions.ProtocolError):
        return ConnectionBroken()
    if among(ConnectionError):
        return RecordUnavailable("the connection broke within the answer")
    return BadRecord("the answer isn't HTTP")


def _asks_among(causes: list[BaseException]) -> Callable[..., bool]:
    return lambda *kinds: any(isinstance(cause, kinds) for cause in causes)


def _causes(fault: BaseException) -> list[BaseException]:
    """``fault`` and everything that libraries wrapped in it, outermost first."""
    found: list[BaseException] = []
    waiting: list[Any] = [fault]
    while waiting:
        one = waiting.pop()
        if isinstance(one, BaseException) and one not in found:
            found.append(one)
            waiting += [one.__cause__, one.__context__, getattr(one, "reason", None), *one.args]
    return found
