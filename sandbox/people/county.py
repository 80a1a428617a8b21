"""Fernshire: a county that is on no map, its hospitals, practices and places."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sandbox.people.fhir import HL7, LOCAL, ODS, Resource, coding, concept, ref

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


def county(sites: int) -> Iterator[Resource]:
    """The organisations, practitioners and places of a county of so many hospitals."""
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
