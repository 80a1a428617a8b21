"""A FHIR Questionnaire as the checklist that it is, or a refusal that names the item.

What can't be shown in full is refused when the program starts, never shown in part: a checklist
with a line missing looks just like one that is complete.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from clinical.checklist import AnswerValue, Checklist, EnableWhen, Item, ItemKind
from clinical.checklist_rules import OPERATORS, faults
from clinical.codes import Coding
from fhir_queries.declared import WrongSetting
from fhir_queries.reading.codes import LOCAL
from fhir_queries.reading.fields import (
    code_of,
    coding,
    extensions,
    flag,
    mapping,
    number,
    objects,
    text,
)

RED_FLAG = f"{LOCAL}/StructureDefinition/red-flag"
NEEDED = f"{LOCAL}/StructureDefinition/needed-for-redirect"
INDICATOR = f"{LOCAL}/StructureDefinition/indicator"
UNVERIFIED = f"{LOCAL}/StructureDefinition/unverified"
ITEM_CONTROL = "http://hl7.org/fhir/StructureDefinition/questionnaire-itemControl"

_KINDS = {kind.value: kind for kind in ItemKind}
_CHOICES = (ItemKind.CHOICE, ItemKind.OPEN_CHOICE)
_HARMLESS = frozenset(
    {
        RED_FLAG,
        NEEDED,
        INDICATOR,
        UNVERIFIED,
        ITEM_CONTROL,
        "http://hl7.org/fhir/StructureDefinition/entryFormat",
        "http://hl7.org/fhir/StructureDefinition/questionnaire-choiceOrientation",
        "http://hl7.org/fhir/StructureDefinition/questionnaire-displayCategory",
        "http://hl7.org/fhir/StructureDefinition/rendering-style",
        "http://hl7.org/fhir/StructureDefinition/rendering-markdown",
        "http://hl7.org/fhir/StructureDefinition/designNote",
    }
)
"""Extensions that an item may carry and still be shown in full."""


def checklist_of(questionnaire: dict[str, Any]) -> Checklist:
    """The checklist of a Questionnaire.

    Raises WrongSetting, naming the item, where any of it couldn't be shown or its own logic
    doesn't hold together.
    """
    if questionnaire.get("resourceType") != "Questionnaire":
        raise WrongSetting("The checklist is no FHIR Questionnaire.")
    if questionnaire.get("modifierExtension"):
        raise WrongSetting("The checklist carries a modifierExtension that isn't known here.")
    url, version = text(questionnaire.get("url")), text(questionnaire.get("version"))
    if not url or not version:
        raise WrongSetting("The checklist needs a url and a version, so that answers can name it.")
    value_sets = {
        f"#{text(each.get('id'))}": each for each in objects(questionnaire.get("contained"))
    }
    items = tuple(_items(questionnaire.get("item"), value_sets))
    if not items:
        raise WrongSetting("The checklist has no items.")
    read = Checklist(url, version, text(questionnaire.get("title")), items)
    if wrong := faults(read):
        raise WrongSetting("The checklist can't be used. " + " ".join(wrong))
    return read


def _items(found: Any, value_sets: dict[str, Any]) -> list[Item]:
    return [_item(each, value_sets) for each in objects(found) if not _is_help(each)]


def _is_help(item: dict[str, Any]) -> bool:
    return any(
        code_of(each.get("valueCodeableConcept")) == "help"
        for each in extensions(item, "questionnaire-itemControl")
    )


def _item(item: dict[str, Any], value_sets: dict[str, Any]) -> Item:
    link_id = text(item.get("linkId"))
    if not link_id:
        raise WrongSetting("An item of the checklist has no linkId.")
    kind = _KINDS.get(text(item.get("type")))
    if kind is None:
        raise _refusal(link_id, f"the type {text(item.get('type')) or 'missing'!r} can't be shown")
    _refuse_what_is_not_shown(item, link_id, kind)
    options = _options(item, link_id, value_sets) if kind in _CHOICES else ()
    inner = objects(item.get("item"))
    words = " ".join(part for part in (text(item.get("prefix")), text(item.get("text"))) if part)
    if not words:
        raise _refusal(link_id, "it has no text")
    return Item(
        link_id,
        kind,
        words,
        " ".join(text(each.get("text")) for each in inner if _is_help(each)),
        item.get("required") is True,
        item.get("repeats") is True,
        options,
        tuple(_enable_when(each, link_id) for each in objects(item.get("enableWhen"))),
        item.get("enableBehavior") == "any",
        _marked(item, RED_FLAG),
        _marked(item, NEEDED),
        next((text(each.get("valueString")) for each in extensions(item, INDICATOR)), ""),
        tuple(_items(inner, value_sets)),
        _max_length(item),
    )


def _refuse_what_is_not_shown(item: dict[str, Any], link_id: str, kind: ItemKind) -> None:
    if item.get("modifierExtension"):
        raise _refusal(link_id, "its modifierExtension isn't known here")
    for extension in objects(item.get("extension")):
        url = text(extension.get("url"))
        if url not in _HARMLESS:
            raise _refusal(link_id, f"its extension {url} isn't known here")
    if item.get("initial"):
        raise _refusal(link_id, "it is answered beforehand (initial)")
    if item.get("readOnly") is True and kind is not ItemKind.DISPLAY:
        raise _refusal(link_id, "it is read-only")
    if item.get("repeats") is True and kind not in (*_CHOICES, ItemKind.STRING, ItemKind.TEXT):
        raise _refusal(link_id, "only a choice or a text can have several answers here")
    if item.get("answerValueSet") and kind not in _CHOICES:
        raise _refusal(link_id, "only a choice can have an answerValueSet")


def _options(item: dict[str, Any], link_id: str, value_sets: dict[str, Any]) -> tuple[Coding, ...]:
    found: list[Coding] = []
    for option in objects(item.get("answerOption")):
        if option.get("initialSelected") is True:
            raise _refusal(link_id, "an option is selected beforehand")
        said = option.get("valueString")
        choice = Coding("", text(said), text(said)) if said else coding(option.get("valueCoding"))
        if choice is None or not choice.code:
            raise _refusal(link_id, "an answer option is neither a coding nor a string")
        found.append(choice)
    named = text(item.get("answerValueSet"))
    if named:
        value_set = value_sets.get(named)
        if value_set is None:
            raise _refusal(link_id, f"the value set {named} isn't contained in the checklist")
        found.extend(_listed(value_set, link_id, named))
    if not found:
        raise _refusal(link_id, "it has no answers to choose from")
    return tuple(found)


def _listed(value_set: dict[str, Any], link_id: str, named: str) -> list[Coding]:
    expanded = mapping(value_set.get("expansion"))
    if expanded:
        read = [coding(each) for each in objects(expanded.get("contains"))]
        return [each for each in read if each is not None]
    compose = mapping(value_set.get("compose"))
    found: list[Coding] = []
    for include in objects(compose.get("include")):
        concepts = objects(include.get("concept"))
        if not concepts or include.get("filter") or include.get("valueSet"):
            raise _refusal(link_id, f"the value set {named} doesn't list its codes")
        system = text(include.get("system"))
        found.extend(
            Coding(system, text(each.get("code")), text(each.get("display"))) for each in concepts
        )
    if compose.get("exclude"):
        raise _refusal(link_id, f"the value set {named} excludes codes")
    return found


def _enable_when(condition: dict[str, Any], link_id: str) -> EnableWhen:
    operator = text(condition.get("operator"))
    if operator not in OPERATORS:
        raise _refusal(link_id, f"its enableWhen has the unknown operator {operator!r}")
    value = answer_value(condition, "answer")
    if value is None:
        raise _refusal(link_id, "its enableWhen compares with what can't be compared here")
    return EnableWhen(text(condition.get("question")), operator, value)


def answer_value(element: dict[str, Any], prefix: str = "value") -> AnswerValue | None:
    """The value of an answer (``valueBoolean``, ``answerCoding``, ...), or None where it is none
    that a checklist can hold."""
    found = element.get(f"{prefix}Coding")
    if found is not None:
        return coding(found)
    said = element.get(f"{prefix}String")
    if type(said) is str:
        return said
    yes_no = flag(element.get(f"{prefix}Boolean"))
    if yes_no is not None:
        return yes_no
    whole = element.get(f"{prefix}Integer")
    if type(whole) is int:
        return whole
    amount: Decimal | None = number(element.get(f"{prefix}Decimal"))
    return amount if amount is not None else _time_value(element, prefix)


def _time_value(element: dict[str, Any], prefix: str) -> date | datetime | None:
    try:
        day = element.get(f"{prefix}Date")
        if type(day) is str:
            return date.fromisoformat(day)
        instant = element.get(f"{prefix}DateTime")
        return datetime.fromisoformat(instant) if type(instant) is str else None
    except ValueError:
        return None


def _marked(item: dict[str, Any], url: str) -> bool:
    return any(each.get("valueBoolean") is True for each in extensions(item, url))


def _max_length(item: dict[str, Any]) -> int | None:
    found = item.get("maxLength")
    return found if type(found) is int and found > 0 else None


def _refusal(link_id: str, why: str) -> WrongSetting:
    return WrongSetting(f"The checklist's item {link_id} can't be used: {why}.")


def link_ids(items: Sequence[Item]) -> frozenset[str]:
    """Every link id of these items and those in them."""
    found: set[str] = set()
    ahead = list(items)
    while ahead:
        item = ahead.pop()
        found.add(item.link_id)
        ahead.extend(item.items)
    return frozenset(found)
