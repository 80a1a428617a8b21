"""An export of two years at two sites, made as a site would make it, and its right figures."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from time import sleep

import httpx
import pytest

from clinical.outcome_table import OutcomeTable
from clinical.person import Caller, Role
from fhir_queries.outcome_keeper import OutcomeKeeper
from tests.fhir_queries.questions.conftest import ROOT, SDS, connect, serve
from tests.fhir_queries.questions.truth import Truth

RATES = """
[history]
problems = 0
medicines = 0
allergies = 0
crew_observations = 0
"""
"""Nothing that the counts don't ask about."""
TYPES = "Task,Encounter,Patient,ServiceRequest,Observation,Organization"
MANAGER = Caller(
    "900000000004", SDS, "Teal Notreal", Role.MANAGER, "ZFR01", "Royal Fern", "HOPERAT"
)


@dataclass(frozen=True)
class Exported:
    """One record three ways: its export, what the page counts of it, and the generator's books."""

    folder: Path
    table: OutcomeTable
    books: Truth

    @property
    def as_at(self) -> datetime:
        """As things stood when the history ended."""
        return self.books.as_at


def export(base: str, folder: Path) -> Path:
    """Everything that the counts need, by Bulk Data ``$export`` as its guide says it is done."""
    with httpx.Client(timeout=60) as client:
        kicked = client.get(
            f"{base}/$export",
            params={"_type": TYPES},
            headers={"Prefer": "respond-async", "Accept": "application/fhir+json"},
        )
        assert kicked.status_code == 202, kicked.text
        status = kicked.headers["Content-Location"]
        while (answer := client.get(status)).status_code == 202:
            sleep(0.1)
        for each in answer.json()["output"]:
            written = client.get(each["url"]).raise_for_status().content
            (folder / f"{each['type']}.ndjson").write_bytes(written)
    return folder


def made(folder: Path, rates: str = RATES) -> tuple[Path, Path]:
    """The record's file and its truth file."""
    db, truth, toml = (folder / name for name in ("record.db", "truth.json", "rates.toml"))
    toml.write_text(rates, "utf-8")
    subprocess.run(
        [sys.executable, "-m", "sandbox", "seed", "--waiting", "4", "--years", "2", "--sites", "2",
         "--rates", str(toml), "--db", str(db), "--truth", str(truth)],
        cwd=ROOT, check=True, capture_output=True,
    )  # fmt: skip
    return db, truth


@pytest.fixture(scope="session")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Exported]:
    """The record is served, exported, and read over HTTP as the manager's page reads it."""
    folder = tmp_path_factory.mktemp("exported")
    db, truth = made(folder)
    (folder / "export").mkdir()
    for base in serve("--db", str(db)):
        written = export(base, folder / "export")
        for record in connect(base):
            table = OutcomeKeeper(record).table(MANAGER).table
            told = json.loads(truth.read_text("utf-8"))
            names = {
                site: str(record.fetch(f"Organization/{site}")["name"])
                for site in {line["site"] for line in told["decisions"]}
            }
        books = Truth(told["decisions"], datetime.fromisoformat(told["as_at"]), names)
        yield Exported(written, table, books)
