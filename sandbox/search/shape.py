"""Smaller answers: `_summary` and `_elements` (search.html 2.21.1.8 and 2.21.1.9)."""

from __future__ import annotations

from typing import Any

from sandbox import definitions, exact_json
from sandbox.definitions import MODIFIER, SUMMARY

_ALWAYS = ("resourceType", "id", "meta")
_SUBSETTED = {
    "system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue",
    "code": "SUBSETTED",
    "display": "Resource encoded in summary mode",
}


def _marked(resource: dict[str, Any]) -> dict[str, Any]:
    meta = dict(resource.get("meta", {}))
    tags = [tag for tag in meta.get("tag", []) if tag.get("code") != "SUBSETTED"]
    meta["tag"] = [*tags, _SUBSETTED]
    head = {"resourceType": resource["resourceType"]}
    if "id" in resource:
        head["id"] = resource["id"]
    return {**head, "meta": meta, **{k: v for k, v in resource.items() if k not in _ALWAYS}}


def _summary_of(value: Any, type_name: str) -> Any:
    """The summary elements of a nested element; data types are kept whole."""
    if "." not in type_name:
        return value
    if isinstance(value, list):
        return [_summary_of(each, type_name) for each in value]
    known = definitions.elements(type_name)
    kept = {}
    for key, content in value.items():
        element = known.get(key.lstrip("_"))
        if element is None or element.flags & (SUMMARY | MODIFIER) or element.required:
            kept[key] = _summary_of(content, element.type) if element and key[0] != "_" else content
    return kept


def _chosen(resource: dict[str, Any], how: str, elements: frozenset[str]) -> dict[str, Any]:
    known = definitions.elements(resource["resourceType"])
    kept: dict[str, Any] = {}
    for key, content in resource.items():
        element = known.get(key.lstrip("_"))
        if key in _ALWAYS or element is None:
            kept[key] = content
        elif how == "true":
            if element.flags & (SUMMARY | MODIFIER) or element.required:
                kept[key] = content if key[0] == "_" else _summary_of(content, element.type)
        elif (
            element.required
            or element.flags & MODIFIER
            or (how == "text" and key == "text")
            or {key.lstrip("_"), element.choice.removesuffix("[x]")} & elements
        ):
            kept[key] = content
    return kept


def shaped(body: bytes, summary: str, elements: frozenset[str] = frozenset()) -> bytes:
    """A stored resource as the search asked for it: whole, or a part marked SUBSETTED."""
    if summary in {"false", "count"} and not elements:
        return body
    resource = exact_json.loads(body)
    if summary == "data":
        resource.pop("text", None)
    elif summary in {"true", "text"} or elements:
        resource = _chosen(resource, summary if summary in {"true", "text"} else "", elements)
    return exact_json.dumps(_marked(resource))
