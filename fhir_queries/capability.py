"""What a record says of itself: its CapabilityStatement, read as leniently as anything else.

It is a claim. It only decides how soon an empty answer is believed; ``check`` tries for itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from fhir_queries.deadline import Call
from fhir_queries.errors import RecordError
from fhir_queries.references import values_at
from fhir_queries.server import RecordServer


@dataclass(frozen=True, slots=True)
class TypeClaims:
    """What the record says it does with one resource type."""

    interactions: frozenset[str] = frozenset()
    searches: frozenset[str] = frozenset()
    includes: frozenset[str] = frozenset()
    reverse_includes: frozenset[str] = frozenset()
    versioning: str = ""
    conditional_create: bool = False


@dataclass(frozen=True, slots=True)
class Claims:
    """A CapabilityStatement. ``fhir_version`` is empty where there was none that can be read."""

    fhir_version: str = ""
    software: str = ""
    types: Mapping[str, TypeClaims] = field(default_factory=dict)
    interactions: frozenset[str] = frozenset()

    def searches_by(self, resource_type: str, parameter: str) -> bool:
        """Whether the record says that it searches this type by this parameter."""
        claims = self.types.get(resource_type)
        return claims is not None and parameter in claims.searches

    def brings(self, resource_type: str, reverse_include: str) -> bool:
        """Whether the record says that it takes this ``_revinclude`` on this type."""
        claims = self.types.get(resource_type)
        return claims is not None and reverse_include in claims.reverse_includes


def ask_claims(server: RecordServer, call: Call) -> Claims:
    """The record's CapabilityStatement. Raises RecordError where the record isn't reached."""
    reply = server.exchange(call, "GET", "metadata")
    if not reply.ok:
        raise reply.error()
    return read_claims(reply.json())


def claims_or_none(server: RecordServer, call: Call) -> Claims:
    """The same, empty where it can't be had."""
    try:
        return ask_claims(server, call)
    except RecordError:
        return Claims()


def read_claims(resource: Any) -> Claims:
    """What a CapabilityStatement claims; empty for anything else. Never raises."""
    if not isinstance(resource, dict) or resource.get("resourceType") != "CapabilityStatement":
        return Claims()
    types = {}
    for entry in values_at(resource, "rest.resource"):
        kind = entry.get("type") if isinstance(entry, dict) else None
        if isinstance(kind, str):
            types[kind] = TypeClaims(
                interactions=_words(entry, "interaction.code"),
                searches=_words(entry, "searchParam.name"),
                includes=_words(entry, "searchInclude"),
                reverse_includes=_words(entry, "searchRevInclude"),
                versioning=next(iter(_words(entry, "versioning")), ""),
                conditional_create=entry.get("conditionalCreate") is True,
            )
    software = " ".join(
        word
        for path in ("software.name", "software.version")
        for word in values_at(resource, path)
        if isinstance(word, str)
    )
    return Claims(
        fhir_version=next(iter(_words(resource, "fhirVersion")), ""),
        software=software,
        types=types,
        interactions=_words(resource, "rest.interaction.code"),
    )


def _words(resource: Any, path: str) -> frozenset[str]:
    return frozenset(word for word in values_at(resource, path) if isinstance(word, str))
