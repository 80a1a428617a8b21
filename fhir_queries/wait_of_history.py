"""The wait of the patient whose history is read, with the crew's findings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from clinical.person import Person
from clinical.waiting import WaitingPatient
from fhir_queries.asking import Answer, Resource
from fhir_queries.profile import RecordProfile
from fhir_queries.reading.fields import text
from fhir_queries.reading.observations import effective
from fhir_queries.reading.sections import UNREADABLE
from fhir_queries.reading.waits import waiting_patient, waiting_since
from fhir_queries.waiting import by_encounter

CREW_BEFORE = timedelta(hours=2)
"""How long before arrival an Observation that names no Encounter may be the crew's."""
_LOOSE = "doesn't name this wait: taken for the crew's by its time alone"


def _without_encounter(
    observed: Answer | None, encounter: Resource, profile: RecordProfile
) -> Sequence[Resource]:
    """The patient's Observations of this wait's time that name no Encounter.

    They are taken for the crew's only where nothing is linked to the wait (``wait_of``).
    """
    since = waiting_since(encounter, profile.wait)
    if observed is None or since is None or not since.exact:
        return []
    first = since.earliest - CREW_BEFORE
    found = []
    for resource in observed.matches:
        if resource.get("encounter") is None:
            at = effective(resource)
            if at is not None and at.exact and at.earliest >= first:
                found.append(resource)
    return found


def wait_of(
    encounter: Resource,
    holder: Person,
    answer: Answer,
    profile: RecordProfile,
    observed: Answer | None,
) -> WaitingPatient | None:
    observations, tasks, _ = by_encounter(answer.included)
    identity = text(encounter.get("id"))
    linked = observations.get(identity, ())
    loose = () if linked else _without_encounter(observed, encounter, profile)
    try:
        read = waiting_patient(
            encounter,
            holder,
            observations=linked or loose,
            tasks=tasks.get(identity, ()),
            included=answer.included,
            profile=profile,
        )
    except UNREADABLE:
        return None
    if linked or not loose:
        return read
    doubted = [replace(each, caution=(*each.caution, _LOOSE)) for each in read.findings]
    return replace(read, findings=tuple(doubted))
