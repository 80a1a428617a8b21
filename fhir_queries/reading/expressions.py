"""FHIRPath expressions of a checklist: what they may name, and their values over what was read.

An expression is SDC's ``initialExpression``. It may name ``%patient`` and ``%encounter`` (SDC's
launch context) and what the checklist itself asks the record for in ``variable`` extensions, as
SDC has them: an ``x-fhir-query`` that finds a searchset Bundle. It sees nothing else, and it can't
run on for ever: ``repeat`` is refused, and so is more than was allowed for.

The library that works them out takes a fifth of a second to load and keeps the time of day in one
place for a whole process. So it is loaded when the first expression is met, and one thread at a
time uses it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl

from clinical.checklist import Variable
from fhir_queries.declared import WrongSetting
from fhir_queries.reading.fields import extensions, mapping, objects, text
from fhir_queries.reading.refusals import LAUNCH_CONTEXT, VARIABLE

FHIRPATH = "text/fhirpath"
QUERY = "application/x-fhir-query"
LAUNCHED: Mapping[str, str] = {"patient": "Patient", "encounter": "Encounter"}
"""The launch context that this program gives: SDC's names, and the type of each."""

PATIENT_ID, ENCOUNTER_ID = "{{%patient.id}}", "{{%encounter.id}}"
MOST_SECONDS = 2.0
"""How long all the expressions of one form may take together; what isn't known then is unknown."""

_LONGEST = 2000
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_STANDARD = frozenset({"resource", "rootResource", "context", "ucum", "sct", "loinc"})
_REFUSED = frozenset({"repeat", "repeatAll", "resolve", "memberOf", "trace", "now", "aggregate"})
"""Functions that may run on, that ask a server, or whose answer changes with every look."""
_OF_THE_WAIT = {
    ("patient", PATIENT_ID),
    ("patient", f"Patient/{PATIENT_ID}"),
    ("subject", f"Patient/{PATIENT_ID}"),
    ("encounter", ENCOUNTER_ID),
    ("encounter", f"Encounter/{ENCOUNTER_ID}"),
}
_one_at_a_time = ThreadPoolExecutor(1, thread_name_prefix="expressions")


class OutOfTime(Exception):
    """The expressions weren't worked out in the time that they have."""


def variables_of(questionnaire: Mapping[str, Any]) -> tuple[Variable, ...]:
    """What the checklist asks the record for, beside the launch context.

    Raises WrongSetting for a name that is taken, another language, a query that isn't held to this
    patient or this wait, and a launch context that this program doesn't give.
    """
    whole = dict(questionnaire)
    for each in extensions(whole, LAUNCH_CONTEXT):
        parts = {text(part.get("url")): part for part in objects(each.get("extension"))}
        name = text(mapping(parts.get("name", {}).get("valueCoding")).get("code"))
        kind = text(parts.get("type", {}).get("valueCode"))
        if LAUNCHED.get(name) != kind:
            raise WrongSetting(
                f"The checklist's launch context {name!r} of type {kind!r} isn't given here; "
                "given are patient (Patient) and encounter (Encounter)."
            )
    found: list[Variable] = []
    for each in extensions(whole, VARIABLE):
        expression = mapping(each.get("valueExpression"))
        name = text(expression.get("name"))
        if not _NAME.fullmatch(name) or name in {*LAUNCHED, *_STANDARD, *(v.name for v in found)}:
            raise WrongSetting(f"The checklist's variable {name!r} has no name of its own.")
        if text(expression.get("language")) != QUERY:
            raise WrongSetting(f"The checklist's variable {name} isn't in {QUERY}.")
        found.append(_variable(name, text(expression.get("expression"))))
    return tuple(found)


def _variable(name: str, query: str) -> Variable:
    kind, _, search = query.partition("?")
    params = tuple(parse_qsl(search, keep_blank_values=True))
    if not kind.isalpha() or not kind[:1].isupper():
        raise WrongSetting(f"The checklist's variable {name} asks for no resource type.")
    if not any(each in _OF_THE_WAIT for each in params):
        raise WrongSetting(
            f"The checklist's variable {name} has to be held to this patient or this wait: "
            f"patient={PATIENT_ID} or encounter={ENCOUNTER_ID}."
        )
    for parameter, value in params:
        rest = value.replace(PATIENT_ID, "").replace(ENCOUNTER_ID, "")
        if "{{" in rest or parameter.startswith(("_include", "_revinclude", "_has")):
            raise WrongSetting(
                f"The checklist's variable {name} has a query that isn't known here."
            )
    return Variable(name, kind, params)


def named_in(expression: str) -> frozenset[str]:
    """The ``%names`` in an expression that are no constant of FHIRPath itself."""
    return frozenset(_names(_parsed(expression))) - _STANDARD


def wrong_with(expression: str, variables: Sequence[Variable]) -> str:
    """Why an expression can't be worked out, as the end of a sentence; empty where it can."""
    from fhirpathpy.engine.invocations import invocation_registry  # noqa: PLC0415

    if len(expression) > _LONGEST:
        return "is too long"
    try:
        _must_be_whole(expression)
        tree = _parsed(expression)
    except Exception:  # noqa: BLE001 - the parser and its lexer raise whatever they like
        return "can't be read as FHIRPath"
    known = {*LAUNCHED, *(each.name for each in variables)}
    if unknown := sorted(frozenset(_names(tree)) - _STANDARD - known):
        return f"names %{unknown[0]}, which isn't given"
    for function in _functions(tree):
        if function in _REFUSED:
            return f"uses {function}(), which isn't allowed here"
        if function not in invocation_registry:
            return f"uses {function}(), which isn't known here"
    return ""


def work_out(
    expressions: Mapping[str, str], given: Mapping[str, Any]
) -> Mapping[str, Sequence[Any] | None]:
    """The values of each expression, by its name; None where it has none that can be told.

    ``given`` are resources by the name of their variable. Raises OutOfTime after MOST_SECONDS.
    """
    asked = _one_at_a_time.submit(_work_out, dict(expressions), dict(given))
    try:
        return asked.result(MOST_SECONDS)
    except TimeoutError:
        asked.cancel()
        raise OutOfTime from None


def _work_out(
    expressions: Mapping[str, str], given: Mapping[str, Any]
) -> Mapping[str, Sequence[Any] | None]:
    found: dict[str, Sequence[Any] | None] = {}
    for name, expression in expressions.items():
        try:
            found[name] = _compiled(expression)({}, given)
        except Exception:  # noqa: BLE001 - a value of an unexpected type raises whatever it likes
            found[name] = None
    return found


@lru_cache(maxsize=512)
def _compiled(expression: str) -> Callable[[Any, Any], list[Any]]:
    from fhirpathpy import compile as compiled  # noqa: PLC0415
    from fhirpathpy.models import models  # noqa: PLC0415

    made: Callable[[Any, Any], list[Any]] = compiled(expression, models["r4"])
    return made


@lru_cache(maxsize=512)
def _parsed(expression: str) -> Any:
    from fhirpathpy.parser import parse  # noqa: PLC0415

    return parse(expression)  # type: ignore[no-untyped-call]


def _must_be_whole(expression: str) -> None:
    """Raises ValueError where the grammar doesn't hold: the library's own reader goes on then."""
    from antlr4 import CommonTokenStream, InputStream  # type: ignore[import-untyped]  # noqa: PLC0415
    from antlr4.error.ErrorListener import (  # type: ignore[import-untyped]  # noqa: PLC0415
        ErrorListener,
    )
    from fhirpathpy.parser.generated.FHIRPathLexer import FHIRPathLexer  # noqa: PLC0415
    from fhirpathpy.parser.generated.FHIRPathParser import FHIRPathParser  # noqa: PLC0415

    class Strict(ErrorListener):  # type: ignore[misc]
        def syntaxError(self, *what: object) -> None:  # noqa: N802 - the listener's own name
            raise ValueError(str(what))

    lexer = FHIRPathLexer(InputStream(expression))
    parser = FHIRPathParser(CommonTokenStream(lexer))
    for each in (lexer, parser):
        each.removeErrorListeners()
        each.addErrorListener(Strict())
    parser.entireExpression()  # type: ignore[no-untyped-call]


def _nodes(tree: Any) -> Iterator[Mapping[str, Any]]:
    ahead = [tree]
    while ahead:
        node = ahead.pop()
        if isinstance(node, Mapping):
            yield node
            ahead.extend(node.get("children") or ())


def _names(tree: Any) -> Iterator[str]:
    for node in _nodes(tree):
        if node.get("type") == "ExternalConstant":
            yield from (str(each.get("text")).strip("`'") for each in node.get("children") or ())


def _functions(tree: Any) -> Iterator[str]:
    for node in _nodes(tree):
        if node.get("type") == "Functn" and node.get("children"):
            yield str(node["children"][0].get("text"))
