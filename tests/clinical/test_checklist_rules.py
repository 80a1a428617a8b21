"""The checklist: what applies, what is open, what forbids a redirect."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinical.checklist import (
    AnswerValue,
    Checklist,
    EnableWhen,
    Item,
    ItemAnswer,
    ItemKind,
    Override,
)
from clinical.checklist_rules import (
    can_redirect,
    enabled_items,
    faults,
    given_answers,
    open_items,
    red_flags_ticked,
    unaddressed,
)
from clinical.codes import SNOMED, Coding
from clinical.evidence import Indicator, Judgement

FELL = Item("fell", ItemKind.BOOLEAN, "Did they fall?", required=True)
HEAD = Item(
    "head",
    ItemKind.BOOLEAN,
    "Head injury?",
    enable_when=(EnableWhen("fell", "=", True),),
    red_flag=True,
    indicator="head-injury-on-anticoagulant",
)
WARFARIN = Item(
    "which",
    ItemKind.STRING,
    "Which anticoagulant?",
    required=True,
    enable_when=(EnableWhen("head", "=", True),),
)
STROKE = Item("stroke", ItemKind.BOOLEAN, "Signs of a stroke?", red_flag=True)
CONSENT = Item("consent", ItemKind.BOOLEAN, "Do they agree?", needed_for_redirect=True)
FORM = Checklist(
    "https://handover-viewer.example/fhir/Questionnaire/test",
    "1",
    "Test",
    (
        Item("flags", ItemKind.GROUP, "Red flags", items=(FELL, HEAD, WARFARIN, STROKE)),
        Item("advice", ItemKind.DISPLAY, "Give safety-net advice", required=True),
        CONSENT,
    ),
)


def answered(**values: AnswerValue) -> tuple[ItemAnswer, ...]:
    return tuple(ItemAnswer(link_id, (value,)) for link_id, value in values.items())


CLEAR = answered(fell=False, stroke=False, consent=True)
SECOND = Override("u2", "Dr B Second", "Seen and examined", ("stroke", "head", "suspected-stroke"))


def found(
    name: str, judgement: Judgement, *, red_flag: bool = True, absolute: bool = False
) -> Indicator:
    return Indicator(name, name, judgement, "Because.", (), red_flag, absolute=absolute)


def ids(items: tuple[Item, ...]) -> list[str]:
    return [item.link_id for item in items]


def one_condition(operator: str, value: AnswerValue) -> Checklist:
    asked = Item("asked", ItemKind.STRING, "Asked")
    follow = Item(
        "follow", ItemKind.STRING, "Follow", enable_when=(EnableWhen("asked", operator, value),)
    )
    return Checklist("url", "1", "t", (asked, follow))


def test_a_clear_cut_case_can_be_redirected() -> None:
    assert can_redirect(FORM, CLEAR, ()) == ()


def test_a_follow_up_is_asked_only_after_its_answer() -> None:
    assert ids(enabled_items(FORM, ())) == ["flags", "fell", "stroke", "advice", "consent"]
    assert "head" in ids(enabled_items(FORM, answered(fell=True)))
    assert "which" in ids(enabled_items(FORM, answered(fell=True, head=True)))


def test_the_answer_of_an_item_that_no_longer_applies_does_not_count() -> None:
    changed_mind = answered(fell=False, head=True, stroke=False, consent=True)
    assert "which" not in ids(enabled_items(FORM, changed_mind))
    assert red_flags_ticked(FORM, changed_mind) == ()
    assert can_redirect(FORM, changed_mind, ()) == ()


def test_what_is_required_and_not_answered_is_open() -> None:
    assert ids(open_items(FORM, ())) == ["fell"]
    assert ids(open_items(FORM, answered(fell=True, head=True))) == ["which"]
    assert ids(open_items(FORM, answered(fell=True, head=True, which="  "))) == ["which"]


def test_a_no_is_an_answer() -> None:
    assert open_items(FORM, answered(fell=False)) == ()


@pytest.mark.parametrize("link_id", ["fell", "stroke", "consent"])
def test_nothing_that_matters_may_be_left_unanswered(link_id: str) -> None:
    rest = tuple(answer for answer in CLEAR if answer.link_id != link_id)
    (blocker,) = can_redirect(FORM, rest, ())
    assert blocker.startswith("Not answered yet: ")


def test_a_patient_who_does_not_agree_is_not_redirected() -> None:
    declined = answered(fell=False, stroke=False, consent=False)
    assert can_redirect(FORM, declined, (), SECOND) == (
        "A redirect needs a yes here: Do they agree?",
    )


STROKE_TICKED = answered(fell=False, stroke=True, consent=True)


def test_a_red_flag_takes_a_second_clinicians_named_override() -> None:
    (blocker,) = can_redirect(FORM, STROKE_TICKED, (), by_user="u1")
    assert blocker.startswith("Red flag: Signs of a stroke?")
    assert "second clinician" in blocker
    assert can_redirect(FORM, STROKE_TICKED, (), SECOND, by_user="u1") == ()


@pytest.mark.parametrize(
    ("override", "words"),
    [
        (replace(SECOND, by_user="u1"), "not from the same one"),
        (replace(SECOND, by_name=" "), "doesn't name"),
        (replace(SECOND, reason=""), "gives no reason"),
    ],
)
def test_an_override_without_a_second_name_or_a_reason_overrides_nothing(
    override: Override, words: str
) -> None:
    blockers = can_redirect(FORM, STROKE_TICKED, (), override, by_user="u1")
    assert len(blockers) == 2
    assert words in blockers[1]


def test_an_override_covers_only_the_red_flags_that_its_author_saw() -> None:
    blockers = can_redirect(FORM, STROKE_TICKED, (), replace(SECOND, red_flags=("head",)))
    assert len(blockers) == 1
    assert blockers[0].startswith("Red flag: Signs of a stroke?")


def test_not_known_is_no_no_for_a_red_flag() -> None:
    unsure = answered(fell=False, stroke=Coding("local", "not-known", "Not known"), consent=True)
    assert ids(red_flags_ticked(FORM, unsure)) == ["stroke"]
    said_no = answered(fell=False, stroke=Coding(SNOMED, "373067005", "No"), consent=True)
    assert can_redirect(FORM, said_no, ()) == ()


def test_a_red_flag_that_the_record_shows_forbids_whatever_is_ticked() -> None:
    stroke = found("suspected-stroke", Judgement.MET)
    (blocker,) = can_redirect(FORM, CLEAR, (stroke,))
    assert blocker.startswith("Red flag: suspected-stroke")
    assert can_redirect(FORM, CLEAR, (stroke,), SECOND, by_user="u1") == ()


def test_an_indicator_that_speaks_for_redirecting_does_not_forbid() -> None:
    assert can_redirect(FORM, CLEAR, (found("age", Judgement.MET, red_flag=False),)) == ()
    assert can_redirect(FORM, CLEAR, (found("age", Judgement.NOT_MET, red_flag=False),)) == ()


def test_nobody_can_override_a_death_or_a_mismatch_of_identity() -> None:
    dead = found("deceased", Judgement.MET, absolute=True)
    everything = replace(SECOND, red_flags=("deceased", "stroke"))
    assert can_redirect(FORM, CLEAR, (dead,), everything, by_user="u1") == ("deceased. Because.",)
    mismatch = "Two records for one NHS number."
    assert can_redirect(FORM, CLEAR, (), everything, identity=(mismatch,)) == (mismatch,)


def test_a_red_flag_that_is_not_known_is_listed_until_a_person_has_answered_it() -> None:
    unknown = found("head-injury-on-anticoagulant", Judgement.UNKNOWN)
    assert unaddressed(FORM, CLEAR, (unknown,)) == (unknown,)
    fell = answered(fell=True, head=False, stroke=False, consent=True)
    assert unaddressed(FORM, fell, (unknown,)) == ()


SOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("operator", "value", "answer", "asked"),
    [
        ("exists", True, "x", True),
        ("exists", True, None, False),
        ("exists", False, None, True),
        ("exists", False, False, False),
        ("=", "x", "x", True),
        ("=", "x", None, False),
        ("=", True, 1, False),
        ("=", 1, True, False),
        ("=", 1, Decimal("1.0"), True),
        ("!=", "x", "y", True),
        ("!=", "x", "x", False),
        ("!=", "x", None, True),
        (">", 4, 5, True),
        (">", 4, 4, False),
        (">=", Decimal("4.0"), 4, True),
        ("<", 4, Decimal("3.9"), True),
        ("<=", 4, 5, False),
        (">", 4, None, False),
        (">", 0, True, False),
        (">", date(2026, 1, 1), date(2026, 1, 2), True),
        (">", date(2026, 1, 1), SOON, False),
        ("<", SOON, SOON.replace(hour=11), True),
        ("<", SOON, SOON.replace(hour=11, tzinfo=None), False),
        (">", 4, "a lot", False),
        ("=", Coding("s", "c", "one"), Coding("s", "c", "another"), True),
        ("=", Coding("s", "c"), Coding("t", "c"), False),
        ("=", Coding("", "c"), Coding("t", "c"), True),
        ("!=", Coding("s", "c"), Coding("s", "d"), True),
    ],
)
def test_each_operator_of_enable_when(
    operator: str, value: AnswerValue, answer: AnswerValue | None, asked: bool
) -> None:
    form = one_condition(operator, value)
    answers = () if answer is None else answered(asked=answer)
    assert ("follow" in ids(enabled_items(form, answers))) is asked


def test_any_and_all_of_several_conditions() -> None:
    two = (EnableWhen("a", "=", True), EnableWhen("b", "=", True))
    a, b = Item("a", ItemKind.BOOLEAN, "A"), Item("b", ItemKind.BOOLEAN, "B")
    of_both = Item("c", ItemKind.STRING, "C", enable_when=two)
    for enable_any, asked in ((False, False), (True, True)):
        form = Checklist("u", "1", "t", (a, b, replace(of_both, enable_any=enable_any)))
        assert ("c" in ids(enabled_items(form, answered(a=True, b=False)))) is asked


def test_one_of_several_answers_is_enough_for_equals_and_spoils_not_equals() -> None:
    several = (ItemAnswer("asked", ("x", "y")),)
    assert "follow" in ids(enabled_items(one_condition("=", "y"), several))
    assert "follow" not in ids(enabled_items(one_condition("!=", "y"), several))


def test_an_item_in_a_group_that_does_not_apply_does_not_either() -> None:
    inner = Item("inner", ItemKind.BOOLEAN, "Inner", required=True, red_flag=True)
    group = Item(
        "group",
        ItemKind.GROUP,
        "Group",
        enable_when=(EnableWhen("a", "=", True),),
        items=(inner,),
    )
    form = Checklist("u", "1", "t", (Item("a", ItemKind.BOOLEAN, "A"), group))
    assert ids(enabled_items(form, answered(inner=True))) == ["a"]
    assert can_redirect(form, answered(inner=True), ()) == ()
    assert ids(open_items(form, answered(a=True))) == ["inner"]


def test_a_sound_checklist_has_no_faults() -> None:
    assert faults(FORM) == ()


def test_a_checklist_whose_logic_cannot_work_is_told_what_is_wrong() -> None:
    circle = Checklist(
        "u",
        "1",
        "t",
        (
            Item("a", ItemKind.BOOLEAN, "A", enable_when=(EnableWhen("b", "=", True),)),
            Item("b", ItemKind.BOOLEAN, "B", enable_when=(EnableWhen("a", "exists", "yes"),)),
            Item("c", ItemKind.BOOLEAN, "C", enable_when=(EnableWhen("gone", "~", True),)),
            Item("c", ItemKind.BOOLEAN, "C again", enable_when=(EnableWhen("gone", "~", True),)),
        ),
    )
    assert set(faults(circle)) == {
        "Two items have the link id c.",
        "b asks whether an answer exists with no true or false.",
        "c depends on gone, which isn't there.",
        "c has the unknown operator ~.",
        "a depends on itself.",
        "b depends on itself.",
    }
    assert {"a", "b"} <= set(ids(enabled_items(circle, ())))


def test_answers_of_one_item_in_several_pieces_are_read_together() -> None:
    pieces = (ItemAnswer("a", ("x",)), ItemAnswer("a", ("",)), ItemAnswer("a", ("y",)))
    assert given_answers(pieces) == {"a": ("x", "y")}


values = st.booleans() | st.sampled_from(
    [Coding("local", "not-known"), Coding(SNOMED, "373067005")]
)
forms = st.dictionaries(st.sampled_from(["fell", "head", "which", "stroke", "consent"]), values)


@given(forms)
def test_no_red_flag_ever_passes_without_an_override(answers: dict[str, AnswerValue]) -> None:
    given_now = answered(**answers)
    if not can_redirect(FORM, given_now, ()):
        assert red_flags_ticked(FORM, given_now) == ()
        assert open_items(FORM, given_now) == ()
        assert answers["consent"] is True


@given(forms, st.sampled_from(["fell", "stroke", "consent"]))
def test_taking_an_answer_away_never_opens_the_way(
    answers: dict[str, AnswerValue], taken: str
) -> None:
    fewer = {link_id: value for link_id, value in answers.items() if link_id != taken}
    assert can_redirect(FORM, answered(**fewer), ())
