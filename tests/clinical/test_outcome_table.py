"""The table of many cases says exactly what counting them one by one says."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinical import outcome_columns
from clinical.age import Age
from clinical.moments import LONDON, Moment, Precision, at_instant, read_moment
from clinical.outcome_counts import OutcomeCounts, count_outcomes, dated, missed_opportunities
from clinical.outcome_filters import EVERYTHING, CaseFilter, Group, group_of
from clinical.outcome_table import OutcomeTable
from clinical.outcomes import (
    DAY,
    HOUR,
    CommunityContact,
    Departure,
    OutcomeSettings,
    RedirectCase,
)
from clinical.review import Outcome

UNHURRIED = settings(deadline=None)
"""A busy machine is no failure."""
T0 = datetime(2026, 3, 28, 11, 0, tzinfo=UTC)
"""The day before the clocks go forward."""
SITE_30 = OutcomeSettings(
    attendance_window=48 * HOUR,
    admission_windows=(90 * timedelta(minutes=1), 7 * DAY),
    waiting_threshold=timedelta(minutes=30),
)

offsets = st.one_of(
    st.sampled_from([0, 15, 120, 24 * 60, 72 * 60, 7 * 24 * 60, 30 * 24 * 60]).map(
        lambda minutes: timedelta(minutes=minutes)
    ),
    st.timedeltas(timedelta(days=-3), timedelta(days=33)),
)
instants = offsets.map(lambda after: at_instant((T0 + after).astimezone(LONDON)))
days = offsets.map(lambda after: read_moment((T0 + after).date().isoformat()))
months = st.sampled_from(["2026-03", "2026-04", "2026", "2025"]).map(read_moment)
moments = st.one_of(st.none(), instants, instants, instants, days, months)
events = st.lists(moments, max_size=3).map(tuple)
cases = st.builds(
    RedirectCase,
    task=st.uuids().map(str),
    encounter=st.just("e"),
    outcome=st.one_of(
        st.none(),
        st.just(Outcome.REDIRECTED),
        st.just(Outcome.REDIRECTED),
        st.sampled_from(Outcome),
    ),
    waiting_since=moments,
    flagged_at=moments,
    claimed_at=moments,
    decided_at=moments,
    departure=st.sampled_from([Departure.LEFT, Departure.LEFT, *Departure]),
    left_site_at=moments,
    handed_back_at=moments,
    attendances=events,
    admissions=events,
    deceased=st.booleans(),
    deceased_at=moments,
    referred_at=moments,
    contacts=st.lists(st.builds(CommunityContact, moments, st.booleans()), max_size=2).map(tuple),
    follow_up_visible=st.sampled_from([True, True, False]),
    visible_until=st.none() | offsets.map(lambda after: T0 + after),
    withdrawn=st.sampled_from([False, False, True]),
    site=st.sampled_from(["", "Royal Fern", "Marsh"]),
    service=st.sampled_from(["", "Rapid Response", "Falls"]),
    reason=st.sampled_from(["", "falls", "She fell"]),
    age=st.none() | st.integers(0, 99).map(lambda years: Age(years, years)),
    frailty=st.none() | st.integers(1, 9),
    ethnicity=st.sampled_from(["", "A", "Z9", "English"]),
    deprivation=st.none() | st.integers(1, 10),
)
some = st.lists(cases, max_size=8)
as_ats = offsets.map(lambda after: T0 + after)


def same(found: OutcomeCounts, wanted: OutcomeCounts) -> bool:
    """Every count, every span to the last digit, every definition; in the same order."""
    assert dict(found.counts) == dict(wanted.counts)
    assert dict(found.spans) == dict(wanted.spans)
    assert list(found.counts) == list(wanted.counts)
    return found == wanted


@settings(UNHURRIED, max_examples=400)
@given(some, as_ats, st.sampled_from([OutcomeSettings(), SITE_30]))
def test_the_table_counts_what_counting_one_by_one_counts(
    everybody: list[RedirectCase], as_at: datetime, windows: OutcomeSettings
) -> None:
    table = OutcomeTable.of(everybody, windows)
    assert same(table.counts(as_at), count_outcomes(everybody, as_at, windows))
    assert len(table) == len(everybody)


def within(case: RedirectCase, start: datetime | None, end: datetime | None) -> bool:
    at = dated(case)
    if at is None:
        return start is None and end is None
    return (start is None or start <= at.earliest) and (end is None or at.earliest < end)


@UNHURRIED
@given(
    some,
    st.none() | as_ats,
    st.none() | as_ats,
    st.dictionaries(
        st.sampled_from(Group),
        st.sets(
            st.sampled_from(["not recorded", "Royal Fern", "Falls", "falls", "1-3", "85 and over"])
        ),
        max_size=2,
    ),
)
def test_a_period_and_a_filter_take_the_same_cases_as_one_by_one(
    everybody: list[RedirectCase],
    start: datetime | None,
    end: datetime | None,
    chosen: dict[Group, set[str]],
) -> None:
    narrowed = CaseFilter({group: frozenset(names) for group, names in chosen.items()})
    found = OutcomeTable.of(everybody).select(start, end, narrowed)
    wanted = [case for case in everybody if within(case, start, end) and narrowed.takes(case)]
    assert same(found.counts(T0 + DAY), count_outcomes(wanted, T0 + DAY))


@UNHURRIED
@given(some)
def test_the_groups_of_a_table_are_those_of_its_cases(everybody: list[RedirectCase]) -> None:
    table = OutcomeTable.of(everybody)
    for group in Group:
        split = table.by(group)
        assert list(split) == table.groups(group)
        assert {group_of(case, group) for case in everybody} == set(split)
        for name, part in split.items():
            wanted = [case for case in everybody if group_of(case, group) == name]
            assert same(part.counts(T0 + DAY), count_outcomes(wanted, T0 + DAY))
            assert part == table.select(None, None, CaseFilter({group: frozenset({name})}))


@UNHURRIED
@given(some, some)
def test_cases_that_changed_take_the_place_of_those_they_were(
    before: list[RedirectCase], news: list[RedirectCase]
) -> None:
    changed = [replace(new, task=old.task) for old, new in zip(before, news, strict=False)] + news[
        len(before) :
    ]
    after = {case.task: case for case in [*before, *changed]}
    gone = before[-1].task if before else "nobody"
    after.pop(gone, None)
    table = OutcomeTable.of(before)
    renewed = table.replace([c for c in changed if c.task != gone], without=[gone])
    assert renewed == OutcomeTable.of(after.values())
    assert table == OutcomeTable.of(before)
    assert same(renewed.counts(T0 + DAY), count_outcomes(after.values(), T0 + DAY))


def test_a_table_of_other_cases_is_another_table() -> None:
    table = OutcomeTable.of([REFUSED])
    assert table != OutcomeTable.of([replace(REFUSED, task="other")])
    assert table != OutcomeTable.of([replace(REFUSED, service="Falls")])
    assert table != OutcomeTable.of([replace(REFUSED, withdrawn=True)])
    assert table != OutcomeTable.of([REFUSED], SITE_30)
    assert table != "a table"
    assert table.replace([]) is table


@UNHURRIED
@given(some)
def test_missed_opportunities_by_service_and_hour(everybody: list[RedirectCase]) -> None:
    assert OutcomeTable.of(everybody).missed() == missed_opportunities(everybody)


def london_week(case: RedirectCase) -> str | None:
    at = dated(case)
    if at is None:
        return None
    day = at.earliest.astimezone(LONDON).date()
    return (day - timedelta(days=day.weekday())).isoformat()


def london_month(case: RedirectCase) -> str | None:
    at = dated(case)
    return None if at is None else at.earliest.astimezone(LONDON).date().isoformat()[:8] + "01"


@UNHURRIED
@given(some, st.sampled_from(["redirected", "admission-avoided-72h", "no-capacity", "flagged"]))
def test_a_series_counts_each_week_and_month_of_london_for_itself(
    everybody: list[RedirectCase], name: str
) -> None:
    table = OutcomeTable.of(everybody)
    as_at = T0 + 40 * DAY
    for found, of in (
        (table.series(name, as_at), london_week),
        (table.series(name, as_at, "month"), london_month),
    ):
        days_of = [each.start.isoformat() for each in found]
        assert days_of == sorted(set(days_of))
        assert {of(case) for case in everybody} - {None} <= set(days_of)
        for each in found:
            cell = [case for case in everybody if of(case) == each.start.isoformat()]
            assert each.count == count_outcomes(cell, as_at).counts[name]
    split = table.periods("week")
    assert [day for day, _ in split] == [each.start for each in table.series(name, as_at)]
    for day, part in split:
        cell = [case for case in everybody if london_week(case) == day.isoformat()]
        assert same(part.counts(as_at), count_outcomes(cell, as_at))


def test_a_week_that_the_period_cuts_or_that_is_not_over_is_not_a_whole_one() -> None:
    table = OutcomeTable.of(
        [decided(f"d{n}", datetime(2026, 3, 18 + n, 12, tzinfo=UTC)) for n in range(12)]
    )
    found = table.series(
        "decided",
        datetime(2026, 4, 1, 12, tzinfo=UTC),
        start=datetime(2026, 3, 18, tzinfo=UTC),
        end=datetime(2026, 4, 30, tzinfo=UTC),
    )
    assert [(each.start.isoformat(), each.count.yes, each.whole) for each in found] == [
        ("2026-03-16", 5, False),
        ("2026-03-23", 7, True),
        ("2026-03-30", 0, False),
        ("2026-04-06", 0, False),
        ("2026-04-13", 0, False),
        ("2026-04-20", 0, False),
        ("2026-04-27", 0, False),
    ]


def test_a_week_begins_at_midnight_in_london_also_after_the_clocks_have_changed() -> None:
    just_before = decided("a", datetime(2026, 3, 29, 22, 59, 59, tzinfo=UTC))
    at_once = decided("b", datetime(2026, 3, 29, 23, 0, tzinfo=UTC))
    found = OutcomeTable.of([just_before, at_once]).series("decided", T0 + 40 * DAY)
    assert [(each.start.isoformat(), each.count.yes) for each in found] == [
        ("2026-03-23", 1),
        ("2026-03-30", 1),
    ]


def test_a_name_that_is_not_counted_has_no_series() -> None:
    with pytest.raises(KeyError):
        OutcomeTable.of([REFUSED]).series("conveyance-avoided", T0)


@UNHURRIED
@given(some, as_ats)
def test_everybody_of_a_step_of_the_funnel_goes_on_or_leaves_it_for_a_reason(
    everybody: list[RedirectCase], as_at: datetime
) -> None:
    table = OutcomeTable.of(everybody)
    counts = count_outcomes(everybody, as_at).counts
    steps = {step.name: step for step in table.funnel(as_at, waiting=len(everybody) + 7)}
    assert list(steps)[:6] == ["waiting", "flagged", "claimed", "decided", "accepted", "redirected"]
    for step in steps.values():
        if step.after:
            assert step.people + sum(step.left.values()) == steps[step.after].people
        assert min([step.people, *step.left.values()]) >= 0
        if step.name in ("redirected", "attendance-avoided-24h", "admission-avoided-30d"):
            count = counts[step.name]
            assert (step.people, step.left["pending"], step.left["unknown"]) == (
                count.yes,
                count.pending,
                count.unknown,
            )
    for name in ("not-suitable", "patient-declined", "no-capacity", "deferred"):
        assert steps["accepted"].left[name] == counts[name].yes
    late = [steps[name].left["handed-over-first"] for name in ("claimed", "decided")]
    assert sum(late) == counts["handed-over-first"].yes
    assert steps["accepted"].people == counts["accepted"].yes
    assert steps["redirected"].left["redirect-reversed"] == counts["redirect-reversed"].yes


def test_fewer_cannot_have_waited_than_were_reviewed() -> None:
    with pytest.raises(ValueError, match="fewer waited"):
        OutcomeTable.of([REFUSED]).funnel(T0, waiting=0)


@UNHURRIED
@given(some)
def test_each_need_service_and_hour_is_counted_for_itself(everybody: list[RedirectCase]) -> None:
    def cell(case: RedirectCase) -> tuple[str, str, int | None]:
        at = case.decided_at
        hour = at.earliest.astimezone(LONDON).hour if at and at.exact else None
        return group_of(case, Group.REASON), case.service, hour

    as_at = T0 + DAY
    decided_ones = [case for case in everybody if case.outcome is not None]
    found = OutcomeTable.of(everybody).by_need_service_hour(as_at)
    assert {(each.need, each.service, each.hour) for each in found} == set(map(cell, decided_ones))
    assert [each.missed for each in found] == sorted((e.missed for e in found), reverse=True)
    for each in found:
        here = [c for c in decided_ones if cell(c) == (each.need, each.service, each.hour)]
        assert each.missed == sum(c.outcome is Outcome.NO_CAPACITY for c in here)
        assert each.counts == count_outcomes(here, as_at).counts


def test_what_was_asked_before_is_not_worked_out_again() -> None:
    table = OutcomeTable.of([REFUSED])
    narrowed = table.select(T0 - DAY, T0 + DAY, CaseFilter({Group.SITE: frozenset({"x"})}))
    assert table.select(T0 - DAY, T0 + DAY, CaseFilter({Group.SITE: frozenset({"x"})})) is narrowed
    assert table.counts(T0) is table.counts(T0)
    for hour in range(600):
        table.counts(T0 + hour * HOUR)
    assert table.counts(T0) == count_outcomes([REFUSED], T0)


def test_instants_are_told_apart_to_the_microsecond() -> None:
    left = datetime(2026, 3, 28, 12, 0, 0, 1, tzinfo=UTC)
    case = replace(
        REFUSED,
        outcome=Outcome.REDIRECTED,
        departure=Departure.LEFT,
        left_site_at=at_instant(left),
        attendances=(exact(left + DAY + timedelta(microseconds=1)),),
    )
    assert OutcomeTable.of([case]).counts(T0 + 9 * DAY).counts["attendance-avoided-24h"].yes == 1
    on_time = replace(case, attendances=(exact(left + DAY),))
    assert OutcomeTable.of([on_time]).counts(T0 + 9 * DAY).counts["attendance-avoided-24h"].yes == 0


def exact(when: datetime) -> Moment:
    return Moment(when.isoformat(), when, when, Precision.INSTANT)


def decided(task: str, when: datetime) -> RedirectCase:
    return replace(REFUSED, task=task, decided_at=at_instant(when))


REFUSED = RedirectCase(
    task="t1",
    encounter="e1",
    outcome=Outcome.NO_CAPACITY,
    waiting_since=at_instant(T0),
    flagged_at=at_instant(T0 + timedelta(minutes=5)),
    claimed_at=at_instant(T0 + timedelta(minutes=9)),
    decided_at=at_instant(T0 + timedelta(minutes=30)),
    departure=Departure.STILL_HERE,
    left_site_at=None,
    handed_back_at=None,
    service="Rapid Response",
)


def test_nobody_at_all_is_counted_too() -> None:
    nobody: Iterable[RedirectCase] = ()
    table = OutcomeTable.of(nobody)
    assert table.counts(T0) == count_outcomes((), T0)
    assert table.series("decided", T0) == []
    assert table.periods("month") == []
    assert table.by(Group.SITE) == {}
    assert table.by_need_service_hour(T0) == []
    assert table.select(T0, T0 + DAY, EVERYTHING) == table
    assert table.replace([REFUSED]) == OutcomeTable.of([REFUSED])


def test_more_cases_than_are_taken_in_at_once_are_all_taken_in(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(outcome_columns, "_AT_ONCE", 3)
    everybody = [decided(f"t{n}", T0 + n * DAY) for n in range(10)]
    table = OutcomeTable.of(everybody)
    assert table.tasks == [case.task for case in everybody]
    assert same(table.counts(T0 + 9 * DAY), count_outcomes(everybody, T0 + 9 * DAY))
