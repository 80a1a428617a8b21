"""The community services of Fernshire: whom they take, when, and how fast they promise to come."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.people.county import COMMUNITY, COUNCIL, HOSPICE, org
from sandbox.people.fhir import LOCAL, Resource, category, coding, concept

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


def service(identity: str) -> Service:
    """The service of this id."""
    return next(each for each in SERVICES if each.id == identity)


def healthcare_service(each: Service) -> Resource:
    """The service as a HealthcareService."""
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
