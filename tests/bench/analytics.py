"""The SQL of ``analytics/`` by DuckDB on an export of 3,000 and of 200,000 decisions.

``make bench-analytics`` writes ``figures/analytics.json``. Both records are made by the generator
and exported by the embedded record; every count, of everybody and of each group, is held against
the generator's books. ``different`` says how many weren't equal.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path
from resource import RUSAGE_SELF, getrusage
from time import perf_counter

from analytics.counts import EVERYBODY, GROUPS, Asked, Figures
from analytics.duckdb_engine import Opened
from clinical.outcome_counts import Count
from clinical.outcome_filters import CaseFilter, Group
from tests.analytics.conftest import RATES, export, made
from tests.bench.figures import Figure, figure, write_figures
from tests.bench.outcomes import MANY
from tests.fhir_queries.questions.conftest import connect, serve
from tests.fhir_queries.questions.truth import Truth

SIZES = {"3000": RATES, "200000": MANY}


def exported(folder: Path, rates: str) -> tuple[Path, Truth]:
    """The folder of an export, and the books of the same record."""
    db, truth = made(folder, rates)
    written = folder / "export"
    written.mkdir()
    told = json.loads(truth.read_text("utf-8"))
    sites = {line["site"] for line in told["decisions"]}
    for base in serve("--db", str(db)):
        export(base, written)
        for record in connect(base):
            names = {site: str(record.fetch(f"Organization/{site}")["name"]) for site in sites}
    return written, Truth(told["decisions"], datetime.fromisoformat(told["as_at"]), names)


def differences(found: Figures, books: Truth, by: str) -> tuple[int, int]:
    """How many numbers were held against the books, and how many weren't equal."""
    numbers = different = 0
    narrowed = (
        {EVERYBODY: CaseFilter()}
        if by == EVERYBODY
        else {name: CaseFilter({Group(by): frozenset({name})}) for name in books.groups[Group(by)]}
    )
    for part, case_filter in narrowed.items():
        rows = {row.name: row for row in found.counts.get(part, ())}
        for name, right in books.counts(books.rows(None, None, case_filter)).items():
            row = rows.get(name)
            got = Count(name, 0, 0) if row is None else Count(
                name, row.yes, row.of, row.pending, row.unknown
            )  # fmt: skip
            numbers += 4
            different += got != right
    return numbers, different


def of_size(folder: Path, name: str, rates: str) -> Iterator[Figure]:
    """The figures of one size."""
    written, books = exported(folder, rates)
    yield figure(f"decisions_{name}", len(books), "decisions", 1)
    size = sum(path.stat().st_size for path in written.glob("*.ndjson"))
    yield figure(f"export_{name}", size / 2**20, "MiB", 1)
    began = perf_counter()
    with closing(Opened(written)) as opened:
        yield figure(f"read_{name}", perf_counter() - began, "s", 1)
        began = perf_counter()
        opened.figures(Asked(books.as_at))
        yield figure(f"counted_{name}", perf_counter() - began, "s", 1)
        numbers = different = 0
        for by in (EVERYBODY, *GROUPS):
            more, others = differences(opened.figures(Asked(books.as_at, by=by)), books, by)
            numbers, different = numbers + more, different + others
    yield figure(f"compared_{name}", numbers, "numbers", 1)
    yield figure(f"different_{name}", different, "numbers", 1)
    yield figure(f"memory_{name}", getrusage(RUSAGE_SELF).ru_maxrss / 1024, "MiB", 1)


def main() -> int:
    """Measure both sizes and write the figures."""
    figures: list[Figure] = []
    for size, rates in SIZES.items():
        with tempfile.TemporaryDirectory(prefix="bench-analytics-") as name:
            figures += of_size(Path(name), size, rates)
    write_figures("analytics", figures)
    return 0


if __name__ == "__main__":
    sys.exit(main())
