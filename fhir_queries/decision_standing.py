"""All that one decision is about, as the record holds it at one moment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from clinical.review import Review
from fhir_queries.asking import Resource, Search
from fhir_queries.checklist import CHECKLIST_IDENTIFIER
from fhir_queries.decision_resources import REFERRAL_IDENTIFIER
from fhir_queries.errors import BadRecord, RecordError
from fhir_queries.port import Record
from fhir_queries.reading.fields import text
from fhir_queries.reading.reviews import review

_NO_CONTACT = ("planned", "cancelled", "entered-in-error")


@dataclass(frozen=True, slots=True)
class Standing:
    """The Task of a review, its wait, its checklist and its referral."""

    task: Resource
    encounter: Resource
    response: Resource | None
    referral: Resource | None

    @property
    def review(self) -> Review:
        """The Task as the review that it is."""
        return review(self.task)


def read_standing(record: Record, asked: Review) -> Standing:
    """How all of this stands now. Raises RecordError where any part of it can't be read."""
    task = record.fetch(f"Task/{asked.task}")
    now = review(task)
    answers = record.ask(
        [
            Search("encounter", "Encounter", (("_id", now.encounter or asked.encounter),)),
            Search(
                "response",
                "QuestionnaireResponse",
                (("identifier", f"{CHECKLIST_IDENTIFIER}|{asked.task}"),),
            ),
            Search(
                "referral",
                "ServiceRequest",
                (("identifier", f"{REFERRAL_IDENTIFIER}|{asked.task}"),),
            ),
        ]
    ).by_name
    for answer in answers.values():
        if answer.error is not None:
            raise answer.error
    encounters = answers["encounter"].matches
    if not encounters:
        raise BadRecord("the Encounter of a review is not there")
    response = _exact(record, answers["response"].matches, "QuestionnaireResponse", now.response)
    referral = _exact(record, answers["referral"].matches, "ServiceRequest", now.referral)
    return Standing(task, encounters[0], response, referral)


def acted_on(record: Record, referral: Resource) -> bool:
    """Whether the accepting service has begun to act on a referral, or that can't be told."""
    if referral.get("status") != "active":
        return True
    search = Search(
        "contacts", "Encounter", (("based-on", f"ServiceRequest/{text(referral.get('id'))}"),)
    )
    try:
        answer = record.ask([search]).by_name["contacts"]
    except RecordError:
        return True
    if answer.error is not None or not answer.complete:
        return True
    return any(each.get("status") not in _NO_CONTACT for each in answer.matches)


def _exact(
    record: Record, matches: Sequence[Resource], kind: str, on_the_task: str
) -> Resource | None:
    """The one that stands, as its newest version; one entered in error only where there is no
    other: a conditional create would find that one too, so it is the one to write anew.

    Where no search finds one, the one that the Task names: it belongs to a decision taken back.
    """
    found = min(matches, key=lambda each: each.get("status") == "entered-in-error", default=None)
    identity = text(found.get("id")) if found is not None else on_the_task
    return record.fetch(f"{kind}/{identity}") if identity else None
