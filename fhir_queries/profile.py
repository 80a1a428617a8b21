"""What differs between shared records: the record profile, a TOML file of a site's own choices.

Three come with the program (``uk_core``, ``plain_r4``, ``bars``); a site names one of them, or
a file of its own. Whatever a file leaves out is as in ``uk_core``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from fhir_queries.declared import WrongSetting, declare, fill, read_toml

PROFILES = Path(__file__).parent / "profiles"
LOCAL = "https://handover-viewer.example/fhir/"

ENCOUNTER_STATUSES = (
    "planned",
    "arrived",
    "triaged",
    "in-progress",
    "onleave",
    "finished",
    "cancelled",
    "entered-in-error",
    "unknown",
)
_SERVICE_CATEGORY = f"{LOCAL}CodeSystem/service-category"
_SERVICE_CHARACTERISTIC = f"{LOCAL}CodeSystem/service-characteristic"
_PLACE_TYPES = "http://terminology.hl7.org/CodeSystem/location-physical-type"


@dataclass(frozen=True, slots=True)
class Wait:
    """Which Encounters are somebody waiting in an ambulance, and since when."""

    statuses: tuple[str, ...] = declare(
        "Encounter statuses that mean: arrived by ambulance, not handed over yet.",
        ("arrived",),
        allowed=ENCOUNTER_STATUSES,
    )
    classes: tuple[str, ...] = declare(
        "Encounter.class codes of a wait; an empty list asks for none.", ("EMER",)
    )
    class_system: str = declare(
        "The code system of those classes.", "http://terminology.hl7.org/CodeSystem/v3-ActCode"
    )
    class_in_search: bool = declare(
        "Whether the search names the class too; false where the record can't search by it "
        "(the class is then looked at here).",
        True,
    )
    starts_at: str = declare(
        "Which time starts the wait: the Encounter's own period, the period of one status in its "
        "history, the period of its current location, or an extension's time.",
        "period.start",
        allowed=("period.start", "status-history", "location.period.start", "extension"),
    )
    starts_at_status: str = declare(
        "With starts_at = 'status-history': the status whose period.start is the arrival.",
        "arrived",
        allowed=ENCOUNTER_STATUSES,
    )
    starts_at_extension: str = declare(
        "With starts_at = 'extension': the url of the extension that holds the arrival time.", ""
    )
    handed_over_statuses: tuple[str, ...] = declare(
        "Encounter statuses that mean: handed over to the emergency department.",
        ("in-progress", "triaged", "onleave", "finished"),
        allowed=ENCOUNTER_STATUSES,
    )
    longest_hours: int = declare(
        "An Encounter that started longer ago than this is a left-over, not a wait; 0: no limit.",
        0,
    )
    location_ids: tuple[str, ...] = declare(
        "Only those at one of these Locations wait; an empty list means wherever they are.", ()
    )
    location_physical_types: tuple[str, ...] = declare(
        "Only those at a Location of one of these physical types wait (ve, bd, wa, co, ...); "
        "an empty list means whichever.",
        (),
    )
    location_system: str = declare("The code system of physical types.", _PLACE_TYPES)
    vehicle_types: tuple[str, ...] = declare("Physical types that are a vehicle.", ("ve",))
    bay_types: tuple[str, ...] = declare("Physical types that are a bay.", ("bd", "wa"))
    corridor_types: tuple[str, ...] = declare("Physical types that are a corridor.", ("co",))
    only_with_service_provider: bool = declare(
        "Only Encounters that name a serviceProvider wait: tells the emergency department's own "
        "Encounter from the ambulance service's.",
        False,
    )
    identifier_system: str = declare(
        "Only Encounters with an identifier of this system wait; empty: whichever.", ""
    )
    not_identifier_system: str = declare(
        "Encounters with an identifier of this system are the sender's, and no wait; "
        "empty: there is no such system.",
        "",
    )
    incident_systems: tuple[str, ...] = declare(
        "Identifier systems that hold the ambulance call or incident number; with an empty list "
        "the Encounter's first identifier is shown.",
        (),
    )
    join_by_episode: bool = declare(
        "Whether the ambulance service's findings hang on its own Encounter, joined to the "
        "department's by Encounter.episodeOfCare (BaRS).",
        False,
    )


@dataclass(frozen=True, slots=True)
class PersonRules:
    """How this record names a person."""

    nhs_number_systems: tuple[str, ...] = declare(
        "Identifier systems that hold an NHS number.", ("https://fhir.nhs.uk/Id/nhs-number",)
    )
    local_number_systems: tuple[str, ...] = declare(
        "Identifier systems of the record's own person numbers, to show beside the NHS number.", ()
    )
    verification_extension: str = declare(
        "Where the NHS number's verification status stands; empty: nowhere.",
        "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-NHSNumberVerificationStatus",
    )
    other_records: bool = declare(
        "Whether to look for further Patients with the same NHS number.", True
    )


@dataclass(frozen=True, slots=True)
class SearchRules:
    """Which searches this record takes. ``find-out`` tries, and remembers what happened."""

    batch: str = declare(
        "Whether several searches travel as one batch.",
        "find-out",
        allowed=("find-out", "yes", "no"),
    )
    include: str = declare(
        "Whether _include and _revinclude work; 'no' leaves them out and fetches instead.",
        "find-out",
        allowed=("find-out", "yes", "no"),
    )
    patient_form: str = declare(
        "How a patient is named in a search: patient=Patient/ID, patient=ID, subject=Patient/ID.",
        "find-out",
        allowed=("find-out", "patient=Patient/ID", "patient=ID", "subject=Patient/ID"),
    )
    avoid: tuple[str, ...] = declare(
        "Parameters never to send, as 'Type:parameter' ('*:_sort' for every type). What they "
        "would have filtered or included is filtered or fetched here.",
        (),
    )
    page_size: int = declare("The _count asked for; 0 leaves it to the server.", 200)
    page_links: str = declare(
        "'as-sent' follows a next link as it is, if it has the record's own origin. "
        "'on-our-address' puts its path and query on the record's address: for a record behind a "
        "proxy that writes its inner name into links.",
        "as-sent",
        allowed=("as-sent", "on-our-address"),
    )
    post_identifiers: bool = declare(
        "Where batch isn't taken: send searches by identifier, name or birth date as POST "
        "_search, so that nothing that identifies a person is in a URL.",
        True,
    )


@dataclass(frozen=True, slots=True)
class HistoryRules:
    """What this record holds of a person's history."""

    not_held: tuple[str, ...] = declare(
        "Resource types that this record doesn't hold: not asked for, and shown as not held.", ()
    )
    months: int = declare(
        "How far back observations and results are asked for, in months; 0: all there is.", 0
    )
    everything: bool = declare("Whether Patient/$everything is to be asked instead.", False)


@dataclass(frozen=True, slots=True)
class Services:
    """Which HealthcareServices somebody may be redirected to."""

    category_system: str = declare("The system of the category that says so.", _SERVICE_CATEGORY)
    category: str = declare(
        "The category code that says so; empty: every active service.", "redirect"
    )
    characteristic_system: str = declare(
        "The system of the characteristic that promises a response.", _SERVICE_CHARACTERISTIC
    )
    response_prefix: str = declare(
        "What a characteristic code starts with before the minutes promised.", "response-minutes-"
    )
    diaries: bool = declare(
        "Whether free Slots of a service's Schedule are counted as its places; false where its "
        "diary in this record isn't kept for that.",
        True,
    )


@dataclass(frozen=True, slots=True)
class Writing:
    """What this record takes when it is written to."""

    transaction: bool = declare(
        "Whether a decision can be written as one transaction. Without, its parts go one by one, "
        "the one that says it is decided last.",
        True,
    )
    if_match: str = declare(
        "Whether If-Match is honoured: 'check' looks at the version before and after each write.",
        "check",
        allowed=("check", "honoured"),
    )
    audit: bool = declare(
        "Whether an AuditEvent goes into this record with each read. False only where the record "
        "writes its own audit of every read.",
        True,
    )
    return_preference: str = declare(
        "The Prefer header of writes; empty sends none.",
        "return=representation",
        allowed=("", "return=representation", "return=minimal"),
    )


@dataclass(frozen=True, slots=True)
class SignIn:
    """How callers of this record are known to it."""

    way: str = declare(
        "'none': the record asks for no token; 'bearer': one token for the whole program; "
        "'caller': the token of whoever is signed in.",
        "bearer",
        allowed=("none", "bearer", "caller"),
    )
    user_system: str = declare(
        "The identifier system of a clinician's user id.", "https://fhir.nhs.uk/Id/sds-user-id"
    )
    organisation_system: str = declare(
        "The identifier system of organisations.", "https://fhir.nhs.uk/Id/ods-organization-code"
    )


@dataclass(frozen=True, slots=True)
class Codes:
    """Codes that a site may record differently. A code is written 'system|code'."""

    news2_total: tuple[str, ...] = declare(
        "What an Observation of a NEWS2 total is coded as.",
        ("http://snomed.info/sct|1104051000000101",),
    )
    emergency_classes: tuple[str, ...] = declare(
        "Encounter classes that are an attendance at an emergency department.", ("EMER",)
    )
    admission_classes: tuple[str, ...] = declare(
        "Encounter classes that are an admission.", ("IMP", "ACUTE", "NONAC")
    )
    emergency_admission_codes: tuple[str, ...] = declare(
        "Admission method or source codes that make an admission an emergency one; with an empty "
        "list every admission counts unless it says elective.",
        ("21", "22", "23", "24", "25", "28", "2A", "2B", "2C", "2D"),
    )
    community_classes: tuple[str, ...] = declare(
        "Encounter classes that are contacts outside hospital.", ("HH", "AMB", "VR", "FLD")
    )


@dataclass(frozen=True, slots=True)
class RecordProfile:
    """One site's shared record. Its name is the file's stem."""

    name: str = declare("What this profile is called.", "uk_core")
    title: str = declare("What it is for, in a sentence.", "")
    record_name: str = declare(
        "What clinicians call this record, as screens show it.", "the shared record"
    )
    headers: Mapping[str, str] = field(
        default_factory=dict, metadata={"doc": "Extra headers to send with every request."}
    )
    local: str = declare("The namespace of this program's own codes and identifiers.", LOCAL)
    wait: Wait = field(default_factory=Wait, metadata={"doc": "Who is waiting, and since when."})
    person: PersonRules = field(
        default_factory=PersonRules, metadata={"doc": "How a person is named."}
    )
    searches: SearchRules = field(
        default_factory=SearchRules, metadata={"doc": "Which searches the record takes."}
    )
    history: HistoryRules = field(
        default_factory=HistoryRules, metadata={"doc": "What it holds of a person's history."}
    )
    services: Services = field(
        default_factory=Services, metadata={"doc": "Who may be redirected to."}
    )
    writing: Writing = field(
        default_factory=Writing, metadata={"doc": "What it takes when it is written to."}
    )
    sign_in: SignIn = field(default_factory=SignIn, metadata={"doc": "How its callers are known."})
    codes: Codes = field(
        default_factory=Codes, metadata={"doc": "Codes a site may record differently."}
    )


def profile_names() -> tuple[str, ...]:
    """The profiles that come with the program."""
    return tuple(sorted(path.stem for path in PROFILES.glob("*.toml")))


def load_profile(name_or_file: str) -> RecordProfile:
    """The profile of that name or file. Raises WrongSetting, with the line of the fault."""
    if name_or_file in profile_names():
        path = PROFILES / f"{name_or_file}.toml"
    elif name_or_file.endswith(".toml"):
        path = Path(name_or_file)
    else:
        raise WrongSetting(
            f"There is no profile {name_or_file!r}. Give one of {', '.join(profile_names())}, "
            "or the path of a .toml file."
        )
    found, where = read_toml(path)
    profile = fill(RecordProfile, found, where)
    return profile if "name" in found else replace(profile, name=path.stem)
