"""Servers that refuse, ignore or misread a search: never taken for a patient without data."""

from __future__ import annotations

from typing import Any

import pytest

from fhir_queries.asking import Reading, Search
from fhir_queries.errors import NotPermitted, RecordUnavailable
from tests.faults.connecting import connected
from tests.faults.fault_server import serving
from tests.fhir_queries.connection.lying_server import LyingServer, exchanges, params_of

PATIENT = {"resourceType": "Patient", "id": "p1", "name": [{"family": "QUILL"}]}
OTHER = {"resourceType": "Patient", "id": "p2"}


def of(kind: str, own_id: str, patient: str = "p1", **more: Any) -> dict[str, Any]:
    subject = {"reference": f"Patient/{patient}"}
    return {"resourceType": kind, "id": own_id, "subject": subject, **more}


def wait(own_id: str, patient: str = "p1", status: str = "arrived") -> dict[str, Any]:
    return of("Encounter", own_id, patient, status=status)


def pulse(own_id: str, encounter: str = "e1", patient: str = "p1") -> dict[str, Any]:
    return of("Observation", own_id, patient, encounter={"reference": f"Encounter/{encounter}"})


WAITS = Search(
    "waits",
    "Encounter",
    (
        ("status", "arrived"),
        ("_include", "Encounter:subject"),
        ("_revinclude", "Observation:encounter"),
    ),
    expect=(("status", frozenset({"arrived"})),),
)
HELD = [PATIENT, OTHER, wait("e1"), wait("e2", "p2"), wait("e3", status="finished"), pulse("o1")]
AUDIT = {"resourceType": "AuditEvent"}


def history_of(patient: str, *kinds: str) -> list[Search]:
    return [Search(kind, kind, (("patient", f"Patient/{patient}"),)) for kind in kinds]


def test_an_honest_server_is_asked_in_one_exchange() -> None:
    server = LyingServer(HELD)
    with serving(server) as served, connected(served.base) as record:
        answers = record.ask([WAITS], audit=AUDIT)
        waits = answers.by_name["waits"]
        assert [one["id"] for one in waits.matches] == ["e1", "e2"]
        assert set(waits.included) == {"Patient/p1", "Patient/p2", "Observation/o1"}
        assert answers.exchanges == 1
        assert exchanges(served.asked) == ["BATCH 2"]
        assert server.audited == [AUDIT]
        assert record.memory.ways() == ()


def test_what_should_have_been_included_is_fetched_by_id() -> None:
    with serving(LyingServer(HELD, includes=False)) as served, connected(served.base) as record:
        waits = record.ask([WAITS]).by_name["waits"]
        assert set(waits.included) == {"Patient/p1", "Patient/p2", "Observation/o1"}
        assert exchanges(served.asked) == ["GET Encounter", "GET Patient"]
        assert dict(params_of(served.asked[1]))["_id"] == "p1,p2"


def test_observations_that_a_server_did_not_bring_along_are_searched_for() -> None:
    lying = LyingServer(HELD, includes=False, reverse_includes=False)
    with serving(lying) as served, connected(served.base) as record:
        for _ in range(2):
            waits = record.ask([WAITS]).by_name["waits"]
            assert set(waits.included) == {"Patient/p1", "Patient/p2", "Observation/o1"}
        # Once it is known, the parameter isn't sent any more, and both steps are one batch each
        assert exchanges(served.asked) == ["GET Encounter", "BATCH 2"] * 2
        assert ("_revinclude", "Observation:encounter") not in params_of(served.asked[2])


def test_every_page_of_what_is_fetched_instead_is_read() -> None:
    observations = [pulse(f"o{number}") for number in range(7)]
    lying = LyingServer([PATIENT, wait("e1"), *observations], reverse_includes=False, page=3)
    with serving(lying) as served, connected(served.base) as record:
        waits = record.ask([WAITS]).by_name["waits"]
        assert sum(key.startswith("Observation/") for key in waits.included) == 7


def test_no_observations_is_believed_after_one_more_look() -> None:
    held = [PATIENT, wait("e1")]
    with serving(LyingServer(held)) as served, connected(served.base) as record:
        for _ in range(3):
            assert record.ask([WAITS]).by_name["waits"].complete
        assert exchanges(served.asked) == [
            "GET Encounter",
            "GET Observation",
            "GET Encounter",
            "GET Encounter",
        ]


def test_a_reference_to_what_is_not_there_is_not_fetched_at_each_refresh() -> None:
    held = [wait("e1", "gone"), pulse("o1")]
    with serving(LyingServer(held)) as served, connected(served.base) as record:
        for _ in range(3):
            assert record.ask([WAITS]).by_name["waits"].included.keys() == {"Observation/o1"}
        assert exchanges(served.asked).count("GET Patient") == 1


def test_what_one_person_may_not_see_is_not_absent_for_the_next() -> None:
    held = [wait("e1", "restricted"), pulse("o1")]
    lying = LyingServer(held)
    with serving(lying) as served, connected(served.base) as record:
        record.on_behalf_of(lambda: "of-one").ask([WAITS])
        lying.resources.append({"resourceType": "Patient", "id": "restricted"})
        lying.includes = False
        waits = record.on_behalf_of(lambda: "of-another").ask([WAITS]).by_name["waits"]
        assert "Patient/restricted" in waits.included


def test_a_filter_that_a_server_ignored_is_applied_here() -> None:
    lying = LyingServer(HELD, ignores=frozenset({"status"}))
    with serving(lying) as served, connected(served.base) as record:
        waits = record.ask([WAITS]).by_name["waits"]
        assert [one["id"] for one in waits.matches] == ["e1", "e2"]


def test_somebody_elses_entries_never_come_through() -> None:
    held = [of("Condition", "c1"), of("Condition", "c2", "p2"), of("Condition", "c3", "p2")]
    lying = LyingServer(held, ignores=frozenset({"patient"}))
    with serving(lying) as served, connected(served.base) as record:
        found = record.ask(history_of("p1", "Condition")).by_name["Condition"]
        assert [one["id"] for one in found.matches] == ["c1"]
        assert found.warnings == ("2 left out: the record sent what is about somebody else.",)


@pytest.mark.parametrize(
    ("lies", "form"),
    [
        ({"typed_ids": False}, "patient=ID"),
        ({"finds_nothing_by": frozenset({"patient"})}, "subject=Patient/ID"),
    ],
)
def test_a_search_for_a_patient_that_finds_nothing_is_asked_in_another_form(
    lies: dict[str, Any], form: str
) -> None:
    held = [of("Condition", "c1"), of("Flag", "f1")]
    with serving(LyingServer(held, **lies)) as served, connected(served.base) as record:
        for _ in range(2):
            answers = record.ask(history_of("p1", "Condition", "Flag")).by_name
            assert [len(one.matches) for one in answers.values()] == [1, 1]
        assert record.memory.form("Condition") == form
        # The second time it is asked in the right form at once
        assert exchanges(served.asked) == ["BATCH 2", "BATCH 4", "BATCH 2"]


def test_another_form_that_finds_everybody_is_not_believed() -> None:
    held = [of("Condition", "c2", "p2")]
    lying = LyingServer(
        held, finds_nothing_by=frozenset({"patient"}), ignores=frozenset({"subject"})
    )
    with serving(lying) as served, connected(served.base) as record:
        found = record.ask(history_of("p1", "Condition")).by_name["Condition"]
        assert found.matches == []
        assert record.memory.form("Condition") == ""


def test_an_empty_section_is_believed_where_the_record_says_that_it_searches_so() -> None:
    claims = {
        "resourceType": "CapabilityStatement",
        "fhirVersion": "4.0.1",
        "rest": [{"resource": [{"type": "Flag", "searchParam": [{"name": "patient"}]}]}],
    }
    held = [of("Condition", "c1")]
    with serving(LyingServer(held, claims=claims)) as served, connected(served.base) as record:
        record.ask(history_of("p1", "Condition", "Flag"))
        record.ask(history_of("p1", "Condition", "Flag"))
        assert exchanges(served.asked) == ["BATCH 2", "GET metadata", "BATCH 2"]


CHAINED = Search("pulses", "Observation", (("encounter.status", "arrived"),))


@pytest.mark.parametrize("lies", [{"chains": False}, {"ignores": frozenset({"encounter.status"})}])
def test_a_chained_search_that_a_server_misreads_is_asked_in_two_steps(
    lies: dict[str, Any],
) -> None:
    held = [wait("e1"), wait("e3", status="finished"), pulse("o1"), pulse("o3", "e3")]
    with serving(LyingServer(held, **lies)) as served, connected(served.base) as record:
        for _ in range(2):
            found = record.ask([CHAINED]).by_name["pulses"]
            assert [one["id"] for one in found.matches] == ["o1"]
        steps = ["GET Encounter", "GET Observation"]
        assert exchanges(served.asked) == ["GET Observation", *steps, *steps]


def test_a_chained_search_that_works_is_doubted_once() -> None:
    held = [wait("e1"), wait("e3", status="finished"), pulse("o1"), pulse("o3", "e3")]
    with serving(LyingServer(held)) as served, connected(served.base) as record:
        for _ in range(3):
            assert len(record.ask([CHAINED]).by_name["pulses"].matches) == 1
        assert exchanges(served.asked).count("GET Encounter") == 1


def test_a_server_that_refuses_includes_is_asked_without_them() -> None:
    lying = LyingServer(HELD, refuses=frozenset({"_include", "_revinclude"}))
    with serving(lying) as served, connected(served.base) as record:
        for _ in range(2):
            waits = record.ask([WAITS]).by_name["waits"]
            assert set(waits.included) == {"Patient/p1", "Patient/p2", "Observation/o1"}
        assert exchanges(served.asked) == [
            "GET Encounter",
            "GET Encounter",
            "BATCH 2",
            "GET Encounter",
            "BATCH 2",
        ]


def test_without_an_order_the_newest_may_be_on_any_page() -> None:
    observations = [pulse(f"o{number}") for number in range(7)]
    lying = LyingServer(observations, refuses=frozenset({"_sort"}), page=3)
    newest = Search(
        "newest", "Observation", (("patient", "Patient/p1"), ("_sort", "-date")), every_page=False
    )
    with serving(lying) as served, connected(served.base) as record:
        found = record.ask([newest]).by_name["newest"]
        assert len(found.matches) == 7
        assert found.complete


def test_where_batch_is_refused_the_audit_entry_goes_first_and_it_is_remembered() -> None:
    lying = LyingServer(HELD, takes_batch=False)
    with serving(lying) as served, connected(served.base) as record:
        for _ in range(2):
            answers = record.ask(history_of("p1", "Encounter", "Observation"), audit=AUDIT)
            assert [len(one.matches) for one in answers.by_name.values()] == [2, 1]
        sent = exchanges(served.asked)
        assert sent[:2] == ["BATCH 3", "POST AuditEvent"]
        assert sent[4] == "POST AuditEvent"
        assert sorted(sent[2:4]) == sorted(sent[5:7]) == ["GET Encounter", "GET Observation"]
        assert len(sent) == 7


@pytest.mark.parametrize("takes_batch", [True, False])
@pytest.mark.parametrize(
    ("status", "error"), [(403, NotPermitted), (401, NotPermitted), (422, RecordUnavailable)]
)
def test_without_its_audit_entry_nothing_is_shown(
    takes_batch: bool, status: int, error: type[Exception]
) -> None:
    lying = LyingServer(HELD, takes_batch=takes_batch, takes_audit=status)
    with serving(lying) as served, connected(served.base) as record:
        with pytest.raises(error):
            record.ask(history_of("p1", "Encounter", "Observation"), audit=AUDIT)
        assert not any(one.method == "GET" for one in served.asked)


def test_what_identifies_a_person_is_never_in_a_url() -> None:
    by_number = Search("people", "Patient", (("identifier", "https://fhir.nhs.uk|9990000018"),))
    for takes_batch in (True, False):
        lying = LyingServer([PATIENT], takes_batch=takes_batch)
        with serving(lying) as served, connected(served.base) as record:
            record.ask([by_number])
            assert not any("9990000018" in one.target for one in served.asked)
            assert any(b"9990000018" in one.body for one in served.asked)


def test_one_search_that_fails_costs_only_itself() -> None:
    lying = LyingServer([of("Condition", "c1")], refuses=frozenset({"odd"}))
    odd = Search("Flag", "Flag", (("patient", "Patient/p1"), ("odd", "x")))
    with serving(lying) as served, connected(served.base) as record:
        answers = record.ask([*history_of("p1", "Condition"), odd]).by_name
        assert answers["Condition"].reading is Reading.ANSWERED
        assert answers["Flag"].reading is Reading.FAILED
        assert answers["Flag"].error is not None
        assert answers["Flag"].error.status == 400


def test_a_profile_may_say_what_to_avoid(tmp_path: Any) -> None:
    file = tmp_path / "site.toml"
    file.write_text('[searches]\nbatch = "no"\ninclude = "no"\npatient_form = "patient=ID"\n')
    with serving(LyingServer(HELD)) as served, connected(served.base, profile=str(file)) as record:
        waits = record.ask([WAITS, *history_of("p1", "Observation")]).by_name["waits"]
        assert set(waits.included) == {"Patient/p1", "Patient/p2", "Observation/o1"}
        assert not any(
            name in ("_include", "_revinclude")
            for one in served.asked
            for name, _ in params_of(one)
        )
        assert ("patient", "p1") in [pair for one in served.asked for pair in params_of(one)]
        assert not any(one.startswith("BATCH") for one in exchanges(served.asked))
