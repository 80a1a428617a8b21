"""A decided case can be traced from the record alone: every answer, and all who had a part."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

from clinical.checklist import ItemAnswer
from clinical.checklist_rules import lines, red_flags_ticked
from clinical.evidence import Evidence
from clinical.moments import read_moment
from clinical.person import Caller
from clinical.review import Decision, Outcome
from clinical.waiting import WaitingPatient
from fhir_queries import reviews
from fhir_queries.asking import Resource
from fhir_queries.checklist import load_checklist, save_answers
from fhir_queries.decisions import decide
from fhir_queries.errors import BadRecord, NotFound, NotPermitted, RecordUnavailable
from fhir_queries.history import read_history
from fhir_queries.overrides import ask_for_override, give_override
from fhir_queries.record import SharedRecord
from fhir_queries.services import read_services
from fhir_queries.tracing import Trace, read_trace
from tests.fhir_queries.questions.filling import choose_service, fill_in, option
from tests.fhir_queries.questions.test_commands import run

CHECKLIST = load_checklist()
CFS = Evidence(
    "Clinical Frailty Scale: 6",
    read_moment("2026-10-01"),
    "Fernshire practice",
    "Observation/cfs-1",
    "4",
)


@dataclass(frozen=True, slots=True)
class Decided:
    """A redirect in spite of a red flag, after a taking over: two clinicians, one override."""

    task: str
    patient: WaitingPatient


@pytest.fixture(scope="module")
def decided(
    ward: SharedRecord,
    coordinator: Caller,
    clinician: Caller,
    colleague: Caller,
    next_patient: Callable[[], WaitingPatient],
) -> Decided:
    """The case, decided through the real questions."""
    patient = next_patient()
    read_history(ward, clinician, patient.encounter)
    review = reviews.flag(ward, coordinator, patient, "Fall, seems well", "Falls response")
    review = reviews.claim(ward, colleague, review)
    draft = fill_in(ward, colleague, review, CHECKLIST)
    review = reviews.take_over(ward, clinician, review, "End of shift")
    by_id = {item.link_id: item for item, _ in lines(CHECKLIST)}
    yes = option(by_id["a-long-lie"], "yes")
    level = option(by_id["c-frailty"], "1129381000000102")
    answers = [
        ItemAnswer("a-long-lie", (yes,)),
        ItemAnswer("c-frailty", (level,), evidence=(CFS,)),
    ]
    draft = save_answers(ward, clinician, review, draft, answers, checklist=CHECKLIST)
    flags = {each.link_id: each.words for each in red_flags_ticked(CHECKLIST, draft.answers)}
    review = ask_for_override(ward, clinician, review, flags)
    review = give_override(ward, colleague, review, "Bloods were taken in the ambulance")
    service = next(each for each in read_services(ward) if each.id == "service-ucr")
    draft = choose_service(ward, clinician, review, CHECKLIST, service)
    decision = Decision(
        review,
        Outcome.REDIRECTED,
        "",
        "Key safe at the door",
        service,
        clinician.user,
        clinician.name,
        datetime.now(UTC),
    )
    done = decide(ward, clinician, decision, CHECKLIST, draft)
    assert done.outcome is Outcome.REDIRECTED
    return Decided(done.task, patient)


@pytest.fixture(scope="module")
def traced(ward: SharedRecord, clinician: Caller, decided: Decided) -> Trace:
    """Its trace."""
    return read_trace(ward, clinician, decided.task)


def test_every_answer_has_its_words_author_time_and_questionnaire_version(
    traced: Trace, clinician: Caller, colleague: Caller
) -> None:
    (response,) = traced.responses
    assert response.status == "completed"
    answered = {each.link_id for each in response.answers}
    required = {item.link_id for item, _ in lines(CHECKLIST) if item.required}
    assert len(answered) > 30
    assert answered >= {each for each in required if each.startswith("a-")}
    for each in response.answers:
        assert each.words, each.link_id
        assert each.values, each.link_id
        assert each.by in (clinician.name, colleague.name)
        assert datetime.fromisoformat(each.at).tzinfo is not None
        assert each.questionnaire == f"{CHECKLIST.url}|{CHECKLIST.version}"
        assert each.version.isdecimal()
    assert {each.by for each in response.answers} == {clinician.name, colleague.name}
    assert traced.gaps == ()


def test_what_was_confirmed_from_the_record_carries_its_evidence_with_its_version(
    traced: Trace,
) -> None:
    (frailty,) = [each for each in traced.responses[0].answers if each.link_id == "c-frailty"]
    assert frailty.evidence == (CFS,)
    assert frailty.before, "the answer that stood before is told"
    others = [each for each in traced.responses[0].answers if each.link_id != "c-frailty"]
    assert all(each.evidence == () for each in others)


def test_a_changed_answer_tells_what_stood_before_and_who_gave_it(
    traced: Trace, colleague: Caller, clinician: Caller
) -> None:
    (long_lie,) = [each for each in traced.responses[0].answers if each.link_id == "a-long-lie"]
    assert (long_lie.values, long_lie.by) == (("Yes",), clinician.name)
    assert long_lie.before == (f"No ({colleague.name})",)


def test_who_asked_claimed_took_over_overrode_and_decided_is_told_in_order(
    traced: Trace, coordinator: Caller, clinician: Caller, colleague: Caller
) -> None:
    told = [(each.what, each.by) for each in traced.steps if each.what != "Note"]
    assert told == [
        ("Asked for", coordinator.name),
        ("Claimed", colleague.name),
        ("Taken over", clinician.name),
        ("Override asked for", clinician.name),
        ("Override given", colleague.name),
        ("Decided: redirected", clinician.name),
    ]
    times = [datetime.fromisoformat(each.at) for each in traced.steps]
    assert all(each.tzinfo is not None for each in times)
    assert traced.override is not None
    assert traced.override.by_name == colleague.name
    assert traced.override.red_flags == ("a-long-lie",)


def test_the_referral_the_provenance_and_who_looked_are_told(
    traced: Trace, clinician: Caller, colleague: Caller
) -> None:
    (referral,) = traced.referrals
    assert (referral.status, referral.to) == ("active", "Fernshire Urgent Community Response")
    assert all(referral.within)
    signed = traced.signed[-1]
    assert signed.activity == "redirected"
    assert ("author", clinician.name) in signed.agents
    assert any(each.startswith("QuestionnaireResponse/") for each in signed.targets)
    assert ("opened-record", clinician.name) in {(each.what, each.by) for each in traced.looked}
    assert colleague.name not in {each.by for each in traced.looked}


def test_the_command_prints_the_trace_as_json_and_as_a_page(
    ward_base: str, decided: Decided, clinician: Caller
) -> None:
    done = run("trace", f"Task/{decided.task}", "--record", ward_base, "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert {"as_at", "task", "steps", "checklists", "override", "referrals", "gaps"} <= set(found)
    assert found["outcome"] == "redirected"
    frailty = next(a for a in found["checklists"][0]["answers"] if a["link_id"] == "c-frailty")
    assert frailty["evidence"][0]["reference"] == "Observation/cfs-1"
    page = run("trace", decided.task, "--record", ward_base)
    assert page.returncode == 0, page.stderr
    for words in ("WHAT HAPPENED", "Taken over", "OVERRIDE OF RED FLAGS", "Observation/cfs-1"):
        assert words in page.stdout
    assert f"by {clinician.name} at " in page.stdout
    assert re.search(r"CAN'T BE TRACED: nothing", page.stdout)


@pytest.mark.parametrize(("task", "code"), [("no-such-task", 5), ("not/an/id", 2)])
def test_a_task_that_is_not_there_is_one_line_and_its_exit_code(
    ward_base: str, task: str, code: int
) -> None:
    done = run("trace", task, "--record", ward_base)
    assert (done.returncode, done.stdout) == (code, "")
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_task_that_is_no_review_is_refused(ward: SharedRecord, clinician: Caller) -> None:
    other = ward.create(
        {"resourceType": "Task", "status": "requested", "intent": "order", "code": {"text": "x"}}
    )
    with pytest.raises(BadRecord, match="no redirect review"):
        read_trace(ward, clinician, str(other["id"]))
    with pytest.raises(NotFound):
        read_trace(ward, clinician, "nowhere")


def test_a_manager_traces_nobody(ward: SharedRecord, manager: Caller, decided: Decided) -> None:
    with pytest.raises(NotPermitted):
        read_trace(ward, manager, decided.task)


class WithoutHistory:
    """A record that keeps no earlier versions."""

    def __init__(self, record: SharedRecord) -> None:
        self._record = record

    def __getattr__(self, name: str) -> Any:
        return getattr(self._record, name)

    def history_of(self, reference: str) -> tuple[Resource, ...]:
        """What such a record answers."""
        raise RecordUnavailable(reference.partition("/")[0])


def test_what_a_record_without_history_cannot_tell_is_said(
    ward: SharedRecord, clinician: Caller, decided: Decided
) -> None:
    poor: Any = WithoutHistory(ward)
    found = read_trace(poor, clinician, decided.task)
    assert any("earlier versions of Task" in each for each in found.gaps)
    assert any("earlier versions of QuestionnaireResponse" in each for each in found.gaps)
    (response,) = found.responses
    assert all(each.by and each.at for each in response.answers), "what stands is told all the same"


def test_an_answer_without_author_is_said_to_be_untraceable(
    ward: SharedRecord,
    coordinator: Caller,
    clinician: Caller,
    patient: WaitingPatient,
) -> None:
    review = reviews.claim(ward, clinician, reviews.flag(ward, coordinator, patient, "Look"))
    draft = fill_in(ward, clinician, review, CHECKLIST)
    standing = ward.fetch(f"QuestionnaireResponse/{draft.response}")
    for line in standing["item"][0]["item"]:
        if line["linkId"] == "a-sepsis":
            del line["answer"][0]["extension"]
    ward.update(standing, version=draft.version)
    found = read_trace(ward, clinician, review.task)
    assert any("a-sepsis" in each for each in found.gaps)


def test_the_referral_itself_says_what_happened_and_what_they_were_told(
    ward: SharedRecord,
    coordinator: Caller,
    clinician: Caller,
    patient: WaitingPatient,
) -> None:
    review = reviews.claim(ward, clinician, reviews.flag(ward, coordinator, patient, "Look"))
    draft = fill_in(ward, clinician, review, CHECKLIST)
    told = "Worse breathing or another fall: ring 999"
    answers = [ItemAnswer("g-safety-net-words", (told,)), ItemAnswer("b-summary", ("She fell",))]
    draft = save_answers(ward, clinician, review, draft, answers, checklist=CHECKLIST)
    now = datetime.now(UTC)
    service = next(each for each in read_services(ward) if each.id == "service-ucr")
    draft = choose_service(ward, clinician, review, CHECKLIST, service)
    decision = Decision(
        review, Outcome.REDIRECTED, "", "Dog", service, clinician.user, clinician.name, now
    )
    done = decide(ward, clinician, decision, CHECKLIST, draft)
    referral = ward.fetch(f"ServiceRequest/{done.referral}")
    assert referral["patientInstruction"] == told
    notes = [each["text"] for each in referral["note"]]
    assert "What happened, in a sentence or two: She fell" in notes
    assert notes[-1] == "Dog"
    assert referral["occurrencePeriod"]["end"] > referral["occurrencePeriod"]["start"]
    assert referral["supportingInfo"][0]["reference"] == f"QuestionnaireResponse/{done.response}"
