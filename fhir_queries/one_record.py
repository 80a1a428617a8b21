"""What the answers about one Patient say, as sections that this caller may see."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from clinical.person import Caller, Confidentiality, Person
from clinical.record import SECTION_NAMES, PatientRecord
from clinical.withholding import (
    may_see_access_codes,
    names_access_code,
    without_access_codes,
    without_contacts,
)
from fhir_queries.asking import Answer, Resource
from fhir_queries.errors import NotPermitted
from fhir_queries.indicator_file import indicator_settings
from fhir_queries.port import Record
from fhir_queries.reading.sections import (
    Gathering,
    answers_by_type,
    failed_section,
    section,
    withheld_section,
)

_RESTRICTED = {
    Confidentiality.RESTRICTED: "This person's record is restricted: it is not shown here.",
    Confidentiality.VERY_RESTRICTED: (
        "This person's record is very restricted: neither it nor their details are shown here."
    ),
}


def record_of(
    holder: Person,
    by_type: Mapping[str, Answer],
    as_at: datetime,
    *,
    record: Record,
    caller: Caller,
    encounter: str,
) -> PatientRecord:
    """What these answers, by resource type, say of this person, as this caller may see it.

    ``encounter`` is the current wait: it is no earlier attendance.
    """
    numbers = frozenset(number.digits for number in holder.nhs_numbers)
    gathering = Gathering(holder.patient, encounter, numbers)
    for kind, answer in by_type.items():
        for resource in answer.matches:
            gathering.take(resource, answer.included)
        if answer.set_aside:
            gathering.set_aside_of(kind, answer.set_aside)
    worst = answers_by_type(by_type.items())
    keeper = record.profile.record_name
    sections = {name: section(name, gathering, worst, keeper) for name in SECTION_NAMES}
    if not may_see_access_codes(caller.role):
        words = indicator_settings(record.settings.indicators).access_codes
        sections = {name: without_access_codes(each, words) for name, each in sections.items()}
    if holder.confidentiality is not Confidentiality.NORMAL:
        sections = {name: without_contacts(each) for name, each in sections.items()}
    return PatientRecord(as_at, holder, sections, gathering.received)


def is_withheld(holder: Person, break_glass: str) -> bool:
    """Whether a record is kept from a caller who gave no reason to open it all the same."""
    return holder.confidentiality is not Confidentiality.NORMAL and not break_glass


def withheld_record(holder: Person, as_at: datetime) -> PatientRecord:
    """A restricted record, of which nothing is shown."""
    why = _RESTRICTED[holder.confidentiality]
    sections = {name: withheld_section(name, why) for name in SECTION_NAMES}
    return PatientRecord(as_at, holder, sections, 0)


def failed_record(holder: Person, as_at: datetime, why: str) -> PatientRecord:
    """A record that could not be read, with the reason in a sentence."""
    return PatientRecord(
        as_at, holder, {name: failed_section(name, why) for name in SECTION_NAMES}, 0
    )


def as_may_be_seen(
    resource: Resource, *, record: Record, caller: Caller, restricted: bool
) -> Resource:
    """A resource as it stands in the record, without what this caller may not see of it.

    Raises NotPermitted where it names a key safe or door code and the caller doesn't visit.
    """
    if not may_see_access_codes(caller.role):
        words = indicator_settings(record.settings.indicators).access_codes
        if any(names_access_code(said, words) for said in _strings(resource)):
            raise NotPermitted("a source names an access code", sentence=_NOT_THE_DOOR)
    return _without(resource, _WHERE_THEY_ARE) if restricted else resource


_NOT_THE_DOOR = "This entry holds a key safe or door code: only community clinicians may see it."
_WHERE_THEY_ARE = frozenset({"address", "telecom"})


def _without(value: Any, names: frozenset[str]) -> Any:
    if isinstance(value, dict):
        return {name: _without(each, names) for name, each in value.items() if name not in names}
    return [_without(each, names) for each in value] if isinstance(value, list) else value


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _strings(each)
