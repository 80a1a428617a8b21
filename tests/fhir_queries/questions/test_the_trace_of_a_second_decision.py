"""The trace of a review that was decided twice: what was taken back is told beside what stands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from clinical.person import Caller
from clinical.review import CommunityService, Outcome
from fhir_queries.decisions import decide
from fhir_queries.record import SharedRecord
from fhir_queries.reviews import claim, flag
from fhir_queries.tracing import Trace, read_trace
from fhir_queries.undoing import reverse, undo
from tests.fhir_queries.questions.cases import CHECKLIST, Case, decision
from tests.fhir_queries.questions.filling import choose_service, fill_in


def every_answer_is_told(trace: Trace) -> None:
    """Each has its words, author, time and Questionnaire version."""
    assert trace.responses
    for response in trace.responses:
        assert response.questionnaire == f"{CHECKLIST.url}|{CHECKLIST.version}"
        assert response.answers
        for answer in response.answers:
            assert answer.words
            assert answer.by
            assert answer.at


def test_a_referral_entered_in_error_is_told_beside_the_second_one(
    ward: SharedRecord,
    clinician: Caller,
    a_case: Callable[..., Case],
    services: tuple[CommunityService, ...],
) -> None:
    case = a_case()
    first = decision(case, Outcome.REDIRECTED, clinician, service=services[0])
    done = decide(ward, clinician, first, CHECKLIST, case.draft)
    opened = undo(ward, clinician, done, "The wrong service")
    draft = choose_service(ward, clinician, opened, CHECKLIST, services[1])
    again = replace(case, review=opened, draft=draft)
    second = decision(again, Outcome.REDIRECTED, clinician, service=services[1])
    last = decide(ward, clinician, second, CHECKLIST, draft)
    trace = read_trace(ward, clinician, last.task)
    by_status = {each.status: each for each in trace.referrals}
    assert set(by_status) == {"entered-in-error", "active"}
    assert by_status["active"].reference == f"ServiceRequest/{last.referral}"
    assert by_status["active"].to == services[1].name
    taken_back = by_status["entered-in-error"]
    assert taken_back.to == services[0].name
    assert [status for status, _ in taken_back.statuses] == ["active", "entered-in-error"]
    assert any("The wrong service" in note for note in taken_back.notes)
    assert [each.activity for each in trace.signed] == ["redirected", "undone", "redirected"]
    assert [each.what for each in trace.steps if "ecision" in each.what] == ["Decision undone"]
    assert sum(each.what == "Decided: redirected" for each in trace.steps) == 2
    assert trace.gaps == ()
    every_answer_is_told(trace)


def test_the_checklist_of_a_reversed_redirect_is_told_beside_the_new_one(
    ward: SharedRecord,
    clinician: Caller,
    colleague: Caller,
    a_case: Callable[..., Case],
    services: tuple[CommunityService, ...],
) -> None:
    case = a_case()
    first = decision(case, Outcome.REDIRECTED, clinician, service=services[0])
    done = decide(ward, clinician, first, CHECKLIST, case.draft)
    reverse(ward, clinician, done, "Got worse on the way")
    review = claim(ward, colleague, flag(ward, clinician, case.patient, "Back in the queue"))
    draft = fill_in(ward, colleague, review, CHECKLIST)
    no = decision(
        replace(case, review=review), Outcome.NOT_SUITABLE, colleague, reason_text="Needs a scan"
    )
    last = decide(ward, colleague, no, CHECKLIST, draft)
    trace = read_trace(ward, clinician, last.task)
    assert len(trace.responses) == 2
    assert {answer.by for each in trace.responses for answer in each.answers} == {
        clinician.name,
        colleague.name,
    }
    assert [each.status for each in trace.referrals] == ["revoked"]
    assert [each.activity for each in trace.signed] == [
        "redirected",
        "redirect-reversed",
        "not-suitable",
    ]
    assert trace.gaps == ()
    every_answer_is_told(trace)
