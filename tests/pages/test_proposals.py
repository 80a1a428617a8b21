"""On the screen: what the record says is shown, confirmed by one tap each, and never an answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from clinical.checklist import ItemAnswer
from clinical.codes import Coding
from clinical.evidence import Evidence
from clinical.moments import read_moment
from clinical.prefill import Proposal
from pages.present.proposals import confirmed_html, proposal_html
from tests.pages.screen import Screen
from tests.pages.test_journey import CLINICIAN, answers_in, taken

Open = Callable[..., Screen]
Asked = Callable[[str], list[dict[str, Any]]]
YES = Coding("s", "yes", "Yes")
SEEN = Evidence(
    "NEWS2: <b>3</b>", read_moment("2026-11-24T13:20:00Z"), "Crew", "Observation/n1", "2"
)
WAIT = "Encounter/wait-01"


def uses(screen: Screen) -> list[str]:
    """The lines that have a proposal to confirm."""
    keys = [str(each.key) for each in screen.app.button]
    return [key.split("|")[2] for key in keys if key.startswith("use|")]


def test_nothing_that_the_record_says_is_in_the_record_as_an_answer(
    writing: Open, asked: Asked
) -> None:
    screen = taken(writing, CLINICIAN, "wait-01")
    proposed = uses(screen)
    assert "b-summary" in proposed
    assert "c-frailty" in proposed
    assert "The record says" in screen.words
    screen.run()
    assert asked("QuestionnaireResponse?encounter=Encounter/wait-01") == []
    for each in screen.app.button_group:
        if "answer|" in str(each.key):
            assert not each.value


def test_no_red_flag_is_proposed_as_cleared_and_nothing_confirms_several(writing: Open) -> None:
    screen = taken(writing, CLINICIAN, "wait-01")
    assert not [each for each in uses(screen) if each.startswith("a-")]
    labels = [str(each.label).lower() for each in screen.app.button]
    assert not [each for each in labels if "all" in each.split() and "use" in each]


def test_one_tap_answers_one_line_signed_and_with_its_evidence(writing: Open, asked: Asked) -> None:
    screen = taken(writing, CLINICIAN, "wait-01")
    screen.tap("use|wait-01|c-frailty|this")
    (response,) = asked("QuestionnaireResponse?encounter=Encounter/wait-01")
    (line,) = answers_in(response["item"])
    assert line["linkId"] == "c-frailty"
    (answer,) = line["answer"]
    signed = {each["url"].rpartition("/")[2]: each for each in answer["extension"]}
    assert signed["answered-by"]["valueReference"]["display"] == "Sorrel Marten"
    parts = {each["url"]: each for each in signed["answer-evidence"]["extension"]}
    assert parts["what"]["valueReference"]["reference"].startswith("Observation/")
    assert parts["version"]["valueString"]
    assert "frail" in parts["value"]["valueString"].lower()
    assert "Confirmed from the record by Sorrel Marten" in screen.words
    assert "c-frailty" not in uses(screen)


def test_an_answer_changed_by_hand_no_longer_rests_on_the_record(
    writing: Open, asked: Asked
) -> None:
    screen = taken(writing, CLINICIAN, "wait-01")
    screen.tap("use|wait-01|c-frailty|this")
    group = next(
        each for each in screen.app.button_group if str(each.key).endswith("wait-01|c-frailty")
    )
    group.select(next(each for each in group.options if each.startswith("4")))
    screen.run()
    (response,) = asked("QuestionnaireResponse?encounter=Encounter/wait-01")
    (line,) = answers_in(response["item"])
    assert line["answer"][0]["valueCoding"]["display"].startswith("4")
    urls = [each["url"].rpartition("/")[2] for each in line["answer"][0]["extension"]]
    assert sorted(urls) == ["answered-at", "answered-by"]


def test_a_proposal_shows_value_date_source_and_a_link_to_the_entry() -> None:
    shown = str(proposal_html(Proposal("one", (YES,), "It is 3.", (SEEN,)), WAIT))
    for words in ("The record says <b>Yes</b>", "24-Nov-2026 13:20", "Crew", "It is 3."):
        assert words in shown
    assert 'href="#entry-Observation-n1"' in shown
    assert "&lt;b&gt;3&lt;/b&gt;" in shown, "what the record holds is escaped"
    own = str(proposal_html(Proposal("one", (YES,), "", (Evidence("x", None, "", WAIT),)), WAIT))
    assert "href" not in own, "the wait has no entry of its own to go to"


def test_what_proposes_nothing_says_why_and_offers_no_answer() -> None:
    shown = str(proposal_html(Proposal("one", (), "The findings could not be loaded."), WAIT))
    assert "could not be loaded" in shown
    assert "The record says" not in shown


def test_a_confirmed_answer_names_who_confirmed_it_and_on_what() -> None:
    shown = str(confirmed_html(ItemAnswer("one", (YES,), "u", "Wren", None, (SEEN,)), WAIT))
    assert "Confirmed from the record by Wren" in shown
    assert "24-Nov-2026 13:20" in shown
