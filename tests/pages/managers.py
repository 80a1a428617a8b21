"""A manager's view of made-up reviews, for the tests of what is made of it."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from clinical.manager_view import ManagerView
from clinical.outcome_filters import EVERYTHING, CaseFilter, Group
from clinical.outcome_table import OutcomeTable
from clinical.suppression import Suppression
from tests.clinical.test_suppression import AS_AT, SECRET, WEEKS, made_up_cases, seeded

__all__ = ["EVERYTHING", "view"]
NASTY = '=HYPERLINK("http://x","click")'
"""What an ED might be called by somebody who means harm."""


@cache
def _table() -> OutcomeTable:
    cases = made_up_cases(seeded(11), 500)
    return OutcomeTable.of(
        replace(each, site=NASTY) if place % 5 == 0 else each for place, each in enumerate(cases)
    )


def view(**chosen: str) -> ManagerView:
    """Everybody, or those of one name of each group given."""
    groups = {Group(name): frozenset([value]) for name, value in chosen.items()}
    return ManagerView(_table(), AS_AT, WEEKS, CaseFilter(groups), Suppression(SECRET))
