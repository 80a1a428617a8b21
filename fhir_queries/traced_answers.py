"""The answers of a review's checklist, each with its author, time, evidence and Questionnaire."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from clinical.evidence import Evidence
from clinical.moments import utc_text
from fhir_queries.asking import Resource
from fhir_queries.errors import RecordError
from fhir_queries.port import Record
from fhir_queries.reading.answer_values import answer_value, value_words
from fhir_queries.reading.fields import mapping, objects, text
from fhir_queries.reading.responses import answered_lines, draft_of, evidence_of
from fhir_queries.reading.review_notes import actor


class RecordWithHistory(Record, Protocol):
    """A record that also tells the earlier versions of a resource."""

    def history_of(self, reference: str) -> tuple[Resource, ...]:
        """Every version of ``Type/id``, newest first."""


@dataclass(frozen=True, slots=True)
class TracedAnswer:
    """One answer as it stood, and where it comes from."""

    link_id: str
    words: str
    """The question, as the response itself gives it."""
    values: tuple[str, ...]
    by: str
    by_user: str
    at: str
    """A FHIR instant; empty where the answer doesn't say."""
    questionnaire: str
    """``url|version`` that the response named when the answer was given."""
    version: str
    """The version of the response in which it first stood so; empty where that isn't known."""
    evidence: tuple[Evidence, ...]
    """What of the record a clinician confirmed; none where they answered of their own knowledge."""
    before: tuple[str, ...]
    """What was answered before, and by whom, oldest first."""


@dataclass(frozen=True, slots=True)
class TracedResponse:
    """One checklist of the review."""

    reference: str
    version: str
    status: str
    questionnaire: str
    author: str
    authored: str
    answers: tuple[TracedAnswer, ...]


def traced_response(
    record: RecordWithHistory, standing: Resource, gaps: list[str]
) -> TracedResponse:
    """One checklist with all its answers; what of them can't be told goes into ``gaps``."""
    reference = f"QuestionnaireResponse/{standing['id']}"
    versions = versions_of(record, standing, gaps)
    author = actor(standing.get("author"))
    answers = tuple(_answer(line, versions, gaps) for line in answered_lines(standing.get("item")))
    named = text(standing.get("questionnaire"))
    if "|" not in named:
        gaps.append(f"{reference} names no version of its Questionnaire.")
    return TracedResponse(
        reference,
        version_of(standing),
        text(standing.get("status")),
        named,
        author.name if author is not None else "",
        text(standing.get("authored")),
        answers,
    )


def _answer(line: Resource, versions: Sequence[Resource], gaps: list[str]) -> TracedAnswer:
    link_id = text(line.get("linkId"))
    given = list(objects(line.get("answer")))
    stood = [(each, _given_in(each, link_id)) for each in versions]
    first = next((each for each, found in stood if found == given), None)
    # The version that began the run of versions with this very answer, not an older one like it
    for each, found in reversed(stood):
        if found != given:
            break
        first = each
    who, at = _author(given)
    values = tuple(_said(each) for each in given)
    if not who[0] or not at:
        gaps.append(f"The answer to {link_id} doesn't say who gave it, or when.")
    before: list[str] = []
    for _, found in stood:
        was = ", ".join(_said(each) for each in found)
        if found and found != given and was:
            name, _ = _author(found)
            words_before = f"{was} ({name[0] or 'author not recorded'})"
            if not before or before[-1] != words_before:
                before.append(words_before)
    named = text((first or {}).get("questionnaire"))
    return TracedAnswer(
        link_id,
        text(line.get("text")) or link_id,
        values,
        who[0],
        who[1],
        at,
        named,
        version_of(first) if first is not None else "",
        tuple(found for each in given for found in evidence_of(each)),
        tuple(before),
    )


def _given_in(version: Resource, link_id: str) -> list[Resource]:
    for line in answered_lines(version.get("item")):
        if line.get("linkId") == link_id:
            return list(objects(line.get("answer")))
    return []


def _author(given: Sequence[Resource]) -> tuple[tuple[str, str], str]:
    """((name, user id), instant) of the last value of an answer."""
    if not given:
        return ("", ""), ""
    draft = draft_of({"item": [{"linkId": "one", "answer": [given[-1]]}]}, None)
    if not draft.answers:
        return ("", ""), ""
    read = draft.answers[0]
    return (read.by_name, read.by_user), "" if read.at is None else utc_text(read.at)


def _said(given: Resource) -> str:
    value = answer_value(given)
    return "an answer of a kind that isn't known here" if value is None else value_words(value)


def versions_of(record: RecordWithHistory, standing: Resource, gaps: list[str]) -> list[Resource]:
    """Every version, oldest first; the one that stands alone where there is no history."""
    reference = f"{standing['resourceType']}/{standing['id']}"
    try:
        found = list(reversed(record.history_of(reference)))
    except RecordError as fault:
        gaps.append(f"The earlier versions of {reference} can't be told: {fault}")
        return [standing]
    latest = version_of(standing)
    if not found or version_of(found[-1]) != latest:
        found.append(standing)
    if len(found) == 1 and latest not in ("", "1"):
        gaps.append(f"The record keeps no earlier versions of {reference}.")
    return found


def version_of(resource: Resource) -> str:
    """``meta.versionId``, empty where there is none."""
    return text(mapping(resource.get("meta")).get("versionId"))
