"""What every test shares: which tests this machine can run, and saying so where it can't."""

from __future__ import annotations

import os
import shutil
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

RECORDS = Path(__file__).parents[2] / "shared" / "records"
SPARK = Path(__file__).parents[1] / ".venv-spark"
ALONE = ("analytics", "servers")
"""Rooms whose tests measure, or start what fills the machine: each is marked ``alone``, as is a
module of another room that says so. All others run beside each other."""
STRICT = os.environ.get("HANDOVER_TEST_STRICT", "") not in ("", "0")
HAPI_ASKED_FOR = os.environ.get("HANDOVER_TEST_HAPI", "") not in ("", "0")
LEFT_OUT: dict[str, int] = {}


def chromium() -> str | None:
    """The Chromium to drive: HANDOVER_CHROMIUM, else the one on PATH, else None."""
    named = os.environ.get("HANDOVER_CHROMIUM")
    if named:
        return named if Path(named).is_file() else None
    return shutil.which("chromium") or shutil.which("chromium-browser")


NO_MAVEN_CENTRAL = "spark (no Maven Central)"
ALLOWED = frozenset({NO_MAVEN_CENTRAL})
"""What may be left out even under STRICT: what no machine could do from where it stands."""
WHY = {
    "browser": (
        "no Chromium on this machine: install it (Debian: apt-get install chromium) "
        "or name one in HANDOVER_CHROMIUM"
    ),
    "hapi": "HAPI on PostgreSQL takes minutes: `make test-hapi` builds, starts and asks it",
    "medplum": "no Node.js (20.19 or newer) with npm on this machine",
    "spark": "Pathling isn't set up: `make spark-venv` does it, `make test-spark` runs its tests",
    NO_MAVEN_CENTRAL: (
        "Maven Central can't be reached from this machine, and Pathling's jar is nowhere else"
    ),
    "records": "the folder ../shared/records with the published FHIR examples isn't there",
}


def _lacking() -> set[str]:
    lacking = set()
    if chromium() is None:
        lacking.add("browser")
    if not (STRICT or HAPI_ASKED_FOR):
        lacking.add("hapi")
    if shutil.which("node") is None or shutil.which("npm") is None:
        lacking.add("medplum")
    if not RECORDS.is_dir():
        lacking.add("records")
    if not (SPARK / "ready").exists():
        unreachable = (SPARK / "maven-central-not-reached").exists()
        lacking.add(NO_MAVEN_CENTRAL if unreachable else "spark")
    return lacking


def _needs(test: pytest.Item, lacking: str) -> bool:
    return test.get_closest_marker(lacking.partition(" ")[0]) is not None


def _room(test: pytest.Item) -> str:
    return test.path.relative_to(Path(__file__).parent).parts[0]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark what runs alone, and leave out what this machine can't run; ``STRICT`` makes that a
    failure instead.
    """
    for test in items:
        if _room(test) in ALONE:
            test.add_marker("alone")
    lacking = _lacking()
    kept, left = [], []
    for test in items:
        reasons = [name for name in sorted(lacking) if _needs(test, name)]
        for name in reasons:
            LEFT_OUT[name] = LEFT_OUT.get(name, 0) + 1
        leave = ALLOWED.intersection(reasons) if STRICT else reasons
        (left if leave else kept).append(test)
    if left:
        config.hook.pytest_deselected(items=left)
        items[:] = kept


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Under STRICT, fail each test whose need isn't met, by name."""
    if STRICT:
        for name in sorted(_lacking()):
            if _needs(item, name):
                pytest.fail(f"left out: {WHY[name]}")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
    call: pytest.CallInfo[None],
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Under STRICT, a test that skips itself fails too."""
    report = yield
    if STRICT and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"left out: {call.excinfo.value if call.excinfo else item.name}"
    return report


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Where tests run beside each other, tell the one that sums up what was left out."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["left_out"] = LEFT_OUT


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Take what a worker left out: each looks at every test, so that all leave out the same."""
    LEFT_OUT.update(getattr(node, "workeroutput", {}).get("left_out", {}))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what was left out and how to get it."""
    for name, number in sorted(LEFT_OUT.items()):
        terminalreporter.write_line(f"LEFT OUT: {number} {name} tests: {WHY[name]}", yellow=True)
