"""``python -m fhir_queries waiting``: who is waiting in ambulances."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from clinical.age import age_of
from clinical.bands import WaitingThresholds, band_for, minutes_of
from clinical.evidence import Indicator
from clinical.indicators import judge, summary
from clinical.moments import utc_text
from clinical.person import Caller
from clinical.waiting import WaitingPatient, waited
from fhir_queries.audit import opened_queue
from fhir_queries.commands.tables import plain, table
from fhir_queries.evidence import read_evidence
from fhir_queries.indicator_file import indicator_settings
from fhir_queries.port import Record
from fhir_queries.waiting import read_waiting


def answer(record: Record, caller: Caller, args: Namespace) -> dict[str, Any]:
    """``{"as_at", "waiting": [...], "set_aside"}``; ``warnings`` too where there are any."""
    del args
    departments = record.settings.departments
    audit = opened_queue(caller, departments) if record.profile.writing.audit else None
    found = read_waiting(record, audit=audit, departments=departments)
    evidence = read_evidence(record, found.waiting)
    rules = indicator_settings(record.settings.indicators)
    thresholds = WaitingThresholds(*record.settings.waiting_minutes)
    told: dict[str, Any] = {
        "as_at": utc_text(found.as_at),
        "waiting": [
            _one(
                wait,
                judge(
                    wait,
                    evidence.get(wait.person.patient, {}),
                    rules,
                    found.as_at,
                ),
                found.as_at,
                thresholds,
            )
            for wait in found.waiting
        ],
        "set_aside": found.set_aside,
    }
    if found.warnings or not found.complete:
        told["warnings"] = list(found.warnings) or ["This list may not be complete."]
    return told


def _one(
    wait: WaitingPatient,
    indicators: Sequence[Indicator],
    now: datetime,
    thresholds: WaitingThresholds,
) -> dict[str, Any]:
    since, span, age = wait.waiting_since, waited(wait, now), age_of(wait.person, now)
    counts = summary(indicators)
    review = wait.review
    return {
        "encounter": wait.encounter,
        "patient": wait.person.patient,
        "waiting_since": since.text if since is not None else None,
        "minutes": minutes_of(span),
        "band": band_for(span, thresholds).value,
        "place": wait.place.words,
        "reason": wait.reason,
        "age": age.youngest if age is not None and age.youngest == age.oldest else None,
        "news2": wait.news2.score if wait.news2 is not None else None,
        "indicators": {
            "met": counts.met,
            "not_met": counts.not_met,
            "unknown": counts.unknown,
        },
        "review": {
            "status": review.status.value if review is not None else "none",
            "owner": review.owner.name if review is not None and review.owner else None,
        },
    }


def words(found: dict[str, Any]) -> str:
    """The queue as a table, longest wait first, and what is missing from it."""
    rows = [
        (
            _or(each["minutes"], "not known"),
            each["band"],
            each["encounter"],
            each["place"],
            each["reason"] or "not recorded",
            _or(each["age"], "not known"),
            _or(each["news2"], "not known"),
            "{met} met, {not_met} not, {unknown} unknown".format(**each["indicators"]),
            _review_words(each["review"]),
        )
        for each in found["waiting"]
    ]
    headings = (
        "minutes", "band", "encounter", "place", "reason", "age", "NEWS2", "indicators", "review",
    )  # fmt: skip
    lines = [f"Waiting in ambulances, as at {found['as_at']}: {len(rows)}"]
    if rows:
        lines.append(table(headings, rows))
    lines.append(f"Could not be read: {found['set_aside']}")
    lines.extend(plain(said) for said in found.get("warnings", ()))
    return "\n".join(lines)


def _or(value: object, otherwise: str) -> str:
    return otherwise if value is None else str(value)


def _review_words(review: dict[str, Any]) -> str:
    return f"{review['status']}, {review['owner']}" if review["owner"] else str(review["status"])
