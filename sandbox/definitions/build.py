"""Make the two data files of this directory from HL7's published FHIR R4 definitions.

    python -m sandbox.definitions.build DIRECTORY

`DIRECTORY` holds `profiles-resources.json`, `profiles-types.json`, `search-parameters.json`,
`valuesets.json`, `v3-codesystems.json` and `compartmentdefinition-patient.json` of release
4.0.1, as HL7 publishes them (README.md beside this file says where from).
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import orjson

HERE = Path(__file__).parent

RELEASE = "4.0.1"
"""The release whose definitions are taken; the packed files hold a few of later ones."""

SUMMARY = 1
"""Flag of an element that `_summary=true` keeps."""
MODIFIER = 2
"""Flag of an element that changes the meaning of others, so no subset may leave it out."""


def _resources(directory: Path, name: str) -> list[dict[str, Any]]:
    bundle = orjson.loads((directory / name).read_bytes())
    return [entry["resource"] for entry in bundle["entry"] if "resource" in entry]


def _codes(concepts: Iterable[dict[str, Any]]) -> Iterator[str]:
    for concept in concepts:
        yield concept["code"]
        yield from _codes(concept.get("concept", []))


class _ValueSets:
    """Expands the value sets that are lists or whole code systems; others are left open."""

    def __init__(self, resources: Iterable[dict[str, Any]]) -> None:
        self.sets: dict[str, dict[str, Any]] = {}
        self.systems: dict[str, dict[str, Any]] = {}
        for resource in resources:
            held = self.sets if resource["resourceType"] == "ValueSet" else self.systems
            held[resource["url"]] = resource

    def expand(self, url: str) -> set[str] | None:
        """The codes of the value set, or None if it is not a closed list known here."""
        value_set = self.sets.get(url.partition("|")[0])
        compose = (value_set or {}).get("compose", {})
        if not compose.get("include") or compose.get("exclude"):
            return None
        codes: set[str] = set()
        for include in compose["include"]:
            part = self._included(include)
            if part is None:
                return None
            codes |= part
        return codes

    def system(self, url: str) -> str:
        """The one code system all codes of the value set come from, or nothing."""
        compose = self.sets[url.partition("|")[0]].get("compose", {})
        systems = {include.get("system", "") for include in compose.get("include", [])}
        return systems.pop() if len(systems) == 1 else ""

    def _included(self, include: dict[str, Any]) -> set[str] | None:
        if include.get("filter"):
            return None
        if include.get("concept"):
            return {concept["code"] for concept in include["concept"]}
        codes: set[str] = set()
        for url in include.get("valueSet", []):
            part = self.expand(url)
            if part is None:
                return None
            codes |= part
        if "system" not in include:
            return codes or None
        system = self.systems.get(include["system"])
        if system is None or system.get("content") != "complete":
            return None
        return codes | set(_codes(system.get("concept", [])))


def _type_code(element: dict[str, Any], kind: dict[str, Any]) -> str:
    code: str = kind["code"]
    if not code.startswith("http://hl7.org/fhirpath/"):
        return code
    if element["path"].endswith(".id") and element["path"].count(".") == 1:
        return "id" if element["base"]["path"] == "Resource.id" else "string"
    for extension in kind.get("extension", []):
        if extension["url"].endswith("structuredefinition-fhir-type"):
            return str(extension.get("valueUrl") or extension.get("valueUri"))
    return "string"


def _elements(
    definition: dict[str, Any], value_sets: _ValueSets, enums: dict[str, Any]
) -> Iterator[tuple[str, str, list[Any]]]:
    """Yields (holder path, element name, [min, max, types, flags, value set or nothing])."""
    elements = definition["snapshot"]["element"]
    holders = {element["path"].rpartition(".")[0] for element in elements}
    for element in elements[1:]:
        path: str = element["path"]
        holder, _, name = path.rpartition(".")
        if "contentReference" in element:
            types = [element["contentReference"].partition("#")[2]]
        elif path in holders:
            types = [path]
        else:
            types = [_type_code(element, kind) for kind in element.get("type", [])]
        flags = (SUMMARY if element.get("isSummary") else 0) | (
            MODIFIER if element.get("isModifier") else 0
        )
        most = 0 if element["max"] == "*" else int(element["max"])
        row: list[Any] = [element["min"], most, sorted(set(types)), flags]
        binding = element.get("binding", {})
        if types == ["code"] and binding.get("strength") == "required":
            url = binding["valueSet"].partition("|")[0]
            codes = value_sets.expand(url)
            if codes is not None:
                enums[url] = [value_sets.system(url), sorted(codes)]
                row.append(url)
        yield holder, name, row


def structures(directory: Path) -> dict[str, Any]:
    """Every R4 data type and resource: `{"resources", "primitives", "types", "codes"}`.

    `types` maps a type, or the path of a nested element, to its elements:
    `[min, max (0 = any number), type names, flags, value set]`. `codes` maps a value set to
    the code system it draws on and its codes.
    """
    value_sets = _ValueSets(
        resource
        for name in ("valuesets.json", "v3-codesystems.json")
        for resource in _resources(directory, name)
        if resource["resourceType"] in {"ValueSet", "CodeSystem"}
    )
    types: dict[str, dict[str, list[Any]]] = {}
    enums: dict[str, list[Any]] = {}
    primitives: list[str] = []
    resources: list[str] = []
    for name in ("profiles-types.json", "profiles-resources.json"):
        for definition in _resources(directory, name):
            if definition["resourceType"] != "StructureDefinition":
                continue
            if definition["version"] != RELEASE:
                continue
            if definition.get("derivation") == "constraint" or definition["kind"] == "logical":
                continue
            if definition["kind"] == "primitive-type":
                primitives.append(definition["name"])
                continue
            if definition["kind"] == "resource" and not definition["abstract"]:
                resources.append(definition["name"])
            types.setdefault(definition["name"], {})
            for holder, element, row in _elements(definition, value_sets, enums):
                types.setdefault(holder, {})[element] = row
    return {
        "resources": sorted(resources),
        "primitives": sorted(primitives),
        "types": types,
        "codes": enums,
    }


def search_parameters(directory: Path) -> dict[str, Any]:
    """The search parameters and what belongs to a patient.

    `{"parameters": [[code, type, expression, bases, targets, url]], "patient": {type: [codes]}}`
    """
    parameters = [
        [
            parameter["code"],
            parameter["type"],
            parameter.get("expression", ""),
            parameter["base"],
            parameter.get("target", []),
            parameter["url"],
        ]
        for parameter in _resources(directory, "search-parameters.json")
        if parameter["resourceType"] == "SearchParameter" and parameter["version"] == RELEASE
    ]
    compartment = orjson.loads((directory / "compartmentdefinition-patient.json").read_bytes())
    patient = {
        member["code"]: member["param"] for member in compartment["resource"] if member.get("param")
    }
    return {"parameters": parameters, "patient": patient}


def main(arguments: list[str]) -> int:
    """Write both files; returns the exit code."""
    if len(arguments) != 1:
        sys.stderr.write("usage: python -m sandbox.definitions.build DIRECTORY\n")
        return 2
    directory = Path(arguments[0])
    for name, content in (
        ("structures.json", structures(directory)),
        ("search_parameters.json", search_parameters(directory)),
    ):
        (HERE / name).write_bytes(orjson.dumps(content) + b"\n")
        sys.stdout.write(f"{name}: {(HERE / name).stat().st_size:,} bytes\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
