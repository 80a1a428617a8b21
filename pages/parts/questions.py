"""One line of the checklist as a widget that a thumb can use, and what its state answers.

Nothing is pre-answered: a widget that nobody touched holds no answer, and tapping an answer again
takes it back. Keys hold the wait and the line, so one person's answer can't stand on the form of
the next.

What is answered already is each widget's default in every run (``pages.parts.anew`` says why).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

import streamlit as st

from clinical.checklist import AnswerValue, Item, ItemKind, Option, Quantity
from clinical.codes import Coding
from clinical.moments import LONDON
from pages.parts.service_line import ask_which_service
from pages.present.answers import option_words, value_words
from pages.present.escape import clean, label

_MOST_PILLS = 12
_LONGEST = 1000


@dataclass(frozen=True, slots=True)
class Question:
    """Where one line's widgets keep their state."""

    encounter: str
    item: Item
    anew: str = ""
    """What sets its widgets apart from earlier ones of the same line, which showed an answer that
    has changed since; empty for the first."""

    @property
    def key(self) -> str:
        """The session key of the answer; its first word tells the style sheet how to lay it out."""
        layout = "short" if self._short else "long"
        anew = f"anew-{self.anew}|" if self.anew else ""
        return f"{layout}-answer|{anew}{self.encounter}|{self.item.link_id}"

    @property
    def other_key(self) -> str:
        """The session key of an open choice's own words."""
        return f"{self.key}|other"

    @property
    def unit_key(self) -> str:
        """The session key of the unit, where a quantity may have several."""
        return f"{self.key}|unit"

    @property
    def _short(self) -> bool:
        """Whether its answers stand in a line beside the question."""
        item = self.item
        if item.kind is ItemKind.BOOLEAN:
            return True
        words = sum(len(option_words(option)) for option in item.options)
        return item.kind is ItemKind.CHOICE and len(item.options) <= 3 and words <= 20

    @property
    def several(self) -> bool:
        """Whether the widget holds a list."""
        return self.item.repeats and self.item.kind in (ItemKind.CHOICE, ItemKind.OPEN_CHOICE)


Changed = Callable[[Question], None]
"""Called when the answer of a question may have changed."""


def read(question: Question) -> tuple[AnswerValue, ...]:
    """What the widget's state answers; nothing where nothing is answered."""
    value: Any = st.session_state.get(question.key)
    item = question.item
    if question.several:
        values: list[AnswerValue] = list(value or ())
    elif value is None or value == "":
        values = []
    else:
        answer = _to_answer(question, value)
        values = [] if answer is None else [answer]
    if item.kind is ItemKind.OPEN_CHOICE:
        other = clean(str(st.session_state.get(question.other_key) or "")).strip()
        if other:
            values.append(other)
            if not item.repeats:
                values = values[-1:]
    if item.kind in (ItemKind.STRING, ItemKind.TEXT):
        lines = [clean(str(value)).strip() for value in values]
        values = [line for line in lines if line]
        if item.repeats and values:
            values = [line for line in lines[0].splitlines() if line.strip()]
    return tuple(values)


def ask(
    question: Question, given: tuple[AnswerValue, ...], changed: Changed, *, disabled: bool
) -> None:
    """Show the widget of one line. ``given`` is its answer, for a widget that is not drawn yet."""
    item = question.item
    said = label(item.words) + ("" if item.required else " (if it applies)")
    held = _held(question, given)
    common: dict[str, Any] = {
        "key": question.key,
        "on_change": changed,
        "args": (question,),
        "disabled": disabled,
    }
    most_letters = item.max_length or _LONGEST
    match item.kind:
        case ItemKind.BOOLEAN:
            chosen = [] if held is None else [held]
            st.segmented_control(
                said, (True, False), default=chosen, format_func=_yes_or_no, **common
            )
        case ItemKind.CHOICE | ItemKind.OPEN_CHOICE:
            _ask_choice(question, given, held, said, common)
        case ItemKind.STRING:
            st.text_input(said, held, max_chars=most_letters, live=True, **common)
        case ItemKind.TEXT:
            st.text_area(said, held, max_chars=most_letters, height=100, **common)
        case ItemKind.INTEGER | ItemKind.DECIMAL | ItemKind.QUANTITY:
            _ask_number(question, given, held, said, common)
        case ItemKind.SERVICE:
            ask_which_service(said, held, common)
        case ItemKind.TIME:
            st.time_input(said, held, step=60, **common)
        case ItemKind.DATE:
            st.date_input(said, held, format="DD/MM/YYYY", **_any_day(date, held), **common)
        case ItemKind.DATE_TIME:
            bounds = _any_day(datetime, held)
            st.datetime_input(said, held, format="DD/MM/YYYY", **bounds, **common)
        case ItemKind.GROUP | ItemKind.DISPLAY:
            raise ValueError("a heading is not asked")


def _held(question: Question, given: tuple[AnswerValue, ...]) -> Any:
    """What the line's first widget holds, or is to hold once it is drawn."""
    item = question.item
    if question.key in st.session_state:
        return st.session_state[question.key]
    if item.kind in (ItemKind.CHOICE, ItemKind.OPEN_CHOICE):
        chosen = [option for value in given if (option := _option(item, value)) is not None]
        return chosen if question.several else next(iter(chosen), None)
    if item.kind in (ItemKind.STRING, ItemKind.TEXT):
        return "\n".join(value_words(value) for value in given)
    return _from_answer(item, given[0]) if given else None


def _ask_choice(
    question: Question, given: tuple[AnswerValue, ...], held: Any, said: str, common: dict[str, Any]
) -> None:
    item = question.item
    chosen = [each for each in item.options if each in (held if question.several else [held])]
    if len(item.options) <= _MOST_PILLS:
        mode: Any = "multi" if item.repeats else "single"
        pills = {**common, "selection_mode": mode, "default": chosen}
        st.pills(said, item.options, format_func=_option_label, **pills)
    elif item.repeats:
        st.multiselect(said, item.options, chosen, format_func=_option_label, **common)
    else:
        at = item.options.index(chosen[0]) if chosen else None
        st.selectbox(said, item.options, at, format_func=_option_label, **common)
    if item.kind is ItemKind.OPEN_CHOICE:
        others = [value_words(value) for value in given if _option(item, value) is None]
        st.text_input(
            f"{said} Something else, in words",
            st.session_state.get(question.other_key, "; ".join(others)),
            max_chars=item.max_length or _LONGEST,
            **{**common, "key": question.other_key},
        )


def _ask_number(
    question: Question, given: tuple[AnswerValue, ...], held: Any, said: str, common: dict[str, Any]
) -> None:
    item = question.item
    number: Any = int if item.kind is ItemKind.INTEGER else float
    step, shown = (1, "%d") if item.kind is ItemKind.INTEGER else (0.1, "%g")
    if len(item.units) == 1:
        said = f"{said} ({label(option_words(item.units[0]))})"
    st.number_input(
        said,
        value=held,
        min_value=_bound(min, number, item.least, held),
        max_value=_bound(max, number, item.most, held),
        step=step,
        format=shown,
        **common,
    )
    if len(item.units) > 1:
        unit = _unit(item, given[0]) if given and isinstance(given[0], Quantity) else None
        unit = st.session_state.get(question.unit_key, unit)
        units = {**common, "key": question.unit_key, "default": [] if unit is None else [unit]}
        st.pills(f"{said} Unit", item.units, format_func=_option_label, **units)


def _bound(wider: Any, number: Any, bound: Decimal | int | None, held: Any) -> Any:
    """A bound that what another system answered doesn't break: it is shown as it is."""
    if bound is None:
        return None
    return number(bound) if held is None else wider(number(bound), held)


def _any_day(kind: type[date], held: date | None) -> dict[str, Any]:
    """Without these, Streamlit takes only the ten years around today."""
    first, last = kind(1900, 1, 1), kind(2100, 1, 1)
    return {"min_value": min(first, held or first), "max_value": max(last, held or last)}


def _yes_or_no(value: bool) -> str:
    return "Yes" if value else "No"


def _option_label(option: Option) -> str:
    return label(option_words(option))


def _option(item: Item, value: AnswerValue) -> Option | None:
    for option in item.options:
        if isinstance(option, Coding) and isinstance(value, Coding):
            if option.code == value.code and (option.system == value.system or not value.system):
                return option
        elif option == value:
            return option
    return None


def _unit(item: Item, held: Quantity) -> Coding | None:
    for unit in item.units:
        if held.code == unit.code or held.unit in (unit.display, unit.code):
            return unit
    return None


def _from_answer(item: Item, value: AnswerValue) -> Any:
    if isinstance(value, Quantity):
        return float(value.value)
    if item.kind is ItemKind.DECIMAL and isinstance(value, Decimal | int):
        return float(value)
    if item.kind is ItemKind.DATE_TIME and isinstance(value, datetime):
        return value.astimezone(LONDON).replace(tzinfo=None)
    return value


def _to_answer(question: Question, value: Any) -> AnswerValue | None:
    answer: AnswerValue | None = value
    if question.item.kind is ItemKind.QUANTITY:
        answer = _quantity(question, value)
    elif question.item.kind is ItemKind.DECIMAL:
        answer = Decimal(str(value))
    elif isinstance(value, datetime):
        answer = value.replace(tzinfo=LONDON).astimezone(UTC)
    elif isinstance(value, time):
        answer = value.replace(microsecond=0)
    return answer


def _quantity(question: Question, value: float) -> Quantity | None:
    """The number with its unit; nothing as long as the unit isn't chosen."""
    units = question.item.units
    unit = st.session_state.get(question.unit_key) if len(units) > 1 else units[0]
    if not isinstance(unit, Coding):
        return None
    return Quantity(Decimal(str(value)), option_words(unit), unit.system, unit.code)
