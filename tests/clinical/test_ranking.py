"""Which pathway would repay work most, and how far that hangs on the weights."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinical.moments import at_instant
from clinical.outcome_table import OutcomeTable
from clinical.outcomes import Departure, RedirectCase
from clinical.ranking import (
    HARDEST,
    MOST_WEIGHT,
    SOONER,
    Opportunity,
    Share,
    Term,
    Weights,
    ranking,
    swings,
)
from clinical.ranking_numbers import opportunities
from clinical.review import Outcome
from clinical.suppression import Suppression
from clinical.weeks import Weeks

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
FIFTH = Share(0.2, 100, "falls at Falls Response", own=True)
MOST = Share(0.9, 100, "falls at Falls Response", own=True)


def pathway(need: str = "falls", service: str = "Falls Response", **told: object) -> Opportunity:
    said: dict[str, object] = {
        "hour": 16, "hours": 4, "missed": 20, "accepted": None, "avoided": MOST,
        "came_back": FIFTH, "reversed": Share(0.0, 100, "", own=True),
    }  # fmt: skip
    return Opportunity(need, service, **{**said, **told})  # type: ignore[arg-type]


shares = st.builds(
    Share, st.one_of(st.none(), st.floats(0, 1)), st.integers(0, 500), st.just(""), st.booleans()
)
pathways = st.lists(
    st.builds(
        Opportunity,
        st.sampled_from(["falls", "frailty", "catheter"]),
        st.sampled_from(["Falls Response", "Urgent Response", SOONER]),
        st.sampled_from([0, 8, 16]),
        st.just(8),
        st.integers(0, 100).map(lambda many: many * 5),
        st.one_of(st.none(), shares),
        shares,
        shares,
        shares,
    ),
    max_size=12,
)
weights = st.fixed_dictionaries({term: st.integers(0, MOST_WEIGHT) for term in Term}).filter(
    lambda terms: any(terms.values())
)


def test_a_score_is_the_sum_of_what_it_says_it_is_made_of() -> None:
    [ranked] = ranking([pathway()], Weights())
    points = {part.term: part.points for part in ranked.parts}
    assert points == pytest.approx(
        {
            Term.VOLUME: 100 * 5 / 15,
            Term.BENEFIT: 100 * 4 / 15 * 0.9,
            Term.SAFETY: 100 * 4 / 15 * 0.8,
            Term.EASE: 100 * 2 / 15 * 0.5,
        }
    )
    assert ranked.score == pytest.approx(sum(points.values()))


@given(pathways, weights)
def test_every_score_lies_between_0_and_100_and_every_place_in_its_range(
    listed: list[Opportunity], terms: dict[Term, int]
) -> None:
    ranked = ranking(listed, Weights(terms))
    assert [each.rank for each in ranked] == list(range(1, len(ranked) + 1))
    for each in ranked:
        assert -1e-9 <= each.score <= 100 + 1e-9
        assert each.best <= each.rank <= each.worst
        assert each.opportunity.expected > 0
    scores = [each.score for each in ranked]
    assert all(one >= other - 1e-6 for one, other in pairwise(scores))


def test_a_weight_of_nothing_leaves_its_term_out() -> None:
    safe = pathway(came_back=Share(0.0, 100, "", own=True), missed=5)
    many = pathway(need="frailty", missed=50)
    only_safety = {**dict.fromkeys(Term, 0), Term.SAFETY: 10}
    assert ranking([many, safe], Weights(only_safety))[0].opportunity == safe
    only_volume = {**dict.fromkeys(Term, 0), Term.VOLUME: 10}
    assert ranking([many, safe], Weights(only_volume))[0].opportunity == many


def test_a_service_that_takes_much_work_falls_behind_one_that_takes_little() -> None:
    hard, easy = pathway(service="Hospital at Home"), pathway(service="Falls Response")
    ranked = ranking(
        [hard, easy], Weights(effort={"Hospital at Home": HARDEST, "Falls Response": 1})
    )
    assert [each.opportunity for each in ranked] == [easy, hard]


def test_a_close_call_says_that_it_hangs_on_the_weights() -> None:
    safe = pathway(came_back=Share(0.0, 100, "", own=True), missed=20)
    many = pathway(need="frailty", missed=25)
    ranked = ranking([safe, many], Weights())
    assert [(each.best, each.worst) for each in ranked] == [(1, 2), (1, 2)]
    firsts = {(each.term, each.factor): each.first for each in swings([safe, many], Weights())}
    assert firsts[Term.VOLUME, 1.5] == many
    assert firsts[Term.SAFETY, 1.5] == safe


def test_somebody_reviewed_too_late_counts_as_often_as_such_people_are_redirected() -> None:
    late = pathway(service=SOONER, missed=40, accepted=Share(0.25, 200, "falls", own=True))
    assert late.expected == pytest.approx(10)
    assert late.expected_avoided == pytest.approx(9)


def test_few_people_and_borrowed_shares_are_said_to_be_unsure() -> None:
    assert Share(0.5, 30, "", own=True).unsure
    assert Share(0.5, 500, "everybody", own=False).unsure
    assert not Share(0.5, 500, "", own=True).unsure
    assert ranking([pathway(came_back=Share(0.1, 30, "", own=True))], Weights())[0].unsure


@pytest.mark.parametrize(
    ("terms", "effort"),
    [
        (dict.fromkeys(Term, 0), {}),
        ({**dict.fromkeys(Term, 1), Term.EASE: 11}, {}),
        ({Term.EASE: 1}, {}),
        (dict.fromkeys(Term, 1), {"Falls Response": 6}),
    ],
)
def test_weights_that_mean_nothing_are_refused(
    terms: dict[Term, int], effort: dict[str, int]
) -> None:
    with pytest.raises(ValueError, match=r"weight|effort"):
        Weights(terms, effort)


def case(number: int, need: str, service: str, outcome: Outcome, hour: int) -> RedirectCase:
    decided = at_instant(NOW - timedelta(days=number % 80, hours=NOW.hour - hour))
    left = outcome is Outcome.REDIRECTED
    return RedirectCase(
        f"review-{number}", f"wait-{number}", outcome, decided, decided, decided, decided,
        Departure.LEFT if left else Departure.HANDED_OVER,
        decided if left else None, None if left else decided,
        site="Royal Fern", service=service, reason=need,
    )  # fmt: skip


def a_quarter() -> OutcomeTable:
    """Falls in the evening refused by the hundred, catheters once."""
    told = [("falls", "Falls Response", Outcome.NO_CAPACITY, 18)] * 120
    told += [("falls", "Falls Response", Outcome.REDIRECTED, 10)] * 90
    told += [("falls", "", Outcome.HANDED_OVER_FIRST, 9)] * 60
    told += [("catheter", "District Nursing", Outcome.NO_CAPACITY, 3)]
    return OutcomeTable.of(case(number, *each) for number, each in enumerate(told))


def test_what_was_refused_stands_at_its_need_service_and_hours() -> None:
    found = opportunities(
        a_quarter(), NOW, Weeks.until(NOW.date(), 13), Suppression(b"of this ward")
    )
    [refused] = [each for each in found.room if each.missed > 20]
    assert (refused.need, refused.service) == ("falls", "Falls Response")
    assert refused.hour <= 19 < refused.hour + refused.hours
    assert abs(refused.missed - 120) <= 15
    assert refused.avoided.own
    late = max(found.sooner, key=lambda each: each.missed)
    assert (late.need, late.service) == ("falls", SOONER)
    assert late.accepted is not None
    assert 0 < late.expected < late.missed


def test_a_pathway_of_one_person_is_never_named() -> None:
    found = opportunities(
        a_quarter(), NOW, Weeks.until(NOW.date(), 13), Suppression(b"of this ward")
    )
    assert not [each for each in (*found.room, *found.sooner) if each.need == "catheter"]


def test_too_few_people_are_not_split_at_all() -> None:
    few = OutcomeTable.of(
        case(number, "falls", "Falls Response", Outcome.NO_CAPACITY, 18) for number in range(6)
    )
    found = opportunities(few, NOW, Weeks.until(NOW.date(), 13), Suppression(b"of this ward"))
    assert found.room == found.sooner == ()
