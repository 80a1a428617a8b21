"""The embedded record, running for real, with made-up people; and who asks it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from clinical.person import Caller, Role
from clinical.review import CommunityService
from clinical.waiting import WaitingPatient
from fhir_queries import reviews
from fhir_queries.record import SharedRecord
from fhir_queries.services import read_services
from fhir_queries.settings import RecordSettings
from fhir_queries.waiting import read_waiting
from tests.fhir_queries.questions.cases import CHECKLIST, Case
from tests.fhir_queries.questions.filling import fill_in

ROOT = Path(__file__).parents[3]
SDS = "https://fhir.nhs.uk/Id/sds-user-id"


def serve(*arguments: str) -> Iterator[str]:
    """The base address of an embedded record that ends with the test run."""
    running = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "sandbox",
            "serve",
            "--port",
            "0",
            "--ready-json",
            "--until-stdin-closes",
            *arguments,
        ],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert running.stdout is not None
    assert running.stdin is not None
    try:
        yield json.loads(running.stdout.readline())["base"]
    finally:
        running.stdin.close()
        running.wait(timeout=20)
        running.stdout.close()


@pytest.fixture(scope="session")
def people_base() -> Iterator[str]:
    """A record of made-up people that no test writes to."""
    yield from serve("--seed", "1")


@pytest.fixture(scope="session")
def ward_base() -> Iterator[str]:
    """A record with many people waiting, for tests that write."""
    yield from serve("--seed", "2", "--waiting", "450")


@pytest.fixture(scope="session")
def empty_base() -> Iterator[str]:
    """A record with nobody in it, for tests that bring their own."""
    yield from serve("--empty")


def connect(base: str) -> Iterator[SharedRecord]:
    """A connection, closed at the end."""
    record = SharedRecord.connect(RecordSettings(record_url=base))
    yield record
    record.close()


@pytest.fixture(scope="session")
def people(people_base: str) -> Iterator[SharedRecord]:
    """The record of made-up people."""
    yield from connect(people_base)


@pytest.fixture(scope="session")
def ward(ward_base: str) -> Iterator[SharedRecord]:
    """The record that tests write to."""
    yield from connect(ward_base)


@pytest.fixture(scope="session")
def bare(empty_base: str) -> Iterator[SharedRecord]:
    """The record that tests bring their own resources to."""
    yield from connect(empty_base)


@pytest.fixture(scope="session")
def next_patient(ward: SharedRecord) -> Callable[[], WaitingPatient]:
    """Somebody who waits, whom nobody has flagged and no other test has had."""
    waiting = (each for each in read_waiting(ward).waiting if each.review is None)
    return lambda: next(waiting)


@pytest.fixture
def patient(next_patient: Callable[[], WaitingPatient]) -> WaitingPatient:
    """Somebody who waits, for this test alone."""
    return next_patient()


@pytest.fixture(scope="session")
def clinician() -> Caller:
    """A community clinician."""
    return Caller(
        "900000000001",
        SDS,
        "Wren Testington",
        Role.COMMUNITY_CLINICIAN,
        "ZFC01",
        "Fernshire Community Health",
    )


@pytest.fixture(scope="session")
def colleague() -> Caller:
    """Another community clinician."""
    return Caller(
        "900000000002",
        SDS,
        "Robin Exampleby",
        Role.COMMUNITY_CLINICIAN,
        "ZFC01",
        "Fernshire Community Health",
    )


@pytest.fixture(scope="session")
def coordinator() -> Caller:
    """The emergency department's coordinator."""
    return Caller(
        "900000000003", SDS, "Heron Madeup", Role.ED_COORDINATOR, "ZFR01", "Royal Fern Hospital"
    )


@pytest.fixture(scope="session")
def manager() -> Caller:
    """Somebody who sees counts only."""
    return Caller(
        "900000000004", SDS, "Teal Notreal", Role.MANAGER, "ZFR01", "Royal Fern Hospital", "HOPERAT"
    )


@pytest.fixture(scope="session")
def services(ward: SharedRecord) -> tuple[CommunityService, ...]:
    """The services of this record."""
    return read_services(ward)


@pytest.fixture
def a_case(
    ward: SharedRecord,
    coordinator: Caller,
    clinician: Caller,
    next_patient: Callable[[], WaitingPatient],
) -> Callable[..., Case]:
    """Makes a case; ``but`` are other answers than the clear-cut ones."""

    def made(but: dict[str, str] | None = None) -> Case:
        patient = next_patient()
        review = reviews.flag(ward, coordinator, patient, "Please look")
        review = reviews.claim(ward, clinician, review)
        return Case(patient, review, fill_in(ward, clinician, review, CHECKLIST, but))

    return made
