"""Evidence for everybody waiting, in one batch; silence is never a no."""

from __future__ import annotations

from clinical.record import SectionState
from clinical.waiting import WaitingPatient
from fhir_queries.errors import RecordUnavailable
from fhir_queries.evidence import EVIDENCE_SECTIONS, read_evidence
from fhir_queries.history import read_history
from fhir_queries.profile import load_profile
from fhir_queries.record import SharedRecord
from fhir_queries.waiting import read_waiting, waiting_list
from tests.fhir_queries.questions.shapes import NOW, Told, answered, of_patient, somebody, wait


def two_waiting() -> tuple[WaitingPatient, ...]:
    """Two people who wait."""
    found = answered(
        "waits", wait(), wait("wait-2", "p2"), included=[somebody(), somebody("p2", identifier=[])]
    )
    return waiting_list(found, NOW, load_profile("uk_core")).waiting


def test_each_has_their_own_evidence_from_one_batch() -> None:
    theirs = of_patient("Condition", "c1", "p1", code={"text": "Asthma"})
    others = of_patient("Condition", "c2", "p2", code={"text": "Gout"})
    strangers = of_patient("Condition", "c3", "p3", code={"text": "Not asked for"})
    record = Told({"Condition": answered("Condition", theirs, others, strangers)})
    found = read_evidence(record, two_waiting())
    titles = {
        patient: [entry.title for entry in sections["problems"].entries]
        for patient, sections in found.items()
    }
    assert titles == {"p1": ["Asthma"], "p2": ["Gout"]}
    assert len(record.asked) == 1


def test_a_search_that_failed_fails_its_sections_for_everybody() -> None:
    found = read_evidence(Told({"Condition": RecordUnavailable("x")}), two_waiting())
    for sections in found.values():
        assert sections["problems"].state is SectionState.FAILED
        assert sections["medicines"].state is SectionState.NONE_RETURNED


def test_a_silent_record_gives_failed_sections_with_the_reason() -> None:
    record = Told()
    record.down = True
    found = read_evidence(record, two_waiting())
    assert {section.state for sections in found.values() for section in sections.values()} == {
        SectionState.FAILED
    }
    assert all(section.explanation for section in found["p1"].values())


def test_what_is_asked_for_in_part_is_never_whole() -> None:
    assert not read_evidence(Told(), two_waiting())["p1"]["social"].complete


def test_a_restricted_record_is_not_even_asked_for() -> None:
    label = {"system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "code": "V"}
    hidden = somebody(meta={"security": [label]})
    waits = waiting_list(
        answered("waits", wait(), included=[hidden]), NOW, load_profile("uk_core")
    ).waiting
    record = Told()
    found = read_evidence(record, waits)
    assert record.asked == []
    assert {section.state for section in found["p1"].values()} == {SectionState.WITHHELD}


def test_nobody_waiting_asks_nothing() -> None:
    record = Told()
    assert read_evidence(record, ()) == {}
    assert record.asked == []


def test_the_queues_evidence_agrees_with_the_whole_history(
    people: SharedRecord, clinician: object
) -> None:
    waiting = read_waiting(people).waiting
    evidence = read_evidence(people, waiting)
    assert set(evidence) == {each.person.patient for each in waiting}
    for each in waiting:
        _, record = read_history(people, clinician, each.encounter)  # type: ignore[arg-type]
        for name in ("problems", "medicines", "frailty"):
            queue, whole = evidence[each.person.patient][name], record.sections[name]
            assert {entry.id for entry in queue.entries} == {entry.id for entry in whole.entries}
        assert tuple(evidence[each.person.patient]) == EVIDENCE_SECTIONS
