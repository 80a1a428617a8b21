"""The record over HTTP: an ASGI application, after http://hl7.org/fhir/R4/http.html."""

from __future__ import annotations

import asyncio
import logging
import re
import sqlite3
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import Headers
from starlette.responses import FileResponse
from starlette.types import Receive, Scope, Send

from sandbox import exact_json
from sandbox.asking import Answer, Asked, Conditions, Setting, refusal
from sandbox.export import FILE, STATUS
from sandbox.negotiation import (
    JSON_TYPES,
    MAX_BODY,
    Tokens,
    check_answerable,
    form,
    media_type,
    preferences,
    too_big,
    unzipped,
    zipped,
)
from sandbox.problems import Problem, bad_request
from sandbox.record import Record
from sandbox.store import StoreBusy

_GZIP_FROM = 1400
_ROOT = "fhir"
_HOST = re.compile(r"[A-Za-z0-9.\-]+(?::\d{1,5})?|\[[0-9A-Fa-f:.]+\](?::\d{1,5})?")
_METHODS = "GET, HEAD, POST, PUT, PATCH, DELETE"
_FORM = "application/x-www-form-urlencoded"
_JSON_PATCH = "application/json-patch+json"

log = logging.getLogger("sandbox")


@dataclass(frozen=True, slots=True)
class _Call:
    """One HTTP request, its body read."""

    method: str
    path: tuple[str, ...]
    query: str
    headers: Headers
    prefer: Mapping[str, str]
    setting: Setting
    body: bytes

    def parameters(self) -> tuple[tuple[str, str], ...]:
        return form(self.query)


def _json(call: _Call, allowed: frozenset[str] = JSON_TYPES) -> Any:
    kind = media_type(call.headers.get("content-type", ""))
    if kind and kind not in allowed:
        raise Problem(415, "not-supported", f"the body is {sorted(allowed)[0]} here")
    try:
        return exact_json.loads(call.body)
    except ValueError as error:
        raise bad_request("the body is not JSON", "structure") from error


class RecordApp:
    """The ASGI application around a record."""

    def __init__(self, record: Record, *, base: str, tokens: Tokens) -> None:
        self.record = record
        self.base = base
        self.tokens = tokens
        self._readers = ThreadPoolExecutor(8, "record-read")
        self._writers = ThreadPoolExecutor(64, "record-write")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one ASGI connection."""
        if scope["type"] != "http":
            if scope["type"] == "websocket":
                await send({"type": "websocket.close", "code": 1000})
            return
        headers = Headers(scope=scope)
        try:
            answer = await self._answer(scope, headers, receive)
        except Problem as problem:
            answer = refusal(problem)
        except StoreBusy:
            answer = refusal(
                Problem(503, "lock-error", "too busy: try again", headers={"Retry-After": "2"})
            )
        except sqlite3.OperationalError as error:
            answer = refusal(_from_sqlite(error))
        except Exception as error:  # noqa: BLE001 - whatever it is, the caller gets an answer
            _log_fault(error)
            answer = refusal(Problem(500, "exception", "the record failed to answer"))
        await self._send(answer, scope, headers, receive, send)

    def _base(self, headers: Headers) -> str:
        """The base URL as the caller knows it, so that links lead back through the same door."""
        host = headers.get("host", "")
        return f"http://{host}/{_ROOT}" if _HOST.fullmatch(host) else self.base

    async def _answer(self, scope: Scope, headers: Headers, receive: Receive) -> Answer:
        segments = [part for part in scope["path"].split("/") if part]
        base = self._base(headers)
        if not segments or segments[0] != _ROOT:
            raise Problem(404, "not-found", f"the FHIR base is {base}")
        path = tuple(segments[1:])
        method = scope["method"]
        may_write = self.tokens.may_write(
            headers.get("authorization"), public=path == ("metadata",)
        )
        if method not in _METHODS.split(", "):
            raise Problem(405, "not-supported", "no such method", headers={"Allow": _METHODS})
        query = scope["query_string"].decode("utf-8", "replace")
        ndjson = bool(path) and path[0] in {"$export", FILE, STATUS}
        check_answerable(headers, dict(form(query)), ndjson=ndjson)
        prefer = preferences(", ".join(headers.getlist("prefer")))
        if prefer.get("handling", "") not in {"", "strict", "lenient"}:
            raise bad_request("Prefer: handling is strict or lenient")
        setting = Setting(
            base,
            (base,) if base == self.base else (base, self.base),
            prefer.get("handling") == "strict",
            may_write,
        )
        body = b"" if method in {"GET", "HEAD"} else await self._body(headers, receive)
        call = _Call(method, path, query, headers, prefer, setting, body)
        reading = method in {"GET", "HEAD"} or (bool(path) and path[-1] == "_search")
        pool = self._readers if reading else self._writers
        return await asyncio.get_running_loop().run_in_executor(pool, self._do, call)

    @staticmethod
    async def _body(headers: Headers, receive: Receive) -> bytes:
        length = headers.get("content-length", "0")
        if length.isascii() and length.isdigit() and int(length) > MAX_BODY:
            raise too_big()
        parts: list[bytes] = []
        size = 0
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise bad_request("the request was cut short")
            part = message.get("body", b"")
            size += len(part)
            if size > MAX_BODY:
                raise too_big()
            parts.append(part)
            if not message.get("more_body"):
                return b"".join(parts)

    def _do(self, call: _Call) -> Answer:
        """Route one request; runs in a worker thread. Raises Problem."""
        encoding = call.headers.get("content-encoding", "identity").strip().lower()
        if call.body and encoding != "identity":
            if encoding not in {"gzip", "x-gzip"}:
                raise Problem(415, "not-supported", "a body is sent plain or with gzip")
            call = _Call(
                call.method,
                call.path,
                call.query,
                call.headers,
                call.prefer,
                call.setting,
                unzipped(call.body),
            )
        if call.path and call.path[0] in {"$export", STATUS, FILE}:
            return self._export(call)
        if call.method in {"GET", "HEAD"}:
            return self.record.read(self._asked(call), call.setting)
        if call.method == "POST":
            return self._post(call)
        if call.method == "DELETE":
            return self.record.write(self._asked(call), call.setting)
        if call.method == "PATCH":
            patch = _json(call, frozenset({_JSON_PATCH}))
            return self._returned(
                call, self.record.write(self._asked(call, patch=patch), call.setting)
            )
        asked = self._asked(call, resource=_json(call))
        return self._returned(call, self.record.write(asked, call.setting))

    def _post(self, call: _Call) -> Answer:
        if not call.path:
            resource = _json(call)
            return self.record.bundle(resource, call.setting, call.prefer.get("return", ""))
        if call.path[-1] == "_search":
            if len(call.path) != 2:
                raise Problem(400, "not-supported", "a search names its type")
            if call.body and media_type(call.headers.get("content-type", "")) != _FORM:
                raise Problem(415, "not-supported", f"a search is posted as {_FORM}")
            parameters = (*call.parameters(), *form(call.body.decode("utf-8", "replace")))
            return self.record.read(Asked("GET", call.path[:1], parameters), call.setting)
        if call.path[-1] == "$everything":
            return self.record.read(self._asked(call), call.setting)
        asked = self._asked(call, resource=_json(call))
        return self._returned(call, self.record.write(asked, call.setting))

    @staticmethod
    def _asked(call: _Call, *, resource: Any = None, patch: Any = None) -> Asked:
        get = call.headers.get
        conditions = Conditions(
            if_match=get("if-match", ""),
            if_none_match=get("if-none-match", ""),
            if_modified_since=get("if-modified-since", ""),
            if_none_exist=get("if-none-exist", ""),
        )
        return Asked(call.method, call.path, call.parameters(), conditions, resource, patch)

    @staticmethod
    def _returned(call: _Call, answer: Answer) -> Answer:
        """What `Prefer: return` leaves of the answer to a write (3.1.0.1.8)."""
        wanted = call.prefer.get("return", "representation")
        if wanted == "minimal":
            body = b""
        elif wanted == "OperationOutcome" and answer.outcome:
            body = exact_json.dumps(answer.outcome)
        else:
            return answer
        return Answer(answer.status, body, answer.etag, answer.updated, answer.location)

    def _export(self, call: _Call) -> Answer:
        exports, base = self.record.exports, call.setting.base
        if call.path == ("$export",):
            if call.method not in {"GET", "HEAD"}:
                raise Problem(405, "not-supported", "$export is asked for with GET")
            if "respond-async" not in call.prefer:
                raise bad_request("$export needs `Prefer: respond-async`", "required")
            url = f"{base}/$export" + (f"?{call.query}" if call.query else "")
            name = exports.start(url, dict(call.parameters()), call.setting.now)
            return Answer(202, headers={"Content-Location": f"{base}/{STATUS}/{name}"})
        if call.path[0] == STATUS and len(call.path) == 2:
            if call.method == "DELETE":
                exports.remove(call.path[1])
                return Answer(202)
            manifest = exports.manifest(call.path[1], base, secured=self.record.secured)
            if manifest is None:
                return Answer(202, headers={"X-Progress": "in progress", "Retry-After": "1"})
            return Answer(200, exact_json.dumps(manifest), content_type="application/json")
        if call.path[0] == FILE and len(call.path) == 3:
            file = exports.file(call.path[1], call.path[2])
            return Answer(
                200, headers={"x-file": str(file)}, content_type="application/fhir+ndjson"
            )
        raise Problem(404, "not-found", "there is nothing at this path")

    async def _send(
        self, answer: Answer, scope: Scope, headers: Headers, receive: Receive, send: Send
    ) -> None:
        if "x-file" in answer.headers:
            response = FileResponse(answer.headers["x-file"], media_type=answer.content_type)
            await response(scope, receive, send)
            return
        body = answer.body
        told = {"cache-control": "no-store", **answer.headers}
        if answer.etag:
            told["etag"] = answer.etag
        if answer.last_modified:
            told["last-modified"] = answer.last_modified
        if answer.location:
            told["location"] = answer.location
        if body:
            told["content-type"] = f"{answer.content_type}; charset=utf-8"
            told["vary"] = "Accept-Encoding"
            if len(body) >= _GZIP_FROM and "gzip" in headers.get("accept-encoding", ""):
                loop = asyncio.get_running_loop()
                body = await loop.run_in_executor(self._readers, zipped, body)
                told["content-encoding"] = "gzip"
        if answer.status not in {204, 304}:
            told["content-length"] = str(len(body))
        raw = [(name.lower().encode(), value.encode("latin-1")) for name, value in told.items()]
        await send({"type": "http.response.start", "status": answer.status, "headers": raw})
        if scope["method"] == "HEAD" or answer.status == 304:
            body = b""
        await send({"type": "http.response.body", "body": body})


def _from_sqlite(error: sqlite3.OperationalError) -> Problem:
    text = str(error)
    if "interrupted" in text:
        return Problem(503, "timeout", "the search took too long: ask for less")
    if "disk is full" in text:
        return Problem(507, "no-store", "the disk is full: nothing of this was kept")
    if "locked" in text or "busy" in text:
        return Problem(503, "lock-error", "too busy: try again", headers={"Retry-After": "2"})
    if "too many" in text or "too large" in text or "too long" in text:
        return Problem(400, "too-costly", "the search has too many conditions")
    _log_fault(error)
    return Problem(500, "exception", "the record failed to answer")


def _log_fault(error: BaseException) -> None:
    """Where it happened and what kind it was; never its text, which may quote a person."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else "?"
    log.error("unexpected fault %s at %s", type(error).__name__, place)
