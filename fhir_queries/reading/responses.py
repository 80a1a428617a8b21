"""Answers in a QuestionnaireResponse: read as a draft, and put in without touching the rest.

Each answer carries who gave it and when, and what of the record it rests on where the record
proposed it, in extensions (see docs/checklist.md). Items that this checklist doesn't know stay in
the resource as they are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from clinical.checklist import AnswerValue, Checklist, Draft, Item, ItemAnswer, ItemKind
from clinical.evidence import Evidence
from clinical.moments import utc_text
from fhir_queries.reading.answer_values import answer_value, value_json
from fhir_queries.reading.codes import LOCAL
from fhir_queries.reading.fields import extensions, mapping, moment, objects, target, text
from fhir_queries.reading.questionnaires import link_ids
from fhir_queries.reading.review_notes import actor

ANSWERED_BY = f"{LOCAL}/StructureDefinition/answered-by"
ANSWERED_AT = f"{LOCAL}/StructureDefinition/answered-at"
RESTS_ON = f"{LOCAL}/StructureDefinition/answer-evidence"


def draft_of(response: dict[str, Any], checklist: Checklist | None) -> Draft:
    """The answers so far. With ``checklist``, what it can't show is named in ``unreadable``."""
    answers: list[ItemAnswer] = []
    unreadable: list[str] = []
    known = link_ids(checklist.items) if checklist is not None else None
    for line in answered_lines(response.get("item")):
        link_id = text(line.get("linkId"))
        given = objects(line.get("answer"))
        values = [value for each in given if (value := answer_value(each)) is not None]
        if not link_id or (known is not None and link_id not in known) or len(values) != len(given):
            label = text(line.get("text")) or link_id or "an answer without a question"
            unreadable.append(label)
        if link_id and values:
            answers.append(_answer(link_id, tuple(values), given[-1]))
    authored = moment(response.get("authored"))
    named = text(response.get("questionnaire"))
    return Draft(
        text(response.get("id")),
        text(mapping(response.get("meta")).get("versionId")),
        named.partition("|")[2],
        tuple(answers),
        response.get("status") in ("completed", "amended"),
        authored.earliest if authored is not None and authored.exact else None,
        tuple(unreadable),
    )


def _answer(link_id: str, values: tuple[AnswerValue, ...], given: dict[str, Any]) -> ItemAnswer:
    by = [actor(each.get("valueReference")) for each in extensions(given, ANSWERED_BY)]
    at = [moment(each.get("valueInstant")) for each in extensions(given, ANSWERED_AT)]
    who = by[0] if by else None
    when = at[0] if at else None
    return ItemAnswer(
        link_id,
        values,
        who.user if who is not None else "",
        who.name if who is not None else "",
        when.earliest if when is not None else None,
        evidence_of(given),
    )


def evidence_of(given: dict[str, Any]) -> tuple[Evidence, ...]:
    """What of the record one ``answer`` rests on; nothing where it was given without."""
    found: list[Evidence] = []
    for each in extensions(given, RESTS_ON):
        parts = {text(part.get("url")): part for part in objects(each.get("extension"))}

        def said(name: str, parts: dict[str, dict[str, Any]] = parts) -> str:
            return text(parts.get(name, {}).get("valueString"))

        found.append(
            Evidence(
                said("value"),
                moment(said("when")),
                said("source"),
                target(parts.get("what", {}).get("valueReference")),
                said("version"),
            )
        )
    return tuple(found)


def answered_lines(items: Any) -> Iterator[dict[str, Any]]:
    """Every item with an answer, in the order of the form, those inside others too."""
    for item in objects(items):
        answers = objects(item.get("answer"))
        if answers:
            yield item
        for answer in answers:
            yield from answered_lines(answer.get("item"))
        yield from answered_lines(item.get("item"))


def put_answers(
    response: dict[str, Any],
    checklist: Checklist,
    answers: Sequence[ItemAnswer],
    user_system: str,
) -> None:
    """Put these answers into the resource, each in the place that the checklist gives it.

    An answer without values takes what was answered away. All else stays. Raises ValueError for
    an item that the checklist doesn't have.
    """
    for answer in answers:
        path = _path(checklist.items, answer.link_id)
        if path is None:
            raise ValueError(f"the checklist has no item {answer.link_id}")
        place: dict[str, Any] = response
        for item in path[:-1]:
            place = _within(place, item)
            if item.kind is not ItemKind.GROUP:
                given = objects(place.get("answer"))
                place = given[0] if given else place
        line = _within(place, path[-1])
        _answer_line(line, path[-1], answer, user_system)


def _path(items: Sequence[Item], link_id: str) -> list[Item] | None:
    for item in items:
        if item.link_id == link_id:
            return [item]
        inner = _path(item.items, link_id)
        if inner is not None:
            return [item, *inner]
    return None


def _within(place: dict[str, Any], item: Item) -> dict[str, Any]:
    lines = list(objects(place.get("item")))
    for line in lines:
        if line.get("linkId") == item.link_id:
            return line
    line = {"linkId": item.link_id, "text": item.words}
    lines.append(line)
    place["item"] = lines
    return line


def _answer_line(line: dict[str, Any], item: Item, answer: ItemAnswer, user_system: str) -> None:
    inner = [each for given in objects(line.get("answer")) for each in objects(given.get("item"))]
    line["text"] = item.words
    if not answer.values:
        line.pop("answer", None)
        return
    given: list[dict[str, Any]] = []
    for value in answer.values:
        written = value_json(value, item.kind)
        written["extension"] = _signed(answer, user_system)
        given.append(written)
    if inner:
        given[0]["item"] = inner
    line["answer"] = given


def _signed(answer: ItemAnswer, user_system: str) -> list[dict[str, Any]]:
    signed: list[dict[str, Any]] = []
    if answer.by_user or answer.by_name:
        by = {
            "identifier": {"system": user_system, "value": answer.by_user},
            "display": answer.by_name,
        }
        signed.append({"url": ANSWERED_BY, "valueReference": by})
    at = answer.at if answer.at is not None else datetime.now(UTC)
    signed.append({"url": ANSWERED_AT, "valueInstant": utc_text(at)})
    signed.extend(_rests_on(each) for each in answer.evidence)
    return signed


def _rests_on(evidence: Evidence) -> dict[str, Any]:
    when = "" if evidence.when is None else evidence.when.text
    parts: list[dict[str, Any]] = []
    if evidence.reference:
        parts.append({"url": "what", "valueReference": {"reference": evidence.reference}})
    said = {
        "version": evidence.version,
        "value": evidence.value,
        "when": when,
        "source": evidence.source,
    }
    parts += [{"url": name, "valueString": words} for name, words in said.items() if words]
    return {"url": RESTS_ON, "extension": parts}
