"""Answers of the record as sections that each say how far they can be trusted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from clinical.record import Entry, RecordSection, SectionState, newest_first
from fhir_queries.asking import Answer, Reading
from fhir_queries.reading.entries import READERS, entry, kind_of, section_of
from fhir_queries.reading.fields import NO_DESCRIPTION, Included
from fhir_queries.reading.subjects import NOT_NAMED, Whose, whose

UNREADABLE = (TypeError, ValueError, ArithmeticError, LookupError, AttributeError, RecursionError)
"""What reading JSON of any shape may raise in spite of all care: the entry is then set aside."""

PRIMARY: Mapping[str, tuple[str, ...]] = {
    "alerts": ("Flag", "Consent"),
    "problems": ("Condition",),
    "medicines": ("MedicationRequest", "MedicationStatement"),
    "allergies": ("AllergyIntolerance",),
    "attendances": ("Encounter",),
    "contacts": ("Encounter", "EpisodeOfCare"),
    "referrals": ("ServiceRequest",),
    "care-plans": ("CarePlan",),
    "frailty": ("Observation",),
    "function": ("Observation",),
    "social": ("RelatedPerson", "CareTeam"),
    "observations": ("Observation",),
    "results": ("Observation", "DiagnosticReport"),
    "documents": ("DocumentReference",),
    "procedures": ("Procedure",),
    "immunisations": ("Immunization",),
    "assessments": ("QuestionnaireResponse",),
    "other": ("Task",),
}
"""The types without which a record doesn't hold the section at all."""

FURTHER: Mapping[str, tuple[str, ...]] = {
    "alerts": ("Observation", "Condition", "Procedure"),
    "care-plans": ("DocumentReference", "Goal"),
    "allergies": ("List",),
    "medicines": ("List",),
    "problems": ("List",),
    "social": ("Observation",),
    "contacts": ("Appointment",),
    "assessments": ("Observation", "RiskAssessment", "ClinicalImpression"),
    "results": ("ServiceRequest", "ImagingStudy"),
    "procedures": ("DeviceUseStatement",),
    "other": ("Communication", "FamilyMemberHistory", "List"),
}
"""Further types that may hold entries of the section: where one of them failed, it isn't whole."""

SECTION_WORDS: Mapping[str, str] = {
    "care-plans": "care plans",
    "social": "social and carer entries",
    "function": "entries on function",
    "frailty": "frailty scores",
    "other": "other entries",
    "contacts": "community and outpatient contacts",
    "attendances": "attendances and admissions",
}


@dataclass(slots=True)
class Gathering:
    """Entries on their way into one person's sections."""

    patient: str
    wait: str
    nhs_numbers: frozenset[str]
    entries: dict[str, list[Entry]] = field(default_factory=dict)
    aside: dict[str, int] = field(default_factory=dict)
    warnings: dict[str, list[str]] = field(default_factory=dict)
    received: int = 0
    seen: set[str] = field(default_factory=set)
    reference: str = field(init=False)
    """The patient's, as most resources name them."""

    def __post_init__(self) -> None:
        self.reference = f"Patient/{self.patient}"

    def take(self, resource: object, included: Included) -> None:
        """Read one resource into its section, or set it aside there. A second copy is left out.

        Most are of a known type and name the patient in ``subject``: the short way.
        """
        usual: Any = resource
        try:
            kind, identity = usual["resourceType"], usual["id"]
            reader = READERS[kind]
            short = (
                usual["subject"]["reference"] == self.reference
                and type(identity) is str
                and identity != ""
                and type(usual) is dict
            )
        except (KeyError, TypeError, IndexError):
            short = False
        if not short:
            self._take_whatever(resource, included)
            return
        key = f"{kind}/{identity}"
        seen = self.seen
        if key in seen:
            return
        seen.add(key)
        try:
            read = reader(usual, included)
            if read.title is NO_DESCRIPTION:
                read = entry(kind, usual, included)
            name = section_of(read, self.wait)
        except UNREADABLE:
            self.set_aside(home_of(kind), "")
            return
        self.received += 1
        found = self.entries.get(name)
        if found is None:
            self.entries[name] = [read]
        else:
            found.append(read)

    def _take_whatever(self, resource: object, included: Included) -> None:
        if not isinstance(resource, dict):
            self.set_aside("other", "")
            return
        kind, identity = kind_of(resource), resource.get("id")
        if type(identity) is not str or not identity or not kind:
            self.set_aside(home_of(kind), "An entry without a type or an id can't be shown.")
            return
        key = f"{kind}/{identity}"
        if key in self.seen:
            return
        self.seen.add(key)
        belongs = whose(resource, self.patient, self.nhs_numbers)
        if belongs is Whose.SOMEBODY_ELSES:
            self.set_aside(
                home_of(kind),
                "An entry that names another patient came with this record and is not shown.",
            )
            return
        try:
            read = entry(kind, resource, included)
            name = section_of(read, self.wait)
        except UNREADABLE:
            self.set_aside(home_of(kind), "")
            return
        if belongs is Whose.NOT_SAID:
            read = replace(read, caution=(*read.caution, NOT_NAMED))
        self.received += 1
        found = self.entries.get(name)
        if found is None:
            self.entries[name] = [read]
        else:
            found.append(read)

    def set_aside_of(self, kind: str, count: int) -> None:
        """Count what arrived for a type and is no resource."""
        self.set_aside(home_of(kind), "", count)

    def set_aside(self, section: str, why: str, count: int = 1) -> None:
        """Count resources of a section that can't be shown."""
        self.received += count
        self.aside[section] = self.aside.get(section, 0) + count
        if why:
            said = self.warnings.setdefault(section, [])
            if why not in said:
                said.append(why)


def home_of(kind: str) -> str:
    """The section where what is set aside of this type is counted."""
    for name, kinds in PRIMARY.items():
        if kind in kinds and name not in ("attendances", "frailty", "function", "observations"):
            return name
    return {"Encounter": "contacts", "Observation": "results"}.get(kind, "other")


def section(
    name: str,
    gathering: Gathering,
    by_type: Mapping[str, Answer],
    record_name: str,
) -> RecordSection:
    """One section, with the state that the answers behind it allow.

    ``by_type`` are the answers by the resource type they asked for. A type that was not asked
    for is one that the record doesn't hold.
    """
    entries = tuple(newest_first(gathering.entries.get(name, ())))
    aside = gathering.aside.get(name, 0)
    primary = [by_type.get(kind) for kind in PRIMARY[name]]
    behind = [
        answer
        for kind in (*PRIMARY[name], *FURTHER.get(name, ()))
        if (answer := by_type.get(kind)) is not None
    ]
    failed = [answer for answer in behind if answer.reading is Reading.FAILED]
    withheld = any(answer.withheld for answer in behind)
    complete = not failed and all(answer.complete for answer in behind)
    warnings = list(gathering.warnings.get(name, ()))
    for answer in behind:
        warnings.extend(said for said in answer.warnings if said not in warnings)
    what = SECTION_WORDS.get(name, name)
    held = any(
        answer is not None and answer.reading is not Reading.NOT_SUPPORTED for answer in primary
    )
    state, explanation = SectionState.LOADED, ""
    if not entries:
        state, explanation = _why_empty(
            what,
            record_name,
            failed=failed,
            withheld=withheld,
            held=held,
            aside=aside,
            complete=complete,
        )
    elif _denied(entries):
        if complete and not aside and not withheld:
            state = SectionState.ASSERTED_NONE
            explanation = f"Recorded: {entries[0].title.lower()}."
        else:
            warnings.append(f"Not all {what} could be read: what is said here may not be so.")
    elif any(each.asserts_absence for each in entries):
        warnings.append(f"The record says both that there are none and that there are {what}.")
    if entries and failed:
        warnings.append(f"Some {what} could not be loaded.")
    if entries and withheld:
        complete = False  # what isn't among them may be what is withheld: no rule may read a no
        warnings.append(f"Some {what} may be withheld.")
    return RecordSection(
        name,
        state,
        entries,
        aside,
        tuple(dict.fromkeys(each.source for each in entries if each.source)),
        complete,
        explanation,
        tuple(warnings),
    )


def _why_empty(
    what: str,
    record_name: str,
    *,
    failed: list[Answer],
    withheld: bool,
    held: bool,
    aside: int,
    complete: bool,
) -> tuple[SectionState, str]:
    if withheld:
        return SectionState.WITHHELD, f"{record_name} withholds {what} from you.".capitalize()
    if failed:
        reason = str(failed[0].error) if failed[0].error is not None else ""
        return SectionState.FAILED, f"The {what} could not be loaded. {reason}".strip()
    if aside:
        counted = "1 entry was" if aside == 1 else f"{aside} entries were"
        return SectionState.FAILED, f"{counted} received and could not be read. Ask for the source."
    if not held:
        return SectionState.NOT_HELD, f"{_sentence(record_name)} doesn't hold {what}."
    if not complete:
        return SectionState.FAILED, f"Not all {what} have been read. Try again."
    return (
        SectionState.NONE_RETURNED,
        f"{_sentence(record_name)} returned no {what}. That doesn't mean that there are none.",
    )


def _sentence(said: str) -> str:
    return said[:1].upper() + said[1:]


def _denied(entries: tuple[Entry, ...]) -> bool:
    """Whether a coded negative stands there and nothing that could be a positive."""
    stated = False
    for each in entries:
        if each.asserts_absence:
            stated = True
        elif not each.in_error:
            return False
    return stated


def withheld_section(name: str, why: str) -> RecordSection:
    """A section that this reader is not shown."""
    return RecordSection(name, SectionState.WITHHELD, explanation=why)


def failed_section(name: str, why: str) -> RecordSection:
    """A section that could not be loaded at all."""
    return RecordSection(name, SectionState.FAILED, complete=False, explanation=why)


def answers_by_type(answers: Iterable[tuple[str, Answer]]) -> dict[str, Answer]:
    """Answers by resource type; of two for one type, the worse one speaks for both."""
    found: dict[str, Answer] = {}
    for kind, answer in answers:
        before = found.get(kind)
        if before is None or (
            before.reading is Reading.ANSWERED and answer.reading is not Reading.ANSWERED
        ):
            found[kind] = answer
    return found
