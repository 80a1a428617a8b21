"""By what the manager's counts may be split and narrowed: groups of cases, never one person.

"Not recorded" is a group of its own: leaving those people out would hide for whom it isn't
working. What people typed is never a group's name, since it may name somebody; it is counted
together as "in words only".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from types import MappingProxyType

from clinical.age import AGE_BANDS, BAND_NOT_RECORDED, age_band
from clinical.outcomes import RedirectCase

NOT_RECORDED = BAND_NOT_RECORDED
"""The group of those about whom the record doesn't say."""
IN_WORDS_ONLY = "in words only"
"""The group of those of whom the record has words and no code."""
FRAILTY_BANDS: tuple[tuple[str, int, int], ...] = (
    ("1-3", 1, 3),
    ("4", 4, 4),
    ("5-6", 5, 6),
    ("7-9", 7, 9),
)
"""(words, from, to) of the Clinical Frailty Scale: not frail; vulnerable; mildly to moderately
frail; severely frail to terminally ill."""
DEPRIVATION_BANDS: tuple[tuple[str, int, int], ...] = (
    ("1-2", 1, 2),
    ("3-4", 3, 4),
    ("5-6", 5, 6),
    ("7-8", 7, 8),
    ("9-10", 9, 10),
)
"""(words, from, to): fifths by decile of the Index of Multiple Deprivation, 1 the most deprived."""

_REASON_CODE = re.compile(r"[a-z0-9][a-z0-9-]{0,31}", re.ASCII)
_ETHNIC_CODE = re.compile(r"[A-Z0-9]{1,4}", re.ASCII)
_LONGEST = 120


class Group(Enum):
    """By what cases are put into groups. The values are the names of a URL's parameters."""

    SITE = "site"
    """The emergency department."""
    SERVICE = "service"
    """The community service that took them, or that had no room."""
    REASON = "reason"
    """Why the ambulance was called, by its code."""
    AGE = "age"
    FRAILTY = "frailty"
    DEPRIVATION = "deprivation"
    ETHNICITY = "ethnicity"


def group_of(case: RedirectCase, group: Group) -> str:
    """The name of the group that a case belongs to; never empty, and never a person's words."""
    return _NAMED[group](case)


def in_order(group: Group, names: Iterable[str]) -> list[str]:
    """These names of groups as a page lists them: bands upwards, the rest by name, "not
    recorded" last.
    """
    bands = {
        Group.AGE: [words for words, *_ in AGE_BANDS],
        Group.FRAILTY: [words for words, *_ in FRAILTY_BANDS],
        Group.DEPRIVATION: [words for words, *_ in DEPRIVATION_BANDS],
    }.get(group, [])
    place = {name: number for number, name in enumerate(bands)}
    last = {IN_WORDS_ONLY: 1, NOT_RECORDED: 2}
    return sorted(names, key=lambda name: (last.get(name, 0), place.get(name, 0), name.casefold()))


@dataclass(frozen=True, slots=True)
class CaseFilter:
    """Which cases are counted: those that are, in each group named, in one of its chosen ones.

    A group that isn't named takes every case, and so does one with nothing chosen.
    """

    chosen: Mapping[Group, frozenset[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Keeps only what narrows, so that equal filters are equal."""
        kept = {group: frozenset(names) for group, names in self.chosen.items() if names}
        object.__setattr__(self, "chosen", MappingProxyType(kept))

    def takes(self, case: RedirectCase) -> bool:
        """Whether a case is counted."""
        return all(group_of(case, group) in names for group, names in self.chosen.items())

    def with_only(self, group: Group, names: Iterable[str]) -> CaseFilter:
        """This filter with other names chosen of one group; none of them lifts the group."""
        return CaseFilter({**self.chosen, group: frozenset(names)})

    @property
    def everything(self) -> bool:
        """Whether every case is counted."""
        return not self.chosen

    @property
    def key(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """What tells two filters apart: hashable, in a fixed order."""
        return tuple(
            (group.value, tuple(sorted(self.chosen[group])))
            for group in Group
            if group in self.chosen
        )

    def as_params(self) -> list[tuple[str, str]]:
        """The filter as parameters of a URL, a pair for each name: groups only, no person."""
        return [(group, name) for group, names in self.key for name in names]

    @classmethod
    def of_params(cls, params: Iterable[tuple[str, str]]) -> CaseFilter:
        """The filter that such parameters mean; whatever else stands in a URL is passed over."""
        groups = {group.value: group for group in Group}
        chosen: dict[Group, set[str]] = {}
        for parameter, name in params:
            if parameter in groups and 0 < len(name) <= _LONGEST:
                chosen.setdefault(groups[parameter], set()).add(name)
        return cls({group: frozenset(names) for group, names in chosen.items()})


EVERYTHING = CaseFilter()
"""The filter that takes every case."""


def _coded(said: str, code: re.Pattern[str]) -> str:
    if not said:
        return NOT_RECORDED
    return said if code.fullmatch(said) else IN_WORDS_ONLY


def _band(level: int | None, bands: tuple[tuple[str, int, int], ...]) -> str:
    for words, low, high in bands:
        if level is not None and low <= level <= high:
            return words
    return NOT_RECORDED


_NAMED: Mapping[Group, Callable[[RedirectCase], str]] = {
    Group.SITE: lambda case: case.site or NOT_RECORDED,
    Group.SERVICE: lambda case: case.service or NOT_RECORDED,
    Group.REASON: lambda case: _coded(case.reason, _REASON_CODE),
    Group.AGE: lambda case: age_band(case.age),
    Group.FRAILTY: lambda case: _band(case.frailty, FRAILTY_BANDS),
    Group.DEPRIVATION: lambda case: _band(case.deprivation, DEPRIVATION_BANDS),
    Group.ETHNICITY: lambda case: _coded(case.ethnicity, _ETHNIC_CODE),
}
