"""A FHIR Questionnaire as the checklist that it is, or a refusal that names the item.

What can't be shown in full is refused when the program starts, never shown in part: a checklist
with a line missing looks just like one that is complete.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from clinical.checklist import Checklist, EnableWhen, Item, ItemKind, Option, Variable
from clinical.checklist_conditions import OPERATORS
from clinical.checklist_faults import further_faults
from clinical.checklist_rules import faults
from clinical.codes import Coding
from fhir_queries.declared import WrongSetting
from fhir_queries.reading.answer_values import answer_value
from fhir_queries.reading.expressions import FHIRPATH, variables_of, wrong_with
from fhir_queries.reading.fields import code_of, coding, extensions, mapping, number, objects, text
from fhir_queries.reading.refusals import (
    CHOICES,
    EVIDENCE,
    GOES_TO,
    INDICATOR,
    INITIAL,
    JUDGED,
    LEAST,
    MOST,
    NEEDED,
    RED_FLAG,
    REFERS_TO,
    UNIT,
    UNIT_OPTION,
    refusal,
    refuse_the_whole,
    refuse_what_is_not_shown,
)
from fhir_queries.reading.valuesets import NotListed, ValueSets, codes_of, value_sets

_KINDS = {kind.value: kind for kind in ItemKind}
_SERVICE = "HealthcareService"
PLACES = ("note", "patient-instruction")
"""Where in a referral an answer may stand as well."""


def checklist_of(questionnaire: dict[str, Any], *folders: Path) -> Checklist:
    """The checklist of a Questionnaire; its value sets are contained in it or in ``folders``.

    Raises WrongSetting, naming the item, where any of it couldn't be shown or its own logic
    doesn't hold together.
    """
    refuse_the_whole(questionnaire)
    url, version = text(questionnaire.get("url")), text(questionnaire.get("version"))
    if not url or not version:
        raise WrongSetting("The checklist needs a url and a version, so that answers can name it.")
    variables = variables_of(questionnaire)
    items = tuple(_items(questionnaire.get("item"), value_sets(questionnaire, *folders)))
    if not items:
        raise WrongSetting("The checklist has no items.")
    read = Checklist(url, version, text(questionnaire.get("title")), items, variables)
    if wrong := (*faults(read), *further_faults(read), *_further_help(questionnaire)):
        raise WrongSetting("The checklist can't be used. " + " ".join(wrong))
    return read


def refuse_expressions(checklist: Checklist) -> None:
    """Raises WrongSetting, naming the item, for an expression that can't be worked out."""

    def within(items: Sequence[Item], variables: Sequence[Variable]) -> None:
        for item in items:
            for expression in filter(None, (item.expression, item.evidence)):
                if why := wrong_with(expression, variables):
                    raise refusal(item.link_id, f"its expression {expression!r} {why}")
            within(item.items, variables)

    within(checklist.items, checklist.variables)


def _items(found: Any, sets: ValueSets) -> list[Item]:
    return [_item(each, sets) for each in objects(found) if not _is_help(each)]


def _is_help(item: dict[str, Any]) -> bool:
    return item.get("type") == "display" and any(
        code_of(each.get("valueCodeableConcept")) == "help"
        for each in extensions(item, "questionnaire-itemControl")
    )


def _further_help(questionnaire: dict[str, Any]) -> list[str]:
    """Help that nobody would see: at the top of the form, or with a condition of its own."""
    wrong = [
        f"The help {text(each.get('linkId'))} belongs to no line."
        for each in objects(questionnaire.get("item"))
        if _is_help(each)
    ]
    ahead = list(objects(questionnaire.get("item")))
    while ahead:
        item = ahead.pop()
        ahead.extend(objects(item.get("item")))
        if not _is_help(item):
            continue
        link_id = text(item.get("linkId"))
        refuse_what_is_not_shown(item, link_id, ItemKind.DISPLAY)
        if item.get("enableWhen"):
            wrong.append(f"The help {link_id} has a condition of its own.")
    return wrong


def _item(item: dict[str, Any], sets: ValueSets) -> Item:
    link_id = text(item.get("linkId"))
    if not link_id:
        raise WrongSetting("An item of the checklist has no linkId.")
    kind = _KINDS.get(text(item.get("type")))
    if kind is None:
        raise refusal(link_id, f"the type {text(item.get('type')) or 'missing'!r} can't be shown")
    refuse_what_is_not_shown(item, link_id, kind)
    inner = objects(item.get("item"))
    words = " ".join(part for part in (text(item.get("prefix")), text(item.get("text"))) if part)
    if not words:
        raise refusal(link_id, "it has no text")
    if kind is ItemKind.SERVICE:
        _must_ask_for_a_service(item, link_id)
    return Item(
        link_id,
        kind,
        words,
        " ".join(text(each.get("text")) for each in inner if _is_help(each)),
        item.get("required") is True,
        item.get("repeats") is True,
        _options(item, link_id, sets) if kind in CHOICES else (),
        tuple(_enable_when(each, link_id) for each in objects(item.get("enableWhen"))),
        item.get("enableBehavior") == "any",
        _marked(item, RED_FLAG, link_id),
        _marked(item, NEEDED, link_id),
        next((text(each.get("valueString")) for each in extensions(item, INDICATOR)), ""),
        tuple(_items(inner, sets)),
        _max_length(item, link_id),
        _units(item, link_id) if kind is ItemKind.QUANTITY else (),
        _bound(item, link_id, LEAST),
        _bound(item, link_id, MOST),
        _marked(item, JUDGED, link_id),
        _expression(item, link_id, INITIAL),
        _expression(item, link_id, EVIDENCE),
        _goes_to(item, link_id),
    )


def _goes_to(item: dict[str, Any], link_id: str) -> str:
    for each in extensions(item, GOES_TO):
        place = text(each.get("valueCode"))
        if place not in PLACES:
            raise refusal(link_id, f"a referral has no place {place!r}; it has {', '.join(PLACES)}")
        return place
    return ""


def _must_ask_for_a_service(item: dict[str, Any], link_id: str) -> None:
    if [text(each.get("valueCode")) for each in extensions(item, REFERS_TO)] != [_SERVICE]:
        raise refusal(link_id, f"a reference can only be to a {_SERVICE} here")


def _options(item: dict[str, Any], link_id: str, sets: ValueSets) -> tuple[Option, ...]:
    found: list[Option] = []
    for option in objects(item.get("answerOption")):
        if option.get("initialSelected") is True:
            raise refusal(link_id, "an option is selected beforehand")
        if option.get("extension") or option.get("modifierExtension"):
            raise refusal(link_id, "an option has an extension that isn't known here")
        said = text(option.get("valueString"))
        choice = said or coding(option.get("valueCoding"))
        if choice is None or (isinstance(choice, Coding) and not choice.code):
            raise refusal(link_id, "an answer option is neither a coding nor a string")
        found.append(choice)
    if named := text(item.get("answerValueSet")):
        try:
            found.extend(codes_of(named, sets))
        except NotListed as why:
            raise refusal(link_id, str(why)) from None
    if not found:
        raise refusal(link_id, "it has no answers to choose from")
    if len({_shown(each) for each in found}) < len(found):
        raise refusal(link_id, "two of its answers look the same")
    return tuple(found)


def _shown(option: Option) -> str:
    return option if isinstance(option, str) else option.display or option.code


def _units(item: dict[str, Any], link_id: str) -> tuple[Coding, ...]:
    found = [
        unit
        for url in (UNIT, UNIT_OPTION)
        for each in extensions(item, url)
        if (unit := coding(each.get("valueCoding"))) is not None
    ]
    if not found:
        raise refusal(link_id, "it is a quantity without its unit (questionnaire-unit)")
    return tuple(found)


def _enable_when(condition: dict[str, Any], link_id: str) -> EnableWhen:
    operator = text(condition.get("operator"))
    if operator not in OPERATORS:
        raise refusal(link_id, f"its enableWhen has the unknown operator {operator!r}")
    value = answer_value(condition, "answer")
    if value is None:
        raise refusal(link_id, "its enableWhen compares with what can't be compared here")
    return EnableWhen(text(condition.get("question")), operator, value)


def _expression(item: dict[str, Any], link_id: str, url: str) -> str:
    for each in extensions(item, url):
        found = mapping(each.get("valueExpression"))
        if text(found.get("language")) != FHIRPATH:
            raise refusal(link_id, f"its expression is not in {FHIRPATH}")
        if expression := text(found.get("expression")):
            return expression
        raise refusal(link_id, "its expression is empty")
    return ""


def _marked(item: dict[str, Any], url: str, link_id: str) -> bool:
    marks = [each.get("valueBoolean") for each in extensions(item, url)]
    if any(not isinstance(mark, bool) for mark in marks):
        raise refusal(link_id, f"its extension {url} is neither true nor false")
    return True in marks


def _bound(item: dict[str, Any], link_id: str, url: str) -> Decimal | None:
    for each in extensions(item, url):
        for name in ("valueInteger", "valueDecimal"):
            if (found := number(each.get(name))) is not None:
                return found
        raise refusal(link_id, f"its extension {url} is no number")
    return None


def _max_length(item: dict[str, Any], link_id: str) -> int | None:
    found = item.get("maxLength")
    if found is None:
        return None
    if type(found) is not int or found <= 0:
        raise refusal(link_id, "its maxLength is no whole number over 0")
    return found


def link_ids(items: Sequence[Item]) -> frozenset[str]:
    """Every link id of these items and those in them."""
    found: set[str] = set()
    ahead = list(items)
    while ahead:
        item = ahead.pop()
        found.add(item.link_id)
        ahead.extend(item.items)
    return frozenset(found)
