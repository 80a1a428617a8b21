"""fhirclient's connection to one record, with what it lacks: time limits, retries, one origin.

``fhirclient``'s own ``FHIRServer`` waits for ever, never tries again, and sends its token
wherever a link points. Everything that ``fhirclient``'s models do through this one (``read``,
``search``, ``create``, ``update``) is bounded like the rest, and fails in the one way of
``errors.py``.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from time import perf_counter
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
import urllib3.exceptions
from fhirclient.server import FHIRServer

from fhir_queries.collector import collecting
from fhir_queries.deadline import Call, OnTheWire, on_the_wire
from fhir_queries.errors import BadRecord, RecordError, RecordUnavailable
from fhir_queries.exact import read_fast, write_exact
from fhir_queries.faults import error_of
from fhir_queries.log import Line, say
from fhir_queries.network_faults import ConnectionBroken, error_of_fault
from fhir_queries.profile import RecordProfile
from fhir_queries.session import prepared_request, tuned_session, whole_body
from fhir_queries.settings import RecordSettings

FHIR_JSON = "application/fhir+json"
_REDIRECTS = (301, 302, 307, 308)
_MOST_REDIRECTS = 3
_DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Reply:
    """One HTTP answer, read whole. It has what fhirclient's models want of a response too."""

    status_code: int
    headers: Mapping[str, str]
    content: bytes

    def json(self) -> Any:
        """The body as JSON. Raises BadRecord."""
        return read_fast(self.content)

    @property
    def ok(self) -> bool:
        """Whether the record did what it was asked."""
        return 200 <= self.status_code < 300

    def error(self) -> RecordError:
        """The error that this answer is."""
        try:
            body = read_fast(self.content)
        except BadRecord:
            body = None
        return error_of(self.status_code, body)


@dataclass(frozen=True, slots=True)
class _Request:
    method: str
    url: str
    body: bytes | None
    headers: Mapping[str, str]
    repeatable: bool


def origin_of(url: str) -> tuple[str, str, int | None]:
    """Scheme, host and port of ``url``: where a token for it may go."""
    parts = urlsplit(url)
    try:
        port = parts.port or _DEFAULT_PORTS.get(parts.scheme)
    except ValueError:
        port = -1
    return parts.scheme, (parts.hostname or "").lower(), port


def joined(base: str, link: str) -> str:
    """Where ``link`` leads from ``base``. Raises BadRecord where that is no address."""
    try:
        return urljoin(base, link)
    except ValueError:
        raise BadRecord("a link isn't a web address") from None


class RecordServer(FHIRServer):  # type: ignore[misc]
    """The connection to one record: a tuned session, thread-safe, for everybody together."""

    def __init__(
        self,
        settings: RecordSettings,
        profile: RecordProfile,
        token: Callable[[], str] | None = None,
    ) -> None:
        base = settings.record_url.rstrip("/")
        # Its constructor takes the settings in, but no address as short as http://a.b
        super().__init__(None, base_uri=f"{base}/".ljust(11, "/"))
        self.base_uri = f"{base}/"
        self.aud = base
        self.settings = settings
        self.profile = profile
        self.origin = origin_of(base)
        self.token = token or (lambda: settings.record_token)
        self.session = tuned_session(settings)
        self._places = threading.BoundedSemaphore(settings.pool_size)

    def with_token(self, token: Callable[[], str]) -> RecordServer:
        """The same pool of connections, asking as somebody else."""
        other = object.__new__(RecordServer)
        other.__dict__.update(self.__dict__)
        other.token = token
        return other

    def close(self) -> None:
        """Close every connection that is not in use."""
        self.session.close()

    def exchange(
        self,
        call: Call,
        method: str,
        url: str,
        *,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        repeatable: bool | None = None,
    ) -> Reply:
        """Send one request and read its whole answer, inside the deadline of ``call``.

        ``url`` may be relative to the base. A redirect within the record's origin is followed for
        reads. Raises RecordUnavailable or BadRecord; an answer of any status is returned.
        """
        again = method in ("GET", "HEAD") if repeatable is None else repeatable
        target = joined(self.base_uri, url)
        for _ in range(_MOST_REDIRECTS + 1):
            if origin_of(target) != self.origin:
                raise BadRecord("the answer points to another origin; no token goes there")
            request = _Request(method, target, body, headers or {}, again)
            with collecting():
                reply = self._once_more(call, request)
            if reply.status_code not in _REDIRECTS:
                return reply
            if method not in ("GET", "HEAD"):
                raise BadRecord("a write was redirected", status=reply.status_code)
            target = joined(target, reply.headers.get("Location", ""))
        raise BadRecord("the record redirects in a circle")

    def _once_more(self, call: Call, request: _Request) -> Reply:
        """One exchange; sent a second time where a kept connection turned out to be closed."""
        try:
            return self._exchange(call, request)
        except ConnectionBroken as broken:
            if not request.repeatable or call.left() <= 0:
                raise RecordUnavailable(broken.detail) from None
        say(Line.RETRIED, logging.INFO, request=call.request, method=request.method)
        try:
            return self._exchange(call, request)
        except ConnectionBroken as broken:
            raise RecordUnavailable(broken.detail) from None

    def _exchange(self, call: Call, request: _Request) -> Reply:
        left = call.must_be_in_time()
        if not self._places.acquire(timeout=left):
            raise RecordUnavailable("no connection was free in time")
        settings = self.settings
        most = settings.most_mib << 20
        wire = OnTheWire(call.ends, settings.read_seconds, most, request.repeatable)
        held = on_the_wire.set(wire)
        call.count()
        began = perf_counter()
        try:
            reply = self._send(call, request)
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as fault:
            error = error_of_fault(fault, wire)
            _log_failure(call, request.method, error, began)
            raise error from None
        except ValueError as fault:
            # requests and urllib3 let through what http.client makes of a malformed head
            _log_failure(call, request.method, fault, began)
            raise BadRecord("the answer isn't HTTP") from None
        finally:
            on_the_wire.reset(held)
            self._places.release()
        say(
            Line.ASKED,
            logging.INFO,
            request=call.request,
            method=request.method,
            status=reply.status_code,
            millis=round((perf_counter() - began) * 1000, 1),
            octets=len(reply.content),
        )
        return reply

    def _send(self, call: Call, request: _Request) -> Reply:
        settings = self.settings
        headers = self._headers(call, request.body, request.headers)
        prepared = prepared_request(
            request.method, request.url, request.body, {**self.session.headers, **headers}
        )
        left = max(call.left(), 0.001)
        response = self.session.send(
            prepared,
            stream=True,
            allow_redirects=False,
            timeout=(min(settings.connect_seconds, left), min(settings.read_seconds, left)),
            **self._how(),
        )
        try:
            content = whole_body(response.raw, settings.most_mib << 20)
        except BaseException:
            response.raw.close()
            raise
        response.raw.release_conn()
        return Reply(response.status_code, response.headers, content)

    def _headers(self, call: Call, body: bytes | None, more: Mapping[str, str]) -> dict[str, str]:
        headers = {"Accept": FHIR_JSON, "X-Request-Id": call.request, **self.profile.headers}
        if body is not None:
            headers["Content-Type"] = FHIR_JSON
        token = self.token()
        if token:
            headers["Authorization"] = f"Bearer {token}"
        headers.update(more)
        return headers

    def _how(self) -> dict[str, Any]:
        settings = self.settings
        proxies = {"http": settings.proxy, "https": settings.proxy} if settings.proxy else {}
        certificate: Any = settings.client_certificate or None
        if certificate and settings.client_key:
            certificate = (certificate, settings.client_key)
        return {"proxies": proxies, "verify": settings.ca_file or True, "cert": certificate}

    # What fhirclient's models call

    def _get(
        self,
        path: str,
        headers: Mapping[str, str] | None = None,
        nosign: bool = False,  # noqa: ARG002
    ) -> Reply:
        return self._whole_call("GET", path, None, headers)

    def put_json(self, path: str, resource_json: Any, nosign: bool = False) -> Reply:  # noqa: ARG002
        """PUT, as fhirclient's models do it. SharedRecord.update is the one with If-Match."""
        return self._whole_call("PUT", path, write_exact(resource_json), None)

    def post_json(self, path: str, resource_json: Any, nosign: bool = False) -> Reply:  # noqa: ARG002
        """POST, as fhirclient's models do it."""
        return self._whole_call("POST", path, write_exact(resource_json), None)

    def delete_json(self, path: str, nosign: bool = False) -> Reply:  # noqa: ARG002
        """DELETE, as fhirclient's models do it."""
        return self._whole_call("DELETE", path, None, None)

    def _whole_call(
        self, method: str, path: str, body: bytes | None, headers: Mapping[str, str] | None
    ) -> Reply:
        call = Call(self.settings.deadline_seconds)
        reply = self.exchange(call, method, path, body=body, headers=headers)
        self.raise_for_status(reply)
        return reply

    def raise_for_status(self, response: Reply) -> None:
        """Raise the RecordError that the answer is, where it is one."""
        if not response.ok:
            raise response.error()


def _log_failure(call: Call, method: str, fault: BaseException, began: float) -> None:
    say(
        Line.FAILED,
        logging.WARNING,
        request=call.request,
        method=method,
        error=type(fault).__name__.lstrip("_"),
        detail=getattr(fault, "detail", ""),
        millis=round((perf_counter() - began) * 1000, 1),
    )
