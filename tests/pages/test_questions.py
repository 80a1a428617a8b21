"""Each kind of checklist line: nothing answered by itself, and what is answered comes back."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

KINDS = [
    "boolean",
    "choice",
    "choice-several",
    "choice-long",
    "open-choice",
    "string",
    "text",
    "integer",
    "decimal",
    "date",
    "dateTime",
    "time",
    "quantity",
    "quantity-several",
    "string-options",
]


def form() -> None:
    """One line of a kind, with the answer that a record gave where one is asked for."""
    from datetime import UTC, date, datetime, time  # noqa: PLC0415
    from decimal import Decimal  # noqa: PLC0415

    import streamlit as st  # noqa: PLC0415

    from clinical.checklist import Item, ItemKind, Quantity  # noqa: PLC0415
    from clinical.codes import Coding  # noqa: PLC0415
    from pages.parts.questions import Question, ask, read  # noqa: PLC0415

    few = tuple(Coding("s", code, code.upper()) for code in ("a", "b", "c"))
    many = tuple(Coding("s", f"m{n}", f"Many {n}") for n in range(20))
    given = {
        "boolean": (False,),
        "choice": (few[1],),
        "choice-several": (few[0], few[2]),
        "choice-long": (many[7],),
        "open-choice": ("In my own words",),
        "string": ("One line",),
        "text": ("Two\nlines",),
        "integer": (0,),
        "decimal": (Decimal("1.5"),),
        "date": (date(1938, 3, 5),),
        "dateTime": (datetime(2026, 7, 1, 11, 0, tzinfo=UTC),),
        "time": (time(7, 45),),
        "quantity": (Quantity(Decimal("5.6"), "mmol/L", "u", "mmol/L"),),
        "quantity-several": (Quantity(Decimal("2.0"), "L/min", "u", "L/min"),),
        "string-options": ("Taxi",),
    }
    kind = st.session_state["kind"]
    units = {
        "quantity": (Coding("u", "mmol/L"),),
        "quantity-several": (Coding("u", "mL/min"), Coding("u", "L/min")),
    }
    options = {"choice-long": many, "string-options": ("Taxi", "Family")}
    named = "choice" if kind == "string-options" else kind.partition("-s")[0].partition("-l")[0]
    item = Item(
        "line",
        ItemKind(named),
        "Is :red[this] *so*?",
        options=options.get(kind, few if "choice" in kind else ()),
        repeats=kind == "choice-several",
        units=units.get(kind, ()),
    )
    question = Question("wait-01", item)
    known = given[kind] if st.session_state.get("with") else ()
    ask(question, known, lambda _: None, disabled=False)
    st.session_state["values"] = read(question)
    st.session_state["expected"] = given[kind]


def shown(kind: str, *, answered: bool) -> AppTest:
    """The form of one kind after a run."""
    app = AppTest.from_function(form, default_timeout=30)
    app.session_state["kind"] = kind
    app.session_state["with"] = answered
    app.run()
    assert not app.exception, [each.value for each in app.exception]
    return app


@pytest.mark.parametrize("kind", KINDS)
def test_a_line_that_nobody_touched_holds_no_answer(kind: str) -> None:
    assert shown(kind, answered=False).session_state["values"] == ()


@pytest.mark.parametrize("kind", KINDS)
def test_what_the_record_holds_comes_back_as_it_was(kind: str) -> None:
    app = shown(kind, answered=True)
    assert app.session_state["values"] == app.session_state["expected"]
    assert app.run().session_state["values"] == app.session_state["expected"]


def test_no_is_an_answer_and_nought_too() -> None:
    assert shown("boolean", answered=True).session_state["values"] == (False,)
    assert shown("integer", answered=True).session_state["values"] == (0,)


def test_a_question_that_looks_like_markdown_is_asked_as_it_stands() -> None:
    label = shown("string", answered=False).text_input[0].label
    assert label.replace("\\", "") == "Is :red[this] *so*? (if it applies)"
    assert "\\*so\\*" in label


def test_an_answer_is_taken_back_by_tapping_it_again() -> None:
    app = shown("boolean", answered=True)
    group = app.button_group[0]
    group.unselect(group.value)
    assert app.run().session_state["values"] == ()


def test_a_number_without_its_unit_is_no_answer_yet() -> None:
    app = shown("quantity-several", answered=True)
    unit = app.button_group[0]
    unit.unselect(unit.value)
    assert app.run().session_state["values"] == ()
