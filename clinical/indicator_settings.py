"""The thresholds and words of the indicators, as a site sets them.

What DOMAIN's sources don't verify is marked: an indicator named in ``unverified`` says so on the
screen, until a site's clinical lead has signed it off (``signed_off`` in the settings).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from types import MappingProxyType
from typing import Any

from clinical.indicator_words import (
    ACCESS_CODES,
    ANTICOAGULANTS,
    HEAD_INJURY,
    HIGH_RISK_MEDICINES,
    NEEDS,
    RED_FLAGS,
    WordList,
)

UNVERIFIED = frozenset(
    {
        "news2",
        "news2-low",
        "news2-senior-review",
        "observations-complete",
        "urgent-community-need",
        "frailty-4-to-9",
        "new-confusion",
        "new-oxygen",
        "head-injury-on-anticoagulant",
        "long-lie",
        "safeguarding",
        "support-at-home",
        "high-risk-medicines",
        *RED_FLAGS,
    }
)
"""Indicators whose threshold or word list no source was read for."""


@dataclass(frozen=True, slots=True)
class IndicatorSettings:
    """Every threshold and word list. ``settings_from`` reads them from a mapping."""

    adult_from_age: int = 18
    """Urgent community response is for adults (NHS England)."""
    news2_low_to: int = 4
    news2_red_flag_from: int = 7
    """No national NEWS2 threshold for urgent community response is known; local ones vary."""
    news2_stale_minutes: int = 240
    """A NEWS2 older than this is no evidence that somebody is well. Local practice."""
    observations_within_minutes: int = 60
    frailty_from: int = 4
    frailty_to: int = 9
    """A published inclusion criterion of an urgent community response service."""
    frailty_valid_from_age: int = 65
    frailty_stale_months: int = 12
    """Local practice: the scale describes two weeks ago, and people change."""
    recent_discharge_days: int = 30
    medicine_recent_days: int = 90
    """A medicine stopped or completed this recently may still be in the house or the blood."""
    long_lie_minutes: int = 60
    area_practices: frozenset[str] = frozenset()
    """ODS codes of the practices whose patients the services take; empty: not set."""
    needs: Mapping[str, WordList] = field(default_factory=lambda: NEEDS)
    red_flags: Mapping[str, WordList] = field(default_factory=lambda: RED_FLAGS)
    head_injury: WordList = HEAD_INJURY
    anticoagulants: WordList = ANTICOAGULANTS
    high_risk_medicines: Mapping[str, WordList] = field(default_factory=lambda: HIGH_RISK_MEDICINES)
    access_codes: WordList = ACCESS_CODES
    unverified: frozenset[str] = UNVERIFIED

    def __post_init__(self) -> None:
        if not self.news2_low_to < self.news2_red_flag_from:
            raise ValueError(
                f"news2_low_to ({self.news2_low_to}) has to lie below news2_red_flag_from "
                f"({self.news2_red_flag_from})"
            )
        if not 1 <= self.frailty_from <= self.frailty_to <= 9:
            raise ValueError("frailty_from and frailty_to have to lie between 1 and 9, in order")


_NUMBERS = tuple(each.name for each in fields(IndicatorSettings) if isinstance(each.default, int))
_LISTS = ("needs", "red_flags", "high_risk_medicines")
_WORDS = ("head_injury", "anticoagulants", "access_codes")
_KEYS = (*_NUMBERS, "area_practices", "signed_off", *_LISTS, *_WORDS)


def settings_from(given: Mapping[str, Any]) -> IndicatorSettings:
    """The settings that a site's mapping gives (TOML read elsewhere), over the defaults.

    Numbers by their name; ``area_practices`` a list of ODS codes; ``signed_off`` the names of
    indicators that a clinical lead has verified; ``red_flags``, ``needs`` and
    ``high_risk_medicines`` tables by name, and ``head_injury``, ``anticoagulants`` and
    ``access_codes`` tables, of ``title``, ``terms``, ``codes`` (in place of the default's) and
    ``also`` (further terms).

    Raises ``ValueError`` with a sentence that names what is wrong and what is allowed.
    """
    changes: dict[str, Any] = {}
    defaults = IndicatorSettings()
    for key, value in given.items():
        if key in _NUMBERS:
            changes[key] = _number(key, value)
        elif key == "area_practices":
            changes[key] = frozenset(code.upper() for code in _texts(key, value))
        elif key == "signed_off":
            changes["unverified"] = _still_unverified(_texts(key, value))
        elif key in _LISTS:
            changes[key] = _lists(key, getattr(defaults, key), value)
        elif key in _WORDS:
            changes[key] = _list(key, getattr(defaults, key), value)
        else:
            raise ValueError(f"{key} is no setting of the indicators; allowed: {', '.join(_KEYS)}")
    return replace(defaults, **changes)


def _number(key: str, value: object) -> int:
    if type(value) is not int or value < 0:
        raise ValueError(f"{key} is {value!r}; it has to be a whole number from 0 up")
    return value


def _texts(key: str, value: object) -> tuple[str, ...]:
    if not isinstance(value, list | tuple) or not all(isinstance(each, str) for each in value):
        raise ValueError(f"{key} has to be a list of texts")
    return tuple(each.strip() for each in value if each.strip())


def _table(key: str, value: object) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise ValueError(f"{key} has to be a table")
    return value


def _still_unverified(signed_off: tuple[str, ...]) -> frozenset[str]:
    if unknown := sorted(set(signed_off) - UNVERIFIED):
        raise ValueError(
            f"signed_off names {', '.join(unknown)}; allowed: {', '.join(sorted(UNVERIFIED))}"
        )
    return UNVERIFIED - set(signed_off)


def _lists(key: str, defaults: Mapping[str, WordList], value: object) -> Mapping[str, WordList]:
    changed = dict(defaults)
    for name, given in _table(key, value).items():
        if name not in defaults:
            raise ValueError(f"{key}.{name} is not known; allowed: {', '.join(sorted(defaults))}")
        changed[name] = _list(f"{key}.{name}", defaults[name], given)
    return MappingProxyType(changed)


def _list(key: str, default: WordList, value: object) -> WordList:
    given = _table(key, value)
    if unknown := sorted(set(given) - {"title", "terms", "codes", "also"}):
        raise ValueError(f"{key} has {', '.join(unknown)}; allowed: title, terms, codes, also")
    terms = _texts(f"{key}.terms", given["terms"]) if "terms" in given else default.terms
    codes = frozenset(_texts(f"{key}.codes", given["codes"])) if "codes" in given else default.codes
    title = given.get("title", default.title)
    if not isinstance(title, str):
        raise ValueError(f"{key}.title has to be a text")
    return WordList(title, terms + _texts(f"{key}.also", given.get("also", ())), codes)
