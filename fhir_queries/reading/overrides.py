"""The override of red flags on a review's Task: asked for by its holder, given by somebody else."""

from __future__ import annotations

from typing import Any

from clinical.checklist import Override
from clinical.review import OverrideRequest
from fhir_queries.reading.codes import LOCAL
from fhir_queries.reading.fields import extensions, mapping, moment, objects, text
from fhir_queries.reading.review_notes import actor

OVERRIDE_URL = f"{LOCAL}/StructureDefinition/override"
"""Task.extension of ``by`` (Reference), ``reason``, ``red-flag`` (string, repeated), ``at``."""
OVERRIDE_REQUEST_URL = f"{LOCAL}/StructureDefinition/override-request"
"""Task.extension of ``by`` (Reference), ``red-flag`` (Coding, repeated) and ``at`` (instant)."""


def override_of(task: dict[str, Any]) -> Override | None:
    """The override given, None where none was."""
    for each in extensions(task, OVERRIDE_URL):
        parts = _parts(each)
        by = actor(_first(parts, "by", "valueReference"))
        at = moment(_first(parts, "at", "valueInstant"))
        return Override(
            by.user if by is not None else "",
            by.name if by is not None else "",
            text(_first(parts, "reason", "valueString")),
            tuple(text(flag.get("valueString")) for flag in parts.get("red-flag", ())),
            at.earliest if at is not None and at.exact else None,
        )
    return None


def override_request_of(task: dict[str, Any]) -> OverrideRequest | None:
    """What an override is asked for, None where none is."""
    for each in extensions(task, OVERRIDE_REQUEST_URL):
        parts = _parts(each)
        codings = [mapping(flag.get("valueCoding")) for flag in parts.get("red-flag", ())]
        return OverrideRequest(
            actor(_first(parts, "by", "valueReference")),
            moment(_first(parts, "at", "valueInstant")),
            tuple((text(flag.get("code")), text(flag.get("display"))) for flag in codings),
        )
    return None


def _parts(extension: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    parts: dict[str, list[dict[str, Any]]] = {}
    for inner in objects(extension.get("extension")):
        parts.setdefault(text(inner.get("url")), []).append(inner)
    return parts


def _first(parts: dict[str, list[dict[str, Any]]], url: str, value: str) -> Any:
    return next((each.get(value) for each in parts.get(url, ())), None)
