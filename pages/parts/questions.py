"""One line of the checklist as a widget that a thumb can use, and what its state answers.

Nothing is pre-answered: a widget that nobody touched holds no answer, and tapping an answer again
takes it back. Keys hold the wait and the line, so one person's answer can't stand on the form of
the next.
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
Changed = Callable[[str], None]
"""Called with the link id when its answer may have changed."""


@dataclass(frozen=True, slots=True)
class Question:
    """Where one line's widgets keep their state."""

    encounter: str
    item: Item

    @property
    def key(self) -> str:
        """The session key of the answer; its first word tells the style sheet how to lay it out."""
        layout = "short" if self._short else "long"
        return f"{layout}-answer|{self.encounter}|{self.item.link_id}"

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


def put(question: Question, values: tuple[AnswerValue, ...]) -> None:
    """Put an answer into the widget's state. Only before the widget is shown in a run."""
    state, item = st.session_state, question.item
    if item.kind in (ItemKind.CHOICE, ItemKind.OPEN_CHOICE):
        chosen = [option for value in values if (option := _option(item, value)) is not None]
        others = [value_words(value) for value in values if _option(item, value) is None]
        state[question.key] = chosen if question.several else (chosen[0] if chosen else None)
        if item.kind is ItemKind.OPEN_CHOICE:
            state[question.other_key] = "; ".join(others)
        return
    if item.kind in (ItemKind.STRING, ItemKind.TEXT):
        state[question.key] = "\n".join(value_words(value) for value in values)
        return
    if len(item.units) > 1:
        held = values[0] if values else None
        state[question.unit_key] = _unit(item, held) if isinstance(held, Quantity) else None
    state[question.key] = _from_answer(item, values[0]) if values else None


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


def ask(question: Question, changed: Changed, *, disabled: bool) -> None:
    """Show the widget of one line."""
    item = question.item
    said = label(item.words) + ("" if item.required else " (if it applies)")
    common: dict[str, Any] = {
        "key": question.key,
        "on_change": changed,
        "args": (item.link_id,),
        "disabled": disabled,
    }
    match item.kind:
        case ItemKind.BOOLEAN:
            st.segmented_control(said, (True, False), format_func=_yes_or_no, **common)
        case ItemKind.CHOICE | ItemKind.OPEN_CHOICE:
            _ask_choice(question, said, common)
        case ItemKind.STRING:
            st.text_input(said, max_chars=item.max_length or _LONGEST, live=True, **common)
        case ItemKind.TEXT:
            st.text_area(said, max_chars=item.max_length or _LONGEST, height=100, **common)
        case ItemKind.INTEGER | ItemKind.DECIMAL | ItemKind.QUANTITY:
            _ask_number(question, said, common)
        case ItemKind.SERVICE:
            ask_which_service(said, common)
        case ItemKind.TIME:
            st.time_input(said, value=None, step=60, **common)
        case ItemKind.DATE:
            st.date_input(said, value=None, format="DD/MM/YYYY", **_any_day(date), **common)
        case ItemKind.DATE_TIME:
            st.datetime_input(said, value=None, format="DD/MM/YYYY", **_any_day(datetime), **common)
        case ItemKind.GROUP | ItemKind.DISPLAY:
            raise ValueError("a heading is not asked")


def _ask_choice(question: Question, said: str, common: dict[str, Any]) -> None:
    item = question.item
    if len(item.options) <= _MOST_PILLS:
        mode: Any = "multi" if item.repeats else "single"
        st.pills(said, item.options, selection_mode=mode, format_func=_option_label, **common)
    elif item.repeats:
        st.multiselect(said, item.options, format_func=_option_label, **common)
    else:
        st.selectbox(said, item.options, index=None, format_func=_option_label, **common)
    if item.kind is ItemKind.OPEN_CHOICE:
        other = {**common, "key": question.other_key}
        st.text_input(
            f"{said} Something else, in words", max_chars=item.max_length or _LONGEST, **other
        )


def _ask_number(question: Question, said: str, common: dict[str, Any]) -> None:
    item = question.item
    number: Any = int if item.kind is ItemKind.INTEGER else float
    step, shown = (1, "%d") if item.kind is ItemKind.INTEGER else (0.1, "%g")
    if len(item.units) == 1:
        said = f"{said} ({label(option_words(item.units[0]))})"
    st.number_input(
        said,
        value=None,
        min_value=None if item.least is None else number(item.least),
        max_value=None if item.most is None else number(item.most),
        step=step,
        format=shown,
        **common,
    )
    if len(item.units) > 1:
        unit = {**common, "key": question.unit_key}
        st.pills(f"{said} Unit", item.units, format_func=_option_label, **unit)


def _any_day(kind: type[date]) -> dict[str, Any]:
    """Without these, Streamlit takes only the ten years around today."""
    return {"min_value": kind(1900, 1, 1), "max_value": kind(2100, 1, 1)}


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
