"""Resources for tests, as small as the question needs them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from fhir_queries.asking import Answer, Answers, Reading, Resource, Search
from fhir_queries.errors import RecordError, RecordUnavailable
from fhir_queries.profile import RecordProfile
from fhir_queries.settings import RecordSettings

NOW = datetime(2026, 11, 24, 14, 0, tzinfo=UTC)
SNOMED = "http://snomed.info/sct"
NHS_NUMBER = "https://fhir.nhs.uk/Id/nhs-number"
LOCAL = "https://handover-viewer.example/fhir"


def wait(identity: str = "wait-1", patient: str = "p1", **more: Any) -> Resource:
    """An Encounter that is a wait since 13:15."""
    return {
        "resourceType": "Encounter",
        "id": identity,
        "meta": {"versionId": "3"},
        "status": "arrived",
        "class": {"code": "EMER"},
        "subject": {"reference": f"Patient/{patient}"},
        "period": {"start": "2026-11-24T13:15:00+00:00"},
        **more,
    }


def somebody(identity: str = "p1", **more: Any) -> Resource:
    """A Patient."""
    return {
        "resourceType": "Patient",
        "id": identity,
        "identifier": [{"system": NHS_NUMBER, "value": "9990000026"}],
        "name": [{"use": "official", "family": "Testwick", "given": ["Ada", "Mary"]}],
        "birthDate": "1940-02-29",
        "gender": "female",
        **more,
    }


def observed(code: str, value: float, unit: str, at: str = "13:20", **more: Any) -> Resource:
    """An Observation of a wait with a quantity."""
    return {
        "resourceType": "Observation",
        "id": f"obs-{code}-{at.replace(':', '')}",
        "status": "final",
        "code": {"coding": [{"system": SNOMED, "code": code}]},
        "encounter": {"reference": "Encounter/wait-1"},
        "subject": {"reference": "Patient/p1"},
        "effectiveDateTime": f"2026-11-24T{at}:00+00:00",
        "valueQuantity": {"value": value, "unit": unit, "code": unit},
        **more,
    }


def coded(code: str, value: str, at: str = "13:20", **more: Any) -> Resource:
    """An Observation of a wait with a coded value."""
    made = observed(code, 0, "", at, **more)
    del made["valueQuantity"]
    return made | {"valueCodeableConcept": {"coding": [{"system": SNOMED, "code": value}]}}


def of_patient(kind: str, identity: str = "x1", patient: str = "p1", **more: Any) -> Resource:
    """A resource of this type about a patient."""
    subject = "patient" if kind in ("AllergyIntolerance", "Immunization") else "subject"
    return {
        "resourceType": kind,
        "id": identity,
        subject: {"reference": f"Patient/{patient}"},
        **more,
    }


def by_key(*resources: Resource) -> dict[str, Resource]:
    """Resources by ``Type/id``, as an answer's ``included``."""
    return {f"{each['resourceType']}/{each['id']}": each for each in resources}


class Told:
    """A record that answers each search as it was told to, and nothing else.

    It stands in for answers that no real server gives at will: a search that fails, a page that
    is missing, something withheld.
    """

    def __init__(self, answers: Mapping[str, Answer | RecordError] | None = None) -> None:
        self.answers = dict(answers or {})
        self.profile = RecordProfile()
        self.settings = RecordSettings()
        self.asked: list[Sequence[Search]] = []
        self.audited: list[Resource] = []
        self.down = False

    def ask(
        self,
        searches: Sequence[Search],
        *,
        audit: Resource | None = None,
        deadline: float | None = None,
    ) -> Answers:
        """What it was told; a search that it was not told of found nothing."""
        self.hear(searches)
        assert deadline is None
        if self.down:
            raise RecordUnavailable("down")
        self.asked.append(searches)
        if audit is not None:
            self.audited.append(audit)
        found: dict[str, Answer] = {}
        for search in searches:
            told = self.answers.get(search.name, Answer(search.name, Reading.ANSWERED))
            if isinstance(told, RecordError):
                told = Answer(search.name, Reading.FAILED, error=told)
            found[search.name] = told
        return Answers(NOW, found, 1)

    def hear(self, searches: Sequence[Search]) -> None:
        """What comes before each answer: nothing, but where a test has something else in mind."""

    def fetch(self, reference: str) -> Resource:
        """No resource is read one by one here."""
        raise AssertionError(f"unexpected read of {reference}")

    def create(self, resource: Resource, *, if_none_exist: str | None = None) -> Resource:
        """Nothing is written here."""
        raise AssertionError(f"unexpected create of {resource} unless {if_none_exist}")

    def update(self, resource: Resource, *, version: str) -> Resource:
        """Nothing is written here."""
        raise AssertionError(f"unexpected update of {resource} at {version}")

    def transact(self, entries: Sequence[Any]) -> tuple[Resource, ...]:
        """Nothing is written here."""
        raise AssertionError(f"unexpected transaction of {len(entries)}")


def answered(name: str, *matches: Any, included: Sequence[Resource] = (), **more: Any) -> Answer:
    """An answer with these matches."""
    return Answer(name, Reading.ANSWERED, list(matches), by_key(*included), **more)
