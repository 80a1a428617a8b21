"""Who may ask, in which form it is asked and answered, and how long it may be."""

from __future__ import annotations

import gzip
import hmac
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl

from starlette.datastructures import Headers

from sandbox.asking import FHIR_JSON
from sandbox.problems import Problem, bad_request

MAX_BODY = 64 * 1024 * 1024
_MAX_PARAMETERS = 1000
JSON_TYPES = frozenset({FHIR_JSON, "application/json", "text/json", "application/json+fhir"})
_FORMATS = frozenset({"json", *JSON_TYPES})


@dataclass(frozen=True, slots=True)
class Tokens:
    """Who may do what. Without a full token the record is open."""

    full: str = ""
    read_only: str = ""

    def may_write(self, authorization: str | None, *, public: bool) -> bool:
        """Whether the caller may write. Raises Problem (401) for who may not even read."""
        if not self.full and not self.read_only:
            return True
        scheme, _, given = (authorization or "").partition(" ")
        if scheme.lower() == "bearer":
            offered = given.strip().encode()
            if self.full and hmac.compare_digest(offered, self.full.encode()):
                return True
            if self.read_only and hmac.compare_digest(offered, self.read_only.encode()):
                return False
        elif not authorization and public:
            return False
        raise Problem(
            401,
            "login",
            "an `Authorization: Bearer` header with the record's token is needed",
            headers={"WWW-Authenticate": 'Bearer realm="shared record"'},
        )


def form(text: str) -> tuple[tuple[str, str], ...]:
    try:
        return tuple(parse_qsl(text, keep_blank_values=True, max_num_fields=_MAX_PARAMETERS))
    except ValueError as error:
        raise bad_request("too many parameters", "too-costly") from error


def preferences(header: str) -> dict[str, str]:
    """The Prefer header: `return`, `handling` and `respond-async`."""
    found = {}
    for part in re.split(r"[,;]", header):
        name, _, value = part.strip().partition("=")
        if name:
            found[name.lower()] = value.strip().strip('"')
    return found


def media_type(header: str) -> str:
    return header.partition(";")[0].strip().lower()


def check_answerable(headers: Headers, parameters: Mapping[str, str], *, ndjson: bool) -> None:
    """Content negotiation: `_format` before Accept (3.1.0.1.11). Raises Problem (406)."""
    asked = parameters.get("_format")
    if asked:
        if media_type(asked.replace(" ", "+")) in _FORMATS:
            return
        raise Problem(406, "not-supported", f"only {FHIR_JSON} is offered")
    accept = headers.get("accept", "")
    if not accept:
        return
    for part in accept.split(","):
        kind, _, rest = part.partition(";")
        kind = kind.strip().lower()
        if re.search(r"\bq=0(?:\.0*)?\s*(?:;|$)", rest):
            continue
        if kind in JSON_TYPES or kind in {"*/*", "application/*", "text/*", ""}:
            return
        if ndjson and "ndjson" in kind:
            return
    raise Problem(406, "not-supported", f"only {FHIR_JSON} is offered")


def unzipped(body: bytes) -> bytes:
    try:
        unzip = zlib.decompressobj(wbits=31)
        plain = unzip.decompress(body, MAX_BODY)
    except zlib.error as error:
        raise bad_request("the body is not gzip, as Content-Encoding says") from error
    if unzip.unconsumed_tail:
        raise too_big()
    if not unzip.eof:
        raise bad_request("the gzip body is cut short")
    return plain


def too_big() -> Problem:
    return Problem(413, "too-long", f"a body has at most {MAX_BODY} bytes here")


def zipped(body: bytes) -> bytes:
    return gzip.compress(body, compresslevel=1, mtime=0)
