"""Answers of the checklist in words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time

from clinical.checklist import AnswerValue, Option, Quantity, ServiceChosen
from clinical.codes import Coding
from pages.present import times


def option_words(option: Option) -> str:
    """What a choice calls one of its answers."""
    return option if isinstance(option, str) else option.display or option.code


def value_words(value: AnswerValue) -> str:
    """One answer as words, a time of day or a date as the screens write them."""
    words = str(value)
    if isinstance(value, bool):
        words = "Yes" if value else "No"
    elif isinstance(value, Coding):
        words = option_words(value)
    elif isinstance(value, Quantity):
        words = f"{value.value} {value.unit}".strip()
    elif isinstance(value, ServiceChosen):
        words = value.name
    elif isinstance(value, datetime):
        words = f"{times.day(value)} {times.clock(value)}"
    elif isinstance(value, date):
        words = times.day(value)
    elif isinstance(value, time):
        words = f"{value:%H:%M}"
    return words


def answer_words(values: Sequence[AnswerValue]) -> str:
    """All values of an answer."""
    return ", ".join(value_words(each) for each in values)
