"""Putting people into a record over HTTP as any sender would: PUTs in transactions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from typing import Any

import orjson
import requests

Resource = dict[str, Any]

HEADERS = {"Content-Type": "application/fhir+json", "Accept": "application/fhir+json"}
_LOCAL = re.compile(r"[A-Z][A-Za-z]+/[A-Za-z0-9.\-]{1,64}")


@dataclass(frozen=True, slots=True)
class Refused:
    """A resource that a record would not take, and where and why it says so."""

    reference: str
    where: str
    why: str


class NotTaken(Exception):
    """A record refused a transaction."""

    def __init__(self, status: int, refused: Sequence[Refused], said: str) -> None:
        super().__init__(f"{status}: {refused or said}")
        self.status = status
        self.refused = tuple(refused)


def reference_of(resource: Resource) -> str:
    """``Type/id``."""
    return f"{resource['resourceType']}/{resource['id']}"


def references_in(value: Any) -> Iterator[str]:
    """Every literal local reference anywhere in a resource."""
    if isinstance(value, dict):
        named = value.get("reference")
        if isinstance(named, str) and _LOCAL.fullmatch(named):
            yield named
        for each in value.values():
            yield from references_in(each)
    elif isinstance(value, list):
        for each in value:
            yield from references_in(each)


def in_order(resources: Iterable[Resource]) -> list[list[Resource]]:
    """The resources with whatever they refer to before them; a later one of an id replaces it.

    Those that refer to each other in a ring (two Patients linked both ways) are one group, since
    a record that checks references takes them only together.
    """
    by_reference = {reference_of(resource): resource for resource in resources}
    group = {reference: reference for reference in by_reference}
    while True:
        needs: dict[str, set[str]] = {}
        for reference, resource in by_reference.items():
            mine = group[reference]
            needed = {group[each] for each in references_in(resource) if each in by_reference}
            needs.setdefault(mine, set()).update(needed - {mine})
        try:
            order = list(TopologicalSorter(needs).static_order())
        except CycleError as ring:
            together = set(ring.args[1])
            group = {each: ring.args[1][0] if of in together else of for each, of in group.items()}
            continue
        members: dict[str, list[Resource]] = {}
        for reference, resource in by_reference.items():
            members.setdefault(group[reference], []).append(resource)
        return [members[each] for each in order]


def load(
    base: str, resources: Iterable[Resource], *, chunk: int = 50, session: requests.Session
) -> int:
    """Put every resource, ``chunk`` a transaction; how many. Raises NotTaken at the first refusal.

    50 is the most PUTs that Medplum's router takes in one transaction.
    """
    loaded = 0
    for some in chunks(in_order(resources), chunk):
        transaction(base, some, session)
        loaded += len(some)
    return loaded


def chunks(groups: Iterable[list[Resource]], size: int) -> Iterator[list[Resource]]:
    """The resources in their order, at most so many at a time, no group cut in two."""
    some: list[Resource] = []
    for group in groups:
        if some and len(some) + len(group) > size:
            yield some
            some = []
        some = [*some, *group]
    if some:
        yield some


def transaction(base: str, some: Sequence[Resource], session: requests.Session) -> None:
    """Put these in one transaction. Raises NotTaken with what the record says of each."""
    bundle = {
        "resourceType": "Bundle",
        "type": "transaction",
        "entry": [
            {
                "fullUrl": f"{base}/{reference_of(resource)}",
                "resource": resource,
                "request": {"method": "PUT", "url": reference_of(resource)},
            }
            for resource in some
        ],
    }
    answer = session.post(base, data=orjson.dumps(bundle), headers=HEADERS, timeout=300)
    if answer.status_code != 200:
        raise NotTaken(answer.status_code, list(_refused(answer, some)), answer.text[:2000])


def _refused(answer: requests.Response, some: Sequence[Resource]) -> Iterator[Refused]:
    try:
        issues = answer.json().get("issue", [])
    except requests.JSONDecodeError:
        return
    for issue in issues:
        if issue.get("severity") not in ("error", "fatal"):
            continue
        where = next(iter(issue.get("expression") or issue.get("location") or []), "")
        entry = re.search(r"entry\[(\d+)\]", where)
        which = reference_of(some[int(entry[1])]) if entry else ""
        inside = re.sub(
            r"^Bundle\.entry\[\d+\]\.resource(/\*[^*]*\*/|\.ofType\(\w+\))?\.?", "", where
        )
        yield Refused(which, inside, str(issue.get("diagnostics", "")))
