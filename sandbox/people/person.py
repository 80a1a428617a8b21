"""Somebody made up: who they are, and the Patient resource that says so."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sandbox.people.county import gp_of, org, source
from sandbox.people.fhir import (
    HL7,
    LOCAL,
    NHS_NUMBER,
    UK_CODES,
    UK_CORE,
    Resource,
    coding,
    concept,
    instant,
    later,
    london_date,
    ref,
    without_empty,
)

NUMBER_STATUS = {
    "01": "Number present and verified",
    "02": "Number present but not traced",
    "03": "Trace required",
    "04": "Trace attempted - No match or multiple match found",
    "05": "Trace needs to be resolved - (NHS Number or PATIENT detail conflict)",
    "07": "Number not present and trace not required",
}
ETHNIC_CATEGORIES = {
    "A": "White - British",
    "B": "White - Irish",
    "C": "White - Any other White background",
    "D": "Mixed - White and Black Caribbean",
    "H": "Asian or Asian British - Indian",
    "J": "Asian or Asian British - Pakistani",
    "K": "Asian or Asian British - Bangladeshi",
    "M": "Black or Black British - Caribbean",
    "N": "Black or Black British - African",
    "R": "Other Ethnic Groups - Chinese",
    "S": "Other Ethnic Groups - Any other ethnic group",
    "Z": "Not stated",
}
SECURITY = {"U": "unrestricted", "R": "restricted", "V": "very restricted"}
ETHNIC_CATEGORY = f"{UK_CORE}Extension-UKCore-EthnicCategory"
DEPRIVATION_DECILE = f"{LOCAL}StructureDefinition/deprivation-decile"


@dataclass(frozen=True, slots=True)
class Birth:
    """When somebody was born, as an age, so that a child of nine is always nine."""

    age: int
    month: int = 0
    day: int = 0
    """Both 0 where only the year is known."""

    def text(self, now: datetime) -> str:
        """The FHIR date that gives this age on the day `now` is in England."""
        today = london_date(now)
        if not self.month:
            return f"{today.year - self.age:04d}"
        had = (self.month, self.day) <= (today.month, today.day)
        return date(today.year - self.age - (not had), self.month, self.day).isoformat()


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Who somebody is. Empty parts are not recorded."""

    id: str
    family: str
    given: tuple[str, ...]
    gender: str
    birth: Birth | None
    title: str = ""
    nhs: str = ""
    number_status: str = "01"
    practice: str = "practice-1"
    source: str = ""
    """The organisation whose record this is; the practice's where empty."""
    address: tuple[str, ...] = ()
    """Lines, then town, then postcode."""
    phone: str = ""
    language: tuple[str, str] = ("", "")
    interpreter: bool | None = None
    ethnicity: str = ""
    decile: int | None = None
    security: str = "U"
    died_minutes_ago: int | None = None
    links: tuple[tuple[str, str], ...] = ()
    """(id of another Patient, type of link)."""
    hospital_number: str = ""
    more: dict[str, Any] = field(default_factory=dict)


def _identifiers(person: Person) -> list[Resource]:
    made: list[Resource] = []
    if person.nhs or person.number_status != "07":
        status = concept(
            "",
            coding(
                f"{UK_CODES}UKCore-NHSNumberVerificationStatusEngland",
                person.number_status,
                NUMBER_STATUS[person.number_status],
            ),
        )
        made.append(
            without_empty(
                {
                    "extension": [
                        {
                            "url": f"{UK_CORE}Extension-UKCore-NHSNumberVerificationStatus",
                            "valueCodeableConcept": status,
                        }
                    ],
                    "system": NHS_NUMBER,
                    "value": person.nhs,
                }
            )
        )
    if person.hospital_number:
        made.append({"system": f"{LOCAL}Id/hospital-number", "value": person.hospital_number})
    return made


def _extensions(person: Person) -> list[Resource]:
    made: list[Resource] = []
    if person.ethnicity:
        category = coding(
            f"{UK_CODES}UKCore-EthnicCategoryEngland",
            person.ethnicity,
            ETHNIC_CATEGORIES[person.ethnicity],
        )
        made.append({"url": ETHNIC_CATEGORY, "valueCodeableConcept": concept("", category)})
    if person.decile is not None:
        made.append({"url": DEPRIVATION_DECILE, "valueInteger": person.decile})
    if person.interpreter is not None:
        made.append(
            {
                "url": "http://hl7.org/fhir/StructureDefinition/patient-interpreterRequired",
                "valueBoolean": person.interpreter,
            }
        )
    return made


def _address(person: Person) -> list[Resource]:
    if not person.address:
        return []
    *lines, town, postcode = person.address
    home = {"use": "home", "line": lines, "city": town, "postalCode": postcode}
    return [home | {"text": ", ".join(person.address)}]


def patient(person: Person, now: datetime) -> Resource:
    """The person as a UK Core Patient, as they stand at `now`."""
    held_by = person.source or person.practice
    language, words = person.language
    died = person.died_minutes_ago
    return without_empty(
        {
            "resourceType": "Patient",
            "id": person.id,
            "meta": without_empty(
                {
                    "profile": [f"{UK_CORE}UKCore-Patient"],
                    "source": source(held_by),
                    "security": [
                        coding(
                            f"{HL7}v3-Confidentiality", person.security, SECURITY[person.security]
                        )
                    ],
                }
            ),
            "extension": _extensions(person),
            "identifier": _identifiers(person),
            "active": True,
            "name": [
                without_empty(
                    {
                        "use": "official",
                        "family": person.family,
                        "given": list(person.given),
                        "prefix": [person.title] if person.title else [],
                    }
                )
            ],
            "telecom": [{"system": "phone", "value": person.phone, "use": "home"}]
            if person.phone
            else [],
            "gender": person.gender,
            "birthDate": person.birth.text(now) if person.birth else "",
            "deceasedDateTime": "" if died is None else instant(later(now, minutes=-died)),
            "address": _address(person),
            "communication": [
                {
                    "language": concept(words, coding("urn:ietf:bcp:47", language, words)),
                    "preferred": True,
                }
            ]
            if language
            else [],
            "generalPractitioner": [org(person.practice), gp_of(person.practice)]
            if person.practice
            else [],
            "managingOrganization": org(held_by) if held_by else {},
            "link": [
                {"other": ref("Patient", other), "type": kind} for other, kind in person.links
            ],
            **person.more,
        }
    )


def age_on(birth: date, when: datetime) -> int:
    """Whole years of age on the day `when` is in England."""
    day = london_date(when)
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))
