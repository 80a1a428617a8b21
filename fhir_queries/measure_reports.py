"""The departments' numbers as FHIR MeasureReports, one a department and moment.

A report is made once for each department and quarter of an hour, however many programs write:
created only where the record has none of that identifier yet. It is never changed afterwards.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from clinical.command_centre import PREDICTION_RULE, CommandCentre, DepartmentNow
from clinical.moments import utc_text
from fhir_queries.asking import Resource
from fhir_queries.errors import RecordError
from fhir_queries.port import Record
from fhir_queries.reading.codes import LOCAL

MEASURE = f"{LOCAL}/Measure/ambulance-handover-now"
REPORT_IDENTIFIER = f"{LOCAL}/Id/handover-report"
NUMBER_SYSTEM = f"{LOCAL}/CodeSystem/handover-number"
EVERY = timedelta(minutes=15)


def write_reports(record: Record, centre: CommandCentre) -> tuple[Resource, ...]:
    """The reports of this moment's quarter of an hour as the record holds them.

    Raises RecordError where one can't be written: those before it then stand, and writing again
    completes them.
    """
    stored: list[Resource] = []
    for report in measure_reports(centre):
        identifier = report["identifier"][0]
        condition = f"identifier={identifier['system']}|{identifier['value']}"
        held = record.create(report, if_none_exist=condition)
        if held.get("resourceType") != "MeasureReport":
            raise RecordError("the record kept no MeasureReport")
        stored.append(held)
    return tuple(stored)


def measure_reports(centre: CommandCentre) -> tuple[Resource, ...]:
    """One MeasureReport for each department: a summary of the moment at which it was counted.

    What isn't known has a group with a data-absent reason, and no number.
    """
    return tuple(_report(each, centre) for each in centre.departments)


def _report(now: DepartmentNow, centre: CommandCentre) -> Resource:
    quarter = _quarter(centre.as_at)
    return {
        "resourceType": "MeasureReport",
        "identifier": [
            {
                "system": REPORT_IDENTIFIER,
                "value": f"{now.department.id or 'unnamed'}.{quarter:%Y%m%dT%H%MZ}",
            }
        ],
        "status": "complete" if centre.complete else "error",
        "type": "summary",
        "measure": MEASURE,
        "date": utc_text(centre.as_at),
        "reporter": {
            **({"reference": f"Organization/{now.department.id}"} if now.department.id else {}),
            "display": now.department.name or "Department not named",
        },
        "period": {"start": utc_text(centre.as_at), "end": utc_text(centre.as_at)},
        "group": [
            _group("waiting", "Patients waiting", now.waiting),
            _group(
                "start-not-known", "Of those, without a known start of wait", now.start_not_known
            ),
            *(
                _group(f"over-{minutes}", f"Waiting longer than {minutes} minutes", count)
                for minutes, count in now.over
            ),
            _score(
                "longest-wait",
                "Longest known wait",
                None if now.longest is None else now.longest / timedelta(minutes=1),
                "min",
            ),
            _score("lost-hours", "Hours lost so far", now.hours_lost_so_far, "h"),
            _score("predicted-lost-hours", PREDICTION_RULE, now.predicted_hours_lost, "h"),
            _group("reviews-open", "Redirect reviews open", now.reviews_open),
            _group("reviews-unclaimed", "Of those, that nobody has taken", now.reviews_unclaimed),
            _group("redirected-still-here", "Redirected and still here", now.redirected_still_here),
        ],
    }


def _quarter(when: datetime) -> datetime:
    when = when.astimezone(UTC)
    return when - timedelta(
        minutes=when.minute % (EVERY // timedelta(minutes=1)),
        seconds=when.second,
        microseconds=when.microsecond,
    )


def _code(code: str, words: str) -> dict[str, Any]:
    return {"coding": [{"system": NUMBER_SYSTEM, "code": code}], "text": words}


def _group(code: str, words: str, count: int) -> Resource:
    return {
        "code": _code(code, words),
        "population": [
            {
                "code": {
                    "coding": [
                        {
                            "system": "http://terminology.hl7.org/CodeSystem/measure-population",
                            "code": "initial-population",
                        }
                    ]
                },
                "count": count,
            }
        ],
    }


def _score(code: str, words: str, value: float | None, unit: str) -> Resource:
    group: Resource = {"code": _code(code, words)}
    if value is None:
        group["measureScore"] = {
            "extension": [
                {
                    "url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason",
                    "valueCode": "unknown",
                }
            ]
        }
    else:
        group["measureScore"] = {
            "value": round(value, 4),
            "unit": unit,
            "system": "http://unitsofmeasure.org",
            "code": unit,
        }
    return group
