"""The ranking in words: what each score rests on, how sure it is, whose the weights are."""

from __future__ import annotations

from collections.abc import Callable

from clinical.person import Role
from clinical.ranking import SOONER, Opportunity, Share, Term, Weights, ranking, swings
from fhir_queries.ranking_weights import SavedWeights, read_weights
from fhir_queries.record import SharedRecord
from fhir_queries.settings import RecordSettings
from pages.parts.who import DEMONSTRATION, SCREENS
from pages.present.which_bite import (
    author_html,
    past_html,
    ranking_html,
    services_of,
    swings_html,
    title_of,
)
from tests.pages.screen import Screen

OWN = Share(0.9, 200, "falls at Falls Response", own=True)
HARM = Share(0.1, 200, "falls at Falls Response", own=True)
FALLS = Opportunity("falls", "Falls Response", 20, 4, 35, None, OWN, HARM, HARM)
LATE = Opportunity(
    "carer-breakdown", SOONER, 8, 8, 40, Share(0.25, 80, "", own=True),
    Share(0.8, 746, "everybody", own=False), HARM, HARM,
)  # fmt: skip


def test_a_pathway_says_what_its_score_is_made_of() -> None:
    shown = str(ranking_html(ranking([FALLS], Weights())))
    assert "More room at Falls Response</b>, 20:00 to midnight" in shown
    assert "About 35 refused for want of room." in shown
    assert "90% of about 200 redirected had no emergency admission in 72 hours" in shown
    assert "potentially about 32 admissions" in shown
    assert "10% of about 200 redirected came back within 7 days" in shown
    assert "3 on your scale of 1 to 5." in shown
    assert "unsure" not in shown


def test_a_review_that_came_too_late_names_no_service_and_says_whose_share_it_borrows() -> None:
    shown = str(ranking_html(ranking([LATE], Weights())))
    assert "<b>Review sooner</b>, 08:00 to 16:00" in shown
    assert (
        "About 40 reviews came too late; 25% of about 80 reviewed in time were redirected" in shown
    )
    assert "so about 10." in shown
    assert "80% of the 746 of every pathway" in shown
    assert "unsure: few people" in shown


def test_the_place_says_how_far_it_hangs_on_the_weights() -> None:
    both = ranking([FALLS, LATE], Weights())
    assert "Stays in place 1 when any one weight is half as much" in ranking_html(both)
    assert "Falls: Falls Response, 20:00 to midnight" in swings_html(
        swings([FALLS, LATE], Weights())
    )


def test_a_service_with_markup_in_its_name_stays_text() -> None:
    odd = Opportunity("falls", "<b>Falls</b>", 0, 24, 10, None, OWN, HARM, HARM)
    shown = str(ranking_html(ranking([odd], Weights())))
    assert "&lt;b&gt;Falls&lt;/b&gt;" in shown
    assert "at any hour" in title_of(odd)


def test_reviewing_sooner_is_judged_beside_the_services() -> None:
    assert services_of([LATE, FALLS]) == ["Falls Response", SOONER]


def test_weights_nobody_saved_are_said_to_be_the_programs_own() -> None:
    assert "Nobody has saved weights yet" in author_html(None, tried=False)
    assert "nobody else sees them" in author_html(None, tried=True)
    saved = SavedWeights(Weights(effort={SOONER: 1}), None, None, "Basic/1", "1")
    assert "somebody who isn&#39;t named" in author_html(saved, tried=False)
    assert "To review patients sooner 1" in past_html([saved])


def test_only_managers_have_the_screen() -> None:
    [screen] = [each for each in SCREENS if each.path == "pages/which_bite.py"]
    opens = {each.caller.role for each in DEMONSTRATION.values() if screen.opens_for(each.caller)}
    assert opens == {Role.MANAGER}


def test_what_is_set_and_saved_in_one_breath_is_all_saved(writing: Callable[..., Screen]) -> None:
    """The tap on "Save" may be answered together with the one before it."""
    screen = writing("k5").go("which_bite")
    screen.app.slider(key="bite-0-volume").set_value(Weights().terms[Term.VOLUME] + 2)
    screen.run()
    effort = next(
        each for each in screen.app.button_group if str(each.key).startswith("bite-0-effort-")
    )
    effort.set_value(5)
    screen.tap("bite-save")
    saved = read_weights(SharedRecord.connect(RecordSettings.read()))
    assert saved is not None
    assert saved.weights.terms[Term.VOLUME] == Weights().terms[Term.VOLUME] + 2
    assert list(saved.weights.effort.values()) == [5]


def test_weights_that_are_all_taken_to_nothing_are_not_saved(
    writing: Callable[..., Screen],
) -> None:
    screen = writing("k5").go("which_bite")
    screen.app.slider(key="bite-0-volume").set_value(1)
    screen.run()
    for term in Term:
        screen.app.slider(key=f"bite-0-{term.value}").set_value(0)
    screen.tap("bite-save")
    assert [each.value for each in screen.app.toast] == [
        "Not saved: give at least one weight more than 0."
    ]
    assert read_weights(SharedRecord.connect(RecordSettings.read())) is None
