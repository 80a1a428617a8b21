"""What was deleted from the record, where it keeps a history of a type (http.html 3.1.0.9)."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import quote

from clinical.moments import utc_text
from fhir_queries.deadline import Call
from fhir_queries.errors import BadRecord, NotFound, Refused
from fhir_queries.exact import read_fast
from fhir_queries.faults import error_of
from fhir_queries.paging import page_url
from fhir_queries.references import local_reference, values_at
from fhir_queries.server import RecordServer

_PAGE = 500
_NOT_OFFERED = (400, 404, 405, 501)


def deleted_since(server: RecordServer, kind: str, since: datetime) -> frozenset[str] | None:
    """The ids of the resources of this type that were deleted since, and are not there again.

    None where the record offers no history of a type. Raises RecordUnavailable, NotPermitted,
    and BadRecord where not all of the history could be read.
    """
    call = Call(server.settings.deadline_seconds)
    url = f"{kind}/_history?_since={quote(utc_text(since))}&_count={_PAGE}"
    newest: dict[str, bool] = {}
    followed: set[str] = set()
    while url:
        if url in followed or len(followed) >= server.settings.most_pages:
            raise BadRecord("the pages of a history go round in a circle, or are too many")
        followed.add(url)
        reply = server.exchange(call, "GET", url)
        if not reply.ok:
            error = error_of(reply.status_code)
            if reply.status_code in _NOT_OFFERED and isinstance(
                error, Refused | NotFound | BadRecord
            ):
                return None
            raise error
        bundle = read_fast(reply.content)
        for own_id, gone in _versions(bundle, kind):
            # Newest first: the first that is met of each is how it stands
            newest.setdefault(own_id, gone)
        links = [link for link in values_at(bundle, "link") if isinstance(link, dict)]
        following = [str(link.get("url")) for link in links if link.get("relation") == "next"]
        url = page_url(server, kind, following[0]) if following else ""
    return frozenset(own_id for own_id, gone in newest.items() if gone)


def _versions(bundle: Any, kind: str) -> list[tuple[str, bool]]:
    """(id, whether this version is a deletion) of each entry of a page of history."""
    found = []
    for entry in values_at(bundle, "entry"):
        if not isinstance(entry, dict):
            continue
        resource = entry.get("resource")
        if isinstance(resource, dict) and resource.get("id"):
            found.append((str(resource["id"]), False))
            continue
        request = entry.get("request")
        if isinstance(request, dict) and request.get("method") == "DELETE":
            named = local_reference(request.get("url")) or local_reference(entry.get("fullUrl"))
            if named.startswith(f"{kind}/"):
                found.append((named.partition("/")[2], True))
    return found
