"""Two years of two EDs, read over HTTP, against the generator's own books: every count, every
period, every filter.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from clinical.outcome_filters import Group
from clinical.person import Caller
from fhir_queries.outcome_keeper import KeptOutcomes, OutcomeKeeper
from fhir_queries.record import SharedRecord
from tests.fhir_queries.questions.conftest import ROOT, connect, serve
from tests.fhir_queries.questions.truth import NAMES, Truth


@pytest.fixture(scope="module")
def two_years(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the record and its truth."""
    folder = tmp_path_factory.mktemp("two-years")
    now = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=1)
    arguments = ("--waiting", "0", "--years", "2", "--sites", "2", "--end", now.isoformat())
    files = ("--db", str(folder / "record.db"), "--truth", str(folder / "truth.json"))
    command = [sys.executable, "-m", "sandbox", "seed", *arguments, *files]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return folder


@pytest.fixture(scope="module")
def served(two_years: Path) -> Iterator[SharedRecord]:
    """That record, served."""
    for base in serve("--db", str(two_years / "record.db")):
        yield from connect(base)


@pytest.fixture(scope="module")
def kept(served: SharedRecord, manager: Caller) -> KeptOutcomes:
    """Every case of it, as the manager's page gets them."""
    return OutcomeKeeper(served).table(manager)


@pytest.fixture(scope="module")
def books(two_years: Path, served: SharedRecord) -> Truth:
    """What the books say, with the sites' names as the record writes them."""
    told = json.loads((two_years / "truth.json").read_text("utf-8"))
    names = {
        site: str(served.fetch(f"Organization/{site}")["name"])
        for site in {line["site"] for line in told["decisions"]}
    }
    return Truth(told["decisions"], datetime.fromisoformat(told["as_at"]), names)


def test_every_count_of_every_period_and_filter_is_that_of_the_books(
    kept: KeptOutcomes, books: Truth
) -> None:
    assert len(kept.table) == len(books) > 2900
    compared = books.compare(kept.table)
    assert compared.different == ()
    assert compared.numbers > 50_000


def test_the_books_know_every_count_and_every_group(kept: KeptOutcomes, books: Truth) -> None:
    assert set(kept.table.counts(books.as_at).counts) == set(NAMES)
    for group in Group:
        assert set(kept.table.groups(group)) == set(books.groups[group])
    for group in (Group.AGE, Group.FRAILTY, Group.DEPRIVATION, Group.ETHNICITY):
        assert "not recorded" in kept.table.groups(group)


def test_the_record_has_the_faults_that_are_to_be_counted_rightly(books: Truth) -> None:
    counts = books.counts(books.rows(None, None, next(books.filters())))
    for name in ("redirected", "admission-avoided-72h", "death-30d", "community-response-2h"):
        assert counts[name].unknown > 0, name
    assert counts["admission-avoided-30d"].pending > 0
    assert counts["reattendance-72h"].yes > 0
