"""Avoided admissions: what counts, what doesn't yet, and what never can."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinical.moments import LONDON, Moment, at_instant, read_moment
from clinical.outcome_counts import (
    DEFINITIONS,
    Count,
    count_outcomes,
    dated,
    definitions,
    missed_opportunities,
    span_name,
    suppressed,
)
from clinical.outcomes import (
    DAY,
    HOUR,
    CommunityContact,
    Departure,
    OutcomeSettings,
    RedirectCase,
    Verdict,
    admission_avoided,
    admitted_within,
    attendance_avoided,
    attended_within,
    died_within,
    redirect_reversed,
    redirected,
    two_hour_response,
)
from clinical.review import Outcome

ARRIVED = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
LEFT = datetime(2026, 3, 2, 11, 0, tzinfo=UTC)
MUCH_LATER = LEFT + 60 * DAY
SECOND = timedelta(seconds=1)


def m(when: datetime) -> Moment:
    return at_instant(when)


WENT_HOME = RedirectCase(
    task="t1",
    encounter="e1",
    outcome=Outcome.REDIRECTED,
    waiting_since=m(ARRIVED),
    flagged_at=m(ARRIVED + timedelta(minutes=10)),
    claimed_at=m(ARRIVED + timedelta(minutes=25)),
    decided_at=m(ARRIVED + timedelta(minutes=70)),
    departure=Departure.LEFT,
    left_site_at=m(LEFT),
    handed_back_at=None,
    referred_at=m(ARRIVED + timedelta(minutes=70)),
    contacts=(CommunityContact(m(ARRIVED + timedelta(minutes=150)), face_to_face=True),),
    service="Rapid Response",
)
TAKEN_BACK = replace(
    WENT_HOME, departure=Departure.HANDED_OVER, left_site_at=None, handed_back_at=m(LEFT)
)
STILL_HERE = replace(WENT_HOME, departure=Departure.STILL_HERE, left_site_at=None)
NOT_KNOWN = replace(WENT_HOME, departure=Departure.NOT_KNOWN, left_site_at=None)


def came_back(after: timedelta) -> RedirectCase:
    return replace(WENT_HOME, attendances=(m(LEFT + after),))


@pytest.mark.parametrize(
    ("case", "is_redirected", "is_reversed"),
    [
        (WENT_HOME, Verdict.YES, Verdict.NO),
        (TAKEN_BACK, Verdict.NO, Verdict.YES),
        (replace(STILL_HERE, outcome=Outcome.REDIRECT_REVERSED), Verdict.NO, Verdict.YES),
        (replace(TAKEN_BACK, outcome=Outcome.REDIRECT_REVERSED), Verdict.NO, Verdict.YES),
        (replace(WENT_HOME, outcome=Outcome.REDIRECT_REVERSED), Verdict.NO, Verdict.YES),
        (STILL_HERE, Verdict.PENDING, Verdict.PENDING),
        (NOT_KNOWN, Verdict.UNKNOWN, Verdict.UNKNOWN),
        (replace(WENT_HOME, left_site_at=None), Verdict.UNKNOWN, Verdict.UNKNOWN),
        (
            replace(WENT_HOME, left_site_at=read_moment("2026-03-02")),
            Verdict.UNKNOWN,
            Verdict.UNKNOWN,
        ),
        (replace(WENT_HOME, outcome=Outcome.NO_CAPACITY), Verdict.NO, Verdict.NO),
        (replace(WENT_HOME, outcome=None), Verdict.NO, Verdict.NO),
    ],
)
def test_only_somebody_who_left_without_being_handed_over_was_redirected(
    case: RedirectCase, is_redirected: Verdict, is_reversed: Verdict
) -> None:
    assert redirected(case, MUCH_LATER) is is_redirected
    assert redirect_reversed(case, MUCH_LATER) is is_reversed


@pytest.mark.parametrize("case", [TAKEN_BACK, STILL_HERE, NOT_KNOWN])
def test_nothing_is_avoided_by_somebody_who_was_not_redirected(case: RedirectCase) -> None:
    for ask in (attendance_avoided, admission_avoided, attended_within, two_hour_response):
        assert ask(case, DAY, MUCH_LATER) is redirected(case, MUCH_LATER)


@pytest.mark.parametrize(
    ("after", "avoided"),
    [
        (-SECOND, Verdict.YES),
        (timedelta(), Verdict.NO),
        (24 * HOUR, Verdict.NO),
        (24 * HOUR + SECOND, Verdict.YES),
    ],
)
def test_the_last_instant_of_the_window_still_counts(after: timedelta, avoided: Verdict) -> None:
    assert attendance_avoided(came_back(after), 24 * HOUR, MUCH_LATER) is avoided


def test_an_attendance_avoided_is_pending_until_its_window_is_over() -> None:
    assert attendance_avoided(WENT_HOME, DAY, LEFT + DAY) is Verdict.PENDING
    assert attendance_avoided(WENT_HOME, DAY, LEFT + DAY + SECOND) is Verdict.YES


def test_somebody_who_came_back_is_counted_at_once() -> None:
    case = came_back(2 * HOUR)
    assert attendance_avoided(case, DAY, LEFT + 3 * HOUR) is Verdict.NO
    assert attended_within(case, DAY, LEFT + 3 * HOUR) is Verdict.YES


def test_looking_back_to_an_earlier_time_does_not_see_what_came_later() -> None:
    assert attended_within(came_back(20 * HOUR), DAY, LEFT + 3 * HOUR) is Verdict.PENDING
    assert redirected(WENT_HOME, LEFT - SECOND) is Verdict.PENDING


def test_an_admission_without_a_time_is_never_claimed_as_avoided() -> None:
    undated = replace(WENT_HOME, admissions=(None,))
    assert admission_avoided(undated, 72 * HOUR, MUCH_LATER) is Verdict.NO


@pytest.mark.parametrize(
    ("text", "admitted"),
    [
        ("2026-03-02", Verdict.YES),
        ("2026-03-01", Verdict.NO),
        ("2026-03-05", Verdict.YES),
        ("2026-03-06", Verdict.NO),
        ("2026-03", Verdict.YES),
        ("2026-04", Verdict.NO),
    ],
)
def test_a_date_alone_counts_when_any_part_of_it_can_lie_in_the_window(
    text: str, admitted: Verdict
) -> None:
    case = replace(WENT_HOME, admissions=(read_moment(text),))
    assert admitted_within(case, 72 * HOUR, MUCH_LATER) is admitted


def test_follow_up_that_cannot_be_seen_is_unknown_at_any_time_and_never_avoided() -> None:
    hidden = replace(WENT_HOME, follow_up_visible=False)
    for as_at in (LEFT + HOUR, MUCH_LATER):
        assert admission_avoided(hidden, 72 * HOUR, as_at) is Verdict.UNKNOWN
        assert died_within(hidden, 7 * DAY, as_at) is Verdict.UNKNOWN
    found = replace(hidden, admissions=(m(LEFT + HOUR),))
    assert admission_avoided(found, 72 * HOUR, MUCH_LATER) is Verdict.NO


def test_follow_up_that_ends_within_the_window_leaves_it_unknown() -> None:
    moved_away = replace(WENT_HOME, visible_until=LEFT + 2 * DAY)
    assert attendance_avoided(moved_away, DAY, MUCH_LATER) is Verdict.YES
    assert admission_avoided(moved_away, 72 * HOUR, MUCH_LATER) is Verdict.UNKNOWN


def test_a_death_on_a_day_that_touches_the_window_counts() -> None:
    died = replace(WENT_HOME, deceased=True, deceased_at=read_moment("2026-03-09"))
    assert died_within(died, 7 * DAY, MUCH_LATER) is Verdict.YES
    later = replace(died, deceased_at=read_moment("2026-03-10"))
    assert died_within(later, 7 * DAY, MUCH_LATER) is Verdict.NO
    assert died_within(later, 30 * DAY, MUCH_LATER) is Verdict.YES


def test_a_death_without_a_time_is_unknown_not_none() -> None:
    assert died_within(replace(WENT_HOME, deceased=True), 7 * DAY, MUCH_LATER) is Verdict.UNKNOWN
    assert died_within(WENT_HOME, 7 * DAY, MUCH_LATER) is Verdict.NO


REFERRED = ARRIVED + timedelta(minutes=70)


@pytest.mark.parametrize(
    ("contacts", "after", "met"),
    [
        ([("2h", True)], 10 * HOUR, Verdict.YES),
        ([("2h+", True)], 10 * HOUR, Verdict.NO),
        ([("1h", False)], 10 * HOUR, Verdict.NO),
        ([("1h", False), ("1h", True)], 10 * HOUR, Verdict.YES),
        ([], 10 * HOUR, Verdict.UNKNOWN),
        ([], 2 * HOUR, Verdict.PENDING),
        ([("1h", False)], 2 * HOUR, Verdict.PENDING),
        ([("undated", True)], 10 * HOUR, Verdict.UNKNOWN),
        ([("day", True)], 48 * HOUR, Verdict.UNKNOWN),
    ],
)
def test_the_two_hour_response_takes_a_visit_in_time(
    contacts: list[tuple[str, bool]], after: timedelta, met: Verdict
) -> None:
    times = {
        "1h": m(REFERRED + HOUR),
        "2h": m(REFERRED + 2 * HOUR),
        "2h+": m(REFERRED + 2 * HOUR + SECOND),
        "undated": None,
        "day": read_moment("2026-03-02"),
    }
    case = replace(
        WENT_HOME,
        contacts=tuple(CommunityContact(times[name], seen) for name, seen in contacts),
    )
    assert two_hour_response(case, 2 * HOUR, REFERRED + after) is met


def test_without_the_time_of_the_referral_the_response_is_unknown() -> None:
    case = replace(WENT_HOME, referred_at=None)
    assert two_hour_response(case, 2 * HOUR, MUCH_LATER) is Verdict.UNKNOWN


@pytest.mark.parametrize(
    ("left", "same_clock_next_day", "hours"),
    [
        (datetime(2026, 10, 24, 12, tzinfo=LONDON), datetime(2026, 10, 25, 12, tzinfo=LONDON), 25),
        (datetime(2026, 3, 28, 12, tzinfo=LONDON), datetime(2026, 3, 29, 12, tzinfo=LONDON), 23),
    ],
    ids=["October", "March"],
)
def test_24_hours_are_24_hours_when_the_clocks_change(
    left: datetime, same_clock_next_day: datetime, hours: int
) -> None:
    case = replace(WENT_HOME, left_site_at=m(left), attendances=(m(same_clock_next_day),))
    as_at = left + 10 * DAY
    expected = Verdict.YES if hours <= 24 else Verdict.NO
    assert attended_within(case, 24 * HOUR, as_at) is expected
    assert attended_within(case, hours * HOUR, as_at) is Verdict.YES
    assert attended_within(case, hours * HOUR - SECOND, as_at) is Verdict.NO


def test_a_visit_in_the_hour_that_october_repeats_is_told_from_the_first() -> None:
    referred = datetime(2026, 10, 25, 0, 30, tzinfo=LONDON)
    once = datetime(2026, 10, 25, 1, 45, tzinfo=LONDON)
    again = once.replace(fold=1)
    at_two = referred.replace(hour=2)
    for visit, met in ((once, Verdict.YES), (again, Verdict.NO), (at_two, Verdict.NO)):
        case = replace(
            WENT_HOME,
            left_site_at=m(referred),
            referred_at=m(referred),
            contacts=(CommunityContact(m(visit), face_to_face=True),),
        )
        assert two_hour_response(case, 2 * HOUR, referred + DAY) is met


def test_minutes_lost_across_the_march_change_are_real_minutes() -> None:
    case = replace(
        WENT_HOME,
        waiting_since=m(datetime(2026, 3, 29, 0, 30, tzinfo=LONDON)),
        left_site_at=m(datetime(2026, 3, 29, 2, 30, tzinfo=LONDON)),
    )
    lost = count_outcomes([case], MUCH_LATER).spans["ambulance-time-lost"]
    assert lost.minutes == (45,)


def count(cases: list[RedirectCase], name: str, as_at: datetime = MUCH_LATER) -> Count:
    return count_outcomes(cases, as_at).counts[name]


def test_each_count_says_of_how_many_and_what_is_not_known_yet() -> None:
    cases = [
        WENT_HOME,
        came_back(2 * HOUR),
        TAKEN_BACK,
        STILL_HERE,
        NOT_KNOWN,
        replace(WENT_HOME, follow_up_visible=False),
        replace(WENT_HOME, outcome=Outcome.NO_CAPACITY),
        replace(WENT_HOME, outcome=None),
    ]
    assert count(cases, "decided") == Count("decided", 7, 8)
    assert count(cases, "accepted") == Count("accepted", 6, 7)
    assert count(cases, "no-capacity") == Count("no-capacity", 1, 7)
    assert count(cases, "redirected") == Count("redirected", 3, 6, pending=1, unknown=1)
    assert count(cases, "redirect-reversed") == Count("redirect-reversed", 1, 6, 1, 1)
    assert count(cases, "attendance-avoided-24h") == Count(
        "attendance-avoided-24h", 1, 3, pending=0, unknown=1
    )
    assert count(cases, "reattendance-72h") == Count("reattendance-72h", 1, 3, 0, 1)
    assert count(cases, "community-response-2h") == Count("community-response-2h", 3, 3)


def test_a_proportion_leaves_out_what_has_no_answer_yet() -> None:
    redirects = Count("x", 3, 6, pending=1, unknown=1)
    assert redirects.known == 4
    assert redirects.proportion == 0.75
    assert redirects.completeness == pytest.approx(4 / 6)
    assert Count("x", 0, 2, pending=2).proportion is None
    assert Count("x", 0, 0).completeness is None


def test_with_nobody_every_count_is_0_of_0() -> None:
    nobody = count_outcomes([], MUCH_LATER)
    assert {(found.yes, found.of) for found in nobody.counts.values()} == {(0, 0)}
    assert all(spans.median is None for spans in nobody.spans.values())


def test_every_count_and_span_has_its_definition_and_none_is_left_over() -> None:
    counted = count_outcomes([WENT_HOME], MUCH_LATER)
    assert set(counted.counts) | set(counted.spans) == set(DEFINITIONS)
    assert counted.definitions == DEFINITIONS


def test_an_avoided_admission_is_called_potential_and_conveyance_is_never_claimed() -> None:
    for name in ("admission-avoided-72h", "admission-avoided-7d", "admission-avoided-30d"):
        assert DEFINITIONS[name].startswith("Potential")
    assert "conveyance" in DEFINITIONS["redirected"]
    assert not any("convey" in name for name in DEFINITIONS)


def test_a_site_with_other_windows_gets_them_in_names_and_words() -> None:
    settings = OutcomeSettings(attendance_window=48 * HOUR, waiting_threshold=timedelta(minutes=30))
    counted = count_outcomes([came_back(30 * HOUR)], MUCH_LATER, settings)
    assert counted.counts["attendance-avoided-48h"].yes == 0
    assert "48 hours" in definitions(settings)["attendance-avoided-48h"]
    assert "30 minutes" in counted.definitions["ambulance-time-lost"]
    assert counted.spans["ambulance-time-lost"].minutes == (90,)
    assert [span_name(w) for w in (24 * HOUR, 72 * HOUR, 7 * DAY, timedelta(minutes=90))] == [
        "24h",
        "72h",
        "7d",
        "90min",
    ]


def test_the_time_of_each_step() -> None:
    spans = count_outcomes([WENT_HOME, TAKEN_BACK], MUCH_LATER).spans
    assert spans["flag-to-claim"].minutes == (15, 15)
    assert spans["claim-to-decision"].median == 45
    assert spans["decision-to-departure"].minutes == (50, 50)
    assert spans["ambulance-time-lost"].minutes == (105, 105)
    assert spans["ambulance-time-lost"].total_hours == 3.5


def test_a_step_that_is_not_over_is_pending_and_one_that_cannot_be_told_unknown() -> None:
    cases = [
        replace(WENT_HOME, claimed_at=None, outcome=None, decided_at=None),
        replace(WENT_HOME, claimed_at=None, outcome=None, decided_at=None, withdrawn=True),
        replace(WENT_HOME, claimed_at=None, outcome=Outcome.HANDED_OVER_FIRST),
        replace(WENT_HOME, claimed_at=m(ARRIVED)),
        replace(WENT_HOME, claimed_at=read_moment("2026-03-02")),
        WENT_HOME,
    ]
    spans = count_outcomes(cases, MUCH_LATER).spans["flag-to-claim"]
    assert (spans.minutes, spans.of, spans.pending, spans.unknown) == ((15,), 4, 1, 2)
    leaving = count_outcomes([STILL_HERE, NOT_KNOWN], MUCH_LATER).spans["decision-to-departure"]
    assert (leaving.of, leaving.pending, leaving.unknown) == (2, 1, 1)


def test_somebody_still_here_goes_on_losing_ambulance_time() -> None:
    for hours in (1, 2):
        as_at = ARRIVED + hours * HOUR
        spans = count_outcomes([STILL_HERE], as_at).spans["ambulance-time-lost"]
        assert spans.minutes == (hours * 60 - 15,)
    early = count_outcomes([STILL_HERE], ARRIVED + timedelta(minutes=15)).spans
    assert early["ambulance-time-lost"].minutes == (0,)
    before = count_outcomes([NOT_KNOWN], MUCH_LATER).spans["ambulance-time-lost"]
    assert (before.minutes, before.unknown) == ((), 1)


def test_quantiles_of_a_step_are_those_of_real_cases() -> None:
    cases = [
        replace(WENT_HOME, claimed_at=m(ARRIVED + timedelta(minutes=10 + n)))
        for n in (1, 2, 3, 4, 100)
    ]
    spans = count_outcomes(cases, MUCH_LATER).spans["flag-to-claim"]
    assert [spans.at_quantile(q) for q in (0, 0.2, 0.5, 0.9, 1)] == [1, 1, 3, 100, 100]


def test_missed_opportunities_are_counted_by_service_and_hour_in_london() -> None:
    def refused(when: str, service: str) -> RedirectCase:
        return replace(
            WENT_HOME, outcome=Outcome.NO_CAPACITY, decided_at=read_moment(when), service=service
        )

    cases = [
        refused("2026-07-01T20:10:00Z", "Rapid Response"),
        refused("2026-07-02T20:50:00Z", "Rapid Response"),
        refused("2026-01-01T20:50:00Z", "Rapid Response"),
        refused("2026-07-01", ""),
        WENT_HOME,
    ]
    assert missed_opportunities(cases) == {
        ("Rapid Response", 21): 2,
        ("Rapid Response", 20): 1,
        ("", None): 1,
    }


def test_a_case_belongs_to_the_period_of_its_decision_else_of_its_flag() -> None:
    assert dated(WENT_HOME) == WENT_HOME.decided_at
    assert dated(replace(WENT_HOME, decided_at=None)) == WENT_HOME.flagged_at
    assert dated(replace(WENT_HOME, decided_at=None, flagged_at=None)) == WENT_HOME.waiting_since


@pytest.mark.parametrize(("small", "hidden"), [(0, False), (1, True), (4, True), (5, False)])
def test_small_numbers_are_suppressed_and_none_at_all_is_not(small: int, hidden: bool) -> None:
    assert suppressed(small) is hidden


offsets = st.timedeltas(timedelta(days=-3), timedelta(days=40))
cases_of = st.builds(
    replace,
    st.sampled_from([WENT_HOME, TAKEN_BACK, STILL_HERE, NOT_KNOWN]),
    attendances=st.lists(st.none() | offsets.map(lambda d: m(LEFT + d)), max_size=3).map(tuple),
    admissions=st.lists(st.none() | offsets.map(lambda d: m(LEFT + d)), max_size=3).map(tuple),
    follow_up_visible=st.booleans(),
)


@given(st.lists(cases_of, max_size=8), offsets)
def test_every_count_adds_up_at_every_time(cases: list[RedirectCase], after: timedelta) -> None:
    for found in count_outcomes(cases, LEFT + after).counts.values():
        assert 0 <= found.yes <= found.known <= found.of


@given(cases_of, offsets, offsets)
def test_an_answer_once_given_is_never_taken_back_by_time_alone(
    case: RedirectCase, one: timedelta, other: timedelta
) -> None:
    earlier, later = sorted((LEFT + one, LEFT + other))
    for window in (DAY, 72 * HOUR, 30 * DAY):
        then = admission_avoided(case, window, earlier)
        if then in (Verdict.YES, Verdict.NO):
            assert admission_avoided(case, window, later) is then


@given(cases_of, offsets)
def test_a_longer_window_never_avoids_more(case: RedirectCase, after: timedelta) -> None:
    as_at = LEFT + after
    if admission_avoided(case, 7 * DAY, as_at) is Verdict.YES:
        assert admission_avoided(case, 72 * HOUR, as_at) is Verdict.YES


@given(cases_of)
def test_one_more_admission_never_avoids_more(case: RedirectCase) -> None:
    more = replace(case, admissions=(*case.admissions, m(LEFT + HOUR)))
    before = admission_avoided(case, 72 * HOUR, MUCH_LATER)
    after = admission_avoided(more, 72 * HOUR, MUCH_LATER)
    assert after is before or after is Verdict.NO
