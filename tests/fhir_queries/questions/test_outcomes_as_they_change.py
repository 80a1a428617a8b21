"""Whatever happens to the record, in whatever order: what is kept is what reading anew gives."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import httpx
import pytest

from clinical.outcome_counts import count_outcomes
from clinical.person import Caller
from fhir_queries.outcome_keeper import OutcomeKeeper
from fhir_queries.outcomes import read_cases
from fhir_queries.record import SharedRecord
from sandbox.people.nhs_number import nhs_number
from tests.fhir_queries.questions.conftest import connect, serve
from tests.fhir_queries.questions.shapes import LOCAL, NHS_NUMBER, SNOMED

Resource = dict[str, Any]
START = datetime(2026, 10, 20, 8, 0, tzinfo=UTC)
"""The clocks go back on 25 October."""
FHIR_JSON = "application/fhir+json"
METHOD = "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-AdmissionMethod"


class Happenings:
    """Makes things happen to a small record over HTTP, by chance."""

    def __init__(self, web: httpx.Client, seed: int) -> None:
        self.chance = Random(seed)  # noqa: S311 - nothing secret
        self.web = web
        self.held: dict[str, Resource] = {}
        self.made = 0
        self.done: dict[str, int] = {}

    def put(self, resource: Resource) -> None:
        """Write a resource as it is to be from now on."""
        where = f"{resource['resourceType']}/{resource['id']}"
        answer = self.web.put(f"/{where}", content=json.dumps(resource))
        assert answer.status_code in {200, 201}, answer.text
        self.held[where] = resource

    def some(self, kind: str) -> Resource | None:
        """One of those held of a type."""
        found = [each for where, each in self.held.items() if where.startswith(f"{kind}/")]
        return self.chance.choice(found) if found else None

    def name(self, kind: str) -> str:
        """A new id."""
        self.made += 1
        return f"{kind}-{self.made}"

    def when(self) -> str:
        """Some instant, some day or, rarely, no time at all."""
        at = START + timedelta(seconds=self.chance.randrange(40 * 86400))
        return at.isoformat() if self.chance.random() < 0.8 else at.date().isoformat()

    def happen(self) -> None:
        """One thing."""
        what = self.chance.choice(HAPPENINGS)
        what(self)
        self.done[what.__name__] = self.done.get(what.__name__, 0) + 1

    def person(self) -> None:
        """Somebody, with a number that may be another's too, or with none."""
        made: Resource = {
            "resourceType": "Patient",
            "id": self.name("p"),
            "birthDate": "1940-02-29",
        }
        self.put(made | self._number())

    def _number(self) -> Resource:
        if self.chance.random() < 0.25:
            return {}
        value = nhs_number(self.chance.randrange(1, 9))
        return {"identifier": [{"system": NHS_NUMBER, "value": value}]}

    def decision(self) -> None:
        """A review of somebody's wait, mostly redirected."""
        patient = self.some("Patient")
        if patient is None:
            return
        at = START + timedelta(seconds=self.chance.randrange(20 * 86400))
        wait, task = self.name("wait"), self.name("review")
        self.put(
            {
                "resourceType": "Encounter",
                "id": wait,
                "status": self.chance.choice(["finished", "finished", "arrived", "in-progress"]),
                "class": {"code": "EMER"},
                "subject": {"reference": f"Patient/{patient['id']}"},
                "period": {
                    "start": at.isoformat(),
                    "end": (at + timedelta(hours=2)).isoformat(),
                },
            }
        )
        referral = f"referral-{task}"
        outcome = self.chance.choice(["redirected", "redirected", "redirected", "no-capacity"])
        self.put(
            {
                "resourceType": "ServiceRequest",
                "id": referral,
                "status": "active",
                "intent": "order",
                "subject": {"reference": f"Patient/{patient['id']}"},
                "authoredOn": (at + timedelta(hours=1)).isoformat(),
                "performer": [{"display": self.chance.choice(["Rapid Response", "Falls"])}],
            }
        )
        kind = {"coding": [{"system": f"{LOCAL}/CodeSystem/task-output", "code": "referral"}]}
        self.put(
            {
                "resourceType": "Task",
                "id": task,
                "status": "completed",
                "intent": "proposal",
                "code": {
                    "coding": [
                        {"system": f"{LOCAL}/CodeSystem/task-code", "code": "redirect-review"}
                    ]
                },
                "for": {"reference": f"Patient/{patient['id']}"},
                "encounter": {"reference": f"Encounter/{wait}"},
                "authoredOn": (at + timedelta(minutes=10)).isoformat(),
                "businessStatus": {
                    "coding": [{"system": f"{LOCAL}/CodeSystem/review-outcome", "code": outcome}]
                },
                "executionPeriod": {
                    "start": (at + timedelta(minutes=20)).isoformat(),
                    "end": (at + timedelta(hours=1)).isoformat(),
                },
                "output": [
                    {
                        "type": kind,
                        "valueReference": {"reference": f"ServiceRequest/{referral}"},
                    }
                ],
            }
        )

    def came_back(self) -> None:
        """An attendance, an admission or a visit that reaches the record late."""
        patient, request = self.some("Patient"), self.some("ServiceRequest")
        if patient is None:
            return
        made: Resource = {
            "resourceType": "Encounter",
            "id": self.name("later"),
            "status": "finished",
            "class": {"code": self.chance.choice(["EMER", "IMP", "HH", "VR"])},
            "subject": {"reference": f"Patient/{patient['id']}"},
        }
        if self.chance.random() < 0.95:
            made["period"] = {"start": self.when()}
        if request is not None and made["class"]["code"] in {"HH", "VR"}:
            made["basedOn"] = [{"reference": f"ServiceRequest/{request['id']}"}]
            made["subject"] = request["subject"]
        self.put(made)

    def corrected(self) -> None:
        """An Encounter gets another time, another method, another patient."""
        held, other = self.some("Encounter"), self.some("Patient")
        if held is None or other is None:
            return
        new = held | self.chance.choice(
            [
                {"period": {"start": self.when()}},
                {"period": {"start": START.isoformat(), "end": self.when()}},
                {"subject": {"reference": f"Patient/{other['id']}"}},
                {"class": {"code": self.chance.choice(["EMER", "IMP"])}},
                {"hospitalization": {"extension": [method("11")]}},
                {"hospitalization": {"extension": [method("21")]}},
            ]
        )
        self.put(new)

    def in_error(self) -> None:
        """Something never was."""
        held = self.some(self.chance.choice(["Encounter", "Encounter", "Task", "Observation"]))
        if held is not None:
            self.put(held | {"status": "entered-in-error"})

    def deleted(self) -> None:
        """Something is no longer in the record."""
        kind = self.chance.choice(["Encounter", "Encounter", "Task", "ServiceRequest", "Patient"])
        if self.chance.random() < 0.5 and (held := self.some(kind)) is not None:
            where = f"{kind}/{held['id']}"
            assert self.web.delete(f"/{where}").status_code in {200, 204}
            del self.held[where]

    def merged(self) -> None:
        """A Patient turns out to be somebody else: another number, none, or a link."""
        held, other = self.some("Patient"), self.some("Patient")
        if held is None or other is None:
            return
        kept = {name: value for name, value in held.items() if name not in {"identifier", "link"}}
        link = {"other": {"reference": f"Patient/{other['id']}"}, "type": "seealso"}
        linked = {"link": [link]} if self.chance.random() < 0.5 else {}
        self.put(kept | self._number() | linked)

    def died(self) -> None:
        """Somebody died, at some time or at none that is known."""
        held = self.some("Patient")
        if held is not None:
            alive = {name: value for name, value in held.items() if name[:8] != "deceased"}
            died: tuple[Resource, Resource] = (
                {"deceasedDateTime": self.when()},
                {"deceasedBoolean": True},
            )
            self.put(alive | self.chance.choice(died))

    def scored(self) -> None:
        """A Clinical Frailty Scale."""
        patient = self.some("Patient")
        if patient is not None:
            self.put(
                {
                    "resourceType": "Observation",
                    "id": self.name("score"),
                    "status": "final",
                    "code": {"coding": [{"system": SNOMED, "code": "1129321000000103"}]},
                    "subject": {"reference": f"Patient/{patient['id']}"},
                    "effectiveDateTime": self.when(),
                    "valueInteger": self.chance.randint(1, 9),
                }
            )

    def referral_corrected(self) -> None:
        """A referral was made at another time, to another service."""
        held = self.some("ServiceRequest")
        if held is not None:
            self.put(
                held | {"authoredOn": START.isoformat(), "performer": [{"display": "Nursing"}]}
            )


def method(code: str) -> Resource:
    """The admission method of an Encounter."""
    return {"url": METHOD, "valueCodeableConcept": {"coding": [{"code": code}]}}


HAPPENINGS: tuple[Callable[[Happenings], None], ...] = (
    Happenings.person,
    Happenings.decision,
    Happenings.decision,
    Happenings.came_back,
    Happenings.came_back,
    Happenings.came_back,
    Happenings.corrected,
    Happenings.corrected,
    Happenings.in_error,
    Happenings.deleted,
    Happenings.merged,
    Happenings.died,
    Happenings.scored,
    Happenings.referral_corrected,
)


@pytest.fixture
def small() -> Iterator[tuple[httpx.Client, SharedRecord]]:
    """An empty record of its own, and a way to write to it that isn't the program's."""
    for base in serve("--empty"):
        for record in connect(base):
            with httpx.Client(base_url=base, headers={"Content-Type": FHIR_JSON}) as web:
                yield web, record


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_what_is_kept_is_what_reading_everything_anew_gives(
    small: tuple[httpx.Client, SharedRecord], manager: Caller, seed: int
) -> None:
    web, record = small
    happenings = Happenings(web, seed)
    for _ in range(6):
        happenings.person()
    happenings.decision()
    keeper = OutcomeKeeper(record, deletions_every=timedelta(), overlap=timedelta(milliseconds=50))
    keeper.table(manager)
    for _ in range(25):
        for _ in range(happenings.chance.randint(1, 8)):
            happenings.happen()
        kept = keeper.refresh(manager)
        anew = OutcomeKeeper(record).table(manager)
        assert kept.error is None
        assert kept.table == anew.table, happenings.done
    as_at = START + timedelta(days=90)
    read = read_cases(record, manager, START - timedelta(days=1), as_at)
    assert kept.table.counts(as_at) == count_outcomes(read.cases, as_at)
    assert keeper.rebuild(manager).table == kept.table
    assert len(happenings.done) == len(set(HAPPENINGS))
    assert kept.table.counts(as_at).counts["redirected"].yes > 0
