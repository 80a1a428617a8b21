"""What usual resources are read by is quicker, and reads the same as the long way."""

from __future__ import annotations

from copy import deepcopy
from decimal import Decimal
from typing import Any
from urllib.parse import quote, urlencode

import pytest

from fhir_queries.asking import Search
from fhir_queries.batch import Asked
from fhir_queries.chained import chain_of
from fhir_queries.fallbacks import as_sent
from fhir_queries.memory import Memory
from fhir_queries.profile import load_profile
from fhir_queries.reading.fields import amount_words, quantity
from fhir_queries.reading.sections import Gathering
from tests.bench.canned_people import history, waits

ODD: dict[str, Any] = {
    "id": (None, "", 7, ["a"], {}, "a b"),
    "resourceType": (None, "", " Observation", "Nothing", ["Observation"], {}),
    "subject": (
        None,
        {},
        [],
        "Patient/p0",
        {"reference": "Patient/p1"},
        {"reference": "https://record.example/fhir/Patient/p0/_history/3"},
        {"reference": ["Patient/p0"]},
        {"reference": "#p"},
        {"identifier": {"system": "https://fhir.nhs.uk/Id/nhs-number", "value": "9990000000"}},
    ),
    "code": (None, {}, [], 5, {"text": "Potassium"}),
    "referenceRange": (
        [{"low": {"value": 3.5, "unit": "g"}, "high": {"value": 4, "code": "g"}}],
        [{"low": {"value": 0}, "high": {"value": -0.0}}, {"text": "under 5"}],
        [{"low": {"value": "3"}, "high": {"value": [4]}}],
        [{"low": 3, "high": []}],
        {"high": {"value": 5, "comparator": "<"}, "low": {"value": True}},
    ),
    "text": ({"div": "<div>Told in words</div>"}, 3),
    "category": ([["laboratory"]], [{}], {}, "survey", [{"text": "Survey"}, {"text": "Exam"}]),
    "valueQuantity": ({}, [], {"value": "4"}, {"value": 4}, {"value": 0}, {"value": float("inf")}),
    "hospitalization": ({}, [], "x", {"admitSource": {"text": "Home"}, "extension": 3}),
    "location": ([], {}, [None], [{"location": {"display": "Ward 7"}}], "ward"),
    "modifierExtension": ([{"url": "https://record.example/not"}],),
}


def variants() -> list[Any]:
    found: list[Any] = [None, "Observation", [], [{}], {}, 5]
    usual = {one["resourceType"]: one for one in [*history(60), *waits(1)]}
    for resource in usual.values():
        found.append(resource)
        for name, values in ODD.items():
            for value in values:
                odd = deepcopy(resource)
                odd[name] = value
                found.append(odd)
            found.append({key: each for key, each in resource.items() if key != name})
    return found


@pytest.mark.parametrize("numbers", [frozenset[str](), frozenset({"9990000000"})])
def test_a_resource_is_taken_the_same_by_either_way(numbers: frozenset[str]) -> None:
    shown = 0
    for resource in variants():
        short, long = (Gathering("p0", "e0", numbers) for _ in range(2))
        for _ in range(2):
            short.take(resource, {})
            long._take_whatever(resource, {})
        assert short == long, resource
        shown += bool(short.entries)
    assert shown > 100


@pytest.mark.parametrize(
    ("value", "words", "number"),
    [
        (1, "1 mg", Decimal(1)),
        (1.0, "1.0 mg", Decimal("1.0")),
        (True, "", None),
        (0, "0 mg", Decimal(0)),
        (0.0, "0.0 mg", Decimal("0.0")),
        (-0.0, "-0.0 mg", Decimal("-0.0")),
        (Decimal("1.10"), "1.10 mg", Decimal("1.10")),
        (Decimal("1.1"), "1.1 mg", Decimal("1.1")),
        (float("inf"), "", None),
        (float("nan"), "", None),
        ("12", "12", None),
        (None, "", None),
    ],
)
def test_a_number_stays_as_it_was_written_however_often_one_like_it_was_read(
    value: Any, words: str, number: Decimal | None
) -> None:
    for like in (1, 1.0, True, 0, 0.0, -0.0, Decimal("1.1"), Decimal("1.10"), value):
        quantity({"value": like, "unit": "mg"})
    read = quantity({"value": value, "unit": "mg"})
    assert read == (words, number, "mg")
    assert str(read[1]) == str(number)
    assert amount_words({"value": value, "unit": "mg"}) == words
    assert quantity({"value": value, "code": "mg"}) == read


def test_a_comparator_is_never_lost() -> None:
    assert quantity({"value": 5, "unit": "mg"})[0] == "5 mg"
    assert quantity({"value": 5, "unit": "mg", "comparator": "<"}) == ("<5 mg", None, "mg")


@pytest.mark.parametrize(
    "params",
    [
        (("patient", "Patient/p0"), ("_include", "MedicationRequest:medication")),
        (("family:exact", "O'Neill"), ("birthdate", "1930-01-10")),
        (("identifier", "https://fhir.nhs.uk/Id/nhs-number|9990000000"),),
        (("code", "a,b"), ("name", "Zoë"), ("empty", "")),
        (("_id", "a b&c=d+e%20\n"),),
        (),
    ],
)
def test_what_needs_no_encoding_goes_out_as_encoding_would_leave_it(
    params: tuple[tuple[str, str], ...],
) -> None:
    assert Asked("Patient", params).query == urlencode(params, quote_via=quote, safe="/:,")


def test_parameters_are_sent_as_they_are_unless_something_is_to_be_avoided() -> None:
    search = Search("x", "Condition", (("patient", "Patient/p0"), ("_sort:x", "date")))
    memory = Memory(load_profile("uk_core").searches)
    assert as_sent(search, memory) == search.params
    memory.avoid("Condition", {"_sort"})
    assert as_sent(search, memory) == search.params[:1]
    memory.use_form("Condition", "patient=ID")
    assert as_sent(search, memory) == (("patient", "p0"),)


def test_only_a_chain_is_a_chain() -> None:
    assert chain_of("Task", (("status", "requested"), ("_id", "a.b"))) is None
    assert chain_of("Task", (("_has.x", "a"),)) is None
    chain = chain_of("Task", (("encounter.status", "arrived"), ("code", "x")))
    assert chain is not None
    assert (chain.target, chain.others) == ("Encounter", (("code", "x"),))
