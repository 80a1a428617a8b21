"""Loading FHIR files that other systems wrote: Bundles of any type, resources, NDJSON.

What can't be read is counted and said, and never keeps the rest out.
"""

from __future__ import annotations

import gzip
import random
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import requests

from sandbox import exact_json, structure
from sandbox.store import Store

ACT_CODE = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
LOADED_ED = "loaded-ed"
LOADED_BAY = "loaded-ambulance-bay"
_CHUNK = 200
_TIMEOUT = (5, 120)


@dataclass(slots=True)
class Gathered:
    """What files hold: resources that can be stored, and what was set aside and why."""

    resources: list[dict[str, Any]] = field(default_factory=list)
    set_aside: Counter[str] = field(default_factory=Counter)


def _values(path: Path, gathered: Gathered) -> Iterator[Any]:
    try:
        content = path.read_bytes()
        if content[:2] == b"\x1f\x8b":
            content = gzip.decompress(content)
    except (OSError, EOFError) as error:
        gathered.set_aside[f"{path.name}: {type(error).__name__}"] += 1
        return
    try:
        yield exact_json.loads(content)
        return
    except ValueError:
        lines = content.splitlines()
    if len(lines) == 1 or (lines and not lines[0].rstrip().endswith(b"}")):
        gathered.set_aside[f"{path.name}: not JSON"] += 1
        return
    for line in lines:
        if line.strip():
            try:
                yield exact_json.loads(line)
            except ValueError:
                gathered.set_aside[f"{path.name}: a line is not JSON"] += 1


def _flattened(value: Any, name: str, gathered: Gathered) -> Iterator[tuple[str, Any]]:
    """(fullUrl, resource) of each resource in a JSON value; Bundles are opened."""
    if not isinstance(value, dict):
        gathered.set_aside[f"{name}: not a resource"] += 1
        return
    entries = value.get("entry")
    if value.get("resourceType") != "Bundle" or not isinstance(entries, list):
        yield "", value
        return
    for entry in entries:
        if not isinstance(entry, dict) or "resource" not in entry:
            continue
        resource = entry["resource"]
        if isinstance(resource, dict) and resource.get("resourceType") == "OperationOutcome":
            continue
        full_url = entry.get("fullUrl")
        if isinstance(resource, dict) and resource.get("resourceType") == "Bundle":
            yield from _flattened(resource, name, gathered)
        else:
            yield full_url if isinstance(full_url, str) else "", resource


def gather(paths: Iterable[Path]) -> Gathered:
    """The resources of these files, their references to each other made relative."""
    gathered = Gathered()
    for path in paths:
        for value in _values(path, gathered):
            _gather_value(value, path.name, gathered)
    return gathered


def _gather_value(value: Any, name: str, gathered: Gathered) -> None:
    found: list[dict[str, Any]] = []
    replacements: dict[str, str] = {}
    for full_url, resource in _flattened(value, name, gathered):
        faults = structure.faults(resource)
        if faults:
            kind = resource.get("resourceType") if isinstance(resource, dict) else None
            gathered.set_aside[f"{name}: {kind}: {faults[0].path} {faults[0].message}"] += 1
            continue
        kept = dict(resource)
        kept.setdefault("id", str(uuid4()))
        if full_url:
            replacements[full_url] = f"{kept['resourceType']}/{kept['id']}"
        found.append(kept)
    gathered.resources += [relinked(resource, replacements) for resource in found]


_SEARCH_REFERENCE = re.compile(r"([A-Z][A-Za-z]+)\?identifier=([^|&]*)\|([^&]+)")


def relinked(resource: dict[str, Any], replacements: dict[str, str]) -> dict[str, Any]:
    """The resource with references by fullUrl turned into `Type/id`, and searches as
    references (`Practitioner?identifier=system|value`) into identifiers."""

    def walk(value: Any) -> Any:
        if isinstance(value, list):
            return [walk(each) for each in value]
        if not isinstance(value, dict):
            return value
        walked = {key: walk(content) for key, content in value.items()}
        reference = walked.get("reference")
        if isinstance(reference, str):
            if reference in replacements:
                walked["reference"] = replacements[reference]
            elif (found := _SEARCH_REFERENCE.fullmatch(reference)) and "identifier" not in walked:
                del walked["reference"]
                walked["type"] = found[1]
                walked["identifier"] = {"system": found[2], "value": found[3]}
        return walked

    linked: dict[str, Any] = walk(resource)
    return linked


_REASONS = (
    "Fall, unable to get up",
    "Shortness of breath",
    "Generally unwell",
    "Abdominal pain",
    "Chest pain",
    "Confusion",
    "Urinary symptoms",
    "Dizziness",
)


def in_ambulances(
    patients: Iterable[dict[str, Any]], now: datetime, seed: int
) -> Iterator[dict[str, Any]]:
    """An ED with an ambulance bay, and for each patient an arrival there in the last 2 hours."""
    chance = random.Random(seed)  # noqa: S311 - made-up arrivals, not secrets
    yield {
        "resourceType": "Organization",
        "id": LOADED_ED,
        "active": True,
        "name": "Emergency department for loaded records",
    }
    yield {
        "resourceType": "Location",
        "id": LOADED_BAY,
        "status": "active",
        "name": "Ambulance bay, loaded records",
        "mode": "instance",
        "managingOrganization": {"reference": f"Organization/{LOADED_ED}"},
    }
    for patient in patients:
        arrived = now - timedelta(minutes=chance.randint(4, 118))
        yield {
            "resourceType": "Encounter",
            "id": f"arrival-{patient['id']}"[:64],
            "status": "arrived",
            "class": {"system": ACT_CODE, "code": "EMER", "display": "emergency"},
            "subject": {"reference": f"Patient/{patient['id']}"},
            "period": {"start": arrived.isoformat(timespec="seconds")},
            "reasonCode": [{"text": chance.choice(_REASONS)}],
            "location": [{"location": {"reference": f"Location/{LOADED_BAY}"}, "status": "active"}],
            "serviceProvider": {"reference": f"Organization/{LOADED_ED}"},
        }


def _send(record: str, token: str, resources: list[dict[str, Any]], gathered: Gathered) -> int:
    """Put resources into a record over HTTP, in batches; how many it took."""
    session = requests.Session()
    session.headers["Content-Type"] = session.headers["Accept"] = "application/fhir+json"
    if token:
        session.headers["Authorization"] = f"Bearer {token}"
    taken = 0
    for start in range(0, len(resources), _CHUNK):
        chunk = resources[start : start + _CHUNK]
        entries = [
            {
                "resource": resource,
                "request": {
                    "method": "PUT",
                    "url": f"{resource['resourceType']}/{resource['id']}",
                },
            }
            for resource in chunk
        ]
        batch = {"resourceType": "Bundle", "type": "batch", "entry": entries}
        answer = session.post(
            record, data=exact_json.dumps(batch), timeout=_TIMEOUT, allow_redirects=False
        )
        answer.raise_for_status()
        for entry in answer.json().get("entry", []):
            status = str(entry.get("response", {}).get("status", ""))
            if status.startswith("2"):
                taken += 1
            else:
                gathered.set_aside[f"the record answered {status or 'nothing'}"] += 1
    return taken


def run(
    *,
    files: list[str],
    db: Path | None,
    record: str | None,
    token: str,
    in_ambulances_too: bool,
    seed: int,
) -> int:
    """The `load` command; returns the exit code."""
    gathered = gather(map(Path, files))
    resources = gathered.resources
    if in_ambulances_too:
        patients = [each for each in resources if each["resourceType"] == "Patient"]
        resources = [*resources, *in_ambulances(patients, datetime.now(UTC), seed)]
    if record is None:
        store = Store(db)
        try:
            loaded = store.load(resources)
        finally:
            store.close()
    else:
        try:
            loaded = _send(record.rstrip("/"), token, resources, gathered)
        except requests.RequestException as error:
            status = error.response.status_code if error.response is not None else ""
            sys.stderr.write(f"{record} did not take them: {type(error).__name__} {status}\n")
            return 3
    sys.stdout.write(f"{loaded} resources loaded\n")
    set_aside = sum(gathered.set_aside.values())
    if set_aside:
        sys.stdout.write(f"{set_aside} could not be read and were set aside:\n")
        for reason, count in gathered.set_aside.most_common(20):
            sys.stdout.write(f"  {count} x {reason}\n")
    return 0 if loaded or not files else 5
