"""``python -m fhir_queries outcomes``: what became of those who were reviewed in a period."""

from __future__ import annotations

from argparse import Namespace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from clinical.moments import LONDON, utc_text
from clinical.outcome_counts import Count
from clinical.outcome_spans import Spans
from clinical.person import Caller
from fhir_queries.commands.tables import plain, table
from fhir_queries.declared import WrongSetting
from fhir_queries.outcomes import read_outcomes
from fhir_queries.port import Record


def answer(record: Record, caller: Caller, args: Namespace) -> dict[str, Any]:
    """Every count by its name, with ``definitions``; both days belong to the period.

    Raises WrongSetting where the period ends before it begins.
    """
    if args.to_date < args.from_date:
        raise WrongSetting("--to is before --from.")
    now = datetime.now(UTC)
    start, end = _midnight(args.from_date), _midnight(args.to_date + timedelta(days=1))
    found = read_outcomes(record, caller, start, end, now)
    told: dict[str, Any] = {
        "as_at": utc_text(found.as_at),
        "from": args.from_date.isoformat(),
        "to": args.to_date.isoformat(),
        "cases": found.cases,
    }
    told.update({name: _count(count) for name, count in found.counts.items()})
    told.update({name: _spans(spans) for name, spans in found.spans.items()})
    told["definitions"] = dict(found.definitions)
    return told


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=LONDON)


def _count(count: Count) -> dict[str, Any]:
    return {
        "yes": count.yes,
        "of": count.of,
        "pending": count.pending,
        "unknown": count.unknown,
        "proportion": _rounded(count.proportion),
        "completeness": _rounded(count.completeness),
    }


def _spans(spans: Spans) -> dict[str, Any]:
    return {
        "of": spans.of,
        "known": len(spans.minutes),
        "pending": spans.pending,
        "unknown": spans.unknown,
        "median_minutes": _rounded(spans.median),
        "p90_minutes": _rounded(spans.at_quantile(0.9)),
        "total_hours": _rounded(spans.total_hours),
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def words(found: dict[str, Any]) -> str:
    """Each count with its denominator, what is pending and unknown, and what it means."""
    counts, spans = [], []
    for name, each in found.items():
        if isinstance(each, dict) and "yes" in each:
            counts.append((name, *(str(each[key]) for key in ("yes", "of", "pending", "unknown"))))
        elif isinstance(each, dict) and "known" in each:
            median = each["median_minutes"]
            shown = "not known" if median is None else f"{median:g}"
            spans.append((name, shown, str(each["known"]), str(each["of"])))
    lines = [
        f"Reviews from {found['from']} to {found['to']}, as at {found['as_at']}: {found['cases']}",
        table(("count", "yes", "of", "pending", "unknown"), counts),
        "",
        table(("time", "median minutes", "known", "of"), spans),
        "",
    ]
    lines.extend(f"{name}: {plain(meaning)}" for name, meaning in found["definitions"].items())
    return "\n".join(lines)
