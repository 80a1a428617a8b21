"""The person the screen is about, and the person who is asking."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from clinical.moments import Moment
from clinical.quick import quick


class Confidentiality(Enum):
    """What ``meta.security`` says of a record (HL7 v3-Confidentiality; PDS uses U, R and V)."""

    NORMAL = "normal"
    RESTRICTED = "restricted"
    VERY_RESTRICTED = "very restricted"


@quick
@dataclass(frozen=True, slots=True)
class NhsNumber:
    """An NHS number with what is known of it.

    ``verification`` is the code 01-08 of the NHS Data Dictionary's NHS number status, or empty
    where the record doesn't say.
    """

    digits: str
    check_digit_valid: bool
    verification: str = ""


@quick
@dataclass(frozen=True, slots=True)
class Person:
    """A ``Patient`` as the banner needs them. What is not recorded is None or empty."""

    patient: str
    """The id of the Patient resource in this record."""
    family: str
    given: str
    title: str
    birth_date: Moment | None
    gender: str
    """FHIR administrative gender, as recorded; empty where it isn't."""
    nhs_numbers: tuple[NhsNumber, ...]
    deceased: bool | None
    """True, False, or None where the record doesn't say."""
    deceased_at: Moment | None
    confidentiality: Confidentiality
    address: tuple[str, ...] = ()
    telephone: tuple[str, ...] = ()
    general_practice: str = ""
    general_practice_ods: str = ""
    language: str = ""
    interpreter_required: bool | None = None
    ethnicity: str = ""
    linked: tuple[str, ...] = ()
    """Ids of other Patients that ``Patient.link`` names as this person."""
    same_nhs_number: tuple[str, ...] = ()
    """Ids of other Patients in this record that carry one of the same NHS numbers."""
    unreadable: tuple[str, ...] = ()
    """What in the Patient resource could not be read, in words."""
    organisation: str = ""
    """Who keeps this record (``Patient.managingOrganization``), in words."""


class Role(Enum):
    """What a person who signs in is here to do."""

    COMMUNITY_CLINICIAN = "community-clinician"
    ED_COORDINATOR = "ed-coordinator"
    MANAGER = "manager"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who is asking: one object, handed down from the front door to every query.

    ``user`` is an identifier in ``user_system`` (for NHS staff the SDS user id), ``organisation``
    an ODS code. ``purpose`` is a v3 PurposeOfUse code: TREAT for care, HOPERAT for counts.
    """

    user: str
    user_system: str
    name: str
    role: Role
    organisation: str
    organisation_name: str
    purpose: str = "TREAT"
