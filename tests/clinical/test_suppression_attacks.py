"""Attackers who open the manager's page as often as they like, on made-up reviews with few people
in most corners. Each wins as soon as the rule that holds it off is left out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import combinations, product

import numpy as np
import pytest

from clinical.age import Age
from clinical.manager_view import ManagerView
from clinical.outcome_columns import Column
from clinical.outcome_filters import EVERYTHING, CaseFilter, Group
from clinical.outcome_rows import CaseRows
from clinical.outcome_table import OutcomeTable
from clinical.suppression import Suppression
from clinical.weeks import WEEK, Weeks
from tests.clinical.attacker import guesses
from tests.clinical.test_suppression import AS_AT, SECRET, made_up_cases, seeded

NEWEST = date(2026, 6, 28)
QUARTER = Weeks.until(NEWEST, 13)
ASKED_BY = (Group.AGE, Group.REASON, Group.SERVICE)
SERVICES = ("Falls", "Virtual ward", "District nursing", "Hospice at home")


def a_year(number: int) -> OutcomeTable:
    """600 reviews of a year: 72 ways of age, reason and service, most with few people a quarter."""
    chance = seeded(number)
    ages = chance.choices((30, 50, 60, 70, 80, 90), (1, 2, 3, 6, 8, 6), k=600)
    made = made_up_cases(chance, 600, weeks=52)
    return OutcomeTable.of(
        replace(
            each,
            age=Age(age, age),
            service=chance.choice(SERVICES),
            reason=chance.choice(("falls", "breathing", "catheter")),
        )
        for each, age in zip(made, ages, strict=True)
    )


def without_the_half(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everybody is told of, so that only rounding and exchanged times are left."""

    def everybody(_self: Suppression, table: CaseRows) -> Column:
        return np.ones(len(table), dtype=np.bool_)

    def as_many(self: Suppression, told_of: int) -> int:
        return (told_of + self.base // 2) // self.base * self.base

    monkeypatch.setattr(Suppression, "half", everybody)
    monkeypatch.setattr(Suppression, "shown", as_many)


def without_exchange(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everybody is told of at their own time."""

    def themselves(_self: Suppression, _table: CaseRows, rows: Column) -> Column:
        return rows

    monkeypatch.setattr(Suppression, "exchanged", themselves)


def choices(names: Sequence[str]) -> list[frozenset[str]]:
    """Every choice of one name or more."""
    return [
        frozenset(each) for size in range(1, len(names) + 1) for each in combinations(names, size)
    ]


def averaged(table: OutcomeTable, name: str) -> Iterator[tuple[int, float]]:
    """Ask for every choice of several ages, reasons and services, and take least squares: each
    number from 1 to 4, and what comes out for it.
    """
    suppression = Suppression(SECRET)
    names = [suppression.listed(table, group) for group in ASKED_BY]
    atoms = [*product(*names)]
    told = {}
    for chosen in product(*map(choices, names)):
        case_filter = CaseFilter(dict(zip(ASKED_BY, chosen, strict=True)))
        shown = ManagerView(table, AS_AT, QUARTER, case_filter, suppression)
        many = shown.counts[name].yes
        if not shown.too_few and many is not None:
            members = [
                place
                for place, atom in enumerate(atoms)
                if all(part in some for part, some in zip(atom, chosen, strict=True))
            ]
            told[frozenset(members)] = many
    assert len(told) > 500
    found = guesses(len(atoms), {}, told)
    part = table.select(QUARTER.start, QUARTER.end)
    asked = part.judge(AS_AT).ask(name)
    rows = asked.rows[asked.verdicts == 1].tolist()
    labels = [
        tuple(part.names(group)[part.codes(group)[row]] for group in ASKED_BY) for row in rows
    ]
    for place, atom in enumerate(atoms):
        if 0 < labels.count(atom) < 5:
            yield labels.count(atom), found[place]


def of_averaging(seeds: range) -> tuple[float, float, int]:
    """How often the average is right, how often always saying the commonest of the numbers from 1
    to 4 is, and of how many of them.
    """
    found = [each for seed in seeds for each in averaged(a_year(seed), "decided")]
    right = sum(round(guess) == many for many, guess in found)
    [(_, commonest)] = Counter(many for many, _ in found).most_common(1)
    return right / len(found), commonest / len(found), len(found)


def test_asking_often_and_averaging_finds_less_than_always_saying_the_same() -> None:
    right, always_the_same, hidden = of_averaging(range(3))
    assert hidden > 100
    assert right < 0.3
    assert right < always_the_same


def test_averaging_wins_where_everybody_is_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    without_the_half(monkeypatch)
    right, always_the_same, _ = of_averaging(range(1))
    assert right > 0.8
    assert right > 2 * always_the_same


def differences(table: OutcomeTable, name: str) -> Iterator[bool]:
    """Compare each period with those that end earlier and hold, of everybody, one such person
    less. Where the number of a row differs, that person must be of that row: whether they are.
    """
    suppression = Suppression(SECRET)
    periods = [
        Weeks.until(NEWEST - back * WEEK, many) for back in range(20) for many in range(4, 30)
    ]
    views = {each: ManagerView(table, AS_AT, each, EVERYTHING, suppression) for each in periods}
    rows = {
        weeks: {
            (group, label): row[name].yes
            for group in ASKED_BY
            for label, row in view.by(group, [name]).items()
        }
        for weeks, view in views.items()
    }
    for longer, shorter in product(periods, periods):
        if shorter.first != longer.first or shorter.last >= longer.last:
            continue
        many, fewer = (views[each].counts[name].yes or 0 for each in (longer, shorter))
        if many - fewer != 1:
            continue
        between = table.select(shorter.end, longer.end)
        asked = between.judge(AS_AT).ask(name)
        [row] = asked.rows[asked.verdicts == 1].tolist()
        for (group, label), shown in rows[longer].items():
            before = rows[shorter].get((group, label))
            if shown is not None and before is not None and shown != before:
                yield between.names(group)[between.codes(group)[row]] == label


def test_a_row_that_changes_between_two_periods_names_nobody() -> None:
    claims = [claim for seed in range(4) for claim in differences(a_year(seed), "no-capacity")]
    assert len(claims) > 100
    assert sum(claims) / len(claims) < 0.4


def test_every_such_change_names_somebody_where_times_are_not_exchanged(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    without_exchange(monkeypatch)
    claims = [claim for seed in range(2) for claim in differences(a_year(seed), "no-capacity")]
    assert len(claims) > 50
    assert all(claims)


def test_how_long_steps_took_says_nothing_of_how_many_there_are() -> None:
    """Whether they are told of must not hang on the 20th person being there, but on the half."""
    table, suppression = a_year(1), Suppression(SECRET)
    half = suppression.half(table)
    told_of_fewer = withheld_of_more = 0
    for age, reason, service in product(*(suppression.listed(table, group) for group in ASKED_BY)):
        case_filter = CaseFilter(
            {
                group: frozenset([name])
                for group, name in zip(ASKED_BY, (age, reason, service), strict=True)
            }
        )
        year = Weeks.until(NEWEST, 53)
        [_, to_claim, *_] = ManagerView(table, AS_AT, year, case_filter, suppression).spans()
        taken = table.taken(case_filter)
        told = to_claim.median is not None
        assert told == (suppression.shown(int((half & taken).sum())) >= suppression.fewest)
        told_of_fewer += told and taken.sum() < suppression.fewest
        withheld_of_more += not told and taken.sum() >= suppression.fewest
    assert told_of_fewer
    assert withheld_of_more


def test_a_part_and_the_rest_of_everybody_do_not_add_up_to_everybody() -> None:
    """One age against all the others, in every period: taking the one from the exact whole."""
    suppression = Suppression(SECRET)
    right = tried = 0
    for table, many, place in product(map(a_year, range(2, 9)), range(8, 53, 4), range(5)):
        ages = suppression.listed(table, Group.AGE)
        age = ages[place % len(ages)]
        weeks = Weeks.until(NEWEST, many)
        rest = CaseFilter({Group.AGE: frozenset(ages) - {age}})
        exact = ManagerView(table, AS_AT, weeks, EVERYTHING, suppression).counts["no-capacity"].yes
        others = ManagerView(table, AS_AT, weeks, rest, suppression).counts["no-capacity"].yes
        part = table.select(weeks.start, weeks.end, CaseFilter({Group.AGE: frozenset([age])}))
        truth = part.counts(AS_AT).counts["no-capacity"].yes
        if exact is not None and others is not None and 0 < truth < 5:
            tried += 1
            right += exact - others == truth
    assert tried > 40
    assert right / tried < 0.3


def test_a_period_of_one_week_splits_nothing_that_everybody_has_few_of() -> None:
    table, suppression = a_year(3), Suppression(SECRET)
    few = 0
    for back in range(50):
        weeks = Weeks.until(NEWEST - timedelta(days=7 * back), 1)
        view = ManagerView(table, AS_AT, weeks, EVERYTHING, suppression)
        for row in view.by(Group.AGE, [*view.counts]).values():
            for name, shown in row.items():
                for part, many in zip(shown.numbers, view.counts[name].numbers, strict=True):
                    if many and many < suppression.fewest:
                        few += 1
                        assert part is None
    assert few > 1000
