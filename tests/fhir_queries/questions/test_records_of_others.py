"""Records that nobody here wrote: nothing raises, and what came is shown or counted, all of it."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from typing import Any

import carebundle
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinical.merging import merged
from clinical.person import Caller
from clinical.record import SECTION_NAMES, PatientRecord
from fhir_queries.asking import Answer, Reading
from fhir_queries.evidence import read_evidence
from fhir_queries.history import HISTORY_TYPES, read_history
from fhir_queries.profile import RecordProfile
from fhir_queries.reading.entries import READERS, entry, section_of, subject_of
from fhir_queries.reading.fields import NO_DESCRIPTION, target
from fhir_queries.reading.people import person
from fhir_queries.reading.sections import Gathering, answers_by_type, section
from fhir_queries.reading.waits import waiting_patient
from fhir_queries.record import SharedRecord
from fhir_queries.waiting import read_waiting
from tests.conftest import RECORDS
from tests.fhir_queries.questions.conftest import ROOT, connect, serve
from tests.fhir_queries.questions.shapes import NOW


def resources_of(document: Any) -> list[dict[str, Any]]:
    """The resources of a Bundle, or the one resource that a file holds."""
    if document.get("resourceType") != "Bundle":
        return [document]
    return [each["resource"] for each in document.get("entry", ()) if "resource" in each]


def as_a_server_keeps(written: str | bytes) -> Any:
    """A transaction Bundle as a server keeps it: with ids, and references by type and id."""
    document = json.loads(written)
    for each in document["entry"]:
        each["resource"].setdefault("id", each["fullUrl"].rpartition(":")[2])
    kept = json.dumps(document)
    for each in document["entry"]:
        resource = each["resource"]
        if resource["resourceType"] not in ("Patient", "Encounter"):
            continue
        kept = kept.replace(each["fullUrl"], f"{resource['resourceType']}/{resource['id']}")
    return json.loads(kept)


@lru_cache(maxsize=1)
def published() -> tuple[dict[str, Any], ...]:
    """Every resource of HL7's own examples, of the types that have a reader or may be asked for."""
    found = [
        resource
        for file in sorted((RECORDS / "hl7-r4").glob("*.json"))
        for resource in resources_of(json.loads(file.read_text("utf-8")))
    ]
    return tuple(found)


def nothing_dropped(record: PatientRecord) -> None:
    """Shown and set aside are all that was received, and each entry has words."""
    assert tuple(record.sections) == SECTION_NAMES
    shown = sum(len(each.entries) for each in record.sections.values())
    aside = sum(each.set_aside for each in record.sections.values())
    assert shown + aside == record.received
    for each in record.sections.values():
        for found in each.entries:
            assert found.title
            assert found.reference.count("/") == 1


@pytest.fixture(scope="module")
def strangers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SharedRecord]:
    """A record of Synthea's people, HL7's examples and carebundle's people, all in ambulances."""
    made = tmp_path_factory.mktemp("carebundle")
    for seed in range(8):
        bundle = carebundle.generate_history(seed=seed, profile="type2_diabetes")
        (made / f"{seed}.json").write_bytes(_bytes(carebundle.to_json(bundle)))
    files = [
        *sorted((RECORDS / "synthea-r4").glob("*.json")),
        *sorted((RECORDS / "hl7-r4").glob("*.json")),
        *sorted(made.glob("*.json")),
    ]
    for base in serve("--empty"):
        subprocess.run(
            [sys.executable, "-m", "sandbox", "load", "--record", base, "--in-ambulances", *files],
            cwd=ROOT,
            check=True,
            capture_output=True,
        )
        yield from connect(base)


def _bytes(written: str | bytes) -> bytes:
    return written.encode() if isinstance(written, str) else written


@pytest.mark.records
def test_everybody_of_the_published_records_can_wait_in_an_ambulance(
    strangers: SharedRecord, clinician: Caller
) -> None:
    waiting = read_waiting(strangers)
    assert len(waiting.waiting) > 20
    assert waiting.set_aside == 0
    evidence = read_evidence(strangers, waiting.waiting)
    received = 0
    before: PatientRecord | None = None
    for each in waiting.waiting:
        wait, record = read_history(
            strangers, clinician, each.encounter, patient_id=each.person.patient
        )
        assert wait is not None
        nothing_dropped(record)
        received += record.received
        if before is not None:  # as though they were two records of one person
            joined = merged(replace(before, other_records=(record.person,)), [record])
            nothing_dropped(joined)
            assert joined.received == before.received + record.received
        before = record
        for section_read in evidence.get(each.person.patient, {}).values():
            assert section_read.explanation or section_read.entries
    assert received > 3000


@pytest.mark.records
def test_every_published_resource_can_be_read_by_itself() -> None:
    assert len(published()) > 300
    for resource in published():
        kind = resource["resourceType"]
        read = entry(kind, resource, {})
        assert read.title
        assert section_of(read, "") in SECTION_NAMES
        if kind == "Patient":
            person(resource, {})
    known = [each for each in published() if each["resourceType"] in READERS]
    untitled = [
        each for each in known if entry(each["resourceType"], each, {}).title == NO_DESCRIPTION
    ]
    assert len(untitled) < len(known) / 20
    assert all(
        entry(each["resourceType"], each, {}).detail for each in untitled if each.get("text")
    )


def gathered(resources: list[dict[str, Any]], patient: str) -> PatientRecord:
    """The record of one person that these resources make."""
    gathering = Gathering(patient, "", frozenset())
    by_type: dict[str, list[Any]] = {}
    for resource in resources:
        by_type.setdefault(resource["resourceType"], []).append(resource)
        gathering.take(resource, {})
    answers = answers_by_type(
        (kind, Answer(kind, Reading.ANSWERED, by_type.get(kind, []))) for kind in HISTORY_TYPES
    )
    sections = {name: section(name, gathering, answers, "the record") for name in SECTION_NAMES}
    nobody = person({"resourceType": "Patient", "id": patient}, {})
    return PatientRecord(NOW, nobody, sections, gathering.received)


def test_a_thousand_people_of_carebundle() -> None:
    profiles = sorted(carebundle.PROFILES)
    for number in range(1000):
        bundle = carebundle.generate_bundle(
            seed=number, profile=profiles[number % len(profiles)], sex="FM"[number % 2]
        )
        resources = [
            each
            for each in resources_of(as_a_server_keeps(carebundle.to_json(bundle)))
            if each["resourceType"] in HISTORY_TYPES
        ]
        subjects = {target(subject_of(each)) for each in resources} - {""}
        assert len(subjects) == 1
        record = gathered(resources, subjects.pop().rpartition("/")[2])
        nothing_dropped(record)
        assert record.received == len(resources)
        assert all(each.set_aside == 0 for each in record.sections.values())


def test_carebundles_dirty_people_are_shown_or_counted() -> None:
    rates = {
        name: 0.3 for name in carebundle.Imperfection.__dataclass_fields__
        if isinstance(getattr(carebundle.Imperfection(), name), float)
    }  # fmt: skip
    spoiled = 0
    for number in range(60):
        clean = as_a_server_keeps(carebundle.to_json(carebundle.generate_bundle(seed=number)))
        dirty, defects = carebundle.inject_defects(
            clean, carebundle.Imperfection(**rates), seed=number
        )
        spoiled += len(defects)
        resources = [
            each for each in resources_of(dirty) if each.get("resourceType") in HISTORY_TYPES
        ]
        subjects = sorted({target(subject_of(each)) for each in resources} - {""})
        for subject in subjects:
            record = gathered(resources, subject.rpartition("/")[2])
            nothing_dropped(record)
    assert spoiled > 100


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=12),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=6,
)  # fmt: skip


def spoil(resource: Any, dice: random.Random, with_this: Any) -> None:
    """Put any JSON in place of one value somewhere in a resource."""
    place: Any = resource
    for _ in range(8):
        keys = list(place) if isinstance(place, dict) else list(range(len(place)))
        keys = [key for key in keys if not (place is resource and key == "resourceType")]
        if not keys:
            return
        key = dice.choice(keys)
        inner = place[key]
        if isinstance(inner, dict | list) and inner and dice.random() < 0.7:
            place = inner
            continue
        place[key] = with_this
        return


@pytest.mark.records
@settings(max_examples=400, deadline=None)
@given(seed=st.integers(0, 2**32), with_this=ANY_JSON)
def test_any_json_anywhere_in_any_published_resource_is_survived(seed: int, with_this: Any) -> None:
    dice = random.Random(seed)  # noqa: S311 - a seed, so that a failure can be played again
    for _ in range(5):
        resource = json.loads(json.dumps(dice.choice(published())))
        spoil(resource, dice, with_this)
        kind = resource["resourceType"]
        read = entry(kind, resource, {})
        assert section_of(read, "") in SECTION_NAMES
        if kind == "Patient":
            person(resource, {})
        gathering = Gathering("p1", "", frozenset())
        gathering.take(resource, {})
        assert gathering.received == 1


@settings(max_examples=200, deadline=None)
@given(
    field=st.sampled_from(
        ["period", "location", "subject", "identifier", "reasonCode", "meta", "serviceProvider"]
    ),
    value=ANY_JSON,
)
def test_any_json_in_a_wait_is_survived(field: str, value: Any) -> None:
    encounter = {"resourceType": "Encounter", "id": "w1", "status": "arrived", field: value}
    nobody = person({"resourceType": "Patient", "id": "p1"}, {})
    found = waiting_patient(
        encounter, nobody, observations=[], tasks=[], included={}, profile=RecordProfile()
    )
    assert found.encounter == "w1"
