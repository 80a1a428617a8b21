"""Loading what others wrote: any Bundle, resource or NDJSON; what can't be read is counted."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import carebundle
import httpx
import pytest

from sandbox import exact_json, structure
from sandbox.embedded import EmbeddedRecord, start_embedded_record
from sandbox.loading import gather, in_ambulances
from sandbox.store import Store
from tests.conftest import RECORDS
from tests.sandbox.conftest import client_of

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
PATIENT = {"resourceType": "Patient", "id": "a", "gender": "male"}


def written(folder: Path, name: str, content: Any) -> Path:
    """A file with this content."""
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    return path


def load(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run `python -m sandbox load`."""
    return subprocess.run(
        [sys.executable, "-m", "sandbox", "load", *arguments],
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("kind", ["collection", "transaction", "searchset", "history", "document"])
def test_resources_come_out_of_every_kind_of_bundle(tmp_path: Path, kind: str) -> None:
    bundle = {"resourceType": "Bundle", "type": kind, "entry": [{"resource": PATIENT}]}
    gathered = gather([written(tmp_path, "b.json", bundle)])
    assert [each["id"] for each in gathered.resources] == ["a"]


def test_a_single_resource_ndjson_and_gzip_are_read(tmp_path: Path) -> None:
    lines = b'{"resourceType":"Patient","id":"b"}\n\n{"resourceType":"Patient","id":"c"}\n'
    files = [
        written(tmp_path, "one.json", PATIENT),
        written(tmp_path, "many.ndjson", lines),
        written(tmp_path, "packed.ndjson.gz", gzip.compress(lines.replace(b'"b"', b'"d"'))),
    ]
    gathered = gather(files)
    assert [each["id"] for each in gathered.resources] == ["a", "b", "c", "d", "c"]
    assert not gathered.set_aside


def test_bundles_within_a_bundle_are_opened_and_outcomes_are_not_kept(tmp_path: Path) -> None:
    inner = {"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": PATIENT}]}
    told = {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "x"}]}
    batch = {
        "resourceType": "Bundle",
        "type": "batch-response",
        "entry": [{"resource": inner}, {"resource": told}, {"response": {"status": "204"}}],
    }
    gathered = gather([written(tmp_path, "b.json", batch)])
    assert [each["id"] for each in gathered.resources] == ["a"]


def test_what_can_not_be_read_is_counted_and_the_rest_is_kept(tmp_path: Path) -> None:
    bundle = {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [
            {"resource": PATIENT},
            {"resource": {"resourceType": "Patient", "birthDate": "1/1/1980"}},
            {"resource": {"resourceType": "Nothing"}},
            {"resource": "what"},
            {"resource": None},
            "what",
        ],
    }
    files = [
        written(tmp_path, "b.json", bundle),
        written(tmp_path, "c.json", b"not json at all"),
        written(tmp_path, "d.json", b"\xff\xfe\x00"),
        written(tmp_path, "e.ndjson", b'{"resourceType":"Patient","id":"z"}\nbroken}\n'),
        tmp_path / "missing.json",
    ]
    gathered = gather(files)
    assert [each["id"] for each in gathered.resources] == ["a", "z"]
    assert sum(gathered.set_aside.values()) == 8
    assert any("birthDate" in reason for reason in gathered.set_aside)


def test_references_between_entries_lead_to_what_was_loaded(tmp_path: Path) -> None:
    bundle = exact_json.loads(carebundle.to_json(carebundle.generate_bundle(seed=3)))
    gathered = gather([written(tmp_path, "b.json", exact_json.dumps(bundle))])
    known = {f"{each['resourceType']}/{each['id']}" for each in gathered.resources}
    (patient,) = [each for each in gathered.resources if each["resourceType"] == "Patient"]
    conditions = [each for each in gathered.resources if each["resourceType"] == "Condition"]
    assert conditions
    for condition in conditions:
        assert condition["subject"]["reference"] == f"Patient/{patient['id']}"
    assert b'"reference":"urn:' not in exact_json.dumps(gathered.resources)
    assert f"Patient/{patient['id']}" in known


def test_an_ambulance_is_made_for_each_patient() -> None:
    patients = [{"resourceType": "Patient", "id": f"p{n}"} for n in range(50)]
    made = list(in_ambulances(patients, NOW, seed=1))
    arrivals = [each for each in made if each["resourceType"] == "Encounter"]
    assert all(structure.faults(each) == [] for each in made)
    assert {each["subject"]["reference"] for each in arrivals} == {
        f"Patient/p{n}" for n in range(50)
    }
    for arrival in arrivals:
        assert arrival["status"] == "arrived"
        assert arrival["class"]["code"] == "EMER"
        start = datetime.fromisoformat(arrival["period"]["start"])
        assert timedelta(0) < NOW - start <= timedelta(hours=2)
        assert arrival["reasonCode"][0]["text"]
        (place,) = arrival["location"]
        assert place["status"] == "active"
    assert list(in_ambulances(patients, NOW, seed=1)) == made


def test_a_file_is_loaded_into_a_database_and_served(tmp_path: Path) -> None:
    db = tmp_path / "record.sqlite"
    bad = written(tmp_path, "bad.json", b"{")
    good = written(tmp_path, "good.json", PATIENT)
    done = load(str(good), str(bad), "--db", str(db), "--in-ambulances")
    assert done.returncode == 0, done.stderr
    assert "4 resources loaded" in done.stdout
    assert "1 could not be read" in done.stdout
    record = start_embedded_record(db, arguments=("--empty",))
    try:
        with client_of(record) as client:
            found = client.get("Encounter?status=arrived&class=EMER&_include=Encounter:patient")
            kinds = [e["resource"]["resourceType"] for e in found.json()["entry"]]
            assert sorted(kinds) == ["Encounter", "Patient"]
    finally:
        record.stop()


def test_a_file_is_loaded_over_http(
    http: httpx.Client, record: EmbeddedRecord, tmp_path: Path
) -> None:
    bundle = exact_json.loads(carebundle.to_json(carebundle.generate_bundle(seed=5)))
    file = written(tmp_path, "b.json", exact_json.dumps(bundle))
    done = load(str(file), "--record", record.base, "--token", record.token, "--in-ambulances")
    assert done.returncode == 0, done.stderr
    patient = gather([file]).resources[0]
    (loaded,) = [r for r in gather([file]).resources if r["resourceType"] == "Patient"][:1] or [
        patient
    ]
    found = http.get(f"Patient?family={loaded['name'][0]['family']}&_revinclude=Encounter:patient")
    kinds = {e["resource"]["resourceType"] for e in found.json()["entry"]}
    assert {"Patient", "Encounter"} <= kinds


def test_a_record_that_does_not_answer_or_refuses_is_one_line(
    record: EmbeddedRecord, tmp_path: Path
) -> None:
    file = str(written(tmp_path, "p.json", PATIENT))
    for arguments in (
        ("--record", "http://127.0.0.1:1/fhir", "--token", "x"),
        ("--record", record.base, "--token", "wrong"),
    ):
        done = load(file, *arguments)
        assert done.returncode == 3
        assert len(done.stderr.splitlines()) == 1
        assert "Traceback" not in done.stderr


def test_loading_again_replaces_and_keeps_the_history(tmp_path: Path) -> None:
    store = Store(tmp_path / "record.sqlite")
    try:
        for gender in ("male", "female", "other"):
            assert store.load([{**PATIENT, "gender": gender}]) == 1
        with store.read() as connection:
            versions = connection.execute("SELECT version FROM version ORDER BY version")
            assert [row[0] for row in versions] == [1, 2]
            codes = connection.execute("SELECT code FROM token WHERE code IN ('male','other')")
            assert [row[0] for row in codes] == ["other"]
    finally:
        store.close()


@pytest.mark.records
def test_every_published_record_loads_and_its_people_wait(tmp_path: Path) -> None:
    files = [str(path) for path in sorted(RECORDS.glob("*/*.json"))]
    db = tmp_path / "record.sqlite"
    done = load(*files, "--db", str(db), "--in-ambulances")
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    loaded = int(done.stdout.split()[0])
    assert loaded > 5000
