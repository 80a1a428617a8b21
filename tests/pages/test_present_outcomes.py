"""The manager's figures: denominators, gaps, definitions, and nobody recognisable."""

from __future__ import annotations

import pytest

from clinical.manager_view import ManagerView, ShownStep
from clinical.outcome_counts import Count
from clinical.outcome_filters import Group
from clinical.suppression import ShownCount, exactly
from pages.present.funnel import funnel_html
from pages.present.outcome_tables import breakdown_html, missed_html, spans_html
from pages.present.outcomes import (
    BREAKDOWN,
    GROUP_TITLES,
    VERY_FEW,
    WITHHELD,
    figure_html,
    figures_html,
    gain_and_harm_html,
    number,
    title_of,
)
from tests.pages.managers import EVERYTHING, view


def words(markup: str) -> str:
    import re  # noqa: PLC0415

    return " ".join(re.sub(r"<[^>]+>", " ", markup).split())


def test_a_figure_says_of_how_many_and_what_is_not_known() -> None:
    shown = words(
        figure_html(exactly(Count("redirected", 41, 60, pending=2, unknown=1)), "What it is.")
    )
    assert "41 of 57 with an answer · 72%" in shown
    assert "Pending 2 · Unknown 1 · Complete 95%" in shown
    assert "What this means : Redirected and left What it is." in shown


def test_a_figure_of_nobody_draws_no_bar_and_claims_no_share() -> None:
    shown = figure_html(exactly(Count("redirected", 0, 2, pending=2)), "")
    assert "hv-bar" not in shown
    assert "%" not in words(shown).replace("Complete 0%", "")


def test_a_rounded_figure_says_about_and_no_share_of_few() -> None:
    few = ShownCount("redirected", 5, 10, 10, 0, None, exact=False, enough=20)
    shown = words(figure_html(few, ""))
    assert "about 5 of about 10 with an answer" in shown
    assert f"Unknown {WITHHELD}" in shown
    assert "%" not in shown
    assert number(0, exact=False) == VERY_FEW


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("admission-avoided-72h", "Admissions avoided within 72 hours (potential)"),
        ("death-30d", "Died within 30 days"),
        ("no-capacity", "No community capacity"),
        ("something-new", "Something new"),
    ],
)
def test_each_figure_has_a_title(name: str, title: str) -> None:
    assert title_of(name) == title


def test_every_group_of_the_filter_has_a_title() -> None:
    assert set(GROUP_TITLES) == set(Group)


@pytest.fixture(scope="module")
def everybody() -> ManagerView:
    return view()


def test_gain_and_harm_stand_side_by_side_with_their_denominators(everybody: ManagerView) -> None:
    both = gain_and_harm_html(everybody)
    gain, harm = (words(each) for each in both.split("</section><section>"))
    assert "Admissions avoided within 72 hours (potential)" in gain
    assert "Seen at home within 2 hours" in gain
    for name in ("Back at an ED within 72 hours", "Died within 30 days", "Redirects reversed"):
        assert name in harm
    assert harm.count("with an answer") == 7


def test_each_step_and_the_hours_lost_are_told(everybody: ManagerView) -> None:
    shown = words(spans_html(everybody))
    assert "Ambulance time lost altogether:" in shown
    assert "From decision to departure" in shown
    assert "rounded" in words(spans_html(view(site="North")))


def test_a_breakdown_lists_not_recorded_and_shows_rounded_numbers(everybody: ManagerView) -> None:
    rows = everybody.by(Group.ETHNICITY, BREAKDOWN)
    shown = words(breakdown_html("Ethnicity", rows, BREAKDOWN))
    assert "Not recorded" in shown
    assert "about" in shown


def test_missed_opportunities_stand_by_service_and_hour(everybody: ManagerView) -> None:
    shown = words(missed_html(everybody.missed()))
    assert "16:00 to 19:59" in shown
    assert "Falls" in shown


def test_the_way_says_where_people_leave_it() -> None:
    steps = [
        ShownStep("flagged", "", 30, {}),
        ShownStep("decided", "flagged", 20, {"withdrawn": 10}),
    ]
    shown = words(funnel_html(steps, exact=True))
    assert shown == "Reviews asked for 30 Decided in time 20 Left before this: Withdrawn: 10"


def test_names_that_are_not_counted_are_left_out(everybody: ManagerView) -> None:
    assert "Nothing" not in figures_html(everybody, ["nothing", "decided"])
    assert everybody.filter == EVERYTHING
