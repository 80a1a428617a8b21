"""The manager's counts at 3,000 and at 200,000 decisions: cold, warm, after ten new decisions.

``make bench-outcomes`` writes ``figures/outcomes.json``. Both records are made by the generator,
served by the embedded record over HTTP, and read as the page reads them, by the keeper; "opening"
is everything that the page asks of the table. Every count of every period and filter is held
against the generator's books; ``different`` says how many weren't equal.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from resource import RUSAGE_SELF, getrusage
from statistics import median
from time import perf_counter, sleep

from clinical.outcome_filters import Group
from clinical.person import Caller, Role
from clinical.review import Outcome
from fhir_queries import reviews
from fhir_queries.decisions import decide
from fhir_queries.outcome_feed import OVERLAP
from fhir_queries.outcome_keeper import KeptOutcomes, OutcomeKeeper
from fhir_queries.record import SharedRecord
from fhir_queries.services import read_services
from fhir_queries.settings import RecordSettings
from fhir_queries.waiting import read_waiting
from sandbox.embedded import start_embedded_record
from tests.bench.figures import ROOT, Figure, figure, write_figures
from tests.fhir_queries.questions.cases import CHECKLIST, Case, decision
from tests.fhir_queries.questions.filling import fill_in
from tests.fhir_queries.questions.truth import Truth

SDS = "https://fhir.nhs.uk/Id/sds-user-id"
MANAGER = Caller(
    "900000000004", SDS, "Teal Notreal", Role.MANAGER, "ZFR01", "Royal Fern", "HOPERAT"
)
CLINICIAN = Caller(
    "900000000001", SDS, "Wren Testington", Role.COMMUNITY_CLINICIAN, "ZFC01", "Fernshire"
)
MANY = """
[arrivals]
decisions_a_week = 958
not_reviewed_a_week = 200
[history]
problems = 0
medicines = 0
allergies = 0
crew_observations = 0
"""
"""Rates for 200,000 decisions in two years at two sites, with little besides them."""
SIZES = {"3000": "", "200000": MANY}
CHARTS = ("redirected", "admission-avoided-72h", "reattendance-72h", "no-capacity")
ROUNDS = 20


def open_page(keeper: OutcomeKeeper, since: timedelta) -> KeptOutcomes:
    """What the manager's page asks when it is opened on the time since then."""
    kept = keeper.table(MANAGER)
    chosen = kept.table.select(kept.as_at - since, kept.as_at)
    for spans in chosen.counts(kept.as_at).spans.values():
        spans.at_quantile(0.9)
    for group in Group:
        for part in chosen.by(group).values():
            part.counts(kept.as_at)
    for name in CHARTS:
        chosen.series(name, kept.as_at)
    chosen.funnel(kept.as_at)
    chosen.missed()
    chosen.by_need_service_hour(kept.as_at, CHARTS)
    return kept


def milliseconds(began: float) -> float:
    """Since then."""
    return (perf_counter() - began) * 1000


@contextmanager
def served(folder: Path, name: str, rates: str) -> Iterator[tuple[SharedRecord, Path, float]]:
    """The record of this size, its truth file, and the seconds that making both took."""
    db, truth, toml = (folder / f"{name}.{end}" for end in ("sqlite", "json", "toml"))
    toml.write_text(rates, "utf-8")
    arguments = ["--waiting", "20", "--years", "2", "--sites", "2", "--rates", str(toml)]
    command = [sys.executable, "-m", "sandbox", "seed", *arguments]
    began = perf_counter()
    subprocess.run([*command, "--db", str(db), "--truth", str(truth)], cwd=ROOT, check=True)
    took = perf_counter() - began
    running = start_embedded_record(db)
    record = SharedRecord.connect(
        RecordSettings(record_url=running.base, record_token=running.token)
    )
    try:
        yield record, truth, took
    finally:
        record.close()
        running.stop()


def read_truth(record: SharedRecord, path: Path) -> Truth:
    """The books, with the sites' names as the record writes them."""
    told = json.loads(path.read_text("utf-8"))
    sites = {line["site"] for line in told["decisions"]}
    names = {site: str(record.fetch(f"Organization/{site}")["name"]) for site in sites}
    return Truth(told["decisions"], datetime.fromisoformat(told["as_at"]), names)


def ten_decisions(record: SharedRecord) -> None:
    """Ten people who wait are reviewed, by the program's own way; seven of them are redirected."""
    waiting = [each for each in read_waiting(record).waiting if each.review is None]
    service = next(each for each in read_services(record) if each.active)
    for number, wait in enumerate(waiting[:10]):
        review = reviews.claim(record, CLINICIAN, reviews.flag(record, CLINICIAN, wait, "Look"))
        case = Case(wait, review, fill_in(record, CLINICIAN, review, CHECKLIST))
        if number % 3:
            chosen = decision(case, Outcome.REDIRECTED, CLINICIAN, service=service)
        else:
            chosen = decision(case, Outcome.PATIENT_DECLINED, CLINICIAN, reason_code="24")
        decide(record, CLINICIAN, chosen, CHECKLIST, case.draft)


def of_size(folder: Path, name: str, rates: str) -> Iterator[Figure]:
    """The figures of one size."""
    years = timedelta(days=732)
    with served(folder, name, rates) as (record, truth, took):
        yield figure(f"made_{name}", took, "s", 1)
        sleep(OVERLAP.total_seconds())
        keeper = OutcomeKeeper(record, every=timedelta(hours=9))
        began = perf_counter()
        kept = open_page(keeper, years)
        yield figure(f"cold_{name}", milliseconds(began) / 1000, "s", 1)
        yield figure(f"cold_resources_{name}", kept.resources_read, "resources", 1)
        yield figure(f"memory_{name}", getrusage(RUSAGE_SELF).ru_maxrss / 1024, "MiB", 1)
        books = read_truth(record, truth)
        yield figure(f"decisions_{name}", len(books), "decisions", 1)
        listed = {*books.tasks}
        others = [task for task in kept.table.tasks if task not in listed]
        compared = books.compare(kept.table.replace((), without=others))
        yield figure(f"compared_{name}", compared.numbers, "numbers", 1)
        yield figure(f"different_{name}", len(compared.different), "numbers", 1)
        warm = []
        for _ in range(ROUNDS):
            began = perf_counter()
            open_page(keeper, years)
            warm.append(milliseconds(began))
        yield figure(f"warm_{name}", median(warm), "ms", ROUNDS)
        ten_decisions(record)
        began = perf_counter()
        read = keeper.refresh(MANAGER).resources_read
        yield figure(f"refresh_{name}", milliseconds(began), "ms", 1)
        yield figure(f"refresh_resources_{name}", read, "resources", 1)
        began = perf_counter()
        open_page(keeper, years)
        yield figure(f"first_after_a_refresh_{name}", milliseconds(began), "ms", 1)
        began = perf_counter()
        same = keeper.table(MANAGER).table == keeper.rebuild(MANAGER).table
        yield figure(f"rebuilt_{name}", milliseconds(began) / 1000, "s", 1)
        yield figure(f"rebuilt_equal_{name}", same, "yes is 1", 1)


def main() -> int:
    """Measure both sizes and write the figures."""
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory(prefix="bench-outcomes-") as name:
        for size, rates in SIZES.items():
            figures += of_size(Path(name), size, rates)
    values = {each.name: each.value for each in figures}
    growth = values["warm_200000"] / values["warm_3000"]
    figures.append(figure("warm_growth", growth, "ratio", ROUNDS))
    write_figures("outcomes", figures)
    return 0


if __name__ == "__main__":
    sys.exit(main())
