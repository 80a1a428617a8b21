"""Made-up people and waits to put on the screens."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from clinical.moments import Moment, at_instant, read_moment
from clinical.news2 import News2Reading
from clinical.person import Confidentiality, NhsNumber, Person
from clinical.review import Actor, Review, ReviewStatus
from clinical.waiting import EmergencyDepartment, Place, PlaceKind, WaitingPatient

NOW = datetime(2026, 7, 1, 11, 0, tzinfo=UTC)


def moment(text: str) -> Moment:
    """A moment that has to be readable."""
    read = read_moment(text)
    assert read is not None
    return read


def person(**changes: Any) -> Person:
    """Anna Testperson, 88, with a verified NHS number."""
    parts: dict[str, Any] = {
        "patient": "p1",
        "family": "Testperson",
        "given": "Anna",
        "title": "Mrs",
        "birth_date": moment("1938-03-05"),
        "gender": "female",
        "nhs_numbers": (NhsNumber("9990000026", True, "01"),),
        "deceased": False,
        "deceased_at": None,
        "confidentiality": Confidentiality.NORMAL,
    }
    return Person(**{**parts, **changes})


def news2(score: int | None = 2, minutes_ago: int = 12, **changes: Any) -> News2Reading:
    """A NEWS2 whose parameters give what was recorded."""
    parts: dict[str, Any] = {
        "total": score,
        "computed": score,
        "points": (),
        "missing": (),
        "scale_2": False,
        "taken_at": at_instant(NOW - timedelta(minutes=minutes_ago)),
        "source": "Test Ambulance Service",
        "reference": "Observation/n1",
    }
    return News2Reading(**{**parts, **changes})


def review(**changes: Any) -> Review:
    """A review asked for by Cora Coordinator ten minutes ago."""
    parts: dict[str, Any] = {
        "task": "t1",
        "version": "1",
        "encounter": "e1",
        "patient": "p1",
        "status": ReviewStatus.REQUESTED,
        "record_status": "requested",
        "requested_by": Actor("c1", "Cora Coordinator", "Test ED"),
        "requested_at": at_instant(NOW - timedelta(minutes=10)),
        "reason": "Fall, no apparent injury",
        "owner": None,
        "claimed_at": None,
        "outcome": None,
        "outcome_reason": "",
        "outcome_service": "",
        "decided_at": None,
        "notes": (),
        "response": "",
        "referral": "",
    }
    return Review(**{**parts, **changes})


def waiting(minutes: int | None = 42, **changes: Any) -> WaitingPatient:
    """Somebody who has waited for ``minutes`` in an ambulance outside the Test ED."""
    parts: dict[str, Any] = {
        "encounter": "e1",
        "encounter_version": "1",
        "person": person(),
        "waiting_since": None
        if minutes is None
        else at_instant(NOW - timedelta(minutes=minutes, seconds=23)),
        "department": EmergencyDepartment("ed1", "Test Royal ED", "TST01"),
        "place": Place(PlaceKind.VEHICLE, "Ambulance bay 3", "TA123"),
        "reason": "Fall at home",
        "reason_codes": (),
        "incident": "INC1",
        "findings": (),
        "news2": news2(),
        "news2_before": None,
        "review": None,
    }
    return WaitingPatient(**{**parts, **changes})
