"""What of a Questionnaire this program can't show in full, told by the item that holds it.

A checklist shown in part looks just like one that is whole. So what isn't known here is refused
when the program starts: an element (also one misspelt), an extension, a type.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from clinical.checklist import ItemKind
from fhir_queries.declared import WrongSetting
from fhir_queries.reading.codes import LOCAL
from fhir_queries.reading.fields import code_of, objects, text

RED_FLAG = f"{LOCAL}/StructureDefinition/red-flag"
NEEDED = f"{LOCAL}/StructureDefinition/needed-for-redirect"
INDICATOR = f"{LOCAL}/StructureDefinition/indicator"
JUDGED = f"{LOCAL}/StructureDefinition/proposed-by-indicator"
EVIDENCE = f"{LOCAL}/StructureDefinition/proposal-evidence"
GOES_TO = f"{LOCAL}/StructureDefinition/goes-to-referral"
UNVERIFIED = f"{LOCAL}/StructureDefinition/unverified"
SDC = "http://hl7.org/fhir/uv/sdc/StructureDefinition"
INITIAL = f"{SDC}/sdc-questionnaire-initialExpression"
LAUNCH_CONTEXT = f"{SDC}/sdc-questionnaire-launchContext"
VARIABLE = "http://hl7.org/fhir/StructureDefinition/variable"
ITEM_CONTROL = "http://hl7.org/fhir/StructureDefinition/questionnaire-itemControl"
UNIT = "http://hl7.org/fhir/StructureDefinition/questionnaire-unit"
UNIT_OPTION = "http://hl7.org/fhir/StructureDefinition/questionnaire-unitOption"
REFERS_TO = "http://hl7.org/fhir/StructureDefinition/questionnaire-referenceResource"
LEAST = "http://hl7.org/fhir/StructureDefinition/minValue"
MOST = "http://hl7.org/fhir/StructureDefinition/maxValue"

CHOICES = (ItemKind.CHOICE, ItemKind.OPEN_CHOICE)
WORDS = (ItemKind.STRING, ItemKind.TEXT)
NUMBERS = (ItemKind.INTEGER, ItemKind.DECIMAL, ItemKind.QUANTITY)
QUESTIONS = tuple(kind for kind in ItemKind if kind not in (ItemKind.GROUP, ItemKind.DISPLAY))

_ANY_ITEM = tuple(ItemKind)
_KNOWN: Mapping[str, tuple[ItemKind, ...]] = {
    RED_FLAG: QUESTIONS,
    NEEDED: QUESTIONS,
    INDICATOR: QUESTIONS,
    JUDGED: QUESTIONS,
    INITIAL: QUESTIONS,
    EVIDENCE: QUESTIONS,
    GOES_TO: QUESTIONS,
    UNVERIFIED: _ANY_ITEM,
    ITEM_CONTROL: (*CHOICES, *WORDS, ItemKind.DISPLAY, ItemKind.BOOLEAN),
    UNIT: NUMBERS,
    UNIT_OPTION: (ItemKind.QUANTITY,),
    REFERS_TO: (ItemKind.SERVICE,),
    LEAST: NUMBERS,
    MOST: NUMBERS,
    "http://hl7.org/fhir/StructureDefinition/entryFormat": QUESTIONS,
    "http://hl7.org/fhir/StructureDefinition/questionnaire-choiceOrientation": CHOICES,
    "http://hl7.org/fhir/StructureDefinition/questionnaire-displayCategory": (ItemKind.DISPLAY,),
    "http://hl7.org/fhir/StructureDefinition/rendering-style": _ANY_ITEM,
    "http://hl7.org/fhir/StructureDefinition/designNote": _ANY_ITEM,
}
"""The extensions that an item of these types may carry and still be shown in full."""

_OF_THE_WHOLE = frozenset({LAUNCH_CONTEXT, VARIABLE, UNVERIFIED})
_OF_TEXT = frozenset(
    {
        "http://hl7.org/fhir/StructureDefinition/rendering-markdown",
        "http://hl7.org/fhir/StructureDefinition/rendering-style",
        "http://hl7.org/fhir/StructureDefinition/rendering-xhtml",
        "http://hl7.org/fhir/StructureDefinition/translation",
    }
)
"""The plain text is complete without them."""

_CONTROLS = frozenset(
    {"help", "inline", "prompt", "check-box", "radio-button", "drop-down", "autocomplete"}
    | {"text-box", "lookup"}
)
"""Item controls that say how to ask, and nothing of what is asked."""

_ELEMENTS = frozenset(
    {
        "id",
        "linkId",
        "definition",
        "code",
        "prefix",
        "text",
        "type",
        "enableWhen",
        "enableBehavior",
        "required",
        "repeats",
        "readOnly",
        "maxLength",
        "answerValueSet",
        "answerOption",
        "initial",
        "item",
        "extension",
        "modifierExtension",
    }
)
_WHOLE = frozenset(
    {
        "resourceType",
        "id",
        "meta",
        "implicitRules",
        "language",
        "text",
        "contained",
        "extension",
        "modifierExtension",
        "url",
        "identifier",
        "version",
        "name",
        "title",
        "derivedFrom",
        "status",
        "experimental",
        "subjectType",
        "date",
        "publisher",
        "contact",
        "description",
        "useContext",
        "jurisdiction",
        "purpose",
        "copyright",
        "approvalDate",
        "lastReviewDate",
        "effectivePeriod",
        "code",
        "item",
    }
)


_ONLY_FOR: tuple[tuple[frozenset[str], tuple[ItemKind, ...], str], ...] = (
    (frozenset({"initial"}), (), "it is answered beforehand (initial)"),
    (frozenset({"readOnly"}), (ItemKind.DISPLAY,), "it is read-only"),
    (
        frozenset({"repeats"}),
        (*CHOICES, *WORDS),
        "only a choice or a text can have several answers here",
    ),
    (
        frozenset({"answerValueSet", "answerOption"}),
        CHOICES,
        "only a choice can have an answerValueSet or answerOptions here",
    ),
    (frozenset({"maxLength"}), (*WORDS, ItemKind.OPEN_CHOICE), "only words have a maxLength here"),
    (
        frozenset({"item", "required"}),
        tuple(kind for kind in ItemKind if kind is not ItemKind.DISPLAY),
        "it is a display line that has items in it or has to be answered",
    ),
)
"""Elements, the types of item that may have them, and why others may not."""


def refusal(link_id: str, why: str) -> WrongSetting:
    """That this item can't be used, and why."""
    return WrongSetting(f"The checklist's item {link_id} can't be used: {why}.")


def refuse_the_whole(questionnaire: Mapping[str, Any]) -> None:
    """Raises WrongSetting for what of the Questionnaire itself isn't known here."""
    if questionnaire.get("resourceType") != "Questionnaire":
        raise WrongSetting("The checklist is no FHIR Questionnaire.")
    for name in ("modifierExtension", "implicitRules"):
        if questionnaire.get(name):
            raise WrongSetting(f"The checklist carries {name} that isn't known here.")
    if questionnaire.get("status") == "retired":
        raise WrongSetting("The checklist's status is retired.")
    for name in questionnaire:
        if name.removeprefix("_") not in _WHOLE:
            raise WrongSetting(f"The checklist has the element {name!r}, which FHIR R4 doesn't.")
    for extension in objects(questionnaire.get("extension")):
        url = text(extension.get("url"))
        if url not in _OF_THE_WHOLE:
            raise WrongSetting(f"The checklist's extension {url} isn't known here.")


def refuse_what_is_not_shown(item: Mapping[str, Any], link_id: str, kind: ItemKind) -> None:
    """Raises WrongSetting for what of one item couldn't be shown, or isn't FHIR R4."""
    for name in item:
        if name.removeprefix("_") not in _ELEMENTS:
            raise refusal(link_id, f"it has the element {name!r}, which FHIR R4 doesn't")
    if item.get("modifierExtension"):
        raise refusal(link_id, "its modifierExtension isn't known here")
    _refuse_extensions(item, link_id, kind)
    _refuse_conditions(item, link_id)
    given = {name for name, value in item.items() if value not in (None, False, [], "")}
    for elements, kinds, why in _ONLY_FOR:
        if given & elements and kind not in kinds:
            raise refusal(link_id, why)
    if {"answerValueSet", "answerOption"} <= given:
        raise refusal(link_id, "it has both an answerValueSet and answerOptions")
    if kind is ItemKind.GROUP and "item" not in given:
        raise refusal(link_id, "it is a group with nothing in it")


def _refuse_extensions(item: Mapping[str, Any], link_id: str, kind: ItemKind) -> None:
    for extension in objects(item.get("extension")):
        url = text(extension.get("url"))
        if url not in _KNOWN:
            raise refusal(link_id, f"its extension {url} isn't known here")
        if kind not in _KNOWN[url]:
            raise refusal(link_id, f"its extension {url} isn't for a {kind.value}")
        if url == ITEM_CONTROL:
            control = code_of(extension.get("valueCodeableConcept"))
            if control not in _CONTROLS:
                raise refusal(link_id, f"its item control {control!r} isn't known here")
    for name in item:
        if not name.startswith("_"):
            continue
        for beneath in objects(item[name]):
            for extension in objects(beneath.get("extension")):
                url = text(extension.get("url"))
                if url not in _OF_TEXT:
                    raise refusal(link_id, f"the extension {url} of its {name[1:]} isn't known")


def _refuse_conditions(item: Mapping[str, Any], link_id: str) -> None:
    behaviour = item.get("enableBehavior")
    if behaviour not in (None, "any", "all"):
        raise refusal(link_id, f"its enableBehavior {behaviour!r} is neither any nor all")
    if behaviour is None and len(objects(item.get("enableWhen"))) > 1:
        raise refusal(link_id, "it has several conditions and no enableBehavior (any or all)")
