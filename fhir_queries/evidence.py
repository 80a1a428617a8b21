"""What the indicators need to know of everybody waiting, in one batch of searches for all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from clinical.person import Confidentiality
from clinical.record import RecordSection
from clinical.waiting import WaitingPatient
from fhir_queries.asking import Search
from fhir_queries.errors import RecordError
from fhir_queries.port import Record, page_of
from fhir_queries.profile import RecordProfile
from fhir_queries.reading.codes import (
    CLINICAL_FRAILTY_LEVELS,
    CLINICAL_FRAILTY_SCORES,
    CPR,
    PLAN_DOCUMENTS,
)
from fhir_queries.reading.entries import subject_of
from fhir_queries.reading.fields import id_of
from fhir_queries.reading.sections import (
    Gathering,
    answers_by_type,
    failed_section,
    section,
    withheld_section,
)

EVIDENCE_SECTIONS = (
    "alerts",
    "problems",
    "medicines",
    "attendances",
    "contacts",
    "care-plans",
    "frailty",
    "social",
)
"""The sections that evidence for the queue is read into. It asks for what indicators use: what
else the record holds of these sections is in the patient's history."""

ASKED_IN_PART = frozenset({"social"})
"""Sections of which the queue asks for a part only, so that nothing missing is taken for a no."""

RESTRICTED = "This record is restricted. Open the patient to see what may be shown."


def read_evidence(
    record: Record, patients: Sequence[WaitingPatient]
) -> Mapping[str, Mapping[str, RecordSection]]:
    """By patient id, the sections of ``EVIDENCE_SECTIONS``, as far as they could be read.

    Never raises RecordError: where the record gives no answer every section is FAILED and says
    why, so that no rule takes silence for a no. Of a restricted record they are withheld.
    """
    people = {wait.person.patient: wait for wait in patients if wait.person.patient}
    open_to_view = [
        patient
        for patient, wait in people.items()
        if wait.person.confidentiality is Confidentiality.NORMAL
    ]
    found: dict[str, Mapping[str, RecordSection]] = {
        patient: {name: withheld_section(name, RESTRICTED) for name in EVIDENCE_SECTIONS}
        for patient in people
    }
    if not open_to_view:
        return found
    try:
        searches = evidence_searches(record.profile, open_to_view)
        answers = record.ask(searches).by_name if searches else {}
    except RecordError as error:
        why = str(error)
        for patient in open_to_view:
            found[patient] = {name: failed_section(name, why) for name in EVIDENCE_SECTIONS}
        return found
    gatherings = {patient: _gathering(people[patient]) for patient in open_to_view}
    for answer in answers.values():
        for resource in answer.matches:
            gathering = gatherings.get(id_of(subject_of(resource), "Patient"))
            if gathering is not None:
                gathering.take(resource, answer.included)
    by_type = answers_by_type(
        (answer.name.partition(" ")[0], answer) for answer in answers.values()
    )
    for patient, gathering in gatherings.items():
        found[patient] = {
            name: _told(section(name, gathering, by_type, record.profile.record_name))
            for name in EVIDENCE_SECTIONS
        }
    return found


def _told(read: RecordSection) -> RecordSection:
    return replace(read, complete=False) if read.name in ASKED_IN_PART else read


def _gathering(wait: WaitingPatient) -> Gathering:
    numbers = frozenset(number.digits for number in wait.person.nhs_numbers)
    return Gathering(wait.person.patient, wait.encounter, numbers)


def evidence_searches(profile: RecordProfile, patients: Sequence[str]) -> list[Search]:
    """The searches for these patients together; each name begins with the type it asks for."""
    everybody = ",".join(f"Patient/{patient}" for patient in patients)
    observed = ",".join(sorted({*CLINICAL_FRAILTY_LEVELS, *CLINICAL_FRAILTY_SCORES, *CPR}))
    asked: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = (
        ("Condition", ()),
        ("MedicationRequest", (("_include", "MedicationRequest:medication"),)),
        ("MedicationStatement", (("_include", "MedicationStatement:medication"),)),
        ("Observation", (("code", observed),)),
        ("Observation social", (("category", "social-history"),)),
        ("RelatedPerson", ()),
        ("CareTeam", ()),
        # Without a date: an Encounter whose time isn't recorded may be the one that matters
        ("Encounter", ()),
        ("EpisodeOfCare", ()),
        ("Flag", ()),
        ("Consent", ()),
        ("CarePlan", ()),
        ("DocumentReference", (("type", ",".join(sorted(PLAN_DOCUMENTS))),)),
    )
    return [
        Search(name, name.partition(" ")[0], (("patient", everybody), *further, *page_of(profile)))
        for name, further in asked
        if name.partition(" ")[0] not in profile.history.not_held
    ]
