"""The community services of Fernshire: whom they take, when, how fast they promise to come, and
how many places they have left."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sandbox.people.county import COMMUNITY, COUNCIL, HOSPICE, org, organisation_name, source
from sandbox.people.fhir import (
    LOCAL,
    Resource,
    category,
    coding,
    concept,
    instant,
    later,
    period,
    person_ref,
    ref,
)

EVERY_DAY = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
WEEKDAYS = EVERY_DAY[:5]


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


@dataclass(frozen=True, slots=True)
class Places:
    """What somebody said of a service's free places, so many minutes ago."""

    service: str
    free: int
    minutes_ago: int
    said_by: tuple[str, str]
    note: str = ""


PLACES = (
    Places("service-ucr", 3, 14, ("999000000211", "Finch Lapwing")),
    Places("service-falls", 2, 25, ("999000000212", "Martin Avocet"), "One car until 18:00."),
    Places("service-nursing", 5, 40, ("999000000211", "Finch Lapwing")),
    Places("service-palliative", 1, 9 * 60, ("999000000213", "Teal Dunlin")),
    Places("service-catu", 0, 35, ("999000000214", "Wigeon Shaw"), "Next bed about 15:00."),
    Places("service-diabetes", 2, 50, ("999000000211", "Finch Lapwing")),
)
"""Kept by hand. Nobody has said anything of carer crisis support, the palliative number is old,
and the virtual ward has a diary."""
AWAY = ("service-diabetes", "Team away for training")
"""Not available around the time at which the record is made, whatever its hours say."""
DIARY = ("service-hospital-at-home", ("busy", "free", "busy", "free"))
"""The service that keeps a diary, and its hourly visits from then on."""


def service(identity: str) -> Service:
    """The service of this id."""
    return next(each for each in SERVICES if each.id == identity)


def services(now: datetime) -> Iterator[Resource]:
    """Every service, and its places as they are at ``now``."""
    for each in SERVICES:
        yield healthcare_service(each, now)
    for places in PLACES:
        yield _places(places, now)
    yield from _diary(now)


def _places(said: Places, now: datetime) -> Resource:
    accepting = service(said.service)
    at = instant(later(now, minutes=-said.minutes_ago))
    made: Resource = {
        "resourceType": "Observation",
        "id": f"places-{said.service}",
        "meta": {"source": source(accepting.provider)},
        "identifier": [{"system": f"{LOCAL}Id/service-capacity", "value": said.service}],
        "status": "final",
        "code": concept(
            "Places free in a community service",
            coding(f"{LOCAL}CodeSystem/service-capacity", "places-free"),
        ),
        "focus": [ref("HealthcareService", accepting.id, accepting.name)],
        "effectiveDateTime": at,
        "performer": [
            person_ref(*said.said_by),
            {"type": "Organization", "display": organisation_name(accepting.provider)},
        ],
        "valueInteger": said.free,
    }
    if said.note:
        made["note"] = [{"time": at, "text": said.note}]
    return made


def _diary(now: datetime) -> Iterator[Resource]:
    identity, visits = DIARY
    yield {
        "resourceType": "Schedule",
        "id": f"diary-{identity}",
        "active": True,
        "actor": [ref("HealthcareService", identity, service(identity).name)],
        "comment": "First visits of the day's new patients.",
    }
    for number, status in enumerate(visits):
        starts = later(now, minutes=30 + 60 * number)
        yield {
            "resourceType": "Slot",
            "id": f"visit-{identity}-{number + 1}",
            "schedule": ref("Schedule", f"diary-{identity}"),
            "status": status,
            "start": instant(starts),
            "end": instant(later(starts, minutes=60)),
        }


def healthcare_service(each: Service, now: datetime) -> Resource:
    """The service as a HealthcareService, as it is at ``now``."""
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
    if each.id == AWAY[0]:
        away = period(later(now, minutes=-60), later(now, minutes=5 * 60))
        made["notAvailable"] = [{"description": AWAY[1], "during": away}]
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
