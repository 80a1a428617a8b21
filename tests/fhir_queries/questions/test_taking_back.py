"""A decision undone within its time, and a redirect reversed later: nothing is ever deleted."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from clinical.person import Caller
from clinical.review import CommunityService, Outcome, Review, ReviewStatus
from fhir_queries import review_notes, reviews
from fhir_queries.checklist import read_draft, save_answers
from fhir_queries.decisions import begun, close_handed_over, decide, unfinished
from fhir_queries.errors import BadRecord, Conflict, RecordError, RecordUnavailable, Refused
from fhir_queries.record import SharedRecord
from fhir_queries.taking_back import EARLIER_CHECKLIST, EARLIER_REFERRAL, UNDONE
from fhir_queries.undoing import reverse, undo, undo_begun
from tests.fhir_queries.questions.cases import (
    CHECKLIST,
    Case,
    decision,
    found,
    hand_over,
    parts_of,
)
from tests.fhir_queries.questions.faulty import Faulty, WithoutTransactions
from tests.fhir_queries.questions.filling import choose_service

Services = tuple[CommunityService, ...]
MakeCase = Callable[..., Case]


def redirected(record: SharedRecord, case: Case, by: Caller, services: Services) -> Review:
    """The case, redirected."""
    wanted = decision(case, Outcome.REDIRECTED, by, service=services[0])
    return decide(record, by, wanted, CHECKLIST, case.draft)


def activities(record: SharedRecord, review: Review) -> list[str]:
    """What the Provenances of a review say was done, in order."""
    made = found(record, "Provenance", ("target", f"Task/{review.task}"))
    made.sort(key=lambda each: str(each["recorded"]))
    return [each["activity"]["coding"][0]["code"] for each in made]


def test_an_undone_redirect_opens_the_checklist_again_and_deletes_nothing(
    ward: SharedRecord, clinician: Caller, a_case: MakeCase, services: Services
) -> None:
    case = a_case()
    done = redirected(ward, case, clinician, services)
    back = undo(ward, clinician, done, "Wrong patient on the screen")
    assert (back.status, back.outcome, back.referral) == (ReviewStatus.CLAIMED, None, "")
    assert back.owner is not None
    assert back.owner.user == clinician.user
    assert back.claimed_at == done.claimed_at
    assert back.notes[-1].text == "Decision undone: Wrong patient on the screen"
    draft = read_draft(ward, back, CHECKLIST)
    assert not draft.completed
    assert {a.link_id: a.values for a in draft.answers} == {
        a.link_id: a.values for a in case.draft.answers
    }
    referral = ward.fetch(f"ServiceRequest/{done.referral}")
    assert referral["status"] == "entered-in-error"
    assert referral["identifier"][0] == {"system": EARLIER_REFERRAL, "value": done.task}
    (made,) = (
        each
        for each in parts_of(ward, back)["provenances"]
        if each["activity"]["coding"][0]["code"] == UNDONE
    )
    assert made["reason"][0]["text"] == "Wrong patient on the screen"
    assert {each["reference"] for each in made["target"]} == {
        f"Task/{done.task}",
        f"QuestionnaireResponse/{done.response}",
        f"ServiceRequest/{done.referral}",
    }
    versioned = {each["what"]["reference"].rpartition("/_history/")[0] for each in made["entity"]}
    assert versioned == {each["reference"] for each in made["target"]}
    versions = ward.history_of(f"QuestionnaireResponse/{done.response}")
    assert [each["status"] for each in versions[:2]] == ["in-progress", "completed"]


def test_undoing_twice_is_undoing_once(
    ward: SharedRecord, clinician: Caller, a_case: MakeCase, services: Services
) -> None:
    done = redirected(ward, a_case(), clinician, services)
    back = undo(ward, clinician, done, "Mistake")
    assert undo(ward, clinician, done, "Mistake").version == back.version
    assert activities(ward, back) == ["redirected", UNDONE]


def test_what_was_undone_can_be_decided_anew_with_a_referral_of_its_own(
    ward: SharedRecord, clinician: Caller, a_case: MakeCase, services: Services
) -> None:
    case = a_case()
    done = redirected(ward, case, clinician, services)
    back = undo(ward, clinician, done, "Wrong service")
    draft = choose_service(ward, clinician, back, CHECKLIST, services[1])
    again = decision(case, Outcome.REDIRECTED, clinician, service=services[1])
    anew = decide(ward, clinician, again, CHECKLIST, draft)
    assert anew.outcome_service == services[1].name
    assert anew.referral != done.referral
    assert ward.fetch(f"ServiceRequest/{done.referral}")["status"] == "entered-in-error"
    assert ward.fetch(f"ServiceRequest/{anew.referral}")["status"] == "active"
    assert anew.response == done.response
    assert activities(ward, anew) == ["redirected", UNDONE, "redirected"]


def test_a_no_can_be_undone_too(ward: SharedRecord, clinician: Caller, a_case: MakeCase) -> None:
    case = a_case()
    no = decision(case, Outcome.NOT_SUITABLE, clinician, reason_text="No")
    done = decide(ward, clinician, no, CHECKLIST, case.draft)
    back = undo(ward, clinician, done, "Tapped the wrong one")
    assert (back.status, back.outcome_reason) == (ReviewStatus.CLAIMED, "")
    draft = read_draft(ward, back, CHECKLIST)
    saved = save_answers(ward, clinician, back, draft, draft.answers[:1], checklist=CHECKLIST)
    assert not saved.completed


def test_a_referral_that_was_acted_on_is_revoked_and_not_in_error(
    ward: SharedRecord, clinician: Caller, a_case: MakeCase, services: Services
) -> None:
    done = redirected(ward, a_case(), clinician, services)
    ward.create(
        {
            "resourceType": "Encounter",
            "status": "in-progress",
            "class": {"code": "HH"},
            "subject": {"reference": f"Patient/{done.patient}"},
            "basedOn": [{"reference": f"ServiceRequest/{done.referral}"}],
        }
    )
    undo(ward, clinician, done, "Mistake")
    assert ward.fetch(f"ServiceRequest/{done.referral}")["status"] == "revoked"


def test_nobody_undoes_somebody_elses_decision(
    ward: SharedRecord, clinician: Caller, colleague: Caller, a_case: MakeCase, services: Services
) -> None:
    done = redirected(ward, a_case(), clinician, services)
    with pytest.raises(Refused, match=f"{clinician.name} decided this"):
        undo(ward, colleague, done, "I would not have")
    with pytest.raises(Refused, match="Say why"):
        undo(ward, clinician, done, "  ")
    assert reviews.read_review(ward, done.task).version == done.version


def test_a_decision_stands_once_the_time_to_undo_it_is_over(
    ward: SharedRecord, clinician: Caller, a_case: MakeCase, services: Services
) -> None:
    done = redirected(ward, a_case(), clinician, services)
    never: Any = Faulty(ward, RecordUnavailable("never"), at=10_000)
    never.settings = replace(ward.settings, undo_minutes=0)
    with pytest.raises(Refused, match="that time is over"):
        undo(never, clinician, done, "Mistake")
    assert reviews.read_review(ward, done.task).version == done.version


def test_a_patient_who_was_handed_over_or_left_keeps_their_decision(
    ward: SharedRecord, clinician: Caller, a_case: MakeCase, services: Services
) -> None:
    case = a_case()
    done = redirected(ward, case, clinician, services)
    hand_over(ward, case)
    with pytest.raises(Refused, match="no longer waits"):
        undo(ward, clinician, done, "Mistake")


def test_a_reversed_redirect_keeps_its_decision_and_revokes_its_referral(
    ward: SharedRecord,
    clinician: Caller,
    coordinator: Caller,
    a_case: MakeCase,
    services: Services,
) -> None:
    done = redirected(ward, a_case(), clinician, services)
    back = reverse(ward, coordinator, done, "The service could not come")
    assert (back.status, back.outcome) == (ReviewStatus.REVERSED, Outcome.REDIRECT_REVERSED)
    assert (back.decided_at, back.outcome_service) == (done.decided_at, done.outcome_service)
    assert back.reversed_at is not None
    assert back.notes[-1].by == coordinator.name
    assert ward.fetch(f"ServiceRequest/{done.referral}")["status"] == "revoked"
    response = ward.fetch(f"QuestionnaireResponse/{done.response}")
    assert (response["status"], response["identifier"]["system"]) == (
        "completed",
        EARLIER_CHECKLIST,
    )
    assert reverse(ward, coordinator, done, "Again").version == back.version
    assert activities(ward, back) == ["redirected", "redirect-reversed"]
    with pytest.raises(Conflict, match="redirect reversed"):
        undo(ward, clinician, done, "Mistake")


def test_a_patient_whose_redirect_was_reversed_can_be_flagged_again_and_starts_a_new_checklist(
    ward: SharedRecord,
    clinician: Caller,
    coordinator: Caller,
    a_case: MakeCase,
    services: Services,
) -> None:
    case = a_case()
    done = redirected(ward, case, clinician, services)
    reverse(ward, clinician, done, "The patient got worse")
    again = reviews.flag(ward, coordinator, case.patient, "Better again")
    assert (again.task, again.status, again.outcome) == (done.task, ReviewStatus.REQUESTED, None)
    assert again.reversed_at is not None
    held = reviews.claim(ward, clinician, again)
    draft = read_draft(ward, held, CHECKLIST)
    assert (draft.answers, draft.completed) == ((), False)
    assert not unfinished(held, draft)
    no = decision(case, Outcome.NOT_SUITABLE, clinician, reason_text="No")
    final = decide(ward, clinician, no, CHECKLIST, draft)
    assert final.response not in ("", done.response)


def test_only_a_redirect_of_somebody_still_here_can_be_reversed(
    ward: SharedRecord, clinician: Caller, a_case: MakeCase, services: Services
) -> None:
    case = a_case()
    with pytest.raises(Conflict, match="no redirect to reverse"):
        reverse(ward, clinician, case.review, "Worse")
    done = redirected(ward, case, clinician, services)
    encounter = ward.fetch(f"Encounter/{case.patient.encounter}")
    ward.update(encounter | {"status": "finished"}, version=encounter["meta"]["versionId"])
    with pytest.raises(Refused, match="has left"):
        reverse(ward, clinician, done, "Worse")


def test_a_decision_begun_and_not_finished_says_what_it_was_to_be_and_can_be_left_open(
    ward: SharedRecord, clinician: Caller, a_case: MakeCase, services: Services
) -> None:
    case = a_case()
    wanted = decision(case, Outcome.REDIRECTED, clinician, service=services[0])
    record = WithoutTransactions(ward, RecordUnavailable("gone"), at=6, after=False, declared=True)
    record.lasts = 100
    with pytest.raises(RecordUnavailable):
        decide(record, clinician, wanted, CHECKLIST, case.draft)
    half = begun(ward, case.review)
    assert half is not None
    assert (half.outcome, half.service, half.by_user) == (
        Outcome.REDIRECTED,
        services[0],
        clinician.user,
    )
    held = reviews.read_review(ward, case.review.task)
    assert unfinished(held, read_draft(ward, held, CHECKLIST))
    opened = undo(ward, clinician, held, "Not now")
    assert opened.status is ReviewStatus.CLAIMED
    assert begun(ward, opened) is None
    assert not unfinished(opened, read_draft(ward, opened, CHECKLIST))
    assert parts_of(ward, opened)["referrals"] == []


def test_finishing_a_half_done_decision_is_one_decision(
    ward: SharedRecord, clinician: Caller, a_case: MakeCase, services: Services
) -> None:
    case = a_case()
    wanted = decision(case, Outcome.REDIRECTED, clinician, service=services[0])
    record = WithoutTransactions(ward, RecordUnavailable("gone"), at=7, after=False, declared=True)
    record.lasts = 100
    with pytest.raises(RecordUnavailable):
        decide(record, clinician, wanted, CHECKLIST, case.draft)
    half = begun(ward, case.review)
    assert half is not None
    done = decide(ward, clinician, half, CHECKLIST, read_draft(ward, case.review, CHECKLIST))
    assert done.status is ReviewStatus.REDIRECTED
    assert {name: len(each) for name, each in parts_of(ward, done).items()} == {
        "responses": 1,
        "referrals": 1,
        "provenances": 1,
    }


@pytest.mark.parametrize("at", [5, 6, 7])
def test_another_finishes_what_was_begun_as_it_was_meant_and_signs_it(
    ward: SharedRecord,
    clinician: Caller,
    colleague: Caller,
    a_case: MakeCase,
    services: Services,
    *,
    at: int,
) -> None:
    case = a_case()
    wanted = decision(case, Outcome.REDIRECTED, clinician, service=services[0])
    gone = RecordUnavailable("gone")
    record = WithoutTransactions(ward, gone, at=at, after=False, declared=True)
    record.lasts = 100
    with pytest.raises(RecordUnavailable):
        decide(record, clinician, wanted, CHECKLIST, case.draft)
    held = reviews.take_over(ward, colleague, case.review, "She has gone off shift")
    half = begun(ward, held)
    assert half is not None
    assert half.by_user == clinician.user
    for _ in range(2):
        now = datetime.now(UTC)
        meant = replace(half, by_user=colleague.user, by_name=colleague.name, decided_at=now)
        failing = WithoutTransactions(ward, gone, at=7, after=False, declared=True)
        failing.lasts = 100
        with pytest.raises(RecordUnavailable):
            decide(failing, colleague, meant, CHECKLIST, read_draft(ward, held, CHECKLIST))
    now = datetime.now(UTC)
    meant = replace(half, by_user=colleague.user, by_name=colleague.name, decided_at=now)
    done = decide(ward, colleague, meant, CHECKLIST, read_draft(ward, held, CHECKLIST))
    assert (done.status, done.outcome_service) == (ReviewStatus.REDIRECTED, services[0].name)
    assert done.owner is not None
    assert done.owner.user == colleague.user
    parts = parts_of(ward, done)
    (referral,), (response,) = parts["referrals"], parts["responses"]
    assert referral["status"] == "active"
    assert response["author"]["display"] == clinician.name
    signed = [each["agent"][0]["who"]["display"] for each in parts["provenances"]]
    assert signed.count(colleague.name) == 1
    assert signed.count(clinician.name) <= 1


def test_a_released_review_is_not_decided_without_taking_it_again(
    ward: SharedRecord, clinician: Caller, a_case: MakeCase
) -> None:
    case = a_case()
    reviews.release(ward, clinician, case.review)
    no = decision(case, Outcome.NOT_SUITABLE, clinician, reason_text="No")
    with pytest.raises(Conflict, match="take it first"):
        decide(ward, clinician, no, CHECKLIST, case.draft)


def test_a_review_of_somebody_handed_over_is_closed_with_its_draft_kept(
    ward: SharedRecord, clinician: Caller, a_case: MakeCase
) -> None:
    case = a_case()
    assert close_handed_over(ward, clinician, case.review).version == case.review.version
    hand_over(ward, case)
    closed = close_handed_over(ward, clinician, case.review)
    assert (closed.status, closed.outcome) == (
        ReviewStatus.HANDED_OVER,
        Outcome.HANDED_OVER_FIRST,
    )
    assert "Handed over" in closed.outcome_reason
    draft = read_draft(ward, closed, CHECKLIST)
    assert (len(draft.answers), draft.completed) == (len(case.draft.answers), False)
    assert close_handed_over(ward, clinician, closed).version == closed.version


ERRORS: tuple[RecordError, ...] = (
    RecordUnavailable("timeout"),
    RecordUnavailable("503", status=503),
    Conflict("412", status=412),
    BadRecord("half"),
)


@pytest.mark.parametrize("taking_back", [undo, reverse])
def test_faults_at_every_step_of_taking_back_end_whole_or_where_they_began(
    ward: SharedRecord,
    clinician: Caller,
    a_case: MakeCase,
    services: Services,
    *,
    taking_back: Callable[[Any, Caller, Review, str], Review],
) -> None:
    """Each call fails, before or after it was done, once or for good, with and without
    transactions: what is told as done is done whole, and doing it again ends whole."""
    dice = random.Random(7)  # noqa: S311 - a seed, so that a failure can be played again
    case = a_case()
    review = case.review
    told = {"done": 0, "not done": 0}
    for number in range(20):
        if number and taking_back is reverse:
            case = a_case()
            review = case.review
        service = services[number % 2]
        draft = choose_service(ward, clinician, review, CHECKLIST, service)
        wanted = decision(replace(case, review=review), Outcome.REDIRECTED, clinician)
        wanted = replace(wanted, service=service)
        done = decide(ward, clinician, wanted, CHECKLIST, draft)
        error, at, after = dice.choice(ERRORS), dice.randint(1, 9), dice.random() < 0.5
        record: Faulty
        if dice.random() < 0.6:
            record = WithoutTransactions(ward, error, at=at, after=after, declared=True)
        else:
            record = Faulty(ward, error, at=at, after=after)
        record.lasts = dice.choice((1, 2, 100))
        try:
            standing = taking_back(record, clinician, done, "Mistake")
            told["done"] += 1
            assert standing.status is not ReviewStatus.REDIRECTED
        except RecordError:
            told["not done"] += 1
            standing = reviews.read_review(ward, done.task)
            half = standing.status is ReviewStatus.REDIRECTED
            if half and undo_begun(standing, read_draft(ward, standing, CHECKLIST)):
                late = Faulty(ward, RecordUnavailable("never"), at=10_000)
                late.settings = replace(ward.settings, undo_minutes=0)
                standing = undo(late, clinician, standing, "Finished later")  # type: ignore[arg-type]
        review = taking_back(ward, clinician, done, "Mistake")
        assert review.status in (ReviewStatus.CLAIMED, ReviewStatus.REVERSED)
        assert ward.fetch(f"ServiceRequest/{done.referral}")["status"] in (
            "entered-in-error",
            "revoked",
        )
        said = activities(ward, review)
        assert len(said) == 2 * (number + 1 if taking_back is undo else 1), (number, said)
    assert told["done"] > 2
    assert told["not done"] > 2


def idle_record(record: SharedRecord, minutes: int) -> Any:
    """The record, at a site where a review is let go of after so many minutes."""
    quick: Any = Faulty(record, RecordUnavailable("never"), at=100_000)
    quick.settings = replace(record.settings, idle_minutes=minutes)
    return quick


def long_ago(record: SharedRecord, review: Review, *, minutes: int) -> None:
    """Have a review be claimed, and its checklist last saved, so many minutes ago."""
    task = record.fetch(f"Task/{review.task}")
    assert review.claimed_at is not None
    then = (review.claimed_at.earliest - timedelta(minutes=minutes)).isoformat()
    task["executionPeriod"]["start"] = then
    task["authoredOn"] = then
    record.update(task, version=task["meta"]["versionId"])
    for response in parts_of(record, review)["responses"]:
        response["authored"] = then
        record.update(response, version=response["meta"]["versionId"])


def test_a_review_whose_holder_shows_no_sign_is_let_go_of_once_with_its_draft(
    ward: SharedRecord, colleague: Caller, coordinator: Caller, a_case: MakeCase
) -> None:
    case = a_case()
    assert reviews.release_idle(ward, coordinator, case.review).version == case.review.version
    long_ago(ward, case.review, minutes=24)
    free = reviews.release_idle(ward, coordinator, case.review)
    assert (free.status, free.owner) == (ReviewStatus.REQUESTED, None)
    assert free.notes[-1].text == "Let go of by itself: Wren Testington had done nothing for 24 min"
    assert reviews.release_idle(ward, colleague, case.review).version == free.version
    assert len(read_draft(ward, free, CHECKLIST).answers) == len(case.draft.answers)


def test_an_answer_saved_is_a_sign_of_life(
    ward: SharedRecord, clinician: Caller, coordinator: Caller, a_case: MakeCase
) -> None:
    case = a_case()
    long_ago(ward, case.review, minutes=24)
    draft = read_draft(ward, case.review, CHECKLIST)
    save_answers(ward, clinician, case.review, draft, draft.answers[:1], checklist=CHECKLIST)
    kept = reviews.release_idle(ward, coordinator, case.review)
    assert kept.status is ReviewStatus.CLAIMED


def test_a_note_of_somebody_else_is_no_sign_of_the_holders_life(
    ward: SharedRecord, coordinator: Caller, a_case: MakeCase
) -> None:
    case = a_case()
    long_ago(ward, case.review, minutes=24)
    review_notes.add_note(ward, coordinator, case.review, "Any answer?")
    assert reviews.release_idle(ward, coordinator, case.review).status is ReviewStatus.REQUESTED


def test_an_idle_review_is_taken_without_a_reason_and_a_busy_one_is_not(
    ward: SharedRecord, clinician: Caller, colleague: Caller, a_case: MakeCase
) -> None:
    busy = a_case()
    with pytest.raises(Conflict, match=f"{clinician.name} has this one"):
        reviews.claim(ward, colleague, busy.review)
    long_ago(ward, busy.review, minutes=21)
    taken = reviews.claim(ward, colleague, busy.review)
    assert taken.owner is not None
    assert taken.owner.user == colleague.user
    assert "had done nothing for 21 min" in taken.notes[-1].text
    no = decision(busy, Outcome.NOT_SUITABLE, clinician, reason_text="No")
    with pytest.raises(Conflict, match=f"{colleague.name} has this one"):
        decide(ward, clinician, no, CHECKLIST, busy.draft)


def test_a_site_says_how_long_is_too_long(
    ward: SharedRecord, coordinator: Caller, a_case: MakeCase
) -> None:
    case = a_case()
    long_ago(ward, case.review, minutes=6)
    assert reviews.release_idle(ward, coordinator, case.review).status is ReviewStatus.CLAIMED
    quick = idle_record(ward, 5)
    assert reviews.release_idle(quick, coordinator, case.review).status is ReviewStatus.REQUESTED
