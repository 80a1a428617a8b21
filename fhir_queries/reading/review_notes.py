"""The notes on a review's Task: who wrote them, on which side, and who has read them."""

from __future__ import annotations

from typing import Any

from clinical.review import Actor, Note, ReadBy
from fhir_queries.reading.codes import LOCAL
from fhir_queries.reading.fields import mapping, moment, objects, text

SIDE = f"{LOCAL}/StructureDefinition/note-side"
"""Annotation.extension, ``valueCode``: the role of whoever wrote it."""
ASKS_AGAIN = f"{LOCAL}/StructureDefinition/note-asks-again"
"""Annotation.extension, ``valueBoolean``: it asks for an answer once more."""
READ_BY = f"{LOCAL}/StructureDefinition/note-read-by"
"""Annotation.extension of ``side`` (code), ``who`` (Reference) and ``at`` (instant)."""


def actor(reference: Any) -> Actor | None:
    """Somebody named by reference, identifier and display; None where nobody is."""
    if reference is None:
        return None
    found = mapping(reference)
    user = text(mapping(found.get("identifier")).get("value"))
    target = text(found.get("reference"))
    name = text(found.get("display"))
    if not (user or target or name):
        return None
    return Actor(user, name or user or target)


def notes(task: dict[str, Any]) -> tuple[Note, ...]:
    """The notes on a Task, oldest first as they were written."""
    found: list[Note] = []
    for each in objects(task.get("note")):
        said = text(each.get("text"))
        if not said:
            continue
        by = actor(each.get("authorReference"))
        told = objects(each.get("extension"))
        found.append(
            Note(
                by.name if by is not None else text(each.get("authorString")),
                moment(each.get("time")),
                said,
                by.user if by is not None else "",
                next((text(one.get("valueCode")) for one in told if one.get("url") == SIDE), ""),
                any(
                    one.get("url") == ASKS_AGAIN and one.get("valueBoolean") is True for one in told
                ),
                tuple(_read(one) for one in told if one.get("url") == READ_BY),
            )
        )
    return tuple(found)


def _read(extension: dict[str, Any]) -> ReadBy:
    parts = {text(each.get("url")): each for each in objects(extension.get("extension"))}
    return ReadBy(
        text(parts.get("side", {}).get("valueCode")),
        actor(parts.get("who", {}).get("valueReference")),
        moment(parts.get("at", {}).get("valueInstant")),
    )
