"""``python -m fhir_queries departments``: how every emergency department stands, in numbers."""

from __future__ import annotations

from argparse import Namespace
from typing import Any

from clinical.command_centre import PREDICTION_RULE
from clinical.person import Caller
from fhir_queries.command_centre import CommandCentreKeeper
from fhir_queries.commands.tables import plain, table
from fhir_queries.measure_reports import write_reports
from fhir_queries.open_metrics import as_json
from fhir_queries.port import Record


def answer(record: Record, caller: Caller, args: Namespace) -> dict[str, Any]:
    """The numbers as the JSON endpoint gives them; with ``--write``, the reports written too.

    Raises RecordError where the record gives no numbers.
    """
    view = CommandCentreKeeper(record).view(caller)
    if view.error is not None:
        raise view.error
    told = as_json(view)
    if args.write and view.centre is not None:
        told["reports"] = [
            f"MeasureReport/{each.get('id')}" for each in write_reports(record, view.centre)
        ]
    return told


def words(found: dict[str, Any]) -> str:
    """A line for each department and each service."""
    marks = [*(found["departments"][0]["over"] if found["departments"] else ())]
    departments = [
        (
            plain(each["name"]),
            str(each["waiting"]),
            _minutes(each["longest_wait_seconds"]),
            *(str(each["over"][mark]) for mark in marks),
            _said(each["lost_hours"]),
            _said(each["predicted_lost_hours"]),
            str(each["reviews_open"]),
        )
        for each in found["departments"] or ()
    ]
    heads = (
        "department",
        "waiting",
        "longest min",
        *(f"over {mark}" for mark in marks),
        "hours lost",
        "next hour",
        "reviews",
    )
    services = [
        (plain(each["name"]), _said(each["places_free"]), each["as_at"] or "never said")
        for each in found["services"]
    ]
    lines = [
        f"As at {found['as_at']}",
        table(heads, departments),
        "",
        table(("service", "places free", "said at"), services),
        "",
        PREDICTION_RULE,
    ]
    lines += [f"Written: {each}" for each in found.get("reports", ())]
    return "\n".join(lines)


def _minutes(seconds: float | None) -> str:
    return "not known" if seconds is None else f"{seconds // 60:.0f}"


def _said(value: float | None) -> str:
    return "not known" if value is None else f"{value:g}"
