"""References as records write them: relative, absolute, versioned, contained, logical."""

from __future__ import annotations

import re
from collections.abc import Iterable, Set
from functools import lru_cache
from typing import Any

from fhir_queries.asking import Resource

_AS_IT_IS = re.compile(r"[A-Za-z0-9.-]+", re.ASCII).fullmatch
"""The id of a reference that has neither base nor version."""

PERSON_KEYS = ("subject", "patient", "for", "beneficiary", "individual")
"""Where a resource says which person it is about."""


def local_reference(written: Any) -> str:
    """``Type/id`` of a literal reference, without base and version; empty for any other kind.

    ``#contained``, ``urn:uuid:...`` and references by identifier alone name no resource that can
    be read from the record.
    """
    if type(written) is not str or not written or written[0] == "#":
        return ""
    kind, _, own_id = written.partition("/")
    if own_id and kind.isalpha() and kind[0].isupper() and _AS_IT_IS(own_id):
        return written
    path = written.partition("?")[0].partition("#")[0].rstrip("/")
    parts = path.split("/")
    if len(parts) >= 4 and parts[-2] == "_history":
        parts = parts[:-2]
    if len(parts) < 2 or not parts[-1] or not parts[-2][:1].isupper() or not parts[-2].isalpha():
        return ""
    return f"{parts[-2]}/{parts[-1]}"


def names_somebody_else(resource: Resource, patient: str) -> bool:
    """Whether ``resource`` says that it is about another Patient than ``patient`` (Patient/id)."""
    for key in PERSON_KEYS:
        reference = resource.get(key)
        if type(reference) is dict:
            written = reference.get("reference")
            if written == patient:
                return False
            who = local_reference(written)
            if who.startswith("Patient/"):
                return who != patient
    return False


def values_at(resource: Any, path: str) -> list[Any]:
    """Everything at ``path``, keys joined with dots, through any lists on the way."""
    value = resource
    for key in _keys(path):
        if type(value) is list and len(value) == 1 and value is not resource:
            value = value[0]
        if type(value) is not dict:
            return _through_lists(resource, path)
        value = value.get(key)
        if value is None:
            return []
    return [*value] if type(value) is list else [value]


@lru_cache(maxsize=256)
def _keys(path: str) -> tuple[str, ...]:
    return tuple(path.split("."))


def _through_lists(resource: Any, path: str) -> list[Any]:
    found = [resource]
    for key in _keys(path):
        deeper: list[Any] = []
        for one in found:
            value = one.get(key) if isinstance(one, dict) else None
            if isinstance(value, list):
                deeper.extend(value)
            elif value is not None:
                deeper.append(value)
        found = deeper
    return found


def fulfils_all(resource: Resource, conditions: Iterable[tuple[str, frozenset[str]]]) -> bool:
    """Whether at each of these paths a value is among those accepted.

    References compare as ``Type/id``.
    """
    for path, accepted in conditions:
        values = values_at(resource, path)
        if path.endswith("reference"):
            wanted: Set[str] = {local_reference(one) or one for one in accepted}
            values = [local_reference(value) or value for value in values]
        else:
            wanted = accepted
        for value in values:
            if type(value) is str and value in wanted:
                break
        else:
            return False
    return True
