"""Fernshire: a county that is on no map, its hospitals, practices, services and places."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sandbox.people.fhir import HL7, LOCAL, ODS, Resource, category, coding, concept, ref

EVERY_DAY = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
WEEKDAYS = EVERY_DAY[:5]
BAYS_PER_SITE = 6
VEHICLES = 40

AMBULANCE = "org-ambulance"
COMMUNITY = "org-community"
HOSPICE = "org-hospice"
COUNCIL = "org-council"
PRACTICES = {
    "practice-1": ("Rivermead Surgery", "ZFP01"),
    "practice-2": ("Old Orchard Medical Centre", "ZFP02"),
    "practice-3": ("Heronsgate Practice", "ZFP03"),
    "practice-4": ("Moorside Family Doctors", "ZFP04"),
    "practice-5": ("St Sorrel's Health Centre", "ZFP05"),
    "practice-6": ("Marsh Lane Surgery", "ZFP06"),
}
GENERAL_PRACTITIONERS = {
    "gp-1": ("Plover", "Alder", "practice-1"),
    "gp-2": ("Yarrow", "Imogen", "practice-2"),
    "gp-3": ("Dunnock", "Samir", "practice-3"),
    "gp-4": ("Bracken", "Olu", "practice-4"),
    "gp-5": ("Teasel", "Maren", "practice-5"),
    "gp-6": ("Whimbrel", "Joan", "practice-6"),
}
_SITES = (
    ("Royal Fern Hospital", "ZFR01"),
    ("Northmoor General", "ZFR02"),
    ("Marshgate Infirmary", "ZFR03"),
    ("Hollowbrook Hospital", "ZFR04"),
    ("Southcombe General", "ZFR05"),
    ("Eastwold Hospital", "ZFR06"),
    ("Quarry Hill Infirmary", "ZFR07"),
    ("Westering Hospital", "ZFR08"),
)

NAMES: dict[str, str] = {
    AMBULANCE: "Fernshire Ambulance Service NHS Trust",
    COMMUNITY: "Fernshire Community Health NHS Trust",
    HOSPICE: "Larkrise Hospice",
    COUNCIL: "Fernshire County Council Adult Social Care",
    **{identity: name for identity, (name, _) in PRACTICES.items()},
}
_ODS = {AMBULANCE: "ZFA01", COMMUNITY: "ZFC01", HOSPICE: "ZFH01", COUNCIL: "ZFL01"}


@dataclass(frozen=True, slots=True)
class Service:
    """A community service: what it takes, when it is open, how fast it promises to come."""

    id: str
    name: str
    provider: str
    response_minutes: int | None
    days: tuple[str, ...]
    opens: int
    closes: int
    """Hours of the day, Europe/London; opens == closes is round the clock."""
    comment: str
    redirect: bool = True
    active: bool = True

    def is_open(self, weekday: int, hour: int) -> bool:
        """Whether it takes referrals at this hour of this weekday (0 is Monday)."""
        if EVERY_DAY[weekday] not in self.days:
            return False
        return self.opens == self.closes or self.opens <= hour < self.closes


SERVICES = (
    Service(
        "service-ucr", "Fernshire Urgent Community Response", COMMUNITY, 120, EVERY_DAY, 8, 20,
        "Adults. Falls, decompensated frailty, reduced function, confusion. "
        "Nurse, paramedic or therapist at home within 2 hours.",
    ),
    Service(
        "service-falls", "Fernshire Falls Response", COMMUNITY, 120, EVERY_DAY, 7, 22,
        "Falls without apparent serious injury and without loss of consciousness. "
        "Lifting equipment on the car.",
    ),
    Service(
        "service-hospital-at-home", "Frailty Virtual Ward (Hospital at Home)", COMMUNITY, 240,
        EVERY_DAY, 8, 20,
        "Acute-level care at home with daily senior review: infection, frailty, heart failure.",
    ),
    Service(
        "service-nursing", "District Nursing and Urgent Catheter Care", COMMUNITY, 120,
        EVERY_DAY, 0, 0, "Blocked or bypassing catheters, wounds, injections, day and night.",
    ),
    Service(
        "service-palliative", "Larkrise Palliative Rapid Response", HOSPICE, 60, EVERY_DAY, 0, 0,
        "Symptom crisis and carer crisis in the last year of life, day and night.",
    ),
    Service(
        "service-catu", "Community Assessment and Treatment Unit, Sedge Ward", COMMUNITY, 480,
        WEEKDAYS, 9, 17,
        "Same-day comprehensive geriatric assessment, bloods, X-ray; transport arranged.",
    ),
    Service(
        "service-diabetes", "Community Diabetes Rapid Support", COMMUNITY, 120, WEEKDAYS, 9, 17,
        "Hypoglycaemia that has been corrected, insulin problems.",
    ),
    Service(
        "service-carers", "Carer Crisis and Urgent Equipment", COUNCIL, 120, EVERY_DAY, 8, 21,
        "Breakdown of unpaid care, urgent equipment, short-term care at home.",
    ),
    Service(
        "service-winter", "Winter Respiratory Hub", COMMUNITY, 240, WEEKDAYS, 9, 17,
        "Closed since the spring.", active=False,
    ),
    Service(
        "service-podiatry", "Community Podiatry", COMMUNITY, None, WEEKDAYS, 9, 17,
        "Routine referrals only.", redirect=False,
    ),
)  # fmt: skip


def site_name(site: int) -> str:
    """The hospital's name; sites count from 1."""
    return _SITES[site - 1][0] if site <= len(_SITES) else f"Fernshire Hospital {site}"


def department(site: int) -> str:
    """The id of the Organization that is the site's emergency department."""
    return f"ed-{site}"


def trust(site: int) -> str:
    """The id of the site's acute trust."""
    return f"trust-{site}"


def site_of(department_id: str) -> int:
    """The site whose department this is."""
    return int(department_id.rpartition("-")[2])


def bay(site: int, number: int) -> str:
    """The id of one ambulance bay."""
    return f"place-{site}-bay-{number}"


def corridor(site: int) -> str:
    """The id of the corridor outside the department."""
    return f"place-{site}-corridor"


def vehicle(number: int) -> str:
    """The id of one ambulance."""
    return f"vehicle-{number}"


def organisation_name(identity: str) -> str:
    """What an organisation of the county is called; its id where it is not of the county."""
    kind, _, number = identity.rpartition("-")
    if kind == "ed":
        return f"{site_name(int(number))} Emergency Department"
    if kind == "trust":
        return f"{site_name(int(number))} NHS Trust"
    return NAMES.get(identity, identity)


def org(identity: str) -> Resource:
    """A Reference to an organisation, with its name."""
    return ref("Organization", identity, organisation_name(identity))


def source(identity: str) -> str:
    """`meta.source`: the system that a resource came from."""
    return f"{LOCAL}Source/{identity}"


def service(identity: str) -> Service:
    """The service of this id."""
    return next(each for each in SERVICES if each.id == identity)


def _organisation(identity: str, ods: str, kind: str, **more: Any) -> Resource:
    return {
        "resourceType": "Organization",
        "id": identity,
        "meta": {"profile": ["https://fhir.hl7.org.uk/StructureDefinition/UKCore-Organization"]},
        "identifier": [{"system": ODS, "value": ods}],
        "active": True,
        "type": [concept(kind, coding(f"{HL7}organization-type", more.pop("kind_code", "prov")))],
        "name": organisation_name(identity),
        **more,
    }


def _place(identity: str, name: str, kind: str, words: str, **more: Any) -> Resource:
    return {
        "resourceType": "Location",
        "id": identity,
        "status": "active",
        "mode": "instance",
        "name": name,
        "physicalType": concept(words, coding(f"{HL7}location-physical-type", kind, words)),
        **more,
    }


def _site(site: int) -> Iterator[Resource]:
    ods = _SITES[site - 1][1] if site <= len(_SITES) else f"ZFR{site:02d}"
    yield _organisation(trust(site), ods, "Acute trust")
    yield _organisation(
        department(site), f"{ods}ED", "Emergency department", kind_code="dept",
        partOf=org(trust(site)),
    )  # fmt: skip
    ours = {"managingOrganization": org(department(site))}
    name = organisation_name(department(site))
    yield _place(f"place-{site}", name, "bu", "Building", **ours)
    part = {"partOf": ref("Location", f"place-{site}", name), **ours}
    for number in range(1, BAYS_PER_SITE + 1):
        yield _place(bay(site, number), f"Ambulance bay {number}", "bd", "Bed", **part)
    yield _place(corridor(site), "Ambulance corridor", "co", "Corridor", **part)


def _practices() -> Iterator[Resource]:
    for identity, (_, ods) in PRACTICES.items():
        yield _organisation(identity, ods, "General practice")
    for identity, (family, given, practice) in GENERAL_PRACTITIONERS.items():
        yield {
            "resourceType": "Practitioner",
            "id": identity,
            "identifier": [
                {
                    "system": "https://fhir.hl7.org.uk/Id/gmc-number",
                    "value": f"C99999{identity[-1]}",
                }
            ],
            "name": [{"family": family, "given": [given], "prefix": ["Dr"]}],
        }
        yield {
            "resourceType": "PractitionerRole",
            "id": f"role-{identity}",
            "practitioner": gp(identity),
            "organization": org(practice),
            "code": [concept("General practitioner")],
        }


def gp(identity: str) -> Resource:
    """A Reference to one of the county's general practitioners."""
    family, given, _ = GENERAL_PRACTITIONERS[identity]
    return ref("Practitioner", identity, f"Dr {given} {family}")


def gp_of(practice: str) -> Resource:
    """A Reference to the general practitioner of a practice."""
    return gp(f"gp-{practice[-1]}")


def _healthcare_service(each: Service) -> Resource:
    hours: Resource = {"daysOfWeek": list(each.days)}
    if each.opens == each.closes:
        hours["allDay"] = True
    else:
        hours["availableStartTime"] = f"{each.opens:02d}:00:00"
        hours["availableEndTime"] = f"{each.closes:02d}:00:00"
    made: Resource = {
        "resourceType": "HealthcareService",
        "id": each.id,
        "active": each.active,
        "providedBy": org(each.provider),
        "name": each.name,
        "comment": each.comment,
        "telecom": [{"system": "phone", "value": f"01632 960{700 + SERVICES.index(each)}"}],
        "availableTime": [hours],
        "availabilityExceptions": "Open on public holidays unless the service says otherwise.",
    }
    if each.redirect:
        made["category"] = category(
            f"{LOCAL}CodeSystem/service-category", "redirect", "Takes people from the ED queue"
        )
    if each.response_minutes is not None:
        made["characteristic"] = [
            concept(
                f"Responds within {each.response_minutes} minutes",
                coding(
                    f"{LOCAL}CodeSystem/service-characteristic",
                    f"response-minutes-{each.response_minutes}",
                ),
            )
        ]
    return made


def county(sites: int) -> Iterator[Resource]:
    """The organisations, practitioners, places and services of a county of so many hospitals."""
    yield _organisation(AMBULANCE, _ODS[AMBULANCE], "Ambulance trust")
    yield _organisation(COMMUNITY, _ODS[COMMUNITY], "Community trust")
    yield _organisation(HOSPICE, _ODS[HOSPICE], "Hospice")
    yield _organisation(COUNCIL, _ODS[COUNCIL], "Local authority", kind_code="govt")
    for site in range(1, sites + 1):
        yield from _site(site)
    yield from _practices()
    for number in range(1, VEHICLES + 1):
        yield _place(
            vehicle(number), f"Ambulance F{100 + number}", "ve", "Vehicle",
            alias=[f"F{100 + number}"],
            identifier=[{"system": f"{LOCAL}Id/call-sign", "value": f"F{100 + number}"}],
            managingOrganization=org(AMBULANCE),
        )  # fmt: skip
    for each in SERVICES:
        yield _healthcare_service(each)
