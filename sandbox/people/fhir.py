"""The small parts that every FHIR resource here is made of, and the systems they name."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

Resource = dict[str, Any]

LONDON = ZoneInfo("Europe/London")
LOCAL = "https://handover-viewer.example/fhir/"
"""Where this project's own code systems, identifiers and extensions live."""
SNOMED = "http://snomed.info/sct"
LOINC = "http://loinc.org"
UCUM = "http://unitsofmeasure.org"
DMD = "https://dmd.nhs.uk"
HL7 = "http://terminology.hl7.org/CodeSystem/"
UK_CORE = "https://fhir.hl7.org.uk/StructureDefinition/"
UK_CODES = "https://fhir.hl7.org.uk/CodeSystem/"
NHS_NUMBER = "https://fhir.nhs.uk/Id/nhs-number"
ODS = "https://fhir.nhs.uk/Id/ods-organization-code"
SDS_USER = "https://fhir.nhs.uk/Id/sds-user-id"
ACT_CODE = f"{HL7}v3-ActCode"

CLASSES = {
    "EMER": "emergency",
    "IMP": "inpatient encounter",
    "AMB": "ambulatory",
    "HH": "home health",
    "VR": "virtual",
}


def instant(when: datetime) -> str:
    """An instant as FHIR writes it, to the second, with the offset it has in England."""
    return when.astimezone(LONDON).isoformat(timespec="seconds")


def stamp(when: datetime) -> str:
    """An instant as digits, for ids: UTC, so that no two in autumn's doubled hour are alike."""
    return when.astimezone(UTC).strftime("%Y%m%d%H%M%S")


def london_date(when: datetime) -> date:
    """The day it was in England."""
    return when.astimezone(LONDON).date()


def london_offset(when: datetime) -> timedelta | None:
    """How far the clocks of England were ahead of UTC."""
    return when.astimezone(LONDON).utcoffset()


def midnight(day: date) -> datetime:
    """The first instant of a day in England."""
    return datetime(day.year, day.month, day.day, tzinfo=LONDON)


def later(when: datetime, *, minutes: float = 0, seconds: float = 0) -> datetime:
    """So much real time later: 24 hours are 24 hours also when the clocks change."""
    moved = when.astimezone(UTC) + timedelta(minutes=minutes, seconds=seconds)
    return moved.replace(microsecond=0)


def coding(system: str, code: str, display: str = "") -> Resource:
    """One Coding, without a display where none is given."""
    made = {"system": system, "code": code}
    if display:
        made["display"] = display
    return made


def concept(text: str = "", *codings: Resource) -> Resource:
    """A CodeableConcept: words, codes, or both."""
    made: Resource = {}
    if codings:
        made["coding"] = list(codings)
    if text:
        made["text"] = text
    return made


def snomed(text: str, code: str = "") -> Resource:
    """A CodeableConcept of a SNOMED CT concept, or of its words alone where no code is given."""
    return concept(text, coding(SNOMED, code, text)) if code else concept(text)


def ref(kind: str, identity: str, display: str = "") -> Resource:
    """A literal Reference within this record."""
    made = {"reference": f"{kind}/{identity}"}
    if display:
        made["display"] = display
    return made


def person_ref(user: str, display: str) -> Resource:
    """A logical Reference to somebody who need not be a resource of this record."""
    return {"identifier": {"system": SDS_USER, "value": user}, "display": display}


def quantity(value: float, unit: str, code: str = "") -> Resource:
    """A Quantity in UCUM; `code` is its UCUM code where the unit's words are not."""
    return {"value": value, "unit": unit, "system": UCUM, "code": code or unit}


def period(start: datetime | None, end: datetime | None = None) -> Resource:
    """A Period of instants."""
    made = {}
    if start is not None:
        made["start"] = instant(start)
    if end is not None:
        made["end"] = instant(end)
    return made


def encounter_class(code: str) -> Resource:
    """`Encounter.class`, from HL7's v3-ActCode."""
    return coding(ACT_CODE, code, CLASSES[code])


def category(system: str, code: str, display: str = "") -> list[Resource]:
    """A `category` element of one code."""
    return [concept("", coding(system, code, display))]


def without_empty(resource: Resource) -> Resource:
    """The resource without the properties that hold nothing: FHIR has no null, no `[]`, no `""`."""
    return {name: value for name, value in resource.items() if value not in (None, "", [], {}, ())}
