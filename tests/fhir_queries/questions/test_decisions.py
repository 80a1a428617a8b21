"""The decision: whole or not at all, and once however often it is sent."""

from __future__ import annotations

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from clinical.evidence import Indicator, Judgement
from clinical.person import Caller
from clinical.review import CommunityService, Outcome, Review, ReviewStatus
from clinical.waiting import WaitingPatient
from fhir_queries import review_notes, reviews
from fhir_queries.checklist import read_draft
from fhir_queries.decision_resources import REFERRAL_IDENTIFIER
from fhir_queries.decisions import decide, unfinished
from fhir_queries.errors import (
    BadRecord,
    Conflict,
    RecordError,
    RecordUnavailable,
    Refused,
)
from fhir_queries.overrides import ask_for_override, give_override
from fhir_queries.record import SharedRecord
from tests.fhir_queries.questions.cases import CHECKLIST, Case, decision, hand_over, parts_of
from tests.fhir_queries.questions.faulty import Faulty, Interrupted, WithoutTransactions
from tests.fhir_queries.questions.filling import choose_service, fill_in


def test_a_redirect_is_recorded_whole(
    ward: SharedRecord,
    clinician: Caller,
    a_case: Callable[..., Case],
    services: tuple[CommunityService, ...],
) -> None:
    case = a_case()
    wanted = decision(case, Outcome.REDIRECTED, clinician, service=services[0])
    done = decide(ward, clinician, wanted, CHECKLIST, case.draft)
    assert (done.status, done.outcome) == (ReviewStatus.REDIRECTED, Outcome.REDIRECTED)
    assert done.outcome_service == services[0].name
    assert done.decided_at is not None
    assert abs(done.decided_at.earliest - wanted.decided_at) < timedelta(milliseconds=1)
    parts = parts_of(ward, done)
    (response,), (referral,), (provenance,) = parts.values()
    assert response["status"] == "completed"
    assert done.response == response["id"]
    assert done.referral == referral["id"]
    assert referral["status"] == "active"
    assert referral["performer"][0]["reference"] == f"HealthcareService/{services[0].id}"
    assert referral["supportingInfo"][0]["reference"].endswith(response["id"])
    assert referral["subject"]["reference"] == f"Patient/{case.review.patient}"
    assert {target["reference"] for target in provenance["target"]} == {
        f"Task/{done.task}",
        f"QuestionnaireResponse/{response['id']}",
        f"ServiceRequest/{referral['id']}",
    }
    assert provenance["agent"][0]["who"]["identifier"]["value"] == clinician.user
    minutes = services[0].response_minutes
    assert minutes is not None
    due = datetime.fromisoformat(referral["occurrencePeriod"]["end"])
    assert abs(due - wanted.decided_at - timedelta(minutes=minutes)) < timedelta(milliseconds=1)


@pytest.mark.parametrize(
    ("outcome", "status", "more"),
    [
        (Outcome.NOT_SUITABLE, "rejected", {"reason_code": "23", "reason_text": "Needs X-ray"}),
        (Outcome.PATIENT_DECLINED, "rejected", {"reason_code": "24"}),
    ],
)
def test_a_no_keeps_its_reason_and_makes_no_referral(
    ward: SharedRecord,
    clinician: Caller,
    a_case: Callable[..., Case],
    *,
    outcome: Outcome,
    status: str,
    more: dict[str, str],
) -> None:
    case = a_case()
    done = decide(
        ward, clinician, decision(case, outcome, clinician, **more), CHECKLIST, case.draft
    )
    assert (done.record_status, done.outcome) == (status, outcome)
    assert done.status is ReviewStatus.NOT_REDIRECTED
    assert done.outcome_reason
    parts = parts_of(ward, done)
    assert (len(parts["responses"]), len(parts["referrals"])) == (1, 0)
    assert parts["responses"][0]["status"] == "completed"
    task = ward.fetch(f"Task/{done.task}")
    assert task["statusReason"]["coding"][0]["code"] == more["reason_code"]


def test_no_capacity_names_the_service_that_had_no_room(
    ward: SharedRecord,
    clinician: Caller,
    a_case: Callable[..., Case],
    services: tuple[CommunityService, ...],
) -> None:
    case = a_case()
    without = decision(case, Outcome.NO_CAPACITY, clinician)
    with pytest.raises(Refused, match="which service"):
        decide(ward, clinician, without, CHECKLIST, case.draft)
    wanted = replace(without, service=services[1])
    done = decide(ward, clinician, wanted, CHECKLIST, case.draft)
    assert (done.outcome, done.outcome_service) == (Outcome.NO_CAPACITY, services[1].name)


def test_a_deferred_review_keeps_its_draft_open_and_can_be_decided_later(
    ward: SharedRecord, clinician: Caller, a_case: Callable[..., Case]
) -> None:
    case = a_case()
    later = datetime.now(UTC) + timedelta(minutes=30)
    wanted = decision(case, Outcome.DEFERRED, clinician, review_again_at=later)
    done = decide(ward, clinician, wanted, CHECKLIST, case.draft)
    assert done.status is ReviewStatus.DEFERRED
    assert not read_draft(ward, done, CHECKLIST).completed
    assert decide(ward, clinician, wanted, CHECKLIST, case.draft).version == done.version
    held = reviews.claim(ward, clinician, done)
    again = replace(decision(case, Outcome.NOT_SUITABLE, clinician), review=held, reason_text="No")
    assert decide(ward, clinician, again, CHECKLIST, case.draft).outcome is Outcome.NOT_SUITABLE


def test_a_redirect_goes_to_the_service_that_the_checklist_names(
    ward: SharedRecord,
    clinician: Caller,
    a_case: Callable[..., Case],
    services: tuple[CommunityService, ...],
) -> None:
    case = a_case()
    elsewhere = decision(case, Outcome.REDIRECTED, clinician, service=services[1])
    with pytest.raises(Refused) as told:
        decide(ward, clinician, elsewhere, CHECKLIST, case.draft)
    assert services[0].name in str(told.value)
    assert services[1].name in str(told.value)
    assert not read_draft(ward, case.review, CHECKLIST).completed
    assert reviews.read_review(ward, case.review.task).status is ReviewStatus.CLAIMED
    draft = choose_service(ward, clinician, case.review, CHECKLIST, services[1])
    done = decide(ward, clinician, elsewhere, CHECKLIST, draft)
    assert done.outcome_service == services[1].name


def test_the_same_decision_sent_twice_is_one(
    ward: SharedRecord,
    clinician: Caller,
    a_case: Callable[..., Case],
    services: tuple[CommunityService, ...],
) -> None:
    case = a_case()
    wanted = decision(case, Outcome.REDIRECTED, clinician, service=services[0])
    with ThreadPoolExecutor(4) as at_once:
        done = list(
            at_once.map(
                lambda second: decide(
                    ward,
                    clinician,
                    replace(wanted, decided_at=wanted.decided_at + timedelta(seconds=second)),
                    CHECKLIST,
                    case.draft,
                ),
                range(4),
            )
        )
    assert len({each.version for each in done}) == 1
    assert {name: len(each) for name, each in parts_of(ward, case.review).items()} == {
        "responses": 1,
        "referrals": 1,
        "provenances": 1,
    }


def test_nobody_decides_over_another_who_has_decided(
    ward: SharedRecord, clinician: Caller, colleague: Caller, a_case: Callable[..., Case]
) -> None:
    case = a_case()
    first = decision(case, Outcome.NOT_SUITABLE, clinician, reason_text="No")
    decide(ward, clinician, first, CHECKLIST, case.draft)
    for outcome in (Outcome.PATIENT_DECLINED, Outcome.NOT_SUITABLE):
        second = decision(case, outcome, colleague, reason_text="Also no")
        with pytest.raises(Conflict, match=f"not suitable, by {clinician.name}"):
            decide(ward, colleague, second, CHECKLIST, case.draft)


def test_nobody_decides_over_another_who_has_it(
    ward: SharedRecord, clinician: Caller, colleague: Caller, a_case: Callable[..., Case]
) -> None:
    case = a_case()
    wanted = decision(case, Outcome.NOT_SUITABLE, colleague, reason_text="No")
    with pytest.raises(Conflict, match=f"{clinician.name} has this one"):
        decide(ward, colleague, wanted, CHECKLIST, case.draft)


def test_a_redirect_needs_its_service_and_a_whole_checklist(
    ward: SharedRecord,
    clinician: Caller,
    a_case: Callable[..., Case],
    services: tuple[CommunityService, ...],
) -> None:
    case = a_case()
    with pytest.raises(Refused, match="needs the service"):
        decide(
            ward, clinician, decision(case, Outcome.REDIRECTED, clinician), CHECKLIST, case.draft
        )
    wanted = decision(case, Outcome.REDIRECTED, clinician, service=services[0])
    with pytest.raises(Refused, match="Not answered yet"):
        decide(ward, clinician, wanted, CHECKLIST, replace(case.draft, answers=()))
    identity = ["There is more than one record with one NHS number."]
    with pytest.raises(Refused, match="one NHS number"):
        decide(ward, clinician, wanted, CHECKLIST, case.draft, identity=identity)
    assert reviews.read_review(ward, case.review.task).status is ReviewStatus.CLAIMED


def test_a_red_flag_takes_a_second_clinicians_override_that_stays_in_the_record(
    ward: SharedRecord,
    clinician: Caller,
    colleague: Caller,
    a_case: Callable[..., Case],
    services: tuple[CommunityService, ...],
) -> None:
    case = a_case({"a-long-lie": "yes"})
    wanted = decision(case, Outcome.REDIRECTED, clinician, service=services[0])
    with pytest.raises(Refused, match="Red flag: On the floor"):
        decide(ward, clinician, wanted, CHECKLIST, case.draft)
    asked = ask_for_override(ward, clinician, case.review, {"a-long-lie": "On the floor"})
    with pytest.raises(Refused, match="from somebody else"):
        give_override(ward, clinician, asked, "I am sure")
    with pytest.raises(Refused, match="Red flag: On the floor"):
        decide(ward, clinician, wanted, CHECKLIST, case.draft)
    give_override(ward, colleague, asked, "Bloods are normal")
    done = decide(ward, clinician, wanted, CHECKLIST, case.draft)
    assert done.outcome is Outcome.REDIRECTED
    task = ward.fetch(f"Task/{done.task}")
    (extension,) = (e for e in task["extension"] if e["url"].endswith("/override"))
    inner = {each["url"]: each for each in extension["extension"]}
    assert inner["by"]["valueReference"]["identifier"]["value"] == colleague.user
    assert inner["red-flag"]["valueString"] == "a-long-lie"
    (provenance,) = parts_of(ward, done)["provenances"]
    assert provenance["agent"][1]["who"]["identifier"]["value"] == colleague.user


def test_a_red_flag_of_the_record_counts_like_one_that_was_ticked(
    ward: SharedRecord,
    clinician: Caller,
    a_case: Callable[..., Case],
    services: tuple[CommunityService, ...],
) -> None:
    case = a_case()
    high = Indicator("news2", "NEWS2 of 7 or more", Judgement.MET, "It is 9.", (), red_flag=True)
    wanted = decision(case, Outcome.REDIRECTED, clinician, service=services[0])
    with pytest.raises(Refused, match="It is 9"):
        decide(ward, clinician, wanted, CHECKLIST, case.draft, indicators=[high])


@pytest.mark.parametrize("meanwhile", [False, True])
def test_a_patient_handed_over_meanwhile_is_not_redirected(
    ward: SharedRecord,
    clinician: Caller,
    a_case: Callable[..., Case],
    services: tuple[CommunityService, ...],
    *,
    meanwhile: bool,
) -> None:
    case = a_case()
    record: Any = ward
    if meanwhile:
        record = Interrupted(ward, "ask", lambda: hand_over(ward, case))
    else:
        hand_over(ward, case)
    wanted = decision(case, Outcome.REDIRECTED, clinician, service=services[0])
    done = decide(record, clinician, wanted, CHECKLIST, case.draft)
    assert (done.status, done.outcome) == (ReviewStatus.HANDED_OVER, Outcome.HANDED_OVER_FIRST)
    parts = parts_of(ward, done)
    assert parts["referrals"] == []
    assert [each["status"] for each in parts["responses"]] == ["in-progress"]
    assert len(read_draft(ward, done, CHECKLIST).answers) == len(case.draft.answers)
    with pytest.raises(Conflict, match="handed over first"):
        decide(ward, clinician, wanted, CHECKLIST, case.draft)


def test_a_note_written_meanwhile_is_kept(
    ward: SharedRecord, clinician: Caller, coordinator: Caller, a_case: Callable[..., Case]
) -> None:
    case = a_case()
    record: Any = Interrupted(
        ward,
        "transact",
        lambda: review_notes.add_note(ward, coordinator, case.review, "Wait for me"),
    )
    wanted = decision(case, Outcome.NOT_SUITABLE, clinician, reason_text="No")
    done = decide(record, clinician, wanted, CHECKLIST, case.draft)
    assert done.outcome is Outcome.NOT_SUITABLE
    assert [note.text for note in done.notes] == ["Wait for me"]


@pytest.mark.parametrize("declared", [True, False])
def test_a_record_without_transactions_gets_the_parts_in_order(
    ward: SharedRecord,
    clinician: Caller,
    a_case: Callable[..., Case],
    services: tuple[CommunityService, ...],
    *,
    declared: bool,
) -> None:
    case = a_case()
    record = WithoutTransactions(
        ward, RecordUnavailable("never"), at=10_000, after=False, declared=declared
    )
    wanted = decision(case, Outcome.REDIRECTED, clinician, service=services[0])
    done = decide(record, clinician, wanted, CHECKLIST, case.draft)
    assert done.outcome is Outcome.REDIRECTED
    parts = parts_of(ward, done)
    assert {name: len(each) for name, each in parts.items()} == {
        "responses": 1,
        "referrals": 1,
        "provenances": 1,
    }
    assert done.referral == parts["referrals"][0]["id"]


def test_what_is_half_done_is_never_shown_as_done_and_can_be_finished(
    ward: SharedRecord,
    clinician: Caller,
    a_case: Callable[..., Case],
    services: tuple[CommunityService, ...],
) -> None:
    case = a_case()
    wanted = decision(case, Outcome.REDIRECTED, clinician, service=services[0])
    # from the second write on the record is gone: the checklist is completed, the Task is not
    record = WithoutTransactions(ward, RecordUnavailable("gone"), at=5, after=False, declared=True)
    record.lasts = 100
    with pytest.raises(RecordUnavailable, match="can't be recorded twice"):
        decide(record, clinician, wanted, CHECKLIST, case.draft)
    standing = reviews.read_review(ward, case.review.task)
    draft = read_draft(ward, standing, CHECKLIST)
    assert standing.status is ReviewStatus.CLAIMED
    assert unfinished(standing, draft)
    done = decide(ward, clinician, wanted, CHECKLIST, draft)
    assert done.outcome is Outcome.REDIRECTED
    assert not unfinished(done, read_draft(ward, done, CHECKLIST))
    assert len(parts_of(ward, done)["referrals"]) == 1


def test_a_half_done_redirect_that_turns_into_a_no_leaves_no_live_referral(
    ward: SharedRecord,
    clinician: Caller,
    a_case: Callable[..., Case],
    services: tuple[CommunityService, ...],
) -> None:
    case = a_case()
    wanted = decision(case, Outcome.REDIRECTED, clinician, service=services[0])
    record = WithoutTransactions(ward, RecordUnavailable("gone"), at=6, after=False, declared=True)
    record.lasts = 100
    with pytest.raises(RecordUnavailable):
        decide(record, clinician, wanted, CHECKLIST, case.draft)
    assert [each["status"] for each in parts_of(ward, case.review)["referrals"]] == ["active"]
    no = decision(case, Outcome.NOT_SUITABLE, clinician, reason_text="Worse")
    done = decide(ward, clinician, no, CHECKLIST, case.draft)
    assert done.outcome is Outcome.NOT_SUITABLE
    (referral,) = parts_of(ward, done)["referrals"]
    assert referral["status"] == "revoked"
    assert done.referral == ""


def test_a_referral_entered_in_error_is_written_anew_and_not_pointed_at(
    ward: SharedRecord,
    clinician: Caller,
    a_case: Callable[..., Case],
    services: tuple[CommunityService, ...],
) -> None:
    case = a_case()
    wrong = {
        "resourceType": "ServiceRequest",
        "identifier": [{"system": REFERRAL_IDENTIFIER, "value": case.review.task}],
        "status": "entered-in-error",
        "intent": "order",
        "subject": {"reference": f"Patient/{case.review.patient}"},
    }
    ward.create(wrong)
    wanted = decision(case, Outcome.REDIRECTED, clinician, service=services[0])
    whole(ward, decide(ward, clinician, wanted, CHECKLIST, case.draft))


ERRORS: tuple[RecordError, ...] = (
    RecordUnavailable("timeout"),
    RecordUnavailable("503", status=503),
    Conflict("412", status=412),
    BadRecord("half"),
)


def test_faults_at_every_step_end_in_one_decision_or_none(
    ward: SharedRecord,
    clinician: Caller,
    coordinator: Caller,
    next_patient: Callable[[], WaitingPatient],
    services: tuple[CommunityService, ...],
) -> None:
    """Each call of the decision fails, before or after it was done, once or for good, with and
    without transactions. Whatever was told, the record holds one whole decision or none, and
    sending it again ends in exactly one."""
    dice = random.Random(6)  # noqa: S311 - a seed, so that a failure can be played again
    told = {"done": 0, "not done": 0}
    patient = next_patient()
    flagged = reviews.flag(ward, coordinator, patient, "Please look")
    for number in range(60):
        review = fresh_review(ward, clinician, flagged, number)
        draft = fill_in(ward, clinician, review, CHECKLIST)
        case = Case(patient, review, draft)
        wanted = decision(case, Outcome.REDIRECTED, clinician, service=services[0])
        error, at, after = dice.choice(ERRORS), dice.randint(1, 9), dice.random() < 0.5
        record: Faulty
        if dice.random() < 0.5:
            record = WithoutTransactions(ward, error, at=at, after=after, declared=True)
        else:
            record = Faulty(ward, error, at=at, after=after)
        record.lasts = dice.choice((1, 1, 2, 100))
        try:
            decide(record, clinician, wanted, CHECKLIST, draft)
            told["done"] += 1
            done_at_once = True
        except RecordError:
            told["not done"] += 1
            done_at_once = False
        standing = reviews.read_review(ward, review.task)
        if done_at_once or standing.status is ReviewStatus.REDIRECTED:
            whole(ward, standing)
        else:
            assert standing.status is ReviewStatus.CLAIMED, number
            kept = read_draft(ward, standing, CHECKLIST)
            assert {a.link_id: a.values for a in kept.answers} == {
                a.link_id: a.values for a in draft.answers
            }
        whole(ward, decide(ward, clinician, wanted, CHECKLIST, draft))
    assert told["done"] > 10
    assert told["not done"] > 5


def whole(record: SharedRecord, review: Review) -> None:
    """Exactly one complete decision stands there."""
    assert review.status is ReviewStatus.REDIRECTED
    parts = parts_of(record, review)
    assert {name: len(each) for name, each in parts.items()} == {
        "responses": 1,
        "referrals": 1,
        "provenances": 1,
    }
    assert parts["responses"][0]["status"] == "completed"
    assert parts["referrals"][0]["status"] == "active"
    assert review.referral == parts["referrals"][0]["id"]
    assert review.response == parts["responses"][0]["id"]


def fresh_review(record: SharedRecord, clinician: Caller, flagged: Review, number: int) -> Review:
    """Another review of the same wait: a Task of its own, claimed."""
    task = record.fetch(f"Task/{flagged.task}")
    made = {key: value for key, value in task.items() if key not in ("id", "meta")}
    made["identifier"] = [{**task["identifier"][0], "value": f"{flagged.encounter}-{number}"}]
    created = record.create(made)
    return reviews.claim(record, clinician, reviews.read_review(record, created["id"]))
