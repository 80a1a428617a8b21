"""`python -m sandbox seed`: years of made-up history into a record or a file, and its truth."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import orjson

from sandbox.asking import Asked, Setting
from sandbox.people.endings import deleted
from sandbox.people.fhir import Resource, midnight
from sandbox.people.ledger import Totals, told
from sandbox.people.rates import WrongRates, load_rates
from sandbox.people.shift import people_and_arrivals, standing_decisions
from sandbox.people.years import WEEKS_A_YEAR, Years
from sandbox.store import Store
from sandbox.writes import Writes


def _end(text: str) -> datetime:
    try:
        if len(text) == 10:
            return midnight(date.fromisoformat(text))
        when = datetime.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError("a date, or a time with its offset") from error
    if when.tzinfo is None:
        raise argparse.ArgumentTypeError("the time needs its offset")
    return when


def _count(least: float) -> Any:
    def read(text: str) -> float:
        try:
            value = float(text)
        except ValueError as error:
            raise argparse.ArgumentTypeError("a number") from error
        if not least <= value <= 1e6:
            raise argparse.ArgumentTypeError(f"a number of {least:g} or more")
        return value

    return read


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m sandbox seed",
        description="Write made-up people, who waits, and years of what became of them.",
    )
    parser.add_argument("--waiting", type=_count(0), default=24, help="how many wait (default 24)")
    parser.add_argument("--years", type=_count(0), default=2, help="of history (default 2)")
    parser.add_argument("--sites", type=_count(1), default=2, help="emergency departments")
    parser.add_argument("--seed", type=int, default=1, help="which made-up people (default 1)")
    target = parser.add_mutually_exclusive_group(required=True)
    target.add_argument("--db", type=Path, metavar="FILE", help="into this record's file")
    target.add_argument("--ndjson", type=Path, metavar="FILE", help="into a file, one a line")
    parser.add_argument("--truth", type=Path, metavar="FILE", help="write the right counts here")
    parser.add_argument("--rates", type=Path, metavar="FILE", help="TOML over rates.toml")
    parser.add_argument(
        "--end", type=_end, metavar="DATE", help="history ends here, and who waits waits (now)"
    )
    return parser


def _into_record(path: Path, resources: Iterator[Resource], seed: int) -> int:
    """Load the resources, then delete what is to be deleted; how many there were."""
    gone: list[str] = []

    def kept() -> Iterator[Resource]:
        for made in resources:
            if (address := deleted(made)) is not None:
                gone.append(address)
            else:
                yield made

    with closing(Store(path)) as store:
        loaded = store.load(kept())

        def remove(connection: Any) -> None:
            writes = Writes(connection, Setting("", ()))
            for address in gone:
                writes.delete(Asked("DELETE", tuple(address.split("/"))))

        store.write(remove)
        store.note("seed", str(seed))
    return loaded + len(gone)


def _into_file(path: Path, resources: Iterator[Resource]) -> int:
    written = 0
    with path.open("wb") as file:
        for made in resources:
            file.write(orjson.dumps(made))
            file.write(b"\n")
            written += 1
    return written


def _write_truth(path: Path, chosen: argparse.Namespace, end: datetime, history: Years) -> int:
    """Write the truth file; how many decisions it lists."""
    standing = standing_decisions(waiting=int(chosen.waiting), now=end, sites=int(chosen.sites))
    totals, listed = Totals(), 0
    with path.open("wb") as file:
        head = {
            "as_at": history.end.isoformat().replace("+00:00", "Z"),
            "seed": chosen.seed,
            "years": chosen.years,
            "sites": int(chosen.sites),
            "waiting": int(chosen.waiting),
            "definitions": "docs/record-shapes.md, What became of them",
        }
        file.write(orjson.dumps(head)[:-1] + b',"decisions":[')
        for written in (*history.decisions, *standing):
            decision = told(written, history.end)
            totals.add(decision)
            file.write((b",\n" if listed else b"\n") + orjson.dumps(decision))
            listed += 1
        file.write(b'\n],"totals":' + orjson.dumps(totals.told()) + b"}\n")
    return listed


def _everything(chosen: argparse.Namespace, end: datetime, history: Years) -> Iterator[Resource]:
    yield from people_and_arrivals(
        seed=chosen.seed, waiting=int(chosen.waiting), now=end, sites=int(chosen.sites)
    )
    yield from history.resources()


def cli_seed(arguments: list[str]) -> int:
    """Run the command; 0 when done, 2 for a setting that can't be used, 3 for a file that can't."""
    chosen = _parser().parse_args(arguments)
    end = (chosen.end or datetime.now(UTC)).replace(microsecond=0)
    began = time.monotonic()
    try:
        history = Years(
            seed=chosen.seed, end=end, weeks=chosen.years * WEEKS_A_YEAR, sites=int(chosen.sites),
            rates=load_rates(chosen.rates),
        )  # fmt: skip
    except WrongRates as error:
        sys.stderr.write(f"{error}\n")
        return 2
    resources = _everything(chosen, end, history)
    try:
        if chosen.db is not None:
            many = _into_record(chosen.db, resources, chosen.seed)
        else:
            many = _into_file(chosen.ndjson, resources)
        said = f"{many} resources, {len(history.decisions)} decisions"
        if chosen.truth is not None:
            said += f", {_write_truth(chosen.truth, chosen, end, history)} in the truth file"
    except OSError as error:
        sys.stderr.write(f"can't write {error.filename}: {error.strerror}\n")
        return 3
    sys.stdout.write(f"{said}, in {time.monotonic() - began:.1f} s\n")
    return 0
