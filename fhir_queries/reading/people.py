"""A Patient resource as a ``Person``: for the banner, so every doubt is told."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from clinical.moments import Moment
from clinical.nhs_number import read_nhs_number
from clinical.person import Confidentiality, NhsNumber, Person
from fhir_queries.reading.fields import (
    Included,
    code_of,
    extensions,
    flag,
    mapping,
    moment,
    objects,
    strings,
    text,
    who,
    words,
)

_NHS_NUMBER = "https://fhir.nhs.uk/id/nhs-number"
_ODS = "https://fhir.nhs.uk/id/ods-organization-code"
_NORMAL = frozenset({"U", "L", "M", "N"})
_WORD_STATUS = {
    "number-present-and-verified": "01",
    "number-present-but-not-traced": "02",
    "trace-required": "03",
    "trace-attempted-no-match-or-multiple-match-found": "04",
    "trace-needs-to-be-resolved-nhs-number-or-patient-detail-conflict": "05",
    "trace-in-progress": "06",
    "number-not-present-and-trace-not-required": "07",
    "trace-postponed-baby-under-six-weeks-old": "08",
}
"""The retired word-coded system of the NHS number's status is still met in data."""


def person(patient: dict[str, Any], included: Included) -> Person:
    """The person of a Patient resource. Nothing is filled in that the resource doesn't say.

    Of a restricted record the address, telephone numbers and general practice are left out here,
    at the edge, so that no later step can show them.
    """
    unreadable: list[str] = []
    name = _name(patient)
    birth_date = moment(patient.get("birthDate"))
    if birth_date is None and patient.get("birthDate") is not None:
        unreadable.append("the date of birth can't be read")
    died, died_at = deceased(patient)
    if died_at is None and patient.get("deceasedDateTime") is not None:
        unreadable.append("the date of death can't be read")
    confidentiality = confidentiality_of(patient)
    language, interpreter = _language(patient)
    practice, practice_ods = _practice(patient, included)
    ethnic = extensions(patient, "EthnicCategory")
    read = Person(
        text(patient.get("id")),
        text(name.get("family")),
        " ".join(strings(name.get("given"))) or _given_from_text(name),
        " ".join(strings(name.get("prefix"))),
        birth_date,
        text(patient.get("gender")),
        nhs_numbers(patient),
        died,
        died_at,
        confidentiality,
        _address(patient),
        _telephone(patient),
        practice,
        practice_ods,
        language,
        interpreter,
        words(ethnic[0].get("valueCodeableConcept")) if ethnic else "",
        linked(patient),
        (),
        tuple(unreadable),
        who(patient.get("managingOrganization"), patient, included),
    )
    if confidentiality is Confidentiality.NORMAL:
        return read
    return replace(read, address=(), telephone=(), general_practice="", general_practice_ods="")


def unknown_person(patient: str, why: str) -> Person:
    """A person of whom the record gave nothing but an id, with the reason in words."""
    return Person(
        patient, "", "", "", None, "", (), None, None, Confidentiality.NORMAL, unreadable=(why,)
    )


def confidentiality_of(resource: dict[str, Any]) -> Confidentiality:
    """What ``meta.security`` says. A confidentiality code that isn't known counts as restricted."""
    found = Confidentiality.NORMAL
    for label in objects(mapping(resource.get("meta")).get("security")):
        if not text(label.get("system")).endswith("v3-Confidentiality"):
            continue
        code = text(label.get("code"))
        if code == "V":
            return Confidentiality.VERY_RESTRICTED
        if code not in _NORMAL:
            found = Confidentiality.RESTRICTED
    return found


def nhs_number_of(identifier: dict[str, Any]) -> str:
    """The digits of an identifier that is an NHS number, otherwise empty."""
    if text(identifier.get("system")).lower() != _NHS_NUMBER:
        return ""
    return text(identifier.get("value")).replace(" ", "").replace("-", "")


def nhs_numbers(patient: dict[str, Any]) -> tuple[NhsNumber, ...]:
    """Those that a Patient has now, each with the status it was traced to."""
    found: list[NhsNumber] = []
    for identifier in objects(patient.get("identifier")):
        digits = nhs_number_of(identifier)
        if not digits or identifier.get("use") == "old":
            continue
        status = extensions(identifier, "NHSNumberVerificationStatus")
        code = code_of(status[0].get("valueCodeableConcept")) if status else ""
        found.append(read_nhs_number(digits, _WORD_STATUS.get(code, code)))
    return tuple(found)


def _name(patient: dict[str, Any]) -> dict[str, Any]:
    names = objects(patient.get("name"))
    if len(names) > 1:
        for use in ("official", "usual"):
            for name in names:
                if name.get("use") == use and not mapping(name.get("period")).get("end"):
                    return name
        for name in names:
            if name.get("use") not in ("old", "maiden", "nickname"):
                return name
    return names[0] if names else {}


def _given_from_text(name: dict[str, Any]) -> str:
    return "" if text(name.get("family")) else text(name.get("text"))


def deceased(patient: dict[str, Any]) -> tuple[bool | None, Moment | None]:
    """Whether they died, and when; None is what isn't said, or can't be read."""
    at = patient.get("deceasedDateTime")
    if at is not None:
        return True, moment(at)
    return flag(patient.get("deceasedBoolean")), None


def _address(patient: dict[str, Any]) -> tuple[str, ...]:
    for address in objects(patient.get("address")):
        if address.get("use") == "old":
            continue
        further = [text(address.get(name)) for name in ("city", "district", "postalCode")]
        full = [*strings(address.get("line")), *[line for line in further if line]]
        if not full and (said := text(address.get("text"))):
            return (said,)
        return tuple(full)
    return ()


def _telephone(patient: dict[str, Any]) -> tuple[str, ...]:
    if patient.get("telecom") is None:
        return ()
    return tuple(
        text(contact.get("value"))
        for contact in objects(patient.get("telecom"))
        if contact.get("system") in ("phone", "sms")
        and contact.get("use") != "old"
        and text(contact.get("value"))
    )


def _language(patient: dict[str, Any]) -> tuple[str, bool | None]:
    language = ""
    for communication in objects(patient.get("communication")):
        said = words(communication.get("language"))
        if said and (not language or communication.get("preferred") is True):
            language = said
    needed = extensions(patient, "nterpreterRequired")
    return language, flag(needed[0].get("valueBoolean")) if needed else None


def _practice(patient: dict[str, Any], included: Included) -> tuple[str, str]:
    for practice in objects(patient.get("generalPractitioner")):
        identifier = mapping(practice.get("identifier"))
        if not identifier:
            found = included.get(text(practice.get("reference")))
            for each in objects(found.get("identifier")) if found else ():
                if text(each.get("system")).lower() == _ODS:
                    identifier = each
        code = text(identifier.get("value"))
        return who(practice, patient, included) or code, code
    return "", ""


def linked(patient: dict[str, Any]) -> tuple[str, ...]:
    """The ids of the Patients that this one is linked to."""
    if patient.get("link") is None:
        return ()
    named = (text(mapping(each.get("other")).get("reference")) for each in objects(patient["link"]))
    return tuple(each.rsplit("/", 1)[-1] for each in named if "Patient/" in each)
