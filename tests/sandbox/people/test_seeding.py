"""`python -m sandbox seed`: into a record or a file, with its truth beside it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest

from sandbox.people import cli_seed
from sandbox.store import Store

LEAN = """
[arrivals]
decisions_a_week = 20
not_reviewed_a_week = 5
[records]
deleted = 0.2
[history]
problems = 0
medicines = 0
allergies = 0
crew_observations = 0
"""


def seeded(tmp_path: Path, *more: str) -> int:
    rates = tmp_path / "lean.toml"
    rates.write_text(LEAN, "utf-8")
    return cli_seed(
        ["--waiting", "30", "--years", "0.3", "--sites", "2", "--seed", "7",
         "--rates", str(rates), "--end", "2026-03-30", *more]
    )  # fmt: skip


def truth_of(path: Path) -> dict[str, Any]:
    told: dict[str, Any] = orjson.loads(path.read_bytes())
    return told


def test_the_truth_lists_every_decision_of_the_file_and_totals_add_up(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ndjson, truth = tmp_path / "people.ndjson", tmp_path / "truth.json"
    assert seeded(tmp_path, "--ndjson", str(ndjson), "--truth", str(truth)) == 0
    resources = [orjson.loads(line) for line in ndjson.read_bytes().splitlines()]
    tasks = {each["id"] for each in resources if "businessStatus" in each}
    told = truth_of(truth)
    assert {each["task"] for each in told["decisions"]} == tasks
    assert told["as_at"] == "2026-03-29T23:00:00Z", "the day begins an hour earlier in summer time"
    everyone, sites = told["totals"]["all"], [told["totals"][f"ed-{n}"] for n in (1, 2)]
    assert everyone["decisions"] == len(tasks) == sum(each["decisions"] for each in sites)
    for question, answers in everyone.items():
        if question != "decisions":
            for answer, many in answers.items():
                assert many == sum(each.get(question, {}).get(answer, 0) for each in sites)
    (here,) = (each for each in told["decisions"] if each["redirected"] == "pending")
    assert (here["encounter"], here["waited_seconds"]) == ("wait-21", 88 * 60)
    said = capsys.readouterr().out
    assert f"{len(resources)} resources" in said


def test_what_is_deleted_afterwards_is_gone_from_the_record(tmp_path: Path) -> None:
    ndjson, db = tmp_path / "people.ndjson", tmp_path / "people.sqlite"
    assert seeded(tmp_path, "--ndjson", str(ndjson)) == 0
    assert seeded(tmp_path, "--db", str(db)) == 0
    gone = {
        each["entry"][0]["request"]["url"]
        for each in map(orjson.loads, ndjson.read_bytes().splitlines())
        if each["resourceType"] == "Bundle"
    }
    assert gone
    store = Store(db)
    try:
        with store.read() as connection:
            rows = dict(
                connection.execute("SELECT type || '/' || id, deleted FROM resource").fetchall()
            )
    finally:
        store.close()
    assert {address for address, deleted in rows.items() if deleted} == gone
    assert sum(1 for address in rows if address.startswith("Encounter/wait-")) == 30


def test_the_same_command_writes_the_same_file(tmp_path: Path) -> None:
    for name in ("one", "two"):
        assert seeded(tmp_path, "--ndjson", str(tmp_path / name)) == 0
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_faults_of_the_caller_are_said_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = tmp_path / "wrong.toml"
    wrong.write_text("[arrivals]\nby_hour = []\n", "utf-8")
    out = ["--ndjson", str(tmp_path / "x")]
    assert cli_seed([*out, "--rates", str(wrong)]) == 2
    assert cli_seed([*out, "--rates", str(tmp_path / "missing.toml")]) == 2
    nowhere = ["--ndjson", str(tmp_path / "no" / "such"), "--years", "0", "--waiting", "1"]
    assert cli_seed(nowhere) == 3
    lines = capsys.readouterr().err.strip().splitlines()
    assert len(lines) == 3
    for arguments in ([], [*out, "--end", "yesterday"], [*out, "--waiting", "-1"]):
        with pytest.raises(SystemExit) as stopped:
            cli_seed(arguments)
        assert stopped.value.code == 2


def test_history_ends_at_the_instant_given_with_its_offset(tmp_path: Path) -> None:
    truth = tmp_path / "truth.json"
    end = "2026-03-29T02:30:00+01:00"
    assert (
        cli_seed(["--ndjson", str(tmp_path / "x"), "--truth", str(truth), "--years", "0.02",
                  "--waiting", "0", "--end", end]) == 0
    )  # fmt: skip
    assert datetime.fromisoformat(truth_of(truth)["as_at"]) == datetime(
        2026, 3, 29, 1, 30, tzinfo=UTC
    )
