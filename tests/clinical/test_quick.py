"""A quicker constructor changes how long an object takes to make, and nothing else of it."""

from __future__ import annotations

import copy
import pickle
from concurrent.futures import ThreadPoolExecutor
from dataclasses import MISSING, FrozenInstanceError, dataclass, field, fields, replace
from datetime import UTC, datetime
from inspect import signature
from time import process_time
from typing import Any

import pytest

from clinical.codes import Coding
from clinical.moments import Moment, at_instant
from clinical.news2 import News2Parameters, News2Reading
from clinical.person import NhsNumber, Person
from clinical.quick import quick
from clinical.record import Entry
from clinical.review import Actor, Note, Review
from clinical.waiting import EmergencyDepartment, Place, WaitingPatient

pytestmark = pytest.mark.alone
MADE_BY_THE_THOUSAND: list[type[Any]] = [
    Actor,
    Coding,
    EmergencyDepartment,
    Entry,
    Moment,
    News2Parameters,
    News2Reading,
    NhsNumber,
    Note,
    Person,
    Place,
    Review,
    WaitingPatient,
]


@dataclass(frozen=True, slots=True)
class Bed:
    """A dataclass as it comes."""

    ward: str
    number: int
    free: bool = True
    notes: tuple[str, ...] = ()


@quick
@dataclass(frozen=True, slots=True)
class QuickBed:
    """The same, made quickly."""

    ward: str
    number: int
    free: bool = True
    notes: tuple[str, ...] = ()


def filled(kind: type[Any]) -> dict[str, Any]:
    """A value of its own for every field."""
    return {each.name: f"{each.name} of {kind.__name__}" for each in fields(kind)}


@pytest.mark.parametrize("kind", MADE_BY_THE_THOUSAND)
def test_every_field_is_kept_under_its_own_name_however_it_is_given(kind: type[Any]) -> None:
    values = filled(kind)
    by_name, by_place = kind(**values), kind(*values.values())
    assert {name: getattr(by_name, name) for name in values} == values
    assert by_name == by_place
    assert type(by_name) is kind
    assert hash(by_name) == hash(by_place)


@pytest.mark.parametrize("kind", MADE_BY_THE_THOUSAND)
def test_what_has_no_default_has_to_be_given_and_what_has_one_gets_it(kind: type[Any]) -> None:
    taken = signature(kind).parameters
    assert list(taken) == [each.name for each in fields(kind)]
    needed = {each.name: each.name for each in fields(kind) if each.default is MISSING}
    bare = kind(**needed)
    for each in fields(kind):
        given = each.name if each.default is MISSING else each.default
        assert getattr(bare, each.name) == given
    for name in needed:
        with pytest.raises(TypeError):
            kind(**{other: said for other, said in needed.items() if other != name})
    with pytest.raises(TypeError):
        kind(**needed, a_field_that_it_has_not=1)


@pytest.mark.parametrize("kind", MADE_BY_THE_THOUSAND)
def test_nothing_of_it_can_be_changed_afterwards(kind: type[Any]) -> None:
    values = filled(kind)
    made = kind(**values)
    for name in [*values, "a_field_that_it_has_not", "__class__"]:
        with pytest.raises((FrozenInstanceError, TypeError)):
            setattr(made, name, "something else")
        with pytest.raises((FrozenInstanceError, TypeError)):
            delattr(made, name)
    assert made == kind(**values)
    assert not hasattr(made, "__dict__")


@pytest.mark.parametrize("kind", MADE_BY_THE_THOUSAND)
def test_it_compares_copies_and_travels_as_a_value(kind: type[Any]) -> None:
    values = filled(kind)
    made = kind(**values)
    last = fields(kind)[-1].name
    other = replace(made, **{last: "other"})
    assert other != made
    assert type(other) is kind
    assert getattr(other, last) == "other"
    for same in (
        replace(other, **{last: values[last]}),
        copy.deepcopy(made),
        pickle.loads(pickle.dumps(made)),  # noqa: S301 - our own octets
    ):
        assert same == made
        assert type(same) is kind
    assert repr(made).startswith(f"{kind.__name__}(")


def test_it_is_what_the_dataclass_was_in_all_but_the_time() -> None:
    assert signature(QuickBed) == signature(Bed)
    assert QuickBed.__init__.__annotations__ == Bed.__init__.__annotations__
    assert repr(QuickBed("A", 1)) == "QuickBed(ward='A', number=1, free=True, notes=())"
    assert QuickBed("A", 1) == QuickBed("A", 1, True, ())
    assert QuickBed("A", 1) != QuickBed("A", 2)


def test_a_constructor_takes_at_most_two_thirds_of_the_time_of_the_dataclass_s_own() -> None:
    def once(kind: type[Any]) -> float:
        began = process_time()
        for _ in range(2000):
            kind("A", 1, True, ())
        return process_time() - began

    # In turn, so that a machine that grows slower meanwhile does so for both
    spent = [(once(QuickBed), once(Bed)) for _ in range(40)]
    assert min(quick for quick, _ in spent) < min(own for _, own in spent) * 2 / 3


def test_many_threads_make_them_at_once_and_none_is_half_made() -> None:
    def make(number: int) -> bool:
        made = [QuickBed(f"ward {number}", each, notes=("n",)) for each in range(300)]
        return all(
            type(each) is QuickBed and (each.ward, each.number) == (f"ward {number}", at)
            for at, each in enumerate(made)
        )

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(make, range(32)))


def test_a_class_that_needs_more_than_its_fields_taken_is_refused() -> None:
    @dataclass(frozen=True, slots=True)
    class WithAList:
        notes: list[str] = field(default_factory=list)

    @dataclass(frozen=True, slots=True)
    class WorkedOut:
        number: int = field(init=False, default=1)

    @dataclass(frozen=True, slots=True)
    class Checked:
        number: int

        def __post_init__(self) -> None:
            """Does something more."""

    @dataclass(slots=True)
    class Changeable:
        number: int

    @dataclass(frozen=True)
    class Roomy:
        number: int

    for kind in (WithAList, WorkedOut, Checked, Changeable, Roomy, str):
        with pytest.raises(TypeError):
            quick(kind)


def test_a_class_made_quickly_is_not_inherited_from() -> None:
    with pytest.raises(TypeError, match="QuickBed can't be inherited from"):
        type("FoldingBed", (QuickBed,), {})


def test_a_moment_made_quickly_is_still_a_moment() -> None:
    noon = at_instant(datetime(2026, 3, 2, 12, 0, tzinfo=UTC))
    assert noon.exact
    assert {noon: "noon"}[pickle.loads(pickle.dumps(noon))] == "noon"  # noqa: S301 - our own octets
