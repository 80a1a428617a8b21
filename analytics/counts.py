"""The order in which the SQL is run, and what comes of it."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "sql"
PREPARED = (
    "person_number", "same_person", "person", "contact", "wait", "frailty", "review", "time_window",
)  # fmt: skip
"""Tables that hang on the export alone, made one of the other in this order, each by the file of
its name."""
STEPS = ("outcome_case", "event", "followed", "verdict", "step")
"""Tables that hang on what is asked, too."""
ANSWERS = ("counted", "spanned", "missed")
GROUPS = ("site", "service", "reason", "age", "frailty", "deprivation", "ethnicity")
EVERYBODY = ""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MINUTE_US = 60_000_000

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be counted: as things stood at ``as_at``, of the cases dated from ``start`` to
    before ``end`` (None: whenever), over everybody or for each group. All times carry offsets.
    """

    as_at: datetime
    start: datetime | None = None
    end: datetime | None = None
    by: str = EVERYBODY

    @property
    def query(self) -> str:
        """The one row of the table ``asked``. Raises ValueError for a group that isn't known."""
        if self.by not in (EVERYBODY, *GROUPS):
            raise ValueError(f"{self.by!r} is none of {', '.join(GROUPS)}")
        times = (_micros(self.as_at), _micros(self.start), _micros(self.end))
        as_at, start, end = ("NULL" if at is None else str(at) for at in times)
        return (
            f"SELECT CAST({as_at} AS BIGINT) AS as_at_us, "
            f"CAST({start} AS BIGINT) AS period_from_us, "
            f"CAST({end} AS BIGINT) AS period_to_us, '{self.by}' AS by_group"
        )


@dataclass(frozen=True, slots=True)
class CountRow:
    """One named count: ``of`` is everybody it asks about."""

    name: str
    yes: int
    of: int
    pending: int
    unknown: int


@dataclass(frozen=True, slots=True)
class SpanRow:
    """How long one step took, over the ``known``; minutes."""

    name: str
    of: int
    known: int
    pending: int
    unknown: int
    total_minutes: float
    median_minutes: float | None


@dataclass(frozen=True, slots=True)
class MissedRow:
    """How many would-be redirects were refused for want of room."""

    reason: str
    service: str
    hour: int | None
    missed: int


@dataclass(frozen=True, slots=True)
class Figures:
    """Everything that one run says; the counts and spans of each group by its name."""

    engine: str
    as_at: datetime
    cases: int
    counts: Mapping[str, Sequence[CountRow]]
    spans: Mapping[str, Sequence[SpanRow]]
    missed: Sequence[MissedRow]

    def as_json(self) -> dict[str, Any]:
        """The same as JSON; "" is everybody."""

        def each(parts: Mapping[str, Sequence[Any]]) -> dict[str, Any]:
            return {
                part: {row.name: {k: v for k, v in asdict(row).items() if k != "name"}
                       for row in rows}
                for part, rows in parts.items()
            }  # fmt: skip

        return {
            "engine": self.engine,
            "as_at": self.as_at.isoformat(),
            "cases": self.cases,
            "counts": each(self.counts),
            "spans": each(self.spans),
            "missed": [asdict(row) for row in self.missed],
        }


@dataclass(frozen=True, slots=True)
class Function:
    """One function that the SQL calls."""

    name: str
    arguments: Mapping[str, str]
    returns: str
    body: str


def functions(engine: str) -> tuple[Function, ...]:
    """What the SQL calls, in an order in which each knows those before it."""
    told = tomllib.loads((FOLDER / "functions.toml").read_text("utf-8"))
    return tuple(
        Function(each["name"], each["arguments"], each["returns"], each.get("body") or each[engine])
        for each in told["function"]
    )


def query(name: str) -> str:
    """The SQL that makes the table, or gives the answer, of this name."""
    return (FOLDER / f"{name}.sql").read_text("utf-8")


def figures(engine: str, asked: Asked, cases: int, answers: Mapping[str, Iterable[Row]]) -> Figures:
    """The rows of ``ANSWERS`` as what they mean."""
    counts: dict[str, list[CountRow]] = {}
    for row in answers["counted"]:
        yes, of, pending, unknown = (
            int(row[key]) for key in ("yes", "of_all", "pending", "not_known")
        )
        counts.setdefault(row["part"], []).append(CountRow(row["name"], yes, of, pending, unknown))
    spans: dict[str, list[SpanRow]] = {}
    for row in answers["spanned"]:
        spans.setdefault(row["part"], []).append(_span(row))
    missed = (
        MissedRow(row["reason"], row["service"], row["hour"], int(row["missed"]))
        for row in answers["missed"]
    )
    return Figures(
        engine,
        asked.as_at,
        cases,
        {part: _by_name(counts[part]) for part in sorted(counts)},
        {part: _by_name(spans[part]) for part in sorted(spans)},
        sorted(missed, key=lambda row: (-row.missed, row.reason, row.service, row.hour or -1)),
    )


def _by_name(rows: Iterable[Any]) -> list[Any]:
    return sorted(rows, key=lambda row: str(row.name))


def _span(row: Row) -> SpanRow:
    of, known, pending = (int(row[key]) for key in ("of_all", "known", "pending"))
    median = row["median_us"]
    return SpanRow(
        row["name"],
        of,
        known,
        pending,
        of - known - pending,
        int(row["total_us"]) / _MINUTE_US,
        None if median is None else float(median) / _MINUTE_US,
    )


def _micros(when: datetime | None) -> int | None:
    return None if when is None else (when - _EPOCH) // timedelta(microseconds=1)
