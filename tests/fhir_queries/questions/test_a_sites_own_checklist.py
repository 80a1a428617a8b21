"""A site's own Questionnaire: taken whole by a setting, or refused at the start by name."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from clinical.checklist import ItemAnswer, ItemKind, Quantity, ServiceChosen
from clinical.checklist_rules import enabled_items, lines, open_items
from clinical.codes import Coding
from fhir_queries.checklist import STANDARD, load_checklist, site_checklist
from fhir_queries.declared import WrongSetting
from fhir_queries.reading.questionnaires import checklist_of, refuse_expressions
from fhir_queries.reading.responses import draft_of, put_answers
from tests.fhir_queries.questions.conftest import ROOT
from tests.fhir_queries.questions.shapes import LOCAL

SD = f"{LOCAL}/StructureDefinition"
HL7 = "http://hl7.org/fhir/StructureDefinition"
SDC = "http://hl7.org/fhir/uv/sdc/StructureDefinition"
UCUM = "http://unitsofmeasure.org"
YES_NO = [{"valueCoding": {"system": "s", "code": code}} for code in ("yes", "no")]


def form(*items: dict[str, Any], **whole: Any) -> dict[str, Any]:
    """A Questionnaire with these items."""
    return {
        "resourceType": "Questionnaire",
        "url": "https://site.example/Questionnaire/own",
        "version": "7",
        "status": "active",
        "item": list(items),
        **whole,
    }


def line(link_id: str = "one", kind: str = "boolean", **more: Any) -> dict[str, Any]:
    """One item."""
    return {"linkId": link_id, "text": f"Line {link_id}", "type": kind, **more}


def extension(url: str, **value: Any) -> dict[str, Any]:
    """An extension."""
    return {"url": url, **value}


def expression(url: str, fhirpath: str, language: str = "text/fhirpath") -> dict[str, Any]:
    """An extension that holds an expression."""
    return {"url": url, "valueExpression": {"language": language, "expression": fhirpath}}


MMOL = extension(f"{HL7}/questionnaire-unit", valueCoding={"system": UCUM, "code": "mmol/L"})
OF_A_SERVICE = extension(f"{HL7}/questionnaire-referenceResource", valueCode="HealthcareService")
EVERY_KIND = form(
    line(
        "g",
        "group",
        item=[
            line("b", "boolean", required=True),
            line("c", "choice", answerOption=YES_NO, repeats=True),
            line("o", "open-choice", answerOption=[{"valueString": "Taxi"}]),
            line("s", "string", maxLength=20),
            line("t", "text"),
            line("i", "integer", extension=[extension(f"{HL7}/minValue", valueInteger=0)]),
            line("d", "decimal"),
            line("day", "date"),
            line("at", "dateTime"),
            line("clock", "time"),
            line(
                "q",
                "quantity",
                extension=[MMOL],
            ),
            line(
                "service",
                "reference",
                extension=[OF_A_SERVICE],
            ),
            {"linkId": "say", "text": "Read this", "type": "display"},
            line("inner", "group", item=[line("deep", "string", item=[line("deeper")])]),
        ],
    )
)  # fmt: skip


def test_every_type_that_a_site_would_use_is_read_and_its_answers_come_back() -> None:
    own = checklist_of(EVERY_KIND)
    kinds = {item.kind for item, _ in lines(own)}
    assert kinds == set(ItemKind)
    given = [
        ItemAnswer("b", (True,)),
        ItemAnswer("c", (Coding("s", "yes"), Coding("s", "no"))),
        ItemAnswer("o", ("Taxi",)),
        ItemAnswer("s", ("words",)),
        ItemAnswer("i", (3,)),
        ItemAnswer("d", (Decimal("0.50"),)),
        ItemAnswer("day", (date(2026, 11, 24),)),
        ItemAnswer("at", (datetime.fromisoformat("2026-11-24T10:00:00+00:00"),)),
        ItemAnswer("clock", (time(7, 30),)),
        ItemAnswer("q", (Quantity(Decimal("5.60"), "mmol/L", UCUM, "mmol/L"),)),
        ItemAnswer("service", (ServiceChosen("service-ucr", "Urgent response"),)),
        ItemAnswer("deep", ("inside",)),
        ItemAnswer("deeper", (False,)),
    ]
    response: dict[str, Any] = {"resourceType": "QuestionnaireResponse", "id": "r"}
    put_answers(response, own, given, "https://fhir.nhs.uk/Id/sds-user-id")
    read = {each.link_id: each.values for each in draft_of(response, own).answers}
    assert read == {each.link_id: each.values for each in given}
    by_link = {each["linkId"]: each for each in response["item"][0]["item"]}
    assert by_link["o"]["answer"][0]["valueString"] == "Taxi"
    assert by_link["clock"]["answer"][0]["valueTime"] == "07:30:00"
    assert by_link["q"]["answer"][0]["valueQuantity"]["value"] == Decimal("5.60")
    reference = by_link["service"]["answer"][0]["valueReference"]["reference"]
    assert reference == "HealthcareService/service-ucr"


@pytest.mark.parametrize(
    ("asked", "operator", "value", "holds", "not_"),
    [
        (line("q", "integer"), ">", {"answerInteger": 3}, 4, 3),
        (line("q", "decimal"), "<=", {"answerDecimal": 1.5}, Decimal("1.5"), Decimal("1.6")),
        (line("q", "date"), "<", {"answerDate": "2026-01-01"}, date(2025, 1, 1), date(2026, 1, 1)),
        (line("q", "time"), ">=", {"answerTime": "20:00:00"}, time(20, 0), time(19, 59)),
        (line("q", "string"), "=", {"answerString": "a"}, "a", "b"),
        (line("q", "boolean"), "!=", {"answerBoolean": True}, False, True),
        (
            line(
                "q",
                "quantity",
                extension=[extension(f"{HL7}/questionnaire-unit", valueCoding={"code": "L/min"})],
            ),
            ">",
            {"answerQuantity": {"value": 2, "code": "L/min"}},
            Quantity(Decimal(3), "L/min", "", "L/min"),
            Quantity(Decimal(3), "mL/min", "", "mL/min"),
        ),
    ],
)
def test_every_operator_compares_every_kind_that_it_can(
    asked: dict[str, Any], operator: str, value: dict[str, Any], holds: Any, not_: Any
) -> None:
    condition = [{"question": "q", "operator": operator, **value}]
    own = checklist_of(form(asked, line("then", enableWhen=condition)))
    shown = [item.link_id for item in enabled_items(own, [ItemAnswer("q", (holds,))])]
    assert shown == ["q", "then"]
    assert [item.link_id for item in enabled_items(own, [ItemAnswer("q", (not_,))])] == ["q"]


def test_any_and_all_and_exists_decide_what_is_asked() -> None:
    either = [
        {"question": "a", "operator": "exists", "answerBoolean": True},
        {"question": "b", "operator": "=", "answerBoolean": True},
    ]
    own = checklist_of(
        form(
            line("a", "string"),
            line("b"),
            line("any", enableWhen=either, enableBehavior="any", required=True),
            line("all", enableWhen=either, enableBehavior="all", required=True),
        )
    )
    assert [item.link_id for item in open_items(own, [ItemAnswer("a", ("x",))])] == ["any"]
    both = [ItemAnswer("a", ("x",)), ItemAnswer("b", (True,))]
    assert [item.link_id for item in open_items(own, both)] == ["any", "all"]


def with_proposal(fhirpath: str, evidence: str = "%patient", **whole: Any) -> dict[str, Any]:
    """A Questionnaire whose one line has an expression."""
    return form(
        line(
            extension=[
                expression(f"{SDC}/sdc-questionnaire-initialExpression", fhirpath),
                expression(f"{SD}/proposal-evidence", evidence),
            ]
        ),
        **whole,
    )


def variable(name: str, query: str) -> dict[str, Any]:
    """What a Questionnaire asks the record for."""
    value = {"name": name, "language": "application/x-fhir-query", "expression": query}
    return extension(f"{HL7}/variable", valueExpression=value)


def contained(*sets: dict[str, Any]) -> dict[str, Any]:
    """A Questionnaire with one choice of the value set ``#v``."""
    return form(line(kind="choice", answerValueSet="#v"), contained=list(sets))


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "an unknown type": (form(line(kind="attachment")), "item one can't be used: the type"),
    "a type that asks for a resource": (
        form(line(kind="reference")),
        "item one can't be used: a reference can only be to a HealthcareService",
    ),
    "a misspelt element": (form(line(requred=True)), "the element 'requred'"),
    "an element of another version": (form(line(disabledDisplay="hidden")), "'disabledDisplay'"),
    "a modifierExtension": (
        form(line(modifierExtension=[{"url": "x"}])),
        "item one can't be used: its modifierExtension",
    ),
    "a modifierExtension of the whole": (form(line(), modifierExtension=[{"url": "x"}]), "modif"),
    "an unsupported extension": (
        form(line(extension=[expression(f"{SDC}/sdc-questionnaire-calculatedExpression", "1")])),
        "sdc-questionnaire-calculatedExpression isn't known",
    ),
    "an unknown item control": (
        form(
            line(
                kind="string",
                extension=[
                    extension(
                        f"{HL7}/questionnaire-itemControl",
                        valueCodeableConcept={"coding": [{"code": "slider"}]},
                    )
                ],
            )
        ),
        "item control 'slider'",
    ),
    "no version": (form(line(), version=""), "url and a version"),
    "one link id twice": (form(line("x"), line("x")), "Two items have the link id x"),
    "conditions in a circle": (
        form(
            line("x", enableWhen=[{"question": "y", "operator": "exists", "answerBoolean": True}]),
            line("y", enableWhen=[{"question": "x", "operator": "exists", "answerBoolean": True}]),
        ),
        "x depends on itself",
    ),
    "a condition that can never hold": (
        form(
            line("x", "choice", answerOption=YES_NO),
            line("y", enableWhen=[{"question": "x", "operator": "=", "answerString": "yes"}]),
        ),
        "y depends on x having an answer that it can't have",
    ),
    "a condition on an answer that isn't offered": (
        form(
            line("x", "choice", answerOption=YES_NO),
            line(
                "y",
                enableWhen=[{"question": "x", "operator": "=", "answerCoding": {"code": "maybe"}}],
            ),
        ),
        "y depends on x having an answer that it can't have",
    ),
    "a condition on a heading": (
        form(
            line("x", "group", item=[line("z")]),
            line("y", enableWhen=[{"question": "x", "operator": "=", "answerBoolean": True}]),
        ),
        "which takes no answer",
    ),
    "several conditions, any or all not said": (
        form(
            line("x"),
            line(
                "y",
                enableWhen=[{"question": "x", "operator": "=", "answerBoolean": True}] * 2,
            ),
        ),
        "no enableBehavior",
    ),
    "a value set that isn't there": (
        form(line(kind="choice", answerValueSet="https://elsewhere.example/vs")),
        "https://elsewhere.example/vs isn't contained",
    ),
    "a value set by a filter": (
        contained(
            {
                "resourceType": "ValueSet",
                "id": "v",
                "compose": {"include": [{"system": "s", "filter": [{"op": "is-a"}]}]},
            }
        ),
        "by a filter",
    ),
    "an expansion that isn't whole": (
        contained(
            {
                "resourceType": "ValueSet",
                "id": "v",
                "expansion": {"total": 3, "contains": [{"system": "s", "code": "a"}]},
            }
        ),
        "1 of its 3 codes",
    ),
    "a value set that includes itself": (
        contained(
            {"resourceType": "ValueSet", "id": "v", "compose": {"include": [{"valueSet": ["#v"]}]}}
        ),
        "includes itself",
    ),
    "two answers that look the same": (
        form(
            line(
                kind="choice",
                answerOption=[
                    {"valueCoding": {"code": "a", "display": "Yes"}},
                    {"valueCoding": {"code": "b", "display": "Yes"}},
                ],
            )
        ),
        "look the same",
    ),
    "a quantity without a unit": (form(line(kind="quantity")), "without its unit"),
    "an empty group": (form(line(kind="group")), "a group with nothing in it"),
    "help that belongs to no line": (
        form(
            line(),
            line(
                "h",
                "display",
                extension=[
                    extension(
                        f"{HL7}/questionnaire-itemControl",
                        valueCodeableConcept={"coding": [{"code": "help"}]},
                    )
                ],
            ),
        ),
        "The help h belongs to no line",
    ),
    "an unknown indicator": (
        form(line(extension=[extension(f"{SD}/indicator", valueString="gut-feeling")])),
        "one names the indicator gut-feeling, which isn't one",
    ),
    "a red flag without a no": (
        form(line(kind="string", extension=[extension(f"{SD}/red-flag", valueBoolean=True)])),
        "one is a red flag that can't be answered no",
    ),
    "a mark that is neither true nor false": (
        form(line(extension=[extension(f"{SD}/red-flag", valueString="true")])),
        "neither true nor false",
    ),
    "the service asked for twice": (
        form(
            *(
                line(
                    name,
                    "reference",
                    extension=[
                        extension(
                            f"{HL7}/questionnaire-referenceResource", valueCode="HealthcareService"
                        )
                    ],
                )
                for name in ("one", "two")
            )
        ),
        "two asks for the service a second time",
    ),
    "an expression that can't be read": (with_proposal("%patient.name.where("), "as FHIRPath"),
    "an expression with something behind it": (with_proposal("%patient.id )"), "as FHIRPath"),
    "an expression of an unknown name": (with_proposal("%nurse.name"), "names %nurse"),
    "an expression of an unknown function": (with_proposal("%patient.guess()"), "guess()"),
    "an expression that may run on": (with_proposal("%patient.repeat($this)"), "repeat()"),
    "an expression in another language": (
        form(
            line(
                extension=[
                    expression(f"{SDC}/sdc-questionnaire-initialExpression", "x", "text/cql"),
                    expression(f"{SD}/proposal-evidence", "%patient"),
                ]
            )
        ),
        "not in text/fhirpath",
    ),
    "an expression without evidence": (
        form(line(extension=[expression(f"{SDC}/sdc-questionnaire-initialExpression", "true")])),
        "doesn't say what it rests on",
    ),
    "a variable of everybody": (
        with_proposal("true", extension=[variable("all", "Observation?code=1")]),
        "held to this patient or this wait",
    ),
    "a variable that brings others along": (
        with_proposal(
            "true",
            extension=[variable("all", "Task?patient={{%patient.id}}&_revinclude=Task:focus")],
        ),
        "has a query that isn't known",
    ),
    "a launch context that isn't given": (
        with_proposal(
            "true",
            extension=[
                {
                    "url": f"{SDC}/sdc-questionnaire-launchContext",
                    "extension": [
                        {"url": "name", "valueCoding": {"code": "study"}},
                        {"url": "type", "valueCode": "ResearchStudy"},
                    ],
                }
            ],
        ),
        "launch context 'study'",
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_could_not_be_shown_in_full_is_refused_at_the_start(what: str, tmp_path: Path) -> None:
    questionnaire, why = REFUSED[what]
    file = tmp_path / "own.json"
    file.write_text(json.dumps(questionnaire))
    with pytest.raises(WrongSetting) as refused:
        load_checklist(file)
    assert why in str(refused.value)


def test_value_sets_are_listed_from_beside_the_file_from_others_and_from_whole_systems(
    tmp_path: Path,
) -> None:
    beside = [
        {
            "resourceType": "ValueSet",
            "url": "https://site.example/vs/needs",
            "version": "2",
            "compose": {
                "include": [
                    {"system": "https://site.example/cs"},
                    {"valueSet": ["https://site.example/vs/more"]},
                ],
                "exclude": [{"system": "https://site.example/cs", "concept": [{"code": "b"}]}],
            },
        },
        {
            "resourceType": "ValueSet",
            "url": "https://site.example/vs/more",
            "expansion": {
                "total": 2,
                "contains": [
                    {"abstract": True, "contains": [{"system": "m", "code": "1"}]}
                ],
            },
        },
        {
            "resourceType": "CodeSystem",
            "url": "https://site.example/cs",
            "content": "complete",
            "concept": [{"code": "a", "concept": [{"code": "a1"}]}, {"code": "b"}],
        },
    ]  # fmt: skip
    for number, resource in enumerate(beside):
        (tmp_path / f"set-{number}.json").write_text(json.dumps(resource))
    file = tmp_path / "own.json"
    named = "https://site.example/vs/needs|2"
    file.write_text(json.dumps(form(line(kind="choice", answerValueSet=named))))
    (item,) = load_checklist(file).items
    assert [each.code for each in item.options if isinstance(each, Coding)] == ["a", "a1", "1"]


def test_the_checklist_that_comes_with_the_program_has_only_expressions_that_can_be_read() -> None:
    own = load_checklist()
    assert [item.link_id for item, _ in lines(own) if item.expression]
    refuse_expressions(own)


def test_a_site_takes_its_own_in_place_of_the_standard_one(tmp_path: Path) -> None:
    file = tmp_path / "own.json"
    file.write_text(json.dumps(EVERY_KIND))
    assert site_checklist(str(file)).version == "7"
    assert site_checklist("").url == load_checklist(STANDARD).url


def test_the_program_does_not_serve_a_checklist_that_it_can_not_show(tmp_path: Path) -> None:
    file = tmp_path / "own.json"
    file.write_text(json.dumps(form(line("f-drawing", "attachment"))))
    environment = {k: v for k, v in os.environ.items() if not k.startswith("HANDOVER_")}
    environment |= {"HANDOVER_CHECKLIST": str(file), "HANDOVER_STATE_DIR": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "asgi.py"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert "item f-drawing can't be used: the type 'attachment' can't be shown" in done.stderr
    assert "Traceback" not in done.stderr
