"""From HL7's search parameters to index rows, and from searches to the rarest condition."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from sandbox import dates, definitions, expressions, schema, values
from sandbox.search.condition import split_unescaped, unescaped
from sandbox.search.find import matching
from sandbox.search.query import read_query
from sandbox.store import Store

NOW = int(datetime(2026, 3, 4, tzinfo=UTC).timestamp() * 1_000_000)
LEFT_OUT = {"_content", "_text", "_query", "near"}
RESOURCE_AS_A_REFERENCE = {("Bundle", "composition"), ("Bundle", "message")}


def test_every_official_parameter_compiles_but_those_that_are_known_not_to() -> None:
    left_out = set()
    for kind in definitions.resource_types():
        known = expressions.searchable(kind).parameters
        for code, parameter in definitions.parameters(kind).items():
            if code not in known and parameter.type != "composite" and code not in LEFT_OUT:
                left_out.add((kind, code))
    assert left_out == RESOURCE_AS_A_REFERENCE


def test_numbers_of_parameters_and_their_modifiers_never_meet() -> None:
    taken: dict[int, str] = {}
    for kind in definitions.resource_types():
        for code, parameter in expressions.searchable(kind).parameters.items():
            for offset in range(4):
                assert parameter.number + offset not in taken, f"{kind}.{code}"
                taken[parameter.number + offset] = f"{kind}.{code}"


def rows(resource: dict[str, Any], code: str, table: int, offset: int = 0) -> set[tuple[Any, ...]]:
    """What a parameter finds of a resource, without its number."""
    number = expressions.searchable(resource["resourceType"]).parameters[code].number + offset
    return {row[1:] for row in expressions.index_rows(resource)[table] if row[0] == number}


def test_a_reference_counts_for_patients_only_where_it_is_to_a_patient() -> None:
    group = {"resourceType": "Encounter", "subject": {"reference": "Group/g"}}
    patient = {"resourceType": "Encounter", "subject": {"reference": "Patient/p/_history/3"}}
    said = {"resourceType": "Encounter", "subject": {"reference": "urn:uuid:1", "type": "Patient"}}
    assert rows(group, "patient", values.REFERENCE) == set()
    assert rows(group, "subject", values.REFERENCE) == {("g", "Group")}
    assert rows(patient, "patient", values.REFERENCE) == {("p", "Patient")}
    assert rows(said, "patient", values.REFERENCE) == {("urn:uuid:1", "")}


def test_a_contained_reference_is_not_one_to_the_record() -> None:
    inside = {"resourceType": "Encounter", "subject": {"reference": "#p"}}
    assert rows(inside, "subject", values.REFERENCE) == set()


def test_a_choice_is_indexed_by_the_type_that_the_parameter_names() -> None:
    concept = {
        "resourceType": "Observation",
        "valueCodeableConcept": {"coding": [{"code": "a"}], "text": "Words"},
    }
    assert rows(concept, "value-concept", values.TOKEN) == {("a", 0)}
    assert rows(concept, "value-quantity", values.NUMBER) == set()
    assert rows(concept, "value-string", values.STRING) == {("words", "Words")}


def test_a_condition_in_an_expression_is_kept() -> None:
    both = {
        "resourceType": "Patient",
        "telecom": [{"system": "email", "value": "e"}, {"system": "phone", "value": "p"}],
    }
    assert rows(both, "email", values.TOKEN) == {("e", 0)}
    assert rows(both, "phone", values.TOKEN) == {("p", 0)}
    assert rows(both, "telecom", values.TOKEN) == {("e", 0), ("p", 0)}


@pytest.mark.parametrize(
    ("elements", "dead"),
    [
        ({}, "false"),
        ({"deceasedBoolean": False}, "false"),
        ({"deceasedBoolean": True}, "true"),
        ({"deceasedDateTime": "2026"}, "true"),
    ],
)
def test_deceased_is_true_or_false_for_everyone(elements: dict[str, Any], dead: str) -> None:
    assert rows({"resourceType": "Patient", **elements}, "deceased", values.TOKEN) == {(dead, 0)}


@pytest.mark.parametrize(
    ("text", "first", "after"),
    [
        ("2026", "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z"),
        ("2026-12", "2026-12-01T00:00:00Z", "2027-01-01T00:00:00Z"),
        ("2024-02-29", "2024-02-29T00:00:00Z", "2024-03-01T00:00:00Z"),
        ("2026-01-01T10:30", "2026-01-01T10:30:00Z", "2026-01-01T10:31:00Z"),
        ("2026-01-01T10:30:15Z", "2026-01-01T10:30:15Z", "2026-01-01T10:30:16Z"),
        ("2026-07-01T00:30:00+01:00", "2026-06-30T23:30:00Z", "2026-06-30T23:30:01Z"),
        ("2026-01-01T10:30:15.25Z", "2026-01-01T10:30:15.25Z", "2026-01-01T10:30:15.26Z"),
        ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z", "2017-01-01T00:00:01Z"),
    ],
)
def test_a_date_stands_for_all_the_instants_it_may_mean(text: str, first: str, after: str) -> None:
    def microseconds(instant: str) -> int:
        return round(datetime.fromisoformat(instant).timestamp() * 1_000_000)

    assert dates.date_range(text) == (microseconds(first), microseconds(after))


@given(some.text(max_size=40))
def test_what_was_split_at_commas_is_all_there(text: str) -> None:
    assert ",".join(split_unescaped(text, ",")) == text


@given(some.text(max_size=40))
def test_an_escaped_text_is_one_value_and_reads_as_it_was(text: str) -> None:
    escaped = text
    for special in ("\\", ",", "|", "$"):
        escaped = escaped.replace(special, "\\" + special)
    assert split_unescaped(escaped, ",") == [escaped]
    assert unescaped(escaped) == text


@pytest.fixture
def queue() -> Iterator[sqlite3.Connection]:
    """Years of finished arrivals and three who wait."""
    store = Store(None)
    store.load(
        {
            "resourceType": "Encounter",
            "id": f"e{n}",
            "status": "arrived" if n % 1000 == 0 else "finished",
            "class": {"code": "EMER"},
            "period": {"start": f"20{10 + n % 15}-01-01"},
        }
        for n in range(3000)
    )
    with store.read() as connection:
        yield connection
    store.close()


def steps(connection: sqlite3.Connection, search: list[tuple[str, str]]) -> tuple[int, int]:
    """How many resources a search finds, and in how many thousand steps of SQLite."""
    taken = [0]

    def count() -> int:
        taken[0] += 1
        return 0

    query = read_query("Encounter", search, bases=(), now=NOW)
    connection.set_progress_handler(count, 1000)
    found = matching(connection, "Encounter", query.clauses, query.sort)
    connection.set_progress_handler(None, 0)
    return len(found), taken[0]


def test_who_waits_is_found_without_walking_through_the_years(queue: sqlite3.Connection) -> None:
    for search in (
        [("class", "EMER"), ("status", "arrived")],
        [("status", "arrived"), ("class", "EMER")],
        [("date", "ge2010"), ("class", "EMER"), ("status", "arrived")],
    ):
        found, thousands = steps(queue, search)
        assert found == 3
        # Counting the common conditions stops at a limit; walking all would take several times it.
        assert thousands < 45, search
    _, walking = steps(queue, [("class", "EMER"), ("status:not", "nothing")])
    assert walking > 45


def test_an_update_leaves_no_row_of_what_was(tmp_path: Path) -> None:
    store = Store(tmp_path / "r.sqlite")
    first = {
        "resourceType": "Patient",
        "id": "a",
        "gender": "male",
        "birthDate": "1950",
        "name": [{"family": "Before"}],
        "managingOrganization": {"reference": "Organization/o"},
    }
    store.load([first])
    store.load([{"resourceType": "Patient", "id": "a"}])
    with store.read() as connection:
        left = {
            table: connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # noqa: S608
            for table in schema.INDEX_TABLES
        }
    store.close()
    # What is left is that nobody said this patient is dead.
    assert left == {"token": 1, "string": 0, "date": 0, "reference": 0, "number": 0, "uri": 0}


def test_a_file_indexed_otherwise_is_indexed_again_when_it_is_opened(tmp_path: Path) -> None:
    db = tmp_path / "r.sqlite"
    store = Store(db)
    store.load([{"resourceType": "Patient", "id": "a", "gender": "male"}])
    store.write(lambda connection: connection.execute("DELETE FROM token").rowcount)
    store.note("indexed-as", "by an older version")
    store.close()
    store = Store(db)
    query = read_query("Patient", [("gender", "male")], bases=(), now=NOW)
    with store.read() as connection:
        assert len(matching(connection, "Patient", query.clauses)) == 1
    store.close()


@pytest.mark.parametrize("prefix", ["", "gt", "ge", "lt", "le", "sa", "eb"])
def test_a_time_of_change_is_found_by_its_index_however_it_is_compared(
    tmp_path: Path, prefix: str
) -> None:
    store = Store(tmp_path / "record.sqlite")
    given = [("_lastUpdated", f"{prefix}2026-03-04T00:00:00.000Z")]
    (clause,) = read_query("Encounter", given, bases=(), now=NOW).clauses
    try:
        plan = store.submit(
            lambda connection: connection.execute(
                f"EXPLAIN QUERY PLAN {clause.rough_select()}",
                clause.arguments,
            ).fetchall()
        ).result()
    finally:
        store.close()
    steps = [str(row[3]) for row in plan]
    assert all("resource_updated (type=? AND updated" in step for step in steps if "SEARCH" in step)
    assert any("SEARCH" in step for step in steps)
