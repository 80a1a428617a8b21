"""The checklist: shown whole or refused; its draft kept, merged, and never lost."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from clinical.checklist import Checklist, Item, ItemAnswer, ItemKind
from clinical.checklist_rules import lines
from clinical.codes import Coding
from clinical.indicators import RULES
from clinical.person import Caller
from clinical.review import Review
from clinical.waiting import WaitingPatient
from fhir_queries import reviews
from fhir_queries.checklist import STANDARD, load_checklist, read_draft, save_answers
from fhir_queries.declared import WrongSetting
from fhir_queries.errors import Conflict, RecordUnavailable
from fhir_queries.reading.questionnaires import checklist_of
from fhir_queries.reading.responses import draft_of, put_answers
from fhir_queries.record import SharedRecord
from tests.fhir_queries.questions.faulty import Faulty, Interrupted
from tests.fhir_queries.questions.filling import clear_cut, fill_in, option
from tests.fhir_queries.questions.shapes import Told

DOCS = Path(__file__).parents[3] / "docs" / "checklist.md"
CHECKLIST = load_checklist()


def line(link_id: str) -> Item:
    """One line of the checklist that comes with the program."""
    return next(item for item, _ in lines(CHECKLIST) if item.link_id == link_id)


@pytest.fixture
def review(
    ward: SharedRecord, coordinator: Caller, clinician: Caller, patient: WaitingPatient
) -> Review:
    """A review that the clinician has."""
    return reviews.claim(ward, clinician, reviews.flag(ward, coordinator, patient, "Please look"))


def test_the_seven_groups_are_there() -> None:
    assert [item.link_id for item in CHECKLIST.items] == list("abcdefg")
    assert all(item.kind is ItemKind.GROUP for item in CHECKLIST.items)


def test_every_red_flag_has_to_be_answered_and_can_be_not_known() -> None:
    flags = [item for item, _ in lines(CHECKLIST) if item.red_flag]
    assert len(flags) >= 15
    for item in flags:
        assert item.required
        assert [each.code for each in item.options] == ["yes", "no", "not-known"]
        assert item.link_id.startswith("a-")


def test_consent_service_and_agreement_are_needed_for_a_redirect() -> None:
    needed = {item.link_id for item, _ in lines(CHECKLIST) if item.needed_for_redirect}
    assert {"e-consent", "e-best-interests", "f-accepted", "f-open", "g-agreed"} <= needed


def test_every_indicator_that_a_line_names_is_a_rule() -> None:
    known = {rule.name for rule in RULES}
    named = {item.indicator for item, _ in lines(CHECKLIST) if item.indicator}
    assert named <= known


def test_every_red_flag_rule_has_a_line_that_asks_a_person() -> None:
    asked = {item.indicator for item, _ in lines(CHECKLIST)}
    flags = {rule.name for rule in RULES if rule.red_flag and not rule.absolute}
    assert flags <= asked


def test_every_line_is_in_the_docs_with_where_it_comes_from() -> None:
    told = DOCS.read_text("utf-8")
    for item, _ in lines(CHECKLIST):
        assert f"`{item.link_id}`" in told, item.link_id


def test_every_unverified_line_is_marked_so_in_the_docs() -> None:
    marked = "https://handover-viewer.example/fhir/StructureDefinition/unverified"
    told = {
        row.split("|")[1].strip(" `"): row for row in DOCS.read_text("utf-8").splitlines()
        if row.startswith("| `")
    }  # fmt: skip

    def walk(items: list[dict[str, Any]]) -> None:
        for item in items:
            urls = {each["url"] for each in item.get("extension", [])}
            if item["type"] != "display":
                assert (marked in urls) == ("UNVERIFIED" in told[item["linkId"]]), item["linkId"]
            walk(item.get("item", []))

    walk(questionnaire()["item"])


def questionnaire() -> dict[str, Any]:
    """The Questionnaire that comes with the program."""
    found: dict[str, Any] = json.loads(STANDARD.read_text("utf-8"))
    return found


def with_line(**changes: Any) -> dict[str, Any]:
    """A small Questionnaire whose one line is changed so."""
    item = {"linkId": "one", "text": "One?", "type": "boolean", **changes}
    return {
        "resourceType": "Questionnaire",
        "url": "https://x.example/q",
        "version": "1",
        "item": [{k: v for k, v in item.items() if v is not None}],
    }


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"type": "attachment"}, "the type 'attachment' can't be shown"),
        ({"type": None}, "the type 'missing' can't be shown"),
        ({"text": None}, "it has no text"),
        ({"modifierExtension": [{"url": "x"}]}, "its modifierExtension isn't known"),
        ({"extension": [{"url": "https://x.example/magic"}]}, "https://x.example/magic"),
        ({"initial": [{"valueBoolean": True}]}, "answered beforehand"),
        ({"readOnly": True}, "read-only"),
        ({"repeats": True}, "several answers"),
        ({"type": "choice"}, "no answers to choose from"),
        ({"type": "choice", "answerValueSet": "https://x.example/vs"}, "isn't contained"),
        (
            {"type": "choice", "answerOption": [{"valueReference": {"reference": "x/1"}}]},
            "neither a coding nor a string",
        ),
        (
            {
                "type": "choice",
                "answerOption": [{"valueString": "a", "initialSelected": True}],
            },
            "selected beforehand",
        ),
        (
            {"enableWhen": [{"question": "one", "operator": "~", "answerBoolean": True}]},
            "unknown operator",
        ),
        (
            {"enableWhen": [{"question": "one", "operator": "=", "answerUri": "x:y"}]},
            "can't be compared",
        ),
    ],
)
def test_what_can_not_be_shown_in_full_is_refused_by_name(
    changes: dict[str, Any], why: str
) -> None:
    with pytest.raises(WrongSetting, match="item one can't be used") as refused:
        checklist_of(with_line(**changes))
    assert why in str(refused.value)


@pytest.mark.parametrize(
    "changes",
    [
        {"enableWhen": [{"question": "one", "operator": "=", "answerBoolean": True}]},
        {"enableWhen": [{"question": "none", "operator": "=", "answerBoolean": True}]},
    ],
)
def test_a_checklist_whose_own_logic_is_wrong_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(WrongSetting, match="depends on"):
        checklist_of(with_line(**changes))


def test_an_item_without_a_link_id_or_a_form_without_version_is_refused() -> None:
    with pytest.raises(WrongSetting, match="no linkId"):
        checklist_of(with_line(linkId=None))
    with pytest.raises(WrongSetting, match="url and a version"):
        checklist_of(with_line() | {"version": ""})


def test_a_file_that_is_no_checklist_is_told(tmp_path: Path) -> None:
    with pytest.raises(WrongSetting, match="can't be read"):
        load_checklist(tmp_path / "none.json")
    (tmp_path / "bad.json").write_text("{")
    with pytest.raises(WrongSetting, match="is no JSON"):
        load_checklist(tmp_path / "bad.json")
    (tmp_path / "list.json").write_text("[]")
    with pytest.raises(WrongSetting, match="no FHIR Questionnaire"):
        load_checklist(tmp_path / "list.json")


def test_there_is_no_draft_before_the_first_answer(ward: SharedRecord, review: Review) -> None:
    draft = read_draft(ward, review, CHECKLIST)
    assert (draft.response, draft.answers, draft.completed) == ("", (), False)


def test_an_answer_is_kept_with_who_gave_it_and_when(
    ward: SharedRecord, clinician: Caller, review: Review
) -> None:
    before = datetime.now(UTC)
    no = option(line("a-sepsis"), "no")
    draft = read_draft(ward, review, CHECKLIST)
    saved = save_answers(ward, clinician, review, draft, [ItemAnswer("a-sepsis", (no,))])
    again = read_draft(ward, review, CHECKLIST)
    assert again == saved
    (answer,) = again.answers
    assert answer.values == (no,)
    assert (answer.by_user, answer.by_name) == (clinician.user, clinician.name)
    assert answer.at is not None
    assert before.replace(microsecond=0) <= answer.at
    assert again.checklist_version == CHECKLIST.version


def test_an_answer_taken_back_is_gone(
    ward: SharedRecord, clinician: Caller, review: Review
) -> None:
    draft = read_draft(ward, review, CHECKLIST)
    yes = option(line("a-sepsis"), "yes")
    draft = save_answers(ward, clinician, review, draft, [ItemAnswer("a-sepsis", (yes,))])
    draft = save_answers(ward, clinician, review, draft, [ItemAnswer("a-sepsis", ())])
    assert draft.answers == ()


def test_two_people_who_answer_different_lines_lose_nothing(
    ward: SharedRecord, clinician: Caller, colleague: Caller, review: Review
) -> None:
    empty = read_draft(ward, review, CHECKLIST)
    no = option(line("a-sepsis"), "no")

    def other_line() -> None:
        save_answers(ward, colleague, review, empty, [ItemAnswer("a-stroke", (no,))])

    slower: Any = Interrupted(ward, "update", other_line)
    draft = save_answers(slower, clinician, review, empty, [ItemAnswer("a-sepsis", (no,))])
    by = {answer.link_id: answer.by_name for answer in draft.answers}
    assert by == {"a-sepsis": clinician.name, "a-stroke": colleague.name}


def test_the_same_line_answered_twice_holds_the_later_answer_and_one_response(
    ward: SharedRecord, clinician: Caller, colleague: Caller, review: Review
) -> None:
    empty = read_draft(ward, review, CHECKLIST)
    yes, no = (option(line("a-sepsis"), code) for code in ("yes", "no"))
    first = save_answers(ward, colleague, review, empty, [ItemAnswer("a-sepsis", (yes,))])
    second = save_answers(ward, clinician, review, empty, [ItemAnswer("a-sepsis", (no,))])
    assert first.response == second.response
    assert [answer.values for answer in second.answers] == [(no,)]


def test_answers_that_this_checklist_does_not_know_are_named_and_kept(
    ward: SharedRecord, clinician: Caller, review: Review
) -> None:
    draft = read_draft(ward, review, CHECKLIST)
    no = option(line("a-sepsis"), "no")
    draft = save_answers(ward, clinician, review, draft, [ItemAnswer("a-sepsis", (no,))])
    standing = ward.fetch(f"QuestionnaireResponse/{draft.response}")
    unknown = {
        "linkId": "z-old",
        "text": "An older question",
        "answer": [{"valueAttachment": {"size": 3, "title": "A drawing"}}],
    }
    standing["item"].append(copy.deepcopy(unknown))
    ward.update(standing, version=draft.version)
    assert read_draft(ward, review, CHECKLIST).unreadable == ("An older question",)
    save_answers(ward, clinician, review, draft, [ItemAnswer("a-stroke", (no,))])
    kept = ward.fetch(f"QuestionnaireResponse/{draft.response}")
    assert unknown in kept["item"]
    assert {"a-sepsis", "a-stroke"} == {
        answer.link_id for answer in draft_of(kept, CHECKLIST).answers
    }


def test_a_lost_answer_to_a_save_loses_no_answer(
    ward: SharedRecord, clinician: Caller, review: Review
) -> None:
    draft = read_draft(ward, review, CHECKLIST)
    no = option(line("a-sepsis"), "no")
    lost = Faulty(ward, RecordUnavailable("lost"), at=2, after=True)
    with pytest.raises(RecordUnavailable):
        save_answers(lost, clinician, review, draft, [ItemAnswer("a-sepsis", (no,))])
    again = save_answers(ward, clinician, review, draft, [ItemAnswer("a-sepsis", (no,))])
    assert len(again.answers) == 1


def test_a_completed_checklist_takes_no_more_answers(
    ward: SharedRecord, clinician: Caller, review: Review
) -> None:
    draft = fill_in(ward, clinician, review, CHECKLIST)
    standing = ward.fetch(f"QuestionnaireResponse/{draft.response}")
    standing["status"] = "completed"
    ward.update(standing, version=draft.version)
    yes = option(line("a-sepsis"), "yes")
    with pytest.raises(Conflict, match="was not saved"):
        save_answers(ward, clinician, review, draft, [ItemAnswer("a-sepsis", (yes,))])
    assert read_draft(ward, review, CHECKLIST).completed


def test_a_record_that_is_silent_is_no_empty_draft(review: Review) -> None:
    with pytest.raises(RecordUnavailable):
        read_draft(Told({"draft": RecordUnavailable("timeout")}), review, CHECKLIST)


def test_one_persons_draft_never_holds_anothers_answers(
    ward: SharedRecord,
    coordinator: Caller,
    clinician: Caller,
    next_patient: Callable[[], WaitingPatient],
) -> None:
    both = [
        reviews.claim(
            ward, clinician, reviews.flag(ward, coordinator, next_patient(), "One of two")
        )
        for _ in range(2)
    ]
    yes, no = (option(line("a-sepsis"), code) for code in ("yes", "no"))
    for review, value in zip(both, (yes, no), strict=True):
        draft = read_draft(ward, review, CHECKLIST)
        save_answers(ward, clinician, review, draft, [ItemAnswer("a-sepsis", (value,))])
    found = [read_draft(ward, review, CHECKLIST) for review in both]
    assert [draft.answers[0].values for draft in found] == [(yes,), (no,)]
    response = ward.fetch(f"QuestionnaireResponse/{found[0].response}")
    assert response["subject"]["reference"] == f"Patient/{both[0].patient}"


KINDS = Checklist(
    "https://x.example/q",
    "1",
    "Every kind",
    (
        Item(
            "g",
            ItemKind.GROUP,
            "Group",
            items=(
                Item("b", ItemKind.BOOLEAN, "b", items=(Item("inner", ItemKind.STRING, "inner"),)),
                Item("s", ItemKind.STRING, "s"),
                Item("t", ItemKind.TEXT, "t"),
                Item("i", ItemKind.INTEGER, "i"),
                Item("d", ItemKind.DECIMAL, "d"),
                Item("day", ItemKind.DATE, "day"),
                Item("time", ItemKind.DATE_TIME, "time"),
                Item("c", ItemKind.OPEN_CHOICE, "c", repeats=True),
            ),
        ),
    ),
)


def test_every_kind_of_answer_comes_back_as_it_was_given() -> None:
    given = [
        ItemAnswer("b", (False,)),
        ItemAnswer("inner", ("inside b",)),
        ItemAnswer("s", ("words",)),
        ItemAnswer("t", ("two\nlines",)),
        ItemAnswer("i", (0,)),
        ItemAnswer("d", (Decimal("1.10"),)),
        ItemAnswer("day", (date(2026, 2, 28),)),
        ItemAnswer("time", (datetime(2026, 10, 25, 1, 30, tzinfo=UTC),)),
        ItemAnswer("c", (Coding("s", "1", "one"), "something else")),
    ]
    response: dict[str, Any] = {"resourceType": "QuestionnaireResponse", "id": "q1"}
    put_answers(response, KINDS, given, "https://fhir.nhs.uk/Id/sds-user-id")
    found = {answer.link_id: answer.values for answer in draft_of(response, KINDS).answers}
    assert found == {answer.link_id: answer.values for answer in given}
    inside = response["item"][0]["item"][0]["answer"][0]["item"][0]
    assert inside["linkId"] == "inner", "an item inside a question lies inside its answer"
    put_answers(response, KINDS, [ItemAnswer("b", (True,))], "s")
    again = {answer.link_id: answer.values for answer in draft_of(response, KINDS).answers}
    assert again["b"] == (True,)
    assert again["inner"] == ("inside b",)


def test_an_answer_to_no_line_of_the_checklist_is_an_error_of_the_program() -> None:
    with pytest.raises(ValueError, match="no item nowhere"):
        put_answers({}, KINDS, [ItemAnswer("nowhere", (True,))], "s")


def test_a_clear_cut_case_can_be_answered_whole() -> None:
    assert all(
        clear_cut(item) is not None
        for item, _ in lines(CHECKLIST)
        if item.kind not in (ItemKind.GROUP, ItemKind.DISPLAY)
    )
