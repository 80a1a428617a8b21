"""The ``requests`` session that a record is asked through, and what goes into it and out of it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import requests

from fhir_queries.settings import RecordSettings
from fhir_queries.sockets import BoundedAdapter, TooMuch

_AT_ONCE = 1 << 20


class _Session(requests.Session):
    def get_redirect_target(self, resp: requests.Response) -> None:
        """``exchange`` judges redirects. Here, requests would read their bodies unbounded."""


def tuned_session(settings: RecordSettings) -> requests.Session:
    """A session for one record: pooled, its reads bounded, without cookies or surroundings."""
    session = _Session()
    # Neither ~/.netrc nor proxy variables may decide where a token goes: both are settings here
    session.trust_env = False
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    session.headers.clear()
    session.headers.update({"User-Agent": "ambulance-handover-viewer", "Accept-Encoding": "gzip"})
    adapter = BoundedAdapter(settings.pool_size, settings.attempts)
    session.mount("http://", adapter)
    session.mount("https://", adapter)
    return session


def prepared_request(
    method: str, url: str, body: bytes | None, headers: Mapping[str, str | bytes]
) -> requests.PreparedRequest:
    """What ``requests`` makes of a request; the address, which it reads letter by letter, once.

    Raises requests' InvalidURL or InvalidHeader.
    """
    prepared = requests.PreparedRequest()
    prepared.prepare_method(method)
    prepared.url = _prepared_url(url)
    prepared.prepare_headers(headers)
    prepared.body = body
    prepared.prepare_content_length(body)
    return prepared


@lru_cache(maxsize=64)
def _prepared_url(url: str) -> str | None:
    prepared = requests.PreparedRequest()
    prepared.prepare_url(url, None)
    return prepared.url


def whole_body(raw: Any, most: int) -> bytes:
    """The body, decompressed, of at most ``most`` octets. Raises TooMuch."""
    decode = bool(raw.headers.get("Content-Encoding"))
    first: bytes = raw.read(_AT_ONCE, decode_content=decode)
    if len(first) < _AT_ONCE and not decode and raw.headers.get("Content-Length"):
        raw.read(1)  # the end of the answer frees the connection, or shows that it was cut short
        return first
    parts, length = [first], len(first)
    while True:
        more: bytes = raw.read(_AT_ONCE, decode_content=decode)
        if not more:
            return b"".join(parts)
        parts.append(more)
        length += len(more)
        if length > most:
            raise TooMuch("more than an answer may hold")
