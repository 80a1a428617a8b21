"""What this record can do, told from what is implemented (CapabilityStatement)."""

from __future__ import annotations

from typing import Any

from sandbox import definitions, expressions
from sandbox.store import instant

VERSION = "1.0"
_OPERATION = "http://hl7.org/fhir/OperationDefinition/"
_INTERACTIONS = (
    "read",
    "vread",
    "update",
    "patch",
    "delete",
    "history-instance",
    "history-type",
    "create",
    "search-type",
)


def _resource(kind: str) -> dict[str, Any]:
    parameters = expressions.searchable(kind).parameters
    references = [each.code for each in parameters.values() if each.type == "reference"]
    told: dict[str, Any] = {
        "type": kind,
        "interaction": [{"code": code} for code in _INTERACTIONS],
        "versioning": "versioned-update",
        "readHistory": True,
        "updateCreate": True,
        "conditionalCreate": True,
        "conditionalRead": "full-support",
        "conditionalUpdate": True,
        "conditionalDelete": "single",
        "referencePolicy": ["literal", "logical", "local"],
        "searchInclude": ["*", *(f"{kind}:{code}" for code in sorted(references))],
        "searchRevInclude": [f"{source}:{code}" for source, code in _pointing().get(kind, ())],
        "searchParam": [
            {"name": each.code, "definition": each.url, "type": each.type}
            for each in sorted(parameters.values(), key=lambda each: each.code)
        ],
    }
    if kind == "Patient":
        told["operation"] = [
            {"name": "everything", "definition": f"{_OPERATION}Patient-everything"}
        ]
    return {name: value for name, value in told.items() if value != []}


_SOURCES: dict[str, list[tuple[str, str]]] = {}


def _pointing() -> dict[str, list[tuple[str, str]]]:
    """For each type, the reference parameters that may point to it."""
    if not _SOURCES:
        for source in sorted(definitions.resource_types()):
            for code, parameter in sorted(expressions.searchable(source).parameters.items()):
                for target in parameter.targets if parameter.type == "reference" else ():
                    _SOURCES.setdefault(target, []).append((source, code))
    return _SOURCES


def capability_statement(base: str, *, secured: bool, started: int) -> dict[str, Any]:
    """The CapabilityStatement of the record at `base`."""
    security = (
        {"description": "Every request but this one carries `Authorization: Bearer` and the token."}
        if secured
        else {"description": "Open: no token is asked for."}
    )
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": instant(started),
        "kind": "instance",
        "software": {"name": "Embedded shared record", "version": VERSION},
        "implementation": {"description": "Embedded shared record", "url": base},
        "fhirVersion": "4.0.1",
        "format": ["application/fhir+json", "json"],
        "patchFormat": ["application/json-patch+json"],
        "rest": [
            {
                "mode": "server",
                "security": security,
                "resource": [_resource(kind) for kind in sorted(definitions.resource_types())],
                "interaction": [
                    {"code": "transaction"},
                    {"code": "batch"},
                    {"code": "history-system"},
                ],
                "operation": [
                    {
                        "name": "export",
                        "definition": "http://hl7.org/fhir/uv/bulkdata/OperationDefinition/export",
                    }
                ],
            }
        ],
    }
