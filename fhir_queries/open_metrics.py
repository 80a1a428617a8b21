"""The departments' numbers for a command centre's own screens: OpenMetrics text, or JSON.

Both say when the numbers were true; what isn't known is left out of the metrics and null in the
JSON, never 0. Numbers of departments only: nothing here is of one person.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from clinical.capacity import ServiceCapacity
from clinical.command_centre import CommandCentre, DepartmentNow
from clinical.moments import utc_text
from fhir_queries.command_centre import CentreView

CONTENT_TYPE = "application/openmetrics-text; version=1.0.0; charset=utf-8"

METRICS: dict[str, str] = {
    "handover_up": "1 where the newest reading of the record gave numbers, else 0.",
    "handover_as_at_seconds": "When the numbers were true, in seconds since 1970 UTC.",
    "handover_complete": "1 where all of the queue was read; 0 where the numbers are too low.",
    "handover_waiting": "Patients waiting to be handed over.",
    "handover_waiting_start_not_known": "Of those, without a known start of the wait.",
    "handover_longest_wait_seconds": "The longest known wait.",
    "handover_waiting_over": "Patients who have waited strictly longer than so many minutes.",
    "handover_lost_hours": "Hours waited beyond the first threshold by those who wait now.",
    "handover_predicted_lost_hours": "Hours lost in the next hour if the last hour goes on.",
    "handover_arrived_last_hour": "Waits that began in the last hour.",
    "handover_left_last_hour": "Waits that ended in the last hour.",
    "handover_reviews_open": "Redirect reviews asked for, held or deferred.",
    "handover_reviews_unclaimed": "Redirect reviews that nobody has taken.",
    "handover_redirected_still_here": "Redirected patients who have not left yet.",
    "handover_service_places_free": "Places free in a community service, as last said.",
    "handover_service_places_as_at_seconds": "When that was said, in seconds since 1970 UTC.",
    "handover_service_open": "1 where the community service is open now, 0 where it is closed.",
}


def as_metrics(view: CentreView) -> bytes:
    """The numbers in the OpenMetrics text format, 1.0.0."""
    from prometheus_client import CollectorRegistry  # noqa: PLC0415 - only where it is asked for
    from prometheus_client.core import GaugeMetricFamily  # noqa: PLC0415
    from prometheus_client.openmetrics.exposition import generate_latest  # noqa: PLC0415

    class Numbers:
        def collect(self) -> list[GaugeMetricFamily]:
            return [
                _family(GaugeMetricFamily, name, samples)
                for name, samples in _samples(view).items()
            ]

    registry = CollectorRegistry(auto_describe=False)
    registry.register(Numbers())
    return bytes(generate_latest(registry))  # type: ignore[no-untyped-call]


Samples = list[tuple[dict[str, str], float]]


def _family(kind: Any, name: str, samples: Samples) -> Any:
    labels = list(samples[0][0]) if samples else []
    family = kind(name, METRICS[name], labels=labels)
    for by, value in samples:
        family.add_metric(list(by.values()), value)
    return family


def _samples(view: CentreView) -> dict[str, Samples]:
    found: dict[str, Samples] = {
        "handover_up": [({}, float(view.centre is not None and view.error is None))]
    }
    if view.centre is not None:
        found["handover_as_at_seconds"] = [({}, view.centre.as_at.timestamp())]
        found["handover_complete"] = [({}, float(view.centre.complete))]
        for department in view.centre.departments:
            for name, by, value in _of_department(department):
                found.setdefault(name, []).append((by, value))
    for capacity in view.capacity:
        for name, by, value in _of_service(capacity):
            found.setdefault(name, []).append((by, value))
    return found


def _of_department(now: DepartmentNow) -> Sequence[tuple[str, dict[str, str], float]]:
    by = {"department": now.department.name or now.department.id, "ods": now.department.ods}
    told: list[tuple[str, dict[str, str], float | None]] = [
        ("handover_waiting", by, now.waiting),
        ("handover_waiting_start_not_known", by, now.start_not_known),
        ("handover_longest_wait_seconds", by, _seconds(now.longest)),
        *(("handover_waiting_over", {**by, "minutes": str(m)}, n) for m, n in now.over),
        ("handover_lost_hours", by, now.hours_lost_so_far),
        ("handover_predicted_lost_hours", by, now.predicted_hours_lost),
        ("handover_arrived_last_hour", by, now.flow.arrived if now.flow else None),
        ("handover_left_last_hour", by, now.flow.left if now.flow else None),
        ("handover_reviews_open", by, now.reviews_open),
        ("handover_reviews_unclaimed", by, now.reviews_unclaimed),
        ("handover_redirected_still_here", by, now.redirected_still_here),
    ]
    return [(name, each, value) for name, each, value in told if value is not None]


def _of_service(capacity: ServiceCapacity) -> Sequence[tuple[str, dict[str, str], float]]:
    by = {"service": capacity.service.name, "id": capacity.service.id}
    told: list[tuple[str, dict[str, str], float | None]] = [
        ("handover_service_places_free", by, capacity.free),
        (
            "handover_service_places_as_at_seconds",
            by,
            capacity.as_at.timestamp() if capacity.as_at is not None else None,
        ),
        ("handover_service_open", by, capacity.openness.open),
    ]
    return [(name, each, float(value)) for name, each, value in told if value is not None]


def _seconds(span: timedelta | None) -> float | None:
    return None if span is None else span.total_seconds()


def as_json(view: CentreView) -> dict[str, Any]:
    """The same numbers as JSON; null is what isn't known."""
    return {
        "up": view.centre is not None and view.error is None,
        "error": str(view.error) if view.error is not None else None,
        **_centre(view.centre),
        "services": [_service(each) for each in view.capacity],
        "services_error": str(view.capacity_error) if view.capacity_error is not None else None,
    }


def _centre(centre: CommandCentre | None) -> dict[str, Any]:
    if centre is None:
        return {"as_at": None, "complete": False, "set_aside": None, "departments": None}
    return {
        "as_at": utc_text(centre.as_at),
        "complete": centre.complete,
        "set_aside": centre.set_aside,
        "departments": [
            {
                "name": now.department.name,
                "ods": now.department.ods or None,
                "waiting": now.waiting,
                "start_not_known": now.start_not_known,
                "longest_wait_seconds": _seconds(now.longest),
                "over": {str(minutes): count for minutes, count in now.over},
                "lost_hours": round(now.hours_lost_so_far, 4),
                "predicted_lost_hours": None
                if now.predicted_hours_lost is None
                else round(now.predicted_hours_lost, 4),
                "arrived_last_hour": now.flow.arrived if now.flow else None,
                "left_last_hour": now.flow.left if now.flow else None,
                "reviews_open": now.reviews_open,
                "reviews_unclaimed": now.reviews_unclaimed,
                "redirected_still_here": now.redirected_still_here,
            }
            for now in centre.departments
        ],
    }


def _service(capacity: ServiceCapacity) -> dict[str, Any]:
    return {
        "name": capacity.service.name,
        "id": capacity.service.id,
        "places_free": capacity.free,
        "as_at": None if capacity.as_at is None else utc_text(capacity.as_at),
        "source": capacity.source.value,
        "open": capacity.openness.open,
    }
