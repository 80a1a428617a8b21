"""The manager's figures: denominators, gaps, definitions, and nobody recognisable."""

from __future__ import annotations

import pytest

from clinical.outcome_counts import Count, count_outcomes
from clinical.outcomes import Departure, RedirectCase
from clinical.review import Outcome
from pages.present.outcomes import (
    breakdown_html,
    figure,
    figure_html,
    figures_html,
    followed_up,
    spans_html,
    suppress,
    title_of,
)
from tests.pages.people import NOW, moment


def case(number: int, **changes: object) -> RedirectCase:
    parts: dict[str, object] = {
        "task": f"t{number}",
        "encounter": f"e{number}",
        "outcome": Outcome.REDIRECTED,
        "waiting_since": moment("2026-06-01T08:00:00Z"),
        "flagged_at": moment("2026-06-01T08:10:00Z"),
        "claimed_at": moment("2026-06-01T08:20:00Z"),
        "decided_at": moment("2026-06-01T08:40:00Z"),
        "departure": Departure.LEFT,
        "left_site_at": moment("2026-06-01T09:00:00Z"),
        "handed_back_at": None,
        "site": "North" if number % 2 else "South",
    }
    return RedirectCase(**{**parts, **changes})  # type: ignore[arg-type]


def test_a_figure_says_of_how_many_and_what_is_not_known() -> None:
    shown = figure(
        Count("redirected", 41, 60, pending=2, unknown=1), "What it is.", one_group=False
    )
    assert (shown.value, shown.of, shown.share) == ("41", "of 57 with an answer", "72%")
    assert (shown.pending, shown.unknown) == ("2", "1")
    assert "What it is." in figure_html(shown)


def test_a_figure_of_nobody_draws_no_bar_and_claims_no_share() -> None:
    shown = figure(Count("redirected", 0, 2, pending=2), "", one_group=False)
    assert shown.share == ""
    assert "hv-bar" not in figure_html(shown)


@pytest.mark.parametrize("count", [Count("redirected", 3, 40), Count("redirected", 38, 40)])
def test_a_small_number_of_one_group_is_not_shown_nor_given_away(count: Count) -> None:
    shown = figure(count, "", one_group=True)
    assert shown.share == ""
    assert shown.proportion is None
    if count.yes == 3:
        assert shown.value == "fewer than 5"


def test_a_column_hides_the_next_smallest_where_its_total_would_tell() -> None:
    assert suppress([3, 20, 9]) == ("fewer than 5", "20", "suppressed")
    assert suppress([3, 4, 9]) == ("fewer than 5", "fewer than 5", "9")
    assert suppress([0, 20, 9]) == ("0", "20", "9")


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


def test_every_count_and_span_is_shown_with_its_definition() -> None:
    counts = count_outcomes([case(number) for number in range(8)], NOW)
    for name in counts.counts:
        markup = figures_html(counts, [name], one_group=False)
        assert title_of(name) in markup
        assert counts.definitions[name].split(".")[0][:20] in markup.unescape()
    assert "admission-avoided-72h" not in followed_up(counts)
    assert "death-30d" in followed_up(counts)
    spans = spans_html(counts, one_group=False)
    for name in counts.spans:
        assert title_of(name) in spans


def test_a_breakdown_suppresses_small_groups() -> None:
    groups = {
        "North": count_outcomes([case(number) for number in range(3)], NOW),
        "South": count_outcomes([case(number) for number in range(30)], NOW),
    }
    markup = breakdown_html("ED", groups)
    assert "fewer than 5" in markup
    assert ">30<" not in markup
