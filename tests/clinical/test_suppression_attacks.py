"""Attackers who open the manager's page as often as they like, on made-up reviews with few people
in most corners. Each of them wins as soon as the rule that holds it off is left out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import combinations, product

import numpy as np
import pytest

from clinical.age import Age
from clinical.manager_view import ManagerView
from clinical.outcome_columns import Column
from clinical.outcome_filters import CaseFilter, Group
from clinical.outcome_table import OutcomeTable
from clinical.outcomes import RedirectCase
from clinical.review import Outcome
from clinical.suppression import Suppression
from clinical.suppression_parts import MOST_GROUPS
from clinical.weeks import Weeks
from tests.clinical.attacker import guesses
from tests.clinical.test_suppression import AS_AT, SECRET, made_up_cases, seeded

YEAR = Weeks.until(date(2026, 6, 28), 51)
"""Four quarters."""
GROUPS = (Group.SITE, Group.AGE, Group.REASON, Group.SERVICE)
SERVICES = ("Falls", "Virtual ward", "District nursing", "Hospice at home")
Where = tuple[tuple[Group, str], ...]
"""The one name of each group that a part is narrowed to."""


def a_year(number: int) -> list[RedirectCase]:
    """600 reviews of a year, most corners of them with few people in a quarter."""
    chance = seeded(number)
    ages = chance.choices((30, 50, 60, 70, 80, 90), (1, 2, 3, 6, 8, 6), k=600)
    made = made_up_cases(chance, 600, weeks=52)
    return [
        replace(
            each,
            age=Age(age, age),
            service=chance.choice(SERVICES),
            reason=chance.choice(("falls", "breathing", "catheter")),
        )
        for each, age in zip(made, ages, strict=True)
    ]


@dataclass(frozen=True)
class Attack:
    """Everything that the page tells of one count, under every filter, row and period."""

    table: OutcomeTable
    as_at: datetime
    weeks: Weeks
    groups: Sequence[Group]
    name: str
    suppression: Suppression

    @property
    def quarters(self) -> tuple[Weeks, ...]:
        """Parts are told by these and their sums."""
        return self.weeks.quarters()

    def periods(self) -> Iterator[tuple[int, int]]:
        """From which to which quarter."""
        many = len(self.quarters)
        yield from ((first, last) for first in range(many) for last in range(first, many))

    def view(self, period: tuple[int, int], where: Where = ()) -> ManagerView:
        """The page of a period, narrowed to these names."""
        weeks = Weeks(self.quarters[period[0]].first, self.quarters[period[1]].last)
        case_filter = CaseFilter({group: frozenset([name]) for group, name in where})
        return ManagerView(self.table, self.as_at, weeks, case_filter, self.suppression)

    def places(self, most: int) -> Iterator[Where]:
        """Every choice of one name of each of up to so many groups."""
        named = {group: self.suppression.listed(self.table, group) for group in self.groups}
        for size in range(most + 1):
            for used in combinations(self.groups, size):
                yield from (
                    tuple(zip(used, names, strict=True))
                    for names in product(*(named[group] for group in used))
                )

    def told(self, period: tuple[int, int]) -> dict[Where, int]:
        """Each number of a part that a page of this period tells, by its filters and rows."""
        found: dict[Where, int] = {}
        for where in self.places(MOST_GROUPS):
            shown = self.view(period, where)
            if shown.too_few:
                continue
            for group in self.groups:
                for label, row in shown.by(group, [self.name]).items():
                    many = row[self.name].yes
                    if many is not None:
                        key = {*where, (group, label)}
                        found[tuple(sorted(key, key=lambda each: each[0].value))] = many
        return found

    def truth(self, quarter: int) -> list[Mapping[Group, str]]:
        """The groups of each person counted in this quarter."""
        weeks = self.quarters[quarter]
        part = self.table.select(weeks.start, weeks.end)
        asked = part.judge(self.as_at).ask(self.name)
        return [
            {group: part.names(group)[part.codes(group)[row]] for group in self.groups}
            for row in asked.rows[asked.verdicts == 1].tolist()
        ]

    def guessed(self) -> list[tuple[int, float]]:
        """Least squares over everything told: each number from 1 to 4 of a part in one quarter,
        and what comes out for it.
        """
        named = [self.suppression.listed(self.table, group) for group in self.groups]
        labels = [dict(zip(self.groups, names, strict=True)) for names in product(*named)]
        quarters = len(self.quarters)

        def atoms(where: Where, first: int, last: int) -> frozenset[int]:
            return frozenset(
                place * quarters + quarter
                for place, label in enumerate(labels)
                if all(label[group] == name for group, name in where)
                for quarter in range(first, last + 1)
            )

        exact, told = {}, {}
        for first, last in self.periods():
            exact[atoms((), first, last)] = self.view((first, last)).counts[self.name].yes or 0
            for where, many in self.told((first, last)).items():
                told[atoms(where, first, last)] = many
        found = guesses(len(labels) * quarters, exact, told)
        hidden = []
        for quarter in range(quarters):
            people = self.truth(quarter)
            for where in self.places(len(self.groups)):
                many = sum(all(one[group] == name for group, name in where) for one in people)
                if where and 0 < many < self.suppression.base:
                    guess = sum(found[each] for each in atoms(where, quarter, quarter))
                    hidden.append((many, guess))
        return hidden


def attack_on(cases: list[RedirectCase], name: str) -> Attack:
    """On a year that was made up."""
    return Attack(OutcomeTable.of(cases), AS_AT, YEAR, GROUPS, name, Suppression(SECRET))


def rates(hidden: Sequence[tuple[int, float]]) -> tuple[float, float]:
    """How often the guesses are right, and how often always saying the commonest number is."""
    right = sum(round(guess) == many for many, guess in hidden)
    [(_, commonest)] = Counter(many for many, _ in hidden).most_common(1)
    return right / len(hidden), commonest / len(hidden)


@pytest.mark.parametrize("name", ["no-capacity", "decided"])
def test_asking_everything_and_averaging_finds_less_than_always_saying_the_same(name: str) -> None:
    hidden = [each for seed in range(2) for each in attack_on(a_year(seed), name).guessed()]
    right, always_the_same = rates(hidden)
    assert len(hidden) > 800
    assert right < 0.34
    assert right < always_the_same


def choices(names: Sequence[str]) -> list[frozenset[str]]:
    """Every choice of one name or more."""
    return [
        frozenset(each) for size in range(1, len(names) + 1) for each in combinations(names, size)
    ]


def test_averaging_wins_where_several_names_may_be_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each choice of several ages and services is another sum, with another noise."""
    monkeypatch.setattr("clinical.manager_view.may_be_asked", lambda _filter: True)
    attack = attack_on(a_year(0), "decided")
    groups = (Group.AGE, Group.SERVICE)
    names = [attack.suppression.listed(attack.table, group) for group in groups]
    atoms, told = [*product(*names)], {}
    for chosen in product(*map(choices, names)):
        case_filter = CaseFilter(dict(zip(groups, chosen, strict=True)))
        shown = ManagerView(
            attack.table, AS_AT, attack.quarters[1], case_filter, attack.suppression
        )
        many = shown.counts[attack.name].yes
        if not shown.too_few and many is not None:
            members = frozenset(
                place
                for place, atom in enumerate(atoms)
                if all(name in some for name, some in zip(atom, chosen, strict=True))
            )
            told[members] = many
    found = guesses(len(atoms), {}, told)
    people = [tuple(each[group] for group in groups) for each in attack.truth(1)]
    hidden = [(people.count(atom), found[place]) for place, atom in enumerate(atoms)]
    right, always_the_same = rates([each for each in hidden if 0 < each[0] < 10])
    assert len(told) > 300
    assert right > 0.6
    assert right > 1.5 * always_the_same


def one_at_the_end(number: int) -> list[RedirectCase]:
    """A year in whose last quarter one person only found no room."""
    late = YEAR.quarters()[-1].start
    kept, refused = [], 0
    for case in a_year(number):
        if case.outcome is Outcome.NO_CAPACITY and decided(case) >= late:
            refused += 1
            if refused > 1:
                continue
        kept.append(case)
    return kept


def decided(case: RedirectCase) -> datetime:
    """When the decision was made."""
    assert case.decided_at is not None
    return case.decided_at.earliest


def claims(cases: list[RedirectCase]) -> Iterator[bool]:
    """Compare each period with the one that is a quarter shorter and holds, of everybody, one such
    person less. Where the number of a row differs, that person should be of it: whether they are.
    """
    attack = attack_on(cases, "no-capacity")
    last = len(attack.quarters) - 1
    [person] = attack.truth(last)
    for first in range(last):
        longer, shorter = attack.told((first, last)), attack.told((first, last - 1))
        for where in longer.keys() & shorter.keys():
            if longer[where] != shorter[where]:
                yield all(person[group] == label for group, label in where)


def test_a_row_that_changes_between_two_periods_names_nobody() -> None:
    found = [each for seed in range(2) for each in claims(one_at_the_end(seed))]
    assert len(found) > 100
    assert sum(found) / len(found) < 0.2


def test_every_such_row_names_somebody_where_only_they_get_noise(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def nowhere(_self: Suppression, everybody: Column) -> Column:
        return np.zeros(len(everybody), dtype=np.bool_)

    monkeypatch.setattr(Suppression, "also_of_nobody", nowhere)
    found = [each for seed in range(2) for each in claims(one_at_the_end(seed))]
    assert len(found) > 5
    assert all(found)
