"""The weights of the ranking: whose they are, what they were, and who was first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from clinical.person import Caller, Role
from clinical.ranking import Term, Weights
from fhir_queries.errors import Conflict, NotPermitted
from fhir_queries.ranking_weights import past_weights, read_weights, save_weights
from fhir_queries.record import SharedRecord
from tests.fhir_queries.questions.conftest import connect, serve

FIRST = Weights(dict.fromkeys(Term, 3), {"Falls Response": 5})
SECOND = Weights({**dict.fromkeys(Term, 3), Term.SAFETY: 9}, {"": 1})


@pytest.fixture
def fresh() -> Iterator[SharedRecord]:
    """A record in which nobody has set weights."""
    for base in serve("--empty"):
        yield from connect(base)


def test_nobody_has_set_any_at_first(fresh: SharedRecord) -> None:
    assert read_weights(fresh) is None


def test_what_is_saved_stands_with_its_author_and_what_was_before_stays(
    fresh: SharedRecord, manager: Caller
) -> None:
    saved = save_weights(fresh, manager, FIRST)
    assert read_weights(fresh) == saved
    assert saved.by is not None
    assert saved.by.name == manager.name
    other = replace(manager, user="900000000009", name="Flax Notreal")
    save_weights(fresh, other, SECOND, seen=saved.version)
    standing = read_weights(fresh)
    assert standing is not None
    past = past_weights(fresh, standing)
    assert [each.weights for each in past] == [SECOND, FIRST]
    assert [each.by and each.by.name for each in past] == ["Flax Notreal", manager.name]
    assert past[0].at is not None


def test_the_second_of_two_managers_is_told_who_was_first(
    fresh: SharedRecord, manager: Caller
) -> None:
    seen = save_weights(fresh, manager, FIRST).version
    save_weights(fresh, manager, SECOND, seen=seen)
    other = replace(manager, user="900000000009", name="Flax Notreal")
    with pytest.raises(Conflict, match=manager.name):
        save_weights(fresh, other, replace(FIRST, effort={}), seen=seen)
    standing = read_weights(fresh)
    assert standing is not None
    assert standing.weights == SECOND


def test_two_who_saw_nothing_do_not_overwrite_each_other(
    fresh: SharedRecord, manager: Caller
) -> None:
    save_weights(fresh, manager, FIRST)
    with pytest.raises(Conflict):
        save_weights(fresh, manager, SECOND)


@pytest.mark.parametrize("role", [Role.COMMUNITY_CLINICIAN, Role.ED_COORDINATOR])
def test_only_managers_set_weights(fresh: SharedRecord, manager: Caller, role: Role) -> None:
    with pytest.raises(NotPermitted):
        save_weights(fresh, replace(manager, role=role), FIRST)
    assert read_weights(fresh) is None
