"""What became of them, read from the record, against the books of the made-up people."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from clinical.moments import at_instant
from clinical.outcomes import (
    DAY,
    HOUR,
    Departure,
    RedirectCase,
    Verdict,
    admitted_within,
    attendance_avoided,
    attended_within,
    died_within,
    redirect_reversed,
    redirected,
    two_hour_response,
)
from clinical.person import Caller
from fhir_queries.asking import Answer, Reading
from fhir_queries.errors import BadRecord, RecordUnavailable
from fhir_queries.outcomes import CasesRead, read_cases, read_outcomes
from fhir_queries.profile import RecordProfile
from fhir_queries.reading import follow_up
from fhir_queries.reading.outcome_facts import frailty_facts, newest_frailty
from fhir_queries.record import SharedRecord
from tests.fhir_queries.questions.conftest import ROOT, connect, serve
from tests.fhir_queries.questions.shapes import (
    LOCAL,
    SNOMED,
    Told,
    answered,
    of_patient,
    somebody,
    wait,
)
from tests.fhir_queries.questions.truth import NAMES, answers

START, END = datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a record of some months and the truth of it."""
    folder = tmp_path_factory.mktemp("years")
    now = datetime.now(UTC).replace(microsecond=0).isoformat()
    arguments = ("--years", "0.4", "--seed", "5", "--end", now)
    files = ("--db", str(folder / "record.db"), "--truth", str(folder / "truth.json"))
    command = [sys.executable, "-m", "sandbox", "seed", *arguments, *files]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return folder


@pytest.fixture(scope="module")
def months(seeded: Path) -> Iterator[SharedRecord]:
    """That record, served."""
    for base in serve("--db", str(seeded / "record.db")):
        yield from connect(base)


@pytest.fixture(scope="module")
def read(months: SharedRecord, seeded: Path, coordinator: Caller) -> CasesRead:
    """Every case of it."""
    as_at = datetime.fromisoformat(truth(seeded)["as_at"])
    return read_cases(months, coordinator, as_at - timedelta(days=200), as_at + DAY)


def truth(folder: Path) -> Any:
    """What the made-up people's own books say."""
    return json.loads((folder / "truth.json").read_text("utf-8"))


def test_every_case_agrees_with_the_books(read: CasesRead, seeded: Path) -> None:
    books = truth(seeded)
    as_at = datetime.fromisoformat(books["as_at"])
    cases = {case.task: case for case in read.cases}
    assert read.complete
    assert read.set_aside == 0
    assert len(books["decisions"]) > 300
    for line in books["decisions"]:
        case = cases[line["task"]]
        assert said_of(case, as_at, line) == written(line), line["task"]


COMPARED: dict[str, Callable[[RedirectCase, datetime], Verdict]] = {
    "redirected": redirected,
    "reversed": redirect_reversed,
    "attendance_within_24h": lambda case, as_at: attended_within(case, 24 * HOUR, as_at),
    "attendance_avoided": lambda case, as_at: attendance_avoided(case, 24 * HOUR, as_at),
    "admission_within_72h": lambda case, as_at: admitted_within(case, 72 * HOUR, as_at),
    "admission_within_7d": lambda case, as_at: admitted_within(case, 7 * DAY, as_at),
    "admission_within_30d": lambda case, as_at: admitted_within(case, 30 * DAY, as_at),
    "reattendance_72h": lambda case, as_at: attended_within(case, 72 * HOUR, as_at),
    "death_7d": lambda case, as_at: died_within(case, 7 * DAY, as_at),
    "death_30d": lambda case, as_at: died_within(case, 30 * DAY, as_at),
    "response_2h": lambda case, as_at: two_hour_response(case, 2 * HOUR, as_at),
}
OF_EVERYBODY = ("flagged", "decided", "withdrawn")
"""Counts that also ask of reviews still open at the end, which the books don't list."""
RESPONSE = {"met": "yes", "not-met": "no", "not-recorded": "unknown"}
ALWAYS = ("redirected", "reversed")


def said_of(case: RedirectCase, as_at: datetime, line: Any) -> dict[str, Any]:
    """What the case says, in the words of the books."""
    said: dict[str, Any] = {
        "outcome": "withdrawn"
        if case.withdrawn
        else case.outcome.value
        if case.outcome is not None
        else None,
        "reason": case.reason,
        "frailty": case.frailty,
        "ethnicity": case.ethnicity or None,
        "deprivation": case.deprivation,
        "visible": case.follow_up_visible,
        "waited": _seconds(case.waiting_since, line["arrived_at"] if line["wait_held"] else None),
        "decided": _seconds(case.decided_at, line["decided_at"]),
    }
    for name, ask in COMPARED.items():
        if line["redirected"] == "yes" or name in ALWAYS:
            said[name] = ask(case, as_at).value
    return said


def written(line: Any) -> dict[str, Any]:
    """What the books say of the same, as far as the record still holds the wait."""
    said: dict[str, Any] = {
        "outcome": line["outcome"],
        "reason": line["reason"] if line["wait_held"] else "",
        "frailty": line["frailty"],
        "ethnicity": line["ethnicity"],
        "deprivation": line["deprivation_decile"],
        "visible": line["follow_up_visible"],
        "waited": 0,
        "decided": 0,
    }
    for name in COMPARED:
        if line["redirected"] == "yes" or name in ALWAYS:
            said[name] = RESPONSE.get(line[name], line[name])
    return said


def _seconds(moment: Any, text: str | None) -> float:
    if text is None or moment is None:
        return 0 if text is None and moment is None else -1
    return float(int((moment.earliest - datetime.fromisoformat(text)).total_seconds()))


def test_the_counts_are_those_of_the_books(
    months: SharedRecord, seeded: Path, coordinator: Caller
) -> None:
    books = truth(seeded)
    as_at = datetime.fromisoformat(books["as_at"])
    found = read_outcomes(months, coordinator, as_at - timedelta(days=200), as_at + DAY, as_at)
    assert "pending" in {line["redirected"] for line in books["decisions"]}
    # Not the books' own totals: they also count the answers of those not known to have left
    for name, given in zip(NAMES, zip(*map(answers, books["decisions"]), strict=True), strict=True):
        if name in OF_EVERYBODY:
            continue
        of = Counter(answer for answer in given if answer)
        count = found.counts[name]
        assert (count.of, count.yes, count.pending, count.unknown) == (
            of.total(),
            of["yes"],
            of["pending"],
            of["unknown"],
        ), name
    avoided = found.counts["admission-avoided-72h"]
    assert 0 < avoided.yes < avoided.of
    assert avoided.of == sum(line["redirected"] == "yes" for line in books["decisions"])


def test_a_case_belongs_to_the_period_of_its_decision(
    months: SharedRecord, seeded: Path, coordinator: Caller
) -> None:
    as_at = datetime.fromisoformat(truth(seeded)["as_at"])
    middle = as_at - timedelta(days=60)
    before = read_cases(months, coordinator, as_at - timedelta(days=200), middle)
    after = read_cases(months, coordinator, middle, as_at + DAY)
    everything = read_cases(months, coordinator, as_at - timedelta(days=200), as_at + DAY)
    assert {c.task for c in before.cases} & {c.task for c in after.cases} == set()
    assert len(before.cases) + len(after.cases) == len(everything.cases)
    for case in before.cases:
        at = case.decided_at or case.flagged_at
        assert at is not None
        assert at.earliest < middle


def a_review(**more: Any) -> dict[str, Any]:
    """A Task: redirected on 10 November."""
    return {
        "resourceType": "Task",
        "id": "t1",
        "status": "completed",
        "identifier": [{"system": f"{LOCAL}/Id/redirect-review", "value": "wait-1"}],
        "encounter": {"reference": "Encounter/wait-1"},
        "for": {"reference": "Patient/p1"},
        "authoredOn": "2026-11-10T10:00:00Z",
        "businessStatus": {
            "coding": [{"system": f"{LOCAL}/CodeSystem/review-outcome", "code": "redirected"}]
        },
        "executionPeriod": {"start": "2026-11-10T10:05:00Z", "end": "2026-11-10T10:30:00Z"},
        **more,
    }


LEFT = wait(
    status="finished",
    period={"start": "2026-11-10T09:00:00Z", "end": "2026-11-10T11:00:00Z"},
    statusHistory=[{"status": "arrived", "period": {"start": "2026-11-10T09:00:00Z"}}],
)


def one_case(coordinator: Caller, patient: Any = None, **answers: Any) -> RedirectCase:
    """The case of one review with these answers around it."""
    reviews = answered("reviews", a_review(), included=[LEFT, patient or somebody()])
    record = Told({"reviews": reviews, **answers})
    (case,) = read_cases(record, coordinator, START, END).cases
    return case


def test_follow_up_that_could_not_be_read_is_unknown_and_never_avoided(
    coordinator: Caller,
) -> None:
    failed = Answer("encounters-0", Reading.FAILED, error=RecordUnavailable("timeout"))
    case = one_case(coordinator, **{"encounters-0": failed})
    assert not case.follow_up_visible
    assert attendance_avoided(case, 24 * HOUR, END).value == "unknown"
    part = answered("encounters-0", complete=False)
    assert not one_case(coordinator, **{"encounters-0": part}).follow_up_visible
    assert one_case(coordinator).follow_up_visible


def test_without_a_valid_nhs_number_nothing_found_is_unknown(coordinator: Caller) -> None:
    assert not one_case(coordinator, somebody(identifier=[])).follow_up_visible


def test_an_attendance_in_another_record_of_the_same_person_counts(coordinator: Caller) -> None:
    back = of_patient(
        "Encounter",
        "e2",
        "p2",
        status="finished",
        **{"class": {"code": "EMER"}, "period": {"start": "2026-11-10T20:00:00Z"}},
    )
    case = one_case(
        coordinator,
        **{
            "number-0": answered("number-0", somebody(), somebody("p2")),
            "encounters-0": answered("encounters-0", back),
        },
    )
    assert len(case.attendances) == 1


def test_reviews_on_a_page_not_read_give_no_counts(coordinator: Caller) -> None:
    for missing in ({"complete": False}, {"set_aside": 1}):
        record = Told({"reviews": answered("reviews", **missing)})
        with pytest.raises(BadRecord, match="no counts are given"):
            read_outcomes(record, coordinator, START, END, END)


def test_a_silent_record_gives_no_counts(coordinator: Caller) -> None:
    with pytest.raises(RecordUnavailable):
        read_outcomes(Told({"reviews": RecordUnavailable("x")}), coordinator, START, END, END)


@pytest.mark.parametrize(
    ("encounter", "departure"),
    [
        (LEFT, Departure.LEFT),
        (LEFT | {"status": "cancelled"}, Departure.LEFT),
        (LEFT | {"period": {}}, Departure.NOT_KNOWN),
        (LEFT | {"status": "entered-in-error"}, Departure.NOT_KNOWN),
        (LEFT | {"status": "unknown"}, Departure.NOT_KNOWN),
        (LEFT | {"status": "arrived"}, Departure.STILL_HERE),
        (LEFT | {"status": "in-progress"}, Departure.HANDED_OVER),
        (LEFT | {"status": "triaged"}, Departure.HANDED_OVER),
        (
            LEFT | {"statusHistory": [*LEFT["statusHistory"], {"status": "in-progress"}]},
            Departure.HANDED_OVER,
        ),
        (None, Departure.NOT_KNOWN),
    ],
)
def test_how_a_wait_ended(encounter: Any, departure: Departure) -> None:
    assert follow_up.departure(encounter, RecordProfile())[0] is departure


METHOD = "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-AdmissionMethod"


@pytest.mark.parametrize(
    ("hospitalization", "counts"),
    [
        ({}, True),
        ({"admitSource": {"coding": [{"code": "emd"}]}}, True),
        ({"admitSource": {"coding": [{"code": "gp"}]}}, False),
    ],
)
def test_an_admission_without_a_method_counts_unless_it_says_elective(
    hospitalization: Any, counts: bool
) -> None:
    admission = {
        "status": "finished",
        "class": {"code": "IMP"},
        "hospitalization": hospitalization,
    }
    codes = RecordProfile().codes
    assert follow_up.is_emergency_admission(admission, codes) is counts


@pytest.mark.parametrize("code", ["21", "2A", "28", "11", "13", "31", "82"])
def test_the_admission_method_decides(code: str) -> None:
    extension = {"url": METHOD, "valueCodeableConcept": {"coding": [{"code": code}]}}
    admission = {
        "status": "finished",
        "class": {"code": "IMP"},
        "hospitalization": {"extension": [extension]},
    }
    emergency = code.startswith("2")
    codes = RecordProfile().codes
    assert follow_up.is_emergency_admission(admission, codes) is emergency
    assert not follow_up.is_emergency_admission(admission | {"status": "planned"}, codes)


@pytest.mark.parametrize(
    ("observation", "level"),
    [
        ({"code": {"coding": [{"system": SNOMED, "code": "1129381000000102"}]}}, 6),
        (
            {
                "code": {"coding": [{"code": "1129321000000103"}]},
                "valueQuantity": {"value": 7},
            },
            7,
        ),
        ({"code": {"coding": [{"code": "445414007"}]}, "valueInteger": 4}, 4),
        ({"code": {"coding": [{"code": "445414007"}]}, "valueInteger": 11}, None),
        ({"code": {"coding": [{"code": "445414007"}]}, "valueString": "six"}, None),
        (
            {
                "status": "entered-in-error",
                "code": {"coding": [{"code": "445414007"}]},
                "valueInteger": 4,
            },
            None,
        ),
    ],
)
def test_frailty_by_level_code_or_by_score(observation: Any, level: int | None) -> None:
    assert follow_up.frailty_level(observation) == level
    decided = at_instant(datetime(2026, 11, 10, tzinfo=UTC))
    late = observation | {"effectiveDateTime": "2026-11-11T00:00:00Z"}
    score = frailty_facts(late | {"id": "s1", "subject": {"reference": "Patient/p1"}})
    assert newest_frailty([score] if score else [], decided) is None
