"""Records that are late, partial, joined by link or marked as errors: the SQL's answer is still the
definitions' own, case by case."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from analytics.counts import Asked
from analytics.duckdb_engine import Opened
from clinical.outcome_counts import count_outcomes
from clinical.outcomes import RedirectCase
from fhir_queries.outcome_books import Books
from fhir_queries.profile import load_profile
from tests.analytics.conftest import Exported
from tests.analytics.same import held_against

Json = dict[str, Any]


def without_a_time(moment: str, chance: random.Random) -> str | None:
    """A time as careless senders write it: the day, the month or the year alone, or none."""
    return chance.choice([moment[:10], moment[:7], moment[:4], moment[:19], None, moment])


def spoilt_encounter(encounter: Json, chance: random.Random) -> None:
    """Something that happens to Encounters."""
    period = encounter.get("period", {})
    match chance.randrange(7):
        case 0 | 1 if "start" in period:
            period["start"] = without_a_time(period["start"], chance)
        case 2 if "end" in period:
            period["end"] = without_a_time(period["end"], chance)
        case 3:
            encounter["status"] = chance.choice(
                ["entered-in-error", "unknown", "cancelled", "finished", "in-progress", "arrived"]
            )
        case 4:
            encounter.pop("hospitalization", None)
        case 5:
            for past in encounter.get("statusHistory", []):
                past["period"].pop("end", None)
        case _:
            encounter["subject"]["reference"] = (
                f"https://record.example/fhir/{encounter['subject']['reference']}/_history/3"
            )


def spoilt_patient(patient: Json, chance: random.Random, ids: list[str]) -> None:
    """Something that happens to Patients."""
    numbers = patient.get("identifier", [])
    match chance.randrange(7):
        case 0 if numbers:
            numbers[0]["value"] = "9990000000"
        case 1 if numbers:
            numbers[0]["value"] = " ".join(["999", numbers[0]["value"][3:6], "0000"])
        case 2 if numbers:
            numbers[0]["use"] = "old"
        case 3:
            patient["link"] = [
                {"other": {"reference": f"Patient/{chance.choice(ids)}"}, "type": "seealso"}
            ]
        case 4:
            patient["deceasedBoolean"] = True
            patient.pop("deceasedDateTime", None)
        case 5:
            patient["birthDate"] = patient.get("birthDate", "1950-01-01")[: chance.choice([4, 7])]
        case _:
            patient.setdefault("meta", {})["security"] = [
                {"system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "code": "V"}
            ]


def spoilt_task(task: Json, chance: random.Random) -> None:
    """Something that happens to Tasks."""
    match chance.randrange(4):
        case 0 if "executionPeriod" in task:
            task["executionPeriod"].pop("start", None)
        case 1 if "executionPeriod" in task and "end" in task["executionPeriod"]:
            task["executionPeriod"]["end"] = task["executionPeriod"]["end"][:10]
        case 2:
            task.pop("encounter", None)
            task.pop(chance.choice(["focus", "note"]), None)
        case _:
            task["status"] = chance.choice(["entered-in-error", "cancelled", "completed", "failed"])


@pytest.fixture(scope="module")
def spoilt(exported: Exported, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The export, with every fifth resource as somebody sent it who didn't take care."""
    chance = random.Random(7)  # noqa: S311 - the same faults each time
    folder = tmp_path_factory.mktemp("spoilt")
    for path in exported.folder.glob("*.ndjson"):
        lines = [json.loads(line) for line in path.read_bytes().splitlines()]
        ids = [each["id"] for each in lines]
        for each in lines:
            if chance.random() < 0.2:
                match each["resourceType"]:
                    case "Encounter":
                        spoilt_encounter(each, chance)
                    case "Patient":
                        spoilt_patient(each, chance, ids)
                    case "Task":
                        spoilt_task(each, chance)
        (folder / path.name).write_text("".join(f"{json.dumps(each)}\n" for each in lines))
    return folder


def cases_of(folder: Path) -> Iterator[RedirectCase]:
    """The cases that the program's own readers make of the same resources."""
    books = Books(load_profile("uk_core"))
    for kind in ("Organization", "Patient", "Encounter", "ServiceRequest", "Observation", "Task"):
        for line in (folder / f"{kind}.ndjson").read_bytes().splitlines():
            assert books.take(json.loads(line))
    return books.cases()


def test_careless_records_are_counted_as_the_definitions_count_them(
    exported: Exported, spoilt: Path
) -> None:
    cases = list(cases_of(spoilt))
    with closing(Opened(spoilt)) as opened:
        for days in (0, 30):
            as_at = exported.as_at - timedelta(days=days)
            right = count_outcomes(cases, as_at)
            held_against(opened.figures(Asked(as_at)), {"": right})
            for name in ("redirected", "admission-avoided-72h", "death-30d"):
                assert right.counts[name].unknown > 10
