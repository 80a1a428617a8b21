"""Small numbers stay unknown: what is told, and what an attacker makes of everything told."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise, product

import numpy as np
import pytest

from clinical.age import Age
from clinical.manager_view import ManagerView
from clinical.moments import at_instant
from clinical.outcome_filters import EVERYTHING, CaseFilter, Group
from clinical.outcome_table import OutcomeTable
from clinical.outcomes import Departure, RedirectCase
from clinical.review import Outcome
from clinical.suppression import Split, Suppression
from clinical.weeks import Weeks
from tests.clinical.attacker import Told, bounds, by_difference, guesses

SECRET = b"of this installation"
AS_AT = datetime(2026, 6, 28, 22, 0, tzinfo=UTC)
SITES, AGES, OUTCOMES = ("North", "South"), (30, 70, 90), ("no-capacity", "not-suitable")
BANDS = {30: "18-39", 70: "65-74", 90: "85 and over"}
ATOMS = [*product(range(2), range(3), range(2), range(2))]
"""(site, age, outcome, half of the time), each with few people or more."""
AXES = [len(SITES), len(AGES), len(OUTCOMES), 2]


def seeded(number: int) -> random.Random:
    return random.Random(number)  # noqa: S311 - made-up people


def people(chance: random.Random, mean: float) -> list[int]:
    """How many are in each atom: mostly few."""
    return [min(int(chance.expovariate(1 / mean)), 30) for _ in ATOMS]


def queries() -> Iterator[frozenset[int]]:
    """Every set of atoms that some choice of filters, rows and times adds up."""
    for chosen in product(*([None, *range(size)] for size in AXES)):
        yield frozenset(
            place
            for place, atom in enumerate(ATOMS)
            if all(each in (None, part) for each, part in zip(chosen, atom, strict=True))
        )


QUERIES = [*queries()]
WHOLE = [
    each
    for each in QUERIES
    if len({ATOMS[place][0] for place in each}) == 2
    and len({ATOMS[place][1] for place in each}) == 3
]
"""Those that narrow neither by ED nor by age: told exactly."""


def naive(counts: list[int]) -> list[Told]:
    """Every number told as it is, from 1 to 4 as "fewer than 5"."""
    found = []
    for query in QUERIES:
        many = sum(counts[each] for each in query)
        low, high = (1, 4) if 0 < many < 5 and query not in WHOLE else (many, many)
        found.append(Told(query, low, high))
    return found


def nearest_five(counts: list[int]) -> list[Told]:
    """Every part rounded to the nearest 5 and nothing else."""
    found = []
    for query in QUERIES:
        many = sum(counts[each] for each in query)
        shown = (many + 2) // 5 * 5
        low, high = (many, many) if query in WHOLE else (max(shown - 2, 0), shown + 2)
        found.append(Told(query, low, high))
    return found


def ours(
    counts: list[int], marks: list[int], suppression: Suppression
) -> dict[frozenset[int], int]:
    """What is told of each query; what is withheld isn't there."""
    found = {}
    for query in QUERIES:
        if query in WHOLE:
            found[query] = sum(counts[each] for each in query)
            continue
        whole = next(each for each in sorted(WHOLE, key=len) if query <= each)
        halves = sorted({ATOMS[each][3] for each in query})
        people, everybody = (
            np.array([sum(counts[p] for p in of if ATOMS[p][3] == half) for half in halves])
            for of in (query, whole)
        )
        marked = [
            sum(marks[p] for p in query if ATOMS[p][3] == half) & (2**64 - 1) for half in halves
        ]
        none = np.zeros(0, dtype=np.int64)
        split = Split(none, [str(sorted(query))], none, [str(half) for half in halves])
        [many] = suppression.told(
            people, np.array(marked, dtype=np.uint64), "people", split, everybody
        )
        if many is not None:
            found[query] = many
    return found


def small(counts: list[int]) -> list[int]:
    return [place for place, many in enumerate(counts) if 0 < many < 5]


def pinned(counts: list[int], told: list[Told]) -> int:
    """How many small atoms an attacker who only claims what must be so works out."""
    found = bounds(len(ATOMS), by_difference(told))
    assert all(low <= many <= high for many, (low, high) in zip(counts, found, strict=True))
    return sum(found[place][0] == found[place][1] for place in small(counts))


def supports(shown: dict[frozenset[int], int]) -> list[Told]:
    """What must be so: the noise has no bound, so that a number told of a part says nothing for
    certain."""
    return [
        Told(query, many, many) if query in WHOLE else Told(query, 0, float("inf"))
        for query, many in shown.items()
    ]


@pytest.mark.parametrize("mean", [2.5, 6.0])
def test_an_attacker_pins_small_numbers_down_where_they_are_only_left_out(mean: float) -> None:
    chance = seeded(1)
    found = hidden = 0
    for _ in range(40):
        counts = people(chance, mean)
        found += pinned(counts, naive(counts))
        hidden += len(small(counts))
    assert found > 0.9 * hidden


def test_an_attacker_pins_small_numbers_down_where_they_are_only_rounded() -> None:
    chance = seeded(2)
    tables = [people(chance, 2.5) for _ in range(60)]
    assert sum(pinned(counts, nearest_five(counts)) for counts in tables) > 20


def test_an_attacker_pins_no_small_number_down_in_thousands_of_tables() -> None:
    chance, suppression = seeded(3), Suppression(SECRET)
    hidden = 0
    for number in range(2000):
        counts = people(chance, 2.5 if number % 2 else 6.0)
        marks = [sum(chance.getrandbits(64) for _ in range(many)) & (2**64 - 1) for many in counts]
        shown = ours(counts, marks, suppression)
        hidden += len(small(counts))
        found = bounds(len(ATOMS), supports(shown))
        for place in small(counts):
            assert found[place][0] < found[place][1]
    assert hidden > 15_000


def test_an_attacker_who_guesses_is_mostly_wrong() -> None:
    """Least squares over everything told finds a number from 1 to 4 one time in four, less often
    than somebody who always says 1 would.
    """
    chance, suppression = seeded(4), Suppression(SECRET)
    right = always_one = hidden = 0
    for _ in range(300):
        counts = people(chance, 4.0)
        marks = [sum(chance.getrandbits(64) for _ in range(many)) & (2**64 - 1) for many in counts]
        shown = ours(counts, marks, suppression)
        exact = {query: many for query, many in shown.items() if query in WHOLE}
        rounded = {query: many for query, many in shown.items() if query not in WHOLE}
        found = guesses(len(ATOMS), exact, rounded)
        for place in small(counts):
            hidden += 1
            right += round(found[place]) == counts[place]
            always_one += counts[place] == 1
    assert hidden > 3000
    assert right / hidden < 0.3
    assert right < always_one


def test_an_attacker_who_takes_the_noise_for_small_is_seldom_right() -> None:
    """Taking every number told to be within 7 of the truth, which nine in ten are and more."""
    chance, suppression = seeded(8), Suppression(SECRET)
    right = hidden = 0
    for _ in range(200):
        counts = people(chance, 4.0)
        marks = [sum(chance.getrandbits(64) for _ in range(many)) & (2**64 - 1) for many in counts]
        told = [
            Told(query, many, many)
            if query in WHOLE
            else Told(query, max(many - 7, 1 if many else 0), many + 7)
            for query, many in ours(counts, marks, suppression).items()
        ]
        found = bounds(len(ATOMS), told, rounds=20)
        for place in small(counts):
            hidden += 1
            right += found[place] == (counts[place], counts[place])
    assert hidden > 2000
    assert right / hidden < 0.05


def test_the_same_people_get_the_same_noise_and_others_another() -> None:
    suppression = Suppression(SECRET)
    assert suppression.noise(77) == suppression.noise(77)
    drawn = [suppression.noise(mark) for mark in range(4000)]
    assert sum(drawn) / len(drawn) == pytest.approx(0, abs=0.15)
    assert drawn.count(0) / len(drawn) == pytest.approx(1 / 3, abs=0.03)
    assert sum(abs(each) > 7 for each in drawn) < 0.01 * len(drawn)
    assert max(drawn) > 8
    elsewhere = Suppression(b"of another")
    assert drawn != [elsewhere.noise(mark) for mark in range(4000)]


def test_what_is_told_is_the_nearest_five_and_none_below_nought() -> None:
    suppression = Suppression(SECRET)
    assert [suppression.near(many) for many in (-9, 0, 2, 3, 7, 8, 100)] == [0, 0, 0, 5, 5, 10, 100]


def made_up_cases(chance: random.Random, many: int, weeks: int = 8) -> list[RedirectCase]:
    """Reviews of so many weeks at two EDs, with few in some corners."""
    found = []
    for number in range(many):
        site, age = chance.choice(SITES), chance.choices(AGES, [1, 12, 8])[0]
        outcome = chance.choices(
            [Outcome.NOT_SUITABLE, Outcome.NO_CAPACITY, Outcome.REDIRECTED], [10, 2, 6]
        )[0]
        at = AS_AT - timedelta(minutes=chance.randrange(1, weeks * 7 * 24 * 60))
        found.append(
            RedirectCase(
                task=f"t{number}",
                encounter=f"e{number}",
                outcome=outcome,
                waiting_since=at_instant(at - timedelta(minutes=50)),
                flagged_at=at_instant(at - timedelta(minutes=40)),
                claimed_at=at_instant(at - timedelta(minutes=20)),
                decided_at=at_instant(at),
                departure=Departure.LEFT
                if outcome is Outcome.REDIRECTED
                else Departure.HANDED_OVER,
                left_site_at=at_instant(at + timedelta(minutes=10)),
                handed_back_at=None,
                site=site,
                service=chance.choice(["Falls", "Virtual ward"]),
                age=Age(age, age),
            )
        )
    return found


WEEKS = Weeks.until(date(2026, 6, 28), 8)


@pytest.fixture(scope="module")
def table() -> OutcomeTable:
    return OutcomeTable.of(made_up_cases(seeded(5), 400))


def view(table: OutcomeTable, **chosen: str) -> ManagerView:
    groups = {Group(name): frozenset([value]) for name, value in chosen.items()}
    return ManagerView(table, AS_AT, WEEKS, CaseFilter(groups), Suppression(SECRET))


def test_everybody_is_counted_exactly(table: OutcomeTable) -> None:
    shown = view(table)
    assert shown.exact
    whole = table.select(WEEKS.start, WEEKS.end).counts(AS_AT).counts
    assert {name: each.yes for name, each in shown.counts.items()} == {
        name: each.yes for name, each in whole.items()
    }


def test_everything_told_of_a_part_is_rounded(table: OutcomeTable) -> None:
    shown = view(table, site="North")
    numbers = [
        *(each for count in shown.counts.values() for each in count.numbers),
        *shown.missed().values(),
        *(each for step in shown.funnel() for each in (step.people, *step.left.values())),
        *(each for part in shown.series("decided") for each in part.count.numbers),
        *(
            each
            for group in Group
            for row in shown.by(group, ["decided", "redirected"]).values()
            for count in row.values()
            for each in count.numbers
        ),
    ]
    assert len(numbers) > 150
    assert all(each is None or each % 5 == 0 for each in numbers)
    assert all(each.known is None for each in shown.spans())
    assert all(not each.median or each.median % 5 == 0 for each in shown.spans())


def test_a_breakdown_of_everybody_is_rounded_too(table: OutcomeTable) -> None:
    rows = view(table).by(Group.AGE, ["decided"])
    assert all(each["decided"].yes % 5 == 0 for each in rows.values())  # type: ignore[operator]


def test_a_row_and_the_filter_that_means_the_same_tell_the_same(table: OutcomeTable) -> None:
    row = view(table).by(Group.SITE, ["decided"])["North"]["decided"]
    assert row.numbers == view(table, site="North").counts["decided"].numbers
    of_both = view(table, site="North").by(Group.AGE, ["decided"])["65-74"]["decided"]
    assert of_both == view(table, age="65-74").by(Group.SITE, ["decided"])["North"]["decided"]
    assert of_both == view(table, age="65-74", site="North").counts["decided"]
    [(only, _)] = view(table, site="North").by(Group.SITE, ["decided"]).items()
    assert only == "North"


@pytest.mark.parametrize(
    "chosen",
    [
        {Group.SITE: ["North", "South"]},
        {Group.SITE: ["North"], Group.AGE: ["65-74"], Group.SERVICE: ["Falls"]},
    ],
)
def test_more_than_one_name_of_two_groups_is_not_answered(
    table: OutcomeTable, chosen: dict[Group, list[str]]
) -> None:
    asked = CaseFilter({group: frozenset(names) for group, names in chosen.items()})
    with pytest.raises(ValueError, match="at most two groups"):
        ManagerView(table, AS_AT, WEEKS, asked, Suppression(SECRET))


def test_parts_are_told_of_whole_quarters_whatever_weeks_are_asked_for(table: OutcomeTable) -> None:
    narrow = Weeks.until(date(2026, 6, 28), 2)
    shown = [
        ManagerView(table, AS_AT, weeks, EVERYTHING, Suppression(SECRET)).by(
            Group.AGE, ["decided", "no-capacity"]
        )
        for weeks in (narrow, WEEKS)
    ]
    assert narrow.quarters() == WEEKS.quarters()
    assert shown[0] == shown[1]


def test_nothing_is_told_of_a_filter_that_leaves_few(table: OutcomeTable) -> None:
    shown = view(table, age="18-39", service="Falls")
    assert shown.too_few
    assert shown.funnel() == []
    assert shown.missed() == {}
    assert shown.series("decided") == []
    assert shown.by(Group.SERVICE, ["decided"]) == {}
    assert all(each.median is None for each in shown.spans())


def test_a_group_with_few_people_in_the_whole_record_is_not_named() -> None:
    cases = made_up_cases(seeded(6), 300)
    rare = [*cases, *made_up_cases(seeded(7), 3)]
    rare = [
        each if number < 300 else RedirectCase(
            **{
                **{name: getattr(each, name) for name in each.__slots__},
                "task": f"rare{number}", "site": "Tiny",
            }
        )
        for number, each in enumerate(rare)
    ]  # fmt: skip
    shown = view(OutcomeTable.of(rare))
    assert shown.groups(Group.SITE) == ["North", "South"]


def test_what_is_rare_among_everybody_is_not_split(table: OutcomeTable) -> None:
    assert 0 < view(table).counts["withdrawn"].numbers[0] + 1 < 20  # type: ignore[operator]
    shown = view(table, site="North")
    for name, count in view(table).counts.items():
        if count.yes and count.yes < 20:
            assert shown.counts[name].yes is None


def test_weeks_are_whole_ones() -> None:
    weeks = Weeks.around(date(2026, 6, 24), date(2026, 6, 10))
    assert (weeks.first, weeks.last, weeks.many) == (date(2026, 6, 8), date(2026, 6, 28), 3)
    assert Weeks.around(date(2026, 6, 9), date(2026, 6, 24)) == weeks
    assert Weeks.until(date(2026, 3, 29), 1).end - Weeks.until(
        date(2026, 3, 29), 1
    ).start == timedelta(hours=167)


def test_quarters_are_whole_weeks_one_after_another() -> None:
    years = Weeks.around(date(2024, 1, 1), date(2031, 12, 31)).quarters()
    assert all(after.first == before.last + timedelta(days=1) for before, after in pairwise(years))
    assert {each.many for each in years} == {12, 13, 14}
    for each in years:
        assert each.first.weekday() == 0
        assert (each.first.month, each.first.day <= 7) in {(m, True) for m in (1, 4, 7, 10)}
        assert each.quarters() == (each,)
    asked = Weeks.until(date(2026, 10, 4), 1)
    assert asked.in_quarters() == Weeks(date(2026, 7, 6), date(2026, 10, 4))
    assert Weeks.until(date(2026, 10, 11), 2).in_quarters().many == 26
