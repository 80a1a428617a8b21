"""``python -m analytics run``: the manager's counts of a Bulk Data export."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from analytics import duckdb_engine, pathling_engine
from analytics.counts import EVERYBODY, GROUPS, Asked, Figures
from analytics.engines import NoEngine, NoExport
from analytics.view_paths import WrongView

LONDON = ZoneInfo("Europe/London")
ENGINES = {"duckdb": duckdb_engine.run, "pathling": pathling_engine.run}


def main(arguments: Sequence[str]) -> int:
    """Run the command; 0 when answered, 2 for wrong usage, 3 where the export or the engine isn't
    there, 5 where the export can't be read.
    """
    chosen = _parser().parse_args(arguments)
    asked = Asked(chosen.as_at, getattr(chosen, "from"), chosen.to, chosen.by)
    try:
        found = ENGINES[chosen.engine](chosen.export, asked)
    except (NoEngine, NoExport) as error:
        sys.stderr.write(f"{error}\n")
        return 3
    except WrongView as error:
        sys.stderr.write(f"{error}\n")
        return 5
    if chosen.json:
        sys.stdout.write(json.dumps(found.as_json(), indent=1) + "\n")
    else:
        sys.stdout.write("".join(f"{line}\n" for line in _lines(found)))
    return 0


def instant(text: str) -> datetime:
    """A time with its offset, or a date: the beginning of that day in England."""
    try:
        if len(text) == 10:
            day = date.fromisoformat(text)
            return datetime(day.year, day.month, day.day, tzinfo=LONDON)
        when = datetime.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError("a date, or a time with its offset") from error
    if when.tzinfo is None:
        raise argparse.ArgumentTypeError("the time needs its offset")
    return when


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m analytics")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    run = commands.add_parser("run", help="every count and span of an export")
    run.add_argument(
        "--export", type=Path, required=True, metavar="FOLDER", help="its NDJSON files, by type"
    )
    run.add_argument(
        "--as-at", type=instant, required=True, metavar="INSTANT", help="as things stood then"
    )
    run.add_argument("--from", type=instant, metavar="DATE", help="cases dated from then")
    run.add_argument("--to", type=instant, metavar="DATE", help="cases dated before then")
    run.add_argument("--by", choices=GROUPS, default=EVERYBODY, help="for each group")
    run.add_argument("--engine", choices=sorted(ENGINES), default="duckdb", help="default duckdb")
    run.add_argument("--json", action="store_true", help="as JSON with stable keys")
    return parser


def _lines(found: Figures) -> Iterable[str]:
    yield f"{found.cases} cases as at {found.as_at.isoformat()} ({found.engine})"
    for part, rows in found.counts.items():
        yield ""
        yield f"{part or 'everybody'}: count, yes, of, pending, unknown"
        for row in rows:
            yield f"{row.name:24}{row.yes:9}{row.of:9}{row.pending:9}{row.unknown:9}"
        yield f"{part or 'everybody'}: step, known, of, pending, unknown, hours, median minutes"
        for step in found.spans[part]:
            median = "-" if step.median_minutes is None else f"{step.median_minutes:.1f}"
            yield (
                f"{step.name:24}{step.known:9}{step.of:9}{step.pending:9}{step.unknown:9}"
                f"{step.total_minutes / 60:11.1f}{median:>9}"
            )
