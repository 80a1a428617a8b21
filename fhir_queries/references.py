"""References as records write them: relative, absolute, versioned, contained, logical."""

from __future__ import annotations

from typing import Any

from fhir_queries.asking import Resource

PERSON_KEYS = ("subject", "patient", "for", "beneficiary", "individual")
"""Where a resource says which person it is about."""


def local_reference(written: Any) -> str:
    """``Type/id`` of a literal reference, without base and version; empty for any other kind.

    ``#contained``, ``urn:uuid:...`` and references by identifier alone name no resource that can
    be read from the record.
    """
    if not isinstance(written, str) or not written or written[0] == "#":
        return ""
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
    found = [resource]
    for key in path.split("."):
        deeper: list[Any] = []
        for one in found:
            value = one.get(key) if isinstance(one, dict) else None
            if isinstance(value, list):
                deeper.extend(value)
            elif value is not None:
                deeper.append(value)
        found = deeper
    return found


def fulfils(resource: Resource, path: str, accepted: frozenset[str]) -> bool:
    """Whether a value at ``path`` is among ``accepted``; references compare as ``Type/id``."""
    values = values_at(resource, path)
    if path.endswith("reference"):
        wanted = {local_reference(one) or one for one in accepted}
        return any((local_reference(value) or value) in wanted for value in values)
    return any(isinstance(value, str) and value in accepted for value in values)
