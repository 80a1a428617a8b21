"""The codes that a choice offers, from a ValueSet that lists them.

Nothing is asked of a terminology server: a ValueSet is contained in the Questionnaire, or stands
in a file beside it, and its codes are all written there. One whose codes can't be told whole is
refused: a choice with an answer missing looks just like one that is complete.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from clinical.codes import Coding
from fhir_queries.reading.fields import mapping, objects, text

ValueSets = Mapping[str, dict[str, Any]]
"""ValueSets and CodeSystems by what names them: ``#id``, a canonical url, a url with a version."""


class NotListed(Exception):
    """Why the codes of a ValueSet can't be told, as the end of a sentence."""


def value_sets(questionnaire: Mapping[str, Any], *folders: Path) -> ValueSets:
    """Every ValueSet and CodeSystem contained in the Questionnaire or in a file of ``folders``.

    What the Questionnaire contains comes before what stands beside it.
    """
    found: dict[str, dict[str, Any]] = {}
    beside = [each for folder in folders for each in _in_files(folder)]
    for resource in (*reversed(beside), *objects(questionnaire.get("contained"))):
        if resource.get("resourceType") in ("ValueSet", "CodeSystem"):
            url, version = text(resource.get("url")), text(resource.get("version"))
            for name in (url, f"{url}|{version}" if version else ""):
                if url and name:
                    found[name] = resource
    for resource in objects(questionnaire.get("contained")):
        found[f"#{text(resource.get('id'))}"] = resource
    return found


def _in_files(folder: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for file in sorted(folder.glob("*.json")):
        try:
            resource = json.loads(file.read_text("utf-8"))
        except (OSError, ValueError):
            continue
        if isinstance(resource, dict):
            found.append(resource)
    return found


def codes_of(named: str, sets: ValueSets, within: tuple[str, ...] = ()) -> tuple[Coding, ...]:
    """The codes of the ValueSet ``named``, in its order, each once.

    Raises NotListed where they can't all be told.
    """
    if named in within:
        raise NotListed(f"the value set {named} includes itself")
    value_set = sets.get(named)
    if value_set is None or value_set.get("resourceType") != "ValueSet":
        raise NotListed(f"the value set {named} isn't contained in the checklist, nor beside it")
    if value_set.get("modifierExtension"):
        raise NotListed(f"the value set {named} has a modifierExtension that isn't known here")
    expansion = value_set.get("expansion")
    if expansion is not None:
        found = _expanded(mapping(expansion), named)
    else:
        compose = mapping(value_set.get("compose"))
        path = (*within, named)
        taken = {
            (each.system, each.code)
            for part in objects(compose.get("exclude"))
            for each in _part(part, named, sets, path)
        }
        found = [
            each
            for part in objects(compose.get("include"))
            for each in _part(part, named, sets, path)
            if (each.system, each.code) not in taken
        ]
    once = {(each.system, each.code): each for each in reversed(found)}
    if not once:
        raise NotListed(f"the value set {named} lists no codes")
    return tuple(reversed(once.values()))


def _expanded(expansion: Mapping[str, Any], named: str) -> list[Coding]:
    found: list[Coding] = []
    counted = 0
    ahead = list(objects(expansion.get("contains")))
    while ahead:
        each = ahead.pop(0)
        counted += 1
        ahead[:0] = objects(each.get("contains"))
        if each.get("abstract") is not True and each.get("inactive") is not True:
            found.append(_coding(each, text(each.get("system")), named))
    total = expansion.get("total")
    if type(total) is int and total > counted:
        raise NotListed(f"the value set {named} gives {counted} of its {total} codes")
    return found


def _part(
    part: Mapping[str, Any], named: str, sets: ValueSets, within: tuple[str, ...]
) -> list[Coding]:
    """The codes of one ``include`` or ``exclude``: of its system and of every set it names."""
    if part.get("filter"):
        raise NotListed(f"the value set {named} chooses its codes by a filter")
    imported = [
        codes_of(each, sets, within) for each in part.get("valueSet") or () if isinstance(each, str)
    ]
    system = text(part.get("system"))
    if not system:
        if not imported:
            raise NotListed(f"the value set {named} includes no system and no value set")
        own = list(imported.pop())
    elif part.get("concept"):
        own = [_coding(each, system, named) for each in objects(part.get("concept"))]
    else:
        own = _whole_system(system, text(part.get("version")), named, sets)
    for other in imported:
        held = {(each.system, each.code) for each in other}
        own = [each for each in own if (each.system, each.code) in held]
    return own


def _whole_system(system: str, version: str, named: str, sets: ValueSets) -> list[Coding]:
    code_system = sets.get(f"{system}|{version}" if version else system, {})
    if code_system.get("resourceType") != "CodeSystem" or code_system.get("content") != "complete":
        raise NotListed(f"the value set {named} takes the whole of {system}, which isn't listed")
    found: list[Coding] = []
    ahead = list(objects(code_system.get("concept")))
    while ahead:
        each = ahead.pop(0)
        ahead[:0] = objects(each.get("concept"))
        found.append(_coding(each, system, named))
    return found


def _coding(concept: Mapping[str, Any], system: str, named: str) -> Coding:
    code = text(concept.get("code"))
    if not code:
        raise NotListed(f"the value set {named} has a concept without a code")
    return Coding(system, code, text(concept.get("display")))
