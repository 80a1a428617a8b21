"""An entry is what was read: nobody changes it afterwards, however it was made."""

from __future__ import annotations

import pickle
from concurrent.futures import ThreadPoolExecutor
from dataclasses import FrozenInstanceError, fields, replace
from decimal import Decimal
from inspect import signature
from typing import Any

import pytest

from clinical.codes import Coding
from clinical.moments import read_moment
from clinical.record import Entry

FIELDS = [each.name for each in fields(Entry)]
WHOLE: dict[str, Any] = {
    "kind": "Observation",
    "id": "o1",
    "title": "Potassium",
    "codes": (Coding("http://loinc.org", "2823-3", "Potassium"),),
    "status": "final",
    "when": read_moment("2026-03-02T09:00:00Z"),
    "ended": read_moment("2026-03-02"),
    "value": "4.10 mmol/L",
    "number": Decimal("4.10"),
    "unit": "mmol/L",
    "source": "Fernbridge Pathology",
    "category": "laboratory",
    "detail": ("Reference range: 3.5 to 5.3",),
    "parts": (("Sodium", "140 mmol/L"),),
    "encounter": "e1",
    "caution": ("preliminary",),
    "asserts_absence": True,
    "weight": "high",
    "record": "p2",
}


def test_every_field_is_kept_under_its_own_name() -> None:
    entry = Entry(**WHOLE)
    assert {name: getattr(entry, name) for name in FIELDS} == WHOLE
    assert Entry(*WHOLE.values()) == entry
    assert type(entry) is Entry


def test_the_constructor_takes_the_fields_in_their_order_with_their_defaults() -> None:
    taken = signature(Entry).parameters
    assert list(taken) == FIELDS
    assert [taken[each.name].default for each in fields(Entry)][3:] == [
        each.default for each in fields(Entry)
    ][3:]
    bare = Entry("Flag", "f1", "Falls risk")
    assert {name: getattr(bare, name) for name in FIELDS[3:]} == {
        each.name: each.default for each in fields(Entry)[3:]
    }


def test_an_entry_without_a_title_is_refused() -> None:
    with pytest.raises(TypeError):
        Entry("Flag", "f1")  # type: ignore[call-arg]


@pytest.mark.parametrize("name", [*FIELDS, "a_field_that_it_has_not", "__class__"])
def test_nothing_of_an_entry_can_be_changed(name: str) -> None:
    entry = Entry(**WHOLE)
    with pytest.raises((FrozenInstanceError, TypeError)):
        setattr(entry, name, "something else")
    with pytest.raises((FrozenInstanceError, TypeError)):
        delattr(entry, name)
    assert entry == Entry(**WHOLE)
    assert not hasattr(entry, "__dict__")


def test_entries_compare_hash_copy_and_travel_as_values() -> None:
    entry = Entry(**WHOLE)
    assert hash(entry) == hash(Entry(**WHOLE))
    assert {entry, Entry(**WHOLE)} == {entry}
    changed = replace(entry, caution=("read its source",))
    assert changed != entry
    assert type(changed) is Entry
    assert changed.caution == ("read its source",)
    assert replace(changed, caution=entry.caution) == entry
    assert pickle.loads(pickle.dumps(entry)) == entry  # noqa: S301 - our own octets
    assert "title='Potassium'" in repr(entry)


def test_many_threads_make_entries_at_once_and_none_is_half_made() -> None:
    def make(number: int) -> bool:
        made = [Entry(**{**WHOLE, "id": f"{number}-{each}"}) for each in range(300)]
        return all(
            type(each) is Entry and each.id == f"{number}-{at}" and each.asserts_absence
            for at, each in enumerate(made)
        )

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(make, range(32)))
