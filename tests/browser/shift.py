"""Arrivals, departures and long records, written to the record as another program would."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from tests.browser.house import House

Resource = dict[str, Any]
_NUMBERS = itertools.count(1)
LONGEST_WAITING = "wait-24"


@dataclass
class Shift:
    """A hand on the record of a house."""

    house: House
    arrived: list[str] = field(default_factory=list)
    """The Encounters of those who arrived and still wait."""

    def _ask(self, method: str, path: str, body: Resource | None = None) -> Resource:
        answer = httpx.request(
            method,
            f"{self.house.record.base}/{path}".rstrip("/"),
            json=body,
            headers={
                "Authorization": f"Bearer {self.house.record.token}",
                "Content-Type": "application/fhir+json",
            },
            timeout=60,
            trust_env=False,
        )
        answer.raise_for_status()
        told: Resource = answer.json() if answer.content else {}
        return told

    def read(self, path: str) -> Resource:
        """One resource."""
        return self._ask("GET", path)

    def put(self, resources: Iterable[Resource]) -> None:
        """Write these as they are, in one transaction."""
        entries = [
            {
                "resource": each,
                "request": {"method": "PUT", "url": f"{each['resourceType']}/{each['id']}"},
            }
            for each in resources
        ]
        self._ask("POST", "", {"resourceType": "Bundle", "type": "transaction", "entry": entries})

    def arrive(self, family: str, minutes_ago: float = 0.0) -> str:
        """Somebody of this name arrives outside the ED. Returns their Encounter's id."""
        identity = f"arrived-{next(_NUMBERS)}"
        like = self.read(f"Encounter/{LONGEST_WAITING}")
        since = datetime.now(UTC) - timedelta(minutes=minutes_ago)
        patient = {
            "resourceType": "Patient",
            "id": f"of-{identity}",
            "name": [{"family": family, "given": ["Test"]}],
            "gender": "female",
            "birthDate": "1940-01-01",
        }
        encounter = {
            "resourceType": "Encounter",
            "id": identity,
            "status": "arrived",
            "class": like["class"],
            "subject": {"reference": f"Patient/of-{identity}"},
            "period": {"start": since.isoformat(timespec="seconds")},
            "serviceProvider": like["serviceProvider"],
            "reasonCode": [{"text": "Fall at home"}],
        }
        self.put([patient, encounter])
        self.arrived.append(identity)
        return identity

    def move(self, encounter: str, minutes_ago: float) -> None:
        """The ED puts right when somebody arrived: they have another place in the queue."""
        stands = self.read(f"Encounter/{encounter}")
        since = datetime.now(UTC) - timedelta(minutes=minutes_ago)
        self.put([{**stands, "period": {"start": since.isoformat(timespec="seconds")}}])

    def leave(self, encounter: str) -> None:
        """Somebody is handed over, and waits no longer."""
        stands = self.read(f"Encounter/{encounter}")
        self.put([{**stands, "status": "finished"}])
        if encounter in self.arrived:
            self.arrived.remove(encounter)


def long_history(patient: str, entries: int) -> list[Resource]:
    """So many observations, conditions, medicines and contacts of one patient, over ten years."""
    subject = {"reference": f"Patient/{patient}"}
    made: list[Resource] = []
    for number in range(entries):
        when = (datetime.now(UTC) - timedelta(days=1 + number * 3650 / entries)).date().isoformat()
        identity = f"long-{patient}-{number}"
        kind = number % 10
        if kind < 7:
            made.append(
                {
                    "resourceType": "Observation",
                    "id": identity,
                    "status": "final",
                    "category": [
                        {
                            "coding": [
                                {
                                    "system": "http://terminology.hl7.org/CodeSystem/"
                                    "observation-category",
                                    "code": "laboratory",
                                }
                            ]
                        }
                    ],
                    "code": {"text": f"Blood test {number % 40}"},
                    "subject": subject,
                    "effectiveDateTime": when,
                    "valueQuantity": {"value": 100 + number % 50, "unit": "mmol/L"},
                }
            )
        elif kind < 8:
            made.append(
                {
                    "resourceType": "Condition",
                    "id": identity,
                    "code": {"text": f"Problem {number}"},
                    "subject": subject,
                    "recordedDate": when,
                }
            )
        elif kind < 9:
            made.append(
                {
                    "resourceType": "MedicationRequest",
                    "id": identity,
                    "status": "active",
                    "intent": "order",
                    "medicationCodeableConcept": {"text": f"Medicine {number} 5 mg tablets"},
                    "subject": subject,
                    "authoredOn": when,
                }
            )
        else:
            made.append(
                {
                    "resourceType": "Encounter",
                    "id": identity,
                    "status": "finished",
                    "class": {
                        "system": "http://terminology.hl7.org/CodeSystem/v3-ActCode",
                        "code": "AMB",
                    },
                    "subject": subject,
                    "period": {"start": when, "end": when},
                    "reasonCode": [{"text": f"Contact {number}"}],
                }
            )
    return made
