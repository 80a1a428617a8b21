"""HL7's FHIR R4 definitions as data: what each type is made of, and how it can be searched.

README.md beside this file says where the data comes from and under which licence.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import orjson

SUMMARY = 1
MODIFIER = 2


@dataclass(frozen=True, slots=True)
class Element:
    """One property a JSON object of some type may have."""

    type: str
    """A primitive, a data type, or the path of a nested element such as `Encounter.location`."""
    required: bool
    repeats: bool
    flags: int
    codes: frozenset[str] | None
    """The closed list of codes it may hold, where there is one."""
    system: str
    """The code system that list is drawn from, so that a bare `code` has a known system."""
    choice: str
    """`value[x]` for `valueQuantity`; empty where the element has one type."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One official search parameter, as it applies to one resource type."""

    code: str
    type: str
    expression: str
    targets: tuple[str, ...]
    url: str


@cache
def _structures() -> dict[str, Any]:
    loaded: dict[str, Any] = orjson.loads((Path(__file__).parent / "structures.json").read_bytes())
    return loaded


@cache
def _search_parameters() -> dict[str, Any]:
    loaded: dict[str, Any] = orjson.loads(
        (Path(__file__).parent / "search_parameters.json").read_bytes()
    )
    return loaded


@cache
def resource_types() -> frozenset[str]:
    """The names of all concrete R4 resource types."""
    return frozenset(_structures()["resources"])


@cache
def primitives() -> frozenset[str]:
    """The names of the primitive data types."""
    return frozenset(_structures()["primitives"])


@cache
def _codes(value_set: str) -> tuple[str, frozenset[str]]:
    system, codes = _structures()["codes"][value_set]
    return system, frozenset(codes)


@cache
def elements(type_name: str) -> Mapping[str, Element]:
    """The properties of a type by their JSON name; choices are spelled out (`valueQuantity`)."""
    found: dict[str, Element] = {}
    for name, row in _structures()["types"][type_name].items():
        least, most, types, flags = row[:4]
        system, codes = _codes(row[4]) if len(row) > 4 else ("", None)
        choice = name if name.endswith("[x]") else ""
        for kind in types:
            key = name.removesuffix("[x]") + kind[0].upper() + kind[1:] if choice else name
            found[key] = Element(kind, least > 0, most != 1, flags, codes, system, choice)
    return found


@cache
def required(type_name: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The elements a type must have: its name, and the JSON names any one of which will do."""
    needed: dict[str, list[str]] = {}
    for key, element in elements(type_name).items():
        if element.required:
            needed.setdefault(element.choice or key, []).append(key)
    return tuple((name, tuple(keys)) for name, keys in needed.items())


@cache
def parameters(resource_type: str) -> Mapping[str, Parameter]:
    """The official search parameters of a type, those of every resource included, by code."""
    found: dict[str, Parameter] = {}
    for code, kind, expression, bases, targets, url in _search_parameters()["parameters"]:
        if resource_type in bases or "Resource" in bases or "DomainResource" in bases:
            found[code] = Parameter(code, kind, expression, tuple(targets), url)
    return found


@cache
def patient_compartment() -> Mapping[str, tuple[str, ...]]:
    """Which reference parameters of which type make a resource belong to a patient."""
    return {
        resource_type: tuple(codes)
        for resource_type, codes in _search_parameters()["patient"].items()
    }
