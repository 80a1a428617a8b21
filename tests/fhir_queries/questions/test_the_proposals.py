"""What the record proposes to a checklist: only what was read whole, with its evidence."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from clinical.evidence import Evidence, Indicator, Judgement
from clinical.indicators import judge, settings_from
from clinical.person import Caller
from clinical.prefill import Proposal
from clinical.review import Review
from clinical.waiting import WaitingPatient
from fhir_queries import prefill, reviews
from fhir_queries.asking import Answer, Resource
from fhir_queries.checklist import load_checklist, read_draft, save_answers
from fhir_queries.errors import NotPermitted, RecordUnavailable
from fhir_queries.history import read_history
from fhir_queries.prefill import read_proposals
from fhir_queries.reading import expressions
from fhir_queries.reading.reviews import review as review_of
from fhir_queries.record import SharedRecord
from tests.fhir_queries.questions.filling import confirmed
from tests.fhir_queries.questions.shapes import Told, answered, observed, somebody, wait
from tests.fhir_queries.questions.test_a_sites_own_checklist import (
    SD,
    SDC,
    expression,
    extension,
    form,
    line,
    variable,
)

V3 = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality"
STANDARD = load_checklist()
PULSE = "%findings.entry.resource.where(code.coding.code = '78564009')"


@pytest.fixture
def own(tmp_path: Path) -> Any:
    """A site's checklist whose lines are answered from the crew's findings."""
    proposed = [
        expression(f"{SDC}/sdc-questionnaire-initialExpression", f"{PULSE}.first().value.value"),
        expression(f"{SD}/proposal-evidence", f"{PULSE}.first()"),
    ]
    exists = [
        expression(f"{SDC}/sdc-questionnaire-initialExpression", f"{PULSE}.exists()"),
        expression(f"{SD}/proposal-evidence", PULSE),
    ]
    judged = [
        extension(f"{SD}/indicator", valueString="news2-low"),
        extension(f"{SD}/proposed-by-indicator", valueBoolean=True),
    ]
    file = tmp_path / "own.json"
    file.write_text(
        json.dumps(
            form(
                line("pulse", "decimal", extension=proposed),
                line("taken", extension=exists),
                line("low", extension=judged),
                extension=[variable("findings", "Observation?encounter={{%encounter.id}}")],
            )
        )
    )
    return load_checklist(file)


REVIEW: Review = review_of(
    {
        "resourceType": "Task",
        "id": "review-1",
        "status": "in-progress",
        "for": {"reference": "Patient/p1"},
        "encounter": {"reference": "Encounter/wait-1"},
    }
)
EARLY = observed("78564009", 70, "/min", "13:20", meta={"versionId": "4"})
LATE = observed("78564009", 88.5, "/min", "13:40", meta={"versionId": "5"})


def record(*findings: Resource, **but: Any) -> Told:
    """A record of one wait with these findings."""
    answers: dict[str, Any] = {
        "patient": answered("patient", somebody()),
        "encounter": answered("encounter", wait()),
        "findings": answered("findings", *findings),
        **but,
    }
    return Told(answers)


def read(own: Any, told: Told, clinician: Caller, **more: Any) -> Mapping[str, Proposal]:
    """What is proposed."""
    return read_proposals(told, clinician, REVIEW, own, more.get("indicators", {}))


def test_the_newest_value_is_proposed_with_its_evidence_and_version(
    own: Any, clinician: Caller
) -> None:
    told = record(EARLY, LATE)
    found = read(own, told, clinician)
    assert [str(each) for each in found["pulse"].values] == ["88.5"]
    (evidence,) = found["pulse"].evidence
    assert (evidence.reference, evidence.version) == (f"Observation/{LATE['id']}", "5")
    assert evidence.when is not None
    assert "88.5 /min" in evidence.value
    assert found["taken"].values == (True,)
    assert len(told.asked) == 1, "one exchange"
    assert told.audited
    (asked,) = [each for each in told.asked[0] if each.name == "findings"]
    assert ("encounter", "wait-1") in asked.params


def test_nothing_returned_is_no_no(own: Any, clinician: Caller) -> None:
    found = read(own, record(), clinician)
    assert found["taken"].values == ()
    assert found["pulse"].values == ()
    assert "holds nothing" in found["taken"].because


FAULTS: dict[str, Answer | RecordUnavailable] = {
    "not loaded": RecordUnavailable("timeout"),
    "withheld": answered("findings", EARLY, withheld=True),
    "labelled restricted": answered(
        "findings", EARLY | {"meta": {"security": [{"system": V3, "code": "R"}]}}
    ),
    "not every page": answered("findings", EARLY, complete=False),
    "not readable": answered("findings", EARLY, set_aside=1),
    "of somebody else": answered("findings", EARLY | {"subject": {"reference": "Patient/p2"}}),
    "too many": answered("findings", *[EARLY] * (prefill.MOST_RESOURCES + 1)),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_what_was_not_read_whole_makes_every_line_that_needs_it_unknown(
    own: Any, clinician: Caller, fault: str
) -> None:
    found = read(own, record(findings=FAULTS[fault]), clinician)
    for link_id in ("pulse", "taken"):
        assert found[link_id].values == ()
        assert found[link_id].because


def test_what_was_entered_in_error_is_not_gone_by(own: Any, clinician: Caller) -> None:
    wrong = LATE | {"status": "entered-in-error"}
    found = read(own, record(EARLY, wrong), clinician)
    assert [str(each) for each in found["pulse"].values] == ["70"]


def test_of_a_restricted_record_nothing_is_proposed(own: Any, clinician: Caller) -> None:
    kept = somebody(meta={"security": [{"system": V3, "code": "R"}]})
    found = read(own, record(EARLY, patient=answered("patient", kept)), clinician)
    assert {each.values for each in found.values()} == {()}
    assert "restricted" in found["pulse"].because


def test_an_expression_that_takes_too_long_is_unknown(
    own: Any, clinician: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(expressions, "MOST_SECONDS", 0.0)
    found = read(own, record(EARLY), clinician)
    assert found["pulse"].values == ()
    assert "in time" in found["pulse"].because


def test_an_indicators_evidence_is_read_for_its_version(own: Any, clinician: Caller) -> None:
    seen = Evidence("NEWS2: 2", None, "Ambulance service", "Observation/news", "")
    low = Indicator("news2-low", "NEWS2 low", Judgement.MET, "It is 2.", (seen,))
    standing = {"resourceType": "Observation", "id": "news", "meta": {"versionId": "9"}}
    told = record(EARLY, **{"versions Observation": answered("versions Observation", standing)})
    found = read(own, told, clinician, indicators={"news2-low": low})
    assert found["low"].values == (True,)
    assert found["low"].evidence[0].version == "9"


def test_a_record_that_is_silent_proposes_nothing_and_a_manager_is_shown_nothing(
    own: Any, clinician: Caller, manager: Caller
) -> None:
    told = record(EARLY)
    told.down = True
    with pytest.raises(RecordUnavailable):
        read(own, told, clinician)
    with pytest.raises(NotPermitted):
        read(own, record(EARLY), manager)


def test_a_proposal_is_no_answer_until_it_is_confirmed_and_then_it_carries_its_evidence(
    ward: SharedRecord, coordinator: Caller, clinician: Caller, patient: WaitingPatient
) -> None:
    review = reviews.claim(ward, clinician, reviews.flag(ward, coordinator, patient, "Look"))
    waiting, history = read_history(ward, clinician, patient.encounter)
    assert waiting is not None
    judged = judge(waiting, history.sections, settings_from({}), history.as_at)
    indicators = {each.name: each for each in judged}
    found = read_proposals(ward, clinician, review, STANDARD, indicators)
    proposed = {link_id: each for link_id, each in found.items() if each.values}
    assert "b-summary" in proposed
    assert all(each.evidence for each in proposed.values())
    draft = read_draft(ward, review, STANDARD)
    assert draft.answers == (), "reading what the record says answers nothing"
    answer = confirmed(proposed["b-summary"])
    draft = save_answers(ward, clinician, review, draft, [answer], checklist=STANDARD)
    (kept,) = draft.answers
    assert kept.by_user == clinician.user
    assert kept.evidence == proposed["b-summary"].evidence
    assert kept.evidence[0].reference == f"Encounter/{patient.encounter}"
    assert kept.evidence[0].version
