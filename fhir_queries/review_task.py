"""The Task that a review is: changed as it stands now, by the version that was read."""

from __future__ import annotations

import copy
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from clinical.moments import utc_text
from clinical.person import Caller
from clinical.review import Review
from fhir_queries.asking import Resource
from fhir_queries.errors import Conflict
from fhir_queries.port import Record
from fhir_queries.reading.fields import mapping, moment, objects, text
from fhir_queries.reading.review_notes import ASKS_AGAIN, SIDE
from fhir_queries.reading.reviews import review

AT_MOST = 3
"""How often a change is decided again from what is there, before the person is told."""


def reference_to(caller: Caller) -> Resource:
    """``caller`` as a Reference: by identifier and name, no Practitioner resource needed."""
    return {
        "type": "Practitioner",
        "identifier": {"system": caller.user_system, "value": caller.user},
        "display": caller.name,
    }


def not_before(at: datetime, *recorded: Any) -> datetime:
    """``at``, or the latest of these recorded times where another clock ran ahead of this one.

    A Task that ends before it was begun, or was changed before it was asked for, breaks base R4,
    and a record that checks what it is sent refuses it.
    """
    known = (moment(each) for each in recorded)
    return max([at, *(each.earliest for each in known if each is not None)])


def change_task(record: Record, task: str, change: Callable[[Resource], Resource | None]) -> Review:
    """The review, its Task changed as it stands now; ``change`` gives None for nothing to do.

    Where somebody else was faster it is fetched and changed again, at most three times. Raises
    Conflict after that, NotFound where there is no such Task.
    """
    failed = Conflict("the Task changed under every try")
    for _ in range(AT_MOST):
        standing = record.fetch(f"Task/{task}")
        changed = change(copy.deepcopy(standing))
        if changed is None:
            return review(standing)
        moved = not_before(datetime.now(UTC), changed.get("authoredOn"))
        changed["lastModified"] = utc_text(moved)
        try:
            version = text(mapping(standing.get("meta")).get("versionId"))
            return review(record.update(changed, version=version))
        except Conflict as conflict:
            failed = conflict
    raise failed


def create_once(record: Record, resource: Resource, condition: str) -> Resource:
    """What stands under ``condition``, a search: ``resource``, or what was there already.

    Where somebody else creates it in the same instant some servers answer with a conflict: then it
    is tried again, at most three times. Raises Conflict after that.
    """
    failed = Conflict("it was created under every try")
    for _ in range(AT_MOST):
        try:
            return record.create(resource, if_none_exist=condition)
        except Conflict as conflict:
            failed = conflict
    raise failed


def append_note(task: Resource, caller: Caller, words: str, *, asks_again: bool = False) -> None:
    """Put one note more on a Task: who, of which side, and when."""
    told: list[Resource] = [{"url": SIDE, "valueCode": caller.role.value}]
    if asks_again:
        told.append({"url": ASKS_AGAIN, "valueBoolean": True})
    notes = list(objects(task.get("note")))
    notes.append(
        {
            "extension": told,
            "authorReference": reference_to(caller),
            "time": utc_text(datetime.now(UTC)),
            "text": words,
        }
    )
    task["note"] = notes
