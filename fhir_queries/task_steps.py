"""What happened to a review, step by step, from the versions that the record keeps of its Task."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from fhir_queries.asking import Resource
from fhir_queries.reading.fields import extensions, mapping, objects, text, words
from fhir_queries.reading.overrides import (
    OVERRIDE_REQUEST_URL,
    OVERRIDE_URL,
    override_of,
    override_request_of,
)
from fhir_queries.reading.review_notes import actor
from fhir_queries.reading.reviews import REVERSED_URL, outcome_code

_ENDED = frozenset({"completed", "rejected", "cancelled", "failed", "on-hold"})


@dataclass(frozen=True, slots=True)
class Step:
    """One change of a review."""

    what: str
    by: str
    """Who; empty where the record doesn't say."""
    at: str
    """A FHIR instant."""
    version: str
    detail: str = ""


class _Say(Protocol):
    def __call__(self, what: str, by: str, detail: str = "", when: str = "") -> None: ...


def steps_of(versions: Sequence[Resource]) -> tuple[Step, ...]:
    """What changed from version to version, oldest first."""
    found: list[Step] = []
    before: Resource = {}
    for version in versions:
        found.extend(_changes(before, version))
        before = version
    return tuple(found)


def _changes(before: Resource, now: Resource) -> list[Step]:
    meta = mapping(now.get("meta"))
    version = text(meta.get("versionId"))
    at = text(now.get("lastModified")) or text(meta.get("lastUpdated"))
    found: list[Step] = []

    def step(what: str, by: str, detail: str = "", when: str = "") -> None:
        found.append(Step(what, by, when or at, version, detail))

    if not before or before.get("authoredOn") != now.get("authoredOn"):
        asked = " · ".join(
            part for part in (words(now.get("reasonCode")), text(now.get("description"))) if part
        )
        what = "Asked for" if not before else "Asked for again"
        step(what, _name(now.get("requester")), asked, text(now.get("authoredOn")))
    noted = [
        (_name(each.get("authorReference")), text(each.get("time")), text(each.get("text")))
        for each in objects(now.get("note"))[len(objects(before.get("note"))) :]
    ]
    noted_by = noted[-1][0] if noted else ""
    _who_holds(before, now, noted_by, step)
    _what_was_decided(before, now, noted_by, step)
    _what_was_overridden(before, now, step)
    for name, when, said in noted:
        step("Note", name, said, when)
    if before and not found:
        step("Changed", _name(now.get("owner")), f"status {text(now.get('status'))}")
    return found


def _who_holds(before: Resource, now: Resource, noted_by: str, step: _Say) -> None:
    held_by, holder = _name(before.get("owner")), _name(now.get("owner"))
    held = before.get("status") == "in-progress"
    if now.get("status") == "in-progress":
        started = text(mapping(now.get("executionPeriod")).get("start"))
        if before.get("status") in _ENDED - {"on-hold"}:
            step("Decision undone", noted_by or holder)
        elif held and holder != held_by:
            step("Taken over", holder, f"from {held_by or 'nobody named'}", started)
        elif not held:
            step("Claimed", holder, "", started)
    elif held and now.get("status") == "requested":
        step("Given back", noted_by or held_by, f"it was with {held_by}" if held_by else "")


def _what_was_decided(before: Resource, now: Resource, noted_by: str, step: _Say) -> None:
    outcome = outcome_code(now)
    if not outcome or (
        outcome == outcome_code(before) and before.get("status") == now.get("status")
    ):
        return
    by, reason = _name(now.get("owner")), words(now.get("statusReason"))
    if outcome == "redirect-reversed":
        by = _reversed_by(now) or noted_by
        step("Redirect reversed", by, reason)
    elif outcome == "withdrawn":
        step("Withdrawn", noted_by, reason)
    else:
        ended = text(mapping(now.get("executionPeriod")).get("end"))
        step(f"Decided: {outcome.replace('-', ' ')}", by, reason, ended)


def _what_was_overridden(before: Resource, now: Resource, step: _Say) -> None:
    if list(extensions(now, OVERRIDE_REQUEST_URL)) != list(
        extensions(before, OVERRIDE_REQUEST_URL)
    ):
        asked = override_request_of(now)
        if asked is not None:
            by = asked.by.name if asked.by is not None else ""
            flags = ", ".join(display or code for code, display in asked.red_flags)
            step("Override asked for", by, flags)
    if list(extensions(now, OVERRIDE_URL)) != list(extensions(before, OVERRIDE_URL)):
        given = override_of(now)
        if given is None:
            step("Override dropped", _name(now.get("owner")) or _name(before.get("owner")))
        else:
            step("Override given", given.by_name, f"{given.reason} ({', '.join(given.red_flags)})")


def _reversed_by(task: Resource) -> str:
    for each in extensions(task, REVERSED_URL):
        for inner in objects(each.get("extension")):
            if inner.get("url") == "by":
                return _name(inner.get("valueReference"))
    return ""


def _name(reference: object) -> str:
    found = actor(reference)
    return found.name if found is not None else ""
