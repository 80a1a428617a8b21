"""Whose record is it? A resource about somebody else is never shown."""

from __future__ import annotations

from enum import Enum
from typing import Any

from fhir_queries.reading.entries import subject_of
from fhir_queries.reading.fields import mapping, objects, resolve, target
from fhir_queries.reading.people import nhs_number_of


class Whose(Enum):
    """Whether a resource is about the patient asked for."""

    THEIRS = "theirs"
    NOT_SAID = "not said"
    """It came for this patient and doesn't name one itself: shown with a caution."""
    SOMEBODY_ELSES = "somebody else's"


NOT_NAMED = "doesn't name its patient by a reference that this record can follow"


def whose(resource: dict[str, Any], patient: str, nhs_numbers: frozenset[str]) -> Whose:
    """Whether ``resource`` is about the Patient with this id and these NHS numbers."""
    subject = subject_of(resource)
    if subject is None:
        return _among_participants(resource, patient)
    if type(subject) is not dict:
        return Whose.NOT_SAID
    named = target(subject)
    if named:
        kind, _, identity = named.rpartition("/")
        if kind == "Patient":
            return Whose.THEIRS if identity == patient else Whose.SOMEBODY_ELSES
        if named[0] == "#":
            found = resolve(subject, resource, {})
            numbers = {nhs_number_of(each) for each in objects((found or {}).get("identifier"))} - {
                ""
            }
            return _by_number(numbers, nhs_numbers)
        if kind and kind != "urn:uuid":
            return Whose.SOMEBODY_ELSES
    number = nhs_number_of(mapping(subject.get("identifier")))
    return _by_number({number} - {""}, nhs_numbers)


def _by_number(found: set[str], nhs_numbers: frozenset[str]) -> Whose:
    if not found:
        return Whose.NOT_SAID
    if found & nhs_numbers:
        return Whose.THEIRS
    return Whose.SOMEBODY_ELSES if nhs_numbers else Whose.NOT_SAID


def _among_participants(resource: dict[str, Any], patient: str) -> Whose:
    named = [
        reference
        for each in objects(resource.get("participant"))
        if (reference := target(each.get("actor"))).startswith("Patient/")
    ]
    if not named:
        return Whose.NOT_SAID
    return Whose.THEIRS if f"Patient/{patient}" in named else Whose.SOMEBODY_ELSES
