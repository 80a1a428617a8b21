"""Whom the manager's counts are narrowed to: groups, "not recorded" among them, and no person."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinical.age import Age
from clinical.outcome_filters import (
    EVERYTHING,
    IN_WORDS_ONLY,
    NOT_RECORDED,
    CaseFilter,
    Group,
    group_of,
    in_order,
)
from tests.clinical.test_outcomes import WENT_HOME

KNOWN = replace(
    WENT_HOME,
    site="Royal Fern Hospital",
    service="Rapid Response",
    reason="falls",
    age=Age(79, 79),
    frailty=6,
    deprivation=2,
    ethnicity="A",
)
UNKNOWN = replace(WENT_HOME, service="")


def test_somebody_of_whom_nothing_is_recorded_is_in_the_group_of_those() -> None:
    assert {group_of(UNKNOWN, group) for group in Group} == {NOT_RECORDED}
    assert CaseFilter({Group.ETHNICITY: frozenset({NOT_RECORDED})}).takes(UNKNOWN)
    assert not CaseFilter({Group.ETHNICITY: frozenset({NOT_RECORDED})}).takes(KNOWN)


def test_the_group_of_each_kind() -> None:
    assert [group_of(KNOWN, group) for group in Group] == [
        "Royal Fern Hospital",
        "Rapid Response",
        "falls",
        "75-84",
        "5-6",
        "1-2",
        "A",
    ]


@pytest.mark.parametrize("typed", ["Mrs Cowslip fell", "fell at 4 Vole Lane", "O'Dock", "Ünwell"])
def test_what_somebody_typed_is_never_the_name_of_a_group(typed: str) -> None:
    assert group_of(replace(KNOWN, reason=typed), Group.REASON) == IN_WORDS_ONLY
    assert group_of(replace(KNOWN, ethnicity=typed), Group.ETHNICITY) == IN_WORDS_ONLY


@pytest.mark.parametrize(("level", "band"), [(1, "1-3"), (3, "1-3"), (4, "4"), (5, "5-6"),
                                             (7, "7-9"), (9, "7-9")])  # fmt: skip
def test_frailty_bands(level: int, band: str) -> None:
    assert group_of(replace(KNOWN, frailty=level), Group.FRAILTY) == band


@pytest.mark.parametrize(("decile", "band"), [(1, "1-2"), (3, "3-4"), (8, "7-8"), (10, "9-10")])
def test_deprivation_is_in_fifths(decile: int, band: str) -> None:
    assert group_of(replace(KNOWN, deprivation=decile), Group.DEPRIVATION) == band


def test_an_age_that_may_lie_in_two_bands_is_not_recorded() -> None:
    assert group_of(replace(KNOWN, age=Age(74, 75)), Group.AGE) == NOT_RECORDED


def test_a_case_has_to_be_in_a_chosen_group_of_each_kind() -> None:
    both = CaseFilter(
        {Group.SITE: frozenset({"Royal Fern Hospital"}), Group.AGE: frozenset({"0-17"})}
    )
    assert not both.takes(KNOWN)
    assert both.takes(replace(KNOWN, age=Age(9, 9)))
    assert both.with_only(Group.AGE, ()).takes(KNOWN)
    assert both.with_only(Group.AGE, ["75-84", "0-17"]).takes(KNOWN)


def test_a_group_with_nothing_chosen_is_as_if_it_were_not_named() -> None:
    assert CaseFilter({Group.SITE: frozenset()}) == EVERYTHING
    assert EVERYTHING.everything
    assert EVERYTHING.takes(UNKNOWN)


names = st.text(min_size=1, max_size=120).filter(lambda name: name.isprintable())
filters = st.builds(
    CaseFilter, st.dictionaries(st.sampled_from(Group), st.frozensets(names, max_size=3))
)


@given(filters)
def test_a_filter_comes_back_from_a_url_as_it_went_in(chosen: CaseFilter) -> None:
    in_a_url = urlencode(chosen.as_params())
    assert in_a_url.isascii()
    assert CaseFilter.of_params(parse_qsl(in_a_url)) == chosen


def test_what_is_no_filter_in_a_url_is_passed_over() -> None:
    params = [("patient", "p1"), ("site", ""), ("site", "x" * 121), ("age", "75-84")]
    assert CaseFilter.of_params(params) == CaseFilter({Group.AGE: frozenset({"75-84"})})


def test_filters_that_take_the_same_have_the_same_key() -> None:
    one = CaseFilter({Group.AGE: frozenset({"a", "b"}), Group.SITE: frozenset({"s"})})
    other = CaseFilter({Group.SITE: frozenset({"s"}), Group.AGE: frozenset({"b", "a"})})
    assert one.key == other.key
    assert one.key != EVERYTHING.key


def test_bands_are_listed_upwards_and_not_recorded_last() -> None:
    assert in_order(Group.DEPRIVATION, ["9-10", NOT_RECORDED, "1-2"]) == [
        "1-2",
        "9-10",
        NOT_RECORDED,
    ]
    assert in_order(Group.SITE, [NOT_RECORDED, "marsh", "Fern"]) == ["Fern", "marsh", NOT_RECORDED]
    assert in_order(Group.REASON, [NOT_RECORDED, IN_WORDS_ONLY, "x"])[1:] == [
        IN_WORDS_ONLY,
        NOT_RECORDED,
    ]
