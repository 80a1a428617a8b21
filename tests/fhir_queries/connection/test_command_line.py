"""The command line: exit codes, one clear line for each fault, never a traceback."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from time import perf_counter
from typing import Any

import pytest

from clinical.person import Role
from fhir_queries import command_line
from fhir_queries.command_line import command_caller, main
from fhir_queries.errors import NotPermitted
from fhir_queries.settings import RecordSettings
from tests.faults.fault_server import Sent, http, outcome, serving
from tests.fhir_queries.connection.lying_server import LyingServer

pytestmark = pytest.mark.alone
ROOT = Path(__file__).parents[3]


@pytest.fixture(autouse=True)
def _no_settings_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("HANDOVER_")]:
        monkeypatch.delenv(name)


def run(*words: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own, as a script runs it."""
    return subprocess.run(
        [sys.executable, "-m", "fhir_queries", *words],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **environ},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def test_a_record_that_is_not_there_is_exit_3_and_one_line_soon() -> None:
    began = perf_counter()
    done = run("waiting", "--record", "http://127.0.0.1:1/", "--json")
    assert perf_counter() - began < 10
    assert done.returncode == 3
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
    assert "can't be reached" in done.stderr


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("wating",),
        ("waiting",),
        ("waiting", "--record", "record.example"),
        ("waiting", "--record", "http://127.0.0.1:1/", "--profile", "none"),
        ("waiting", "--record", "http://127.0.0.1:1/", "--token-env", "NOT_SET"),
        ("history", "--record", "http://127.0.0.1:1/"),
        ("history", "../etc/passwd", "--record", "http://127.0.0.1:1/"),
        ("outcomes", "--from", "yesterday", "--to", "2026-01-31"),
        ("waiting", "--settings", "/no/such.toml"),
    ],
)
def test_a_usage_fault_is_exit_2_and_one_line(
    words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert len(said.err.splitlines()) == 1


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (http(401, outcome("login")), 4),
        (http(403, outcome("forbidden")), 4),
        (http(503), 3),
        (http(200, b"<html>"), 5),
        (http(200, b"{"), 5),
        (Sent([], close=True), 3),
    ],
)
@pytest.mark.parametrize("command", [("check",), ("waiting",), ("history", "e1")])
def test_each_error_has_its_exit_code(
    command: tuple[str, ...], answer: Sent, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    with serving(lambda _: answer) as server:
        found = main([*command, "--record", server.base])
    said = capsys.readouterr()
    assert "Traceback" not in said.err
    if command != ("check",) or not said.out:
        assert found == code
        assert len(said.err.splitlines()) == 1
    else:
        assert found in (4, 5)


def test_the_address_may_be_said_after_check_or_by_variable(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(LyingServer([])) as server:
        assert main(["check", server.base, "--json"]) == 0
        first = json.loads(capsys.readouterr().out)
        monkeypatch.setenv("HANDOVER_RECORD_URL", server.base)
        assert main(["check"]) == 0
        assert "waiting list" in capsys.readouterr().out
    assert first["record"] == server.base
    assert set(first) == {
        "record",
        "profile",
        "software",
        "fhir_version",
        "trials",
        "writes",
        "summary",
    }


def test_check_says_what_falls_back_and_what_that_costs() -> None:
    waits = [
        {
            "resourceType": "Encounter",
            "id": "e1",
            "status": "arrived",
            "class": {"code": "EMER"},
            "subject": {"reference": "Patient/p1"},
        },
        {"resourceType": "Patient", "id": "p1"},
    ]
    lying = LyingServer(waits, takes_batch=False, includes=False, ignores=frozenset({"class"}))
    with serving(lying) as server:
        done = run("check", server.base, "--json")
    assert done.returncode == 0, done.stderr
    trials = {trial["name"]: trial for trial in json.loads(done.stdout)["trials"]}
    assert trials["batch"]["state"] == "falls back"
    assert trials["waiting list"]["state"] == "falls back"
    assert "Encounter:subject: not included by the record" in trials["waiting list"]["instead"]
    assert trials["capability statement"]["state"] == "falls back"


def test_check_of_a_record_without_a_waiting_list_is_exit_5(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with serving(LyingServer([], refuses=frozenset({"status"}))) as server:
        assert main(["check", server.base]) == 5
    assert "can't be used" in capsys.readouterr().out


def test_a_token_is_named_by_its_variable_and_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_TOKEN", "of-the-record")
    with serving(LyingServer([])) as server:
        main(["check", server.base, "--token-env", "MY_TOKEN"])
        assert {one.headers["authorization"] for one in server.asked} == {"Bearer of-the-record"}


def test_stopping_it_is_no_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def stopped(*_: Any) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr(command_line, "_answer", stopped)
    assert main(["check", "http://127.0.0.1:1/"]) == 130
    assert capsys.readouterr().err == "Stopped.\n"


def test_a_reader_that_has_seen_enough_is_no_fault() -> None:
    with serving(LyingServer([])) as server:
        command = f"{sys.executable} -m fhir_queries check {server.base} | true"
        done = subprocess.run(
            ["sh", "-c", command], cwd=ROOT, capture_output=True, text=True, check=False
        )
    assert done.stderr == ""


def test_a_manager_is_not_shown_people() -> None:
    settings = RecordSettings.read({}, {"HANDOVER_CALLER_ROLE": "manager"})
    with pytest.raises(NotPermitted, match="counts only"):
        command_caller(settings, "waiting")
    assert command_caller(settings, "outcomes").role is Role.MANAGER


def test_the_command_line_asks_as_whoever_the_command_needs() -> None:
    settings = RecordSettings.read({}, {"HANDOVER_CALLER_NAME": "A Made-up Clinician"})
    caller = command_caller(settings, "history")
    assert caller.role is Role.COMMUNITY_CLINICIAN
    assert caller.name == "A Made-up Clinician"
    assert caller.purpose == "TREAT"
    assert command_caller(settings, "outcomes").purpose == "HOPERAT"
