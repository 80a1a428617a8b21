"""Further pages of a search: only from the record's own origin, never in a circle, bounded."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from urllib.parse import urlsplit, urlunsplit

from fhir_queries.batch import Asked, Got, all_of, ask_one
from fhir_queries.deadline import Call
from fhir_queries.errors import BadRecord, RecordError
from fhir_queries.exact import read_fast
from fhir_queries.faults import error_of
from fhir_queries.gathering import Gathering
from fhir_queries.log import Line, say
from fhir_queries.server import RecordServer, joined, origin_of

_LINK_REFUSED = "A further page is kept at an address that isn't the record's, and was not read."


def page_url(server: RecordServer, resource_type: str, link: str) -> str:
    """Where the next page is, as an absolute address; empty where it may not be followed.

    A relative link counts from the search's own address. A link that differs from the record's
    only by saying http where the record is https is taken as https.
    """
    try:
        target = joined(joined(server.base_uri, resource_type), link.strip())
    except BadRecord:
        return ""
    scheme, host, port = server.origin
    found = origin_of(target)
    parts = urlsplit(target)
    base = urlsplit(server.base_uri)
    if server.profile.searches.page_links == "on-our-address":
        return urlunsplit((base.scheme, base.netloc, parts.path, parts.query, ""))
    if found == server.origin:
        return target
    if scheme == "https" and found[:2] == ("http", host) and found[2] in (80, port):
        return urlunsplit((base.scheme, base.netloc, parts.path, parts.query, ""))
    return ""


def read_pages(
    server: RecordServer, call: Call, gatherings: Sequence[Gathering], pool: ThreadPoolExecutor
) -> None:
    """Follow the pages of every gathering that has more; those of several searches at a time."""
    more = [one for one in gatherings if one.answered and _has_more(one)]
    for one in [one for one in more if not one.search.every_page]:
        one.complete = False
    wanted = [one for one in more if one.search.every_page]
    jobs = [partial(_follow, server, call, one) for one in wanted]
    if jobs:
        for one, got in zip(wanted, all_of(pool, call, jobs), strict=True):
            if got.error is not None:
                one.take_failure(got.error)


def _has_more(one: Gathering) -> bool:
    return bool(one.next_link) or _falls_short(one)


def _falls_short(one: Gathering) -> bool:
    """Whether the record's total says more than was received. Some count what is included."""
    received = len(one.seen) + one.set_aside
    return one.total is not None and 0 < received < one.total != received + len(one.included)


def _follow(server: RecordServer, call: Call, one: Gathering) -> Got:
    followed: set[str] = set()
    for _ in range(server.settings.most_pages):
        if not one.next_link:
            return _by_offset(server, call, one)
        url = page_url(server, one.search.resource_type, one.next_link)
        if not url:
            say(Line.LINK_REFUSED, logging.WARNING, search=one.search.name)
            one.warnings.append(_LINK_REFUSED)
            one.complete = False
            return Got(200)
        if url in followed:
            return _ended(one)
        followed.add(url)
        before = len(one.seen)
        got = _page(server, call, url)
        if not got.ok:
            return Got(got.status, error=got.error or error_of(got.status, got.body))
        one.take(got.body)
        if one.next_link and len(one.seen) == before:
            return _ended(one)
    return _ended(one)


def _ended(one: Gathering) -> Got:
    say(Line.PAGES_ENDED, logging.WARNING, search=one.search.name)
    one.next_link = ""
    if one.total is None or len(one.seen) < one.total:
        one.complete = False
        one.warnings.append("The record's pages go round in a circle, or are too many.")
    return Got(200)


def _page(server: RecordServer, call: Call, url: str) -> Got:
    try:
        reply = server.exchange(call, "GET", url)
        body = read_fast(reply.content) if reply.ok else None
        return Got(reply.status_code, body)
    except RecordError as error:
        return Got(0, error=error)


def _by_offset(server: RecordServer, call: Call, one: Gathering) -> Got:
    """Further entries of a record that gives a total and no link, by ``_offset``."""
    for _ in range(server.settings.most_pages):
        if not _falls_short(one):
            return Got(200)
        before = len(one.seen)
        params = (*one.params, ("_offset", str(before)))
        got = ask_one(server, call, Asked(one.search.resource_type, params))
        if got.ok and isinstance(got.body, dict):
            one.take(got.body)
        if len(one.seen) == before:
            one.complete = False
            one.warnings.append("The record says that there is more than it sent.")
            return Got(200)
    return Got(0, error=BadRecord("too many pages"))
