"""What the record proposes: never an answer by itself, never a no to a red flag, never a guess."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from clinical.checklist import Checklist, Item, ItemKind, Quantity
from clinical.codes import Coding
from clinical.evidence import Evidence, Indicator, Judgement
from clinical.prefill import Found, Proposal, WorkedOut, proposals

YES, NO, UNKNOWN = (Coding("s", code) for code in ("yes", "no", "not-known"))
SEEN = Evidence("NEWS2: 3", None, "Ambulance service", "Observation/n1", "2")


def proposed(item: Item, indicator: Indicator | None = None, **worked: Any) -> Proposal | None:
    """What is proposed to one line."""
    own = Checklist("u", "1", "t", (item,))
    known = {} if indicator is None else {indicator.name: indicator}
    values = {item.link_id: WorkedOut(**worked)} if worked else {}
    return proposals(own, known, values).get(item.link_id)


def judged(judgement: Judgement, *evidence: Evidence) -> Indicator:
    """The indicator as judged."""
    return Indicator("news2-low", "NEWS2 low", judgement, "Because.", evidence)


def asked(**more: Any) -> Item:
    """A line that the indicator's judgement answers."""
    parts: dict[str, Any] = {"options": (YES, NO, UNKNOWN), "indicator": "news2-low", **more}
    return Item("one", ItemKind.CHOICE, "One?", judged=True, **parts)


def expressed(kind: ItemKind, **more: Any) -> Item:
    """A line that an expression answers."""
    return Item("one", kind, "One?", expression="e", evidence="v", **more)


@pytest.mark.parametrize(
    ("judgement", "values"), [(Judgement.MET, (YES,)), (Judgement.NOT_MET, (NO,))]
)
def test_a_judgement_on_evidence_is_proposed_with_it(
    judgement: Judgement, values: tuple[Coding, ...]
) -> None:
    found = proposed(asked(), judged(judgement, SEEN))
    assert found is not None
    assert found.values == values
    assert found.evidence == (SEEN,)


def test_an_unknown_judgement_stays_unknown() -> None:
    found = proposed(asked(), judged(Judgement.UNKNOWN, SEEN))
    assert found is not None
    assert found.values == ()
    assert found.because == "Because."


@pytest.mark.parametrize("judgement", [Judgement.MET, Judgement.NOT_MET])
def test_a_judgement_without_evidence_proposes_nothing(judgement: Judgement) -> None:
    found = proposed(asked(), judged(judgement))
    assert found is not None
    assert found.values == ()


def test_the_record_speaks_for_a_red_flag_and_never_clears_one() -> None:
    met = proposed(asked(red_flag=True), judged(Judgement.MET, SEEN))
    cleared = proposed(asked(red_flag=True), judged(Judgement.NOT_MET, SEEN))
    assert met is not None
    assert cleared is not None
    assert met.values == (YES,)
    assert cleared.values == ()
    by_expression = expressed(ItemKind.BOOLEAN, red_flag=True)
    found = proposed(by_expression, values=(False,), evidence=(SEEN,))
    assert found is not None
    assert found.values == ()


def test_a_line_that_asks_nothing_of_the_record_is_proposed_nothing() -> None:
    shown_only = Item("one", ItemKind.CHOICE, "One?", options=(YES, NO), indicator="news2-low")
    assert proposed(shown_only, judged(Judgement.MET, SEEN)) is None


@pytest.mark.parametrize(
    "worked",
    [
        {"values": (True,)},
        {"evidence": (SEEN,)},
        {"unknown": "The findings could not be loaded.", "values": (True,), "evidence": (SEEN,)},
        {"values": ("words",), "evidence": (SEEN,)},
        {"values": (True, False), "evidence": (SEEN,)},
    ],
    ids=["no evidence", "no value", "not loaded", "no answer to it", "several"],
)
def test_what_is_not_plainly_known_is_not_proposed(worked: dict[str, Any]) -> None:
    found = proposed(expressed(ItemKind.BOOLEAN), **worked)
    assert found is not None
    assert found.values == ()
    assert found.because


MMOL = Coding("http://unitsofmeasure.org", "mmol/L")
NEEDS = (Coding("n", "falls", "Fall"), Coding("n", "frailty", "Frailty"))


@pytest.mark.parametrize(
    ("item", "found", "answer"),
    [
        (expressed(ItemKind.CHOICE, options=NEEDS), "falls", NEEDS[0]),
        (expressed(ItemKind.CHOICE, options=NEEDS), Coding("n", "frailty"), NEEDS[1]),
        (expressed(ItemKind.CHOICE, options=NEEDS), Coding("m", "frailty"), None),
        (expressed(ItemKind.OPEN_CHOICE, options=NEEDS), "stroke", None),
        (expressed(ItemKind.CHOICE, options=(YES, NO)), True, YES),
        (expressed(ItemKind.STRING, max_length=4), "Fallen", "Fall"),
        (expressed(ItemKind.STRING), " ", None),
        (expressed(ItemKind.INTEGER, most=Decimal(9)), 6, 6),
        (expressed(ItemKind.INTEGER, most=Decimal(9)), 10, None),
        (expressed(ItemKind.INTEGER), Decimal("1.5"), None),
        (
            expressed(ItemKind.QUANTITY, units=(MMOL,)),
            Quantity(Decimal(5), "mmol/L", MMOL.system, "mmol/L"),
            Quantity(Decimal(5), "mmol/L", MMOL.system, "mmol/L"),
        ),
        (
            expressed(ItemKind.QUANTITY, units=(MMOL,)),
            Quantity(Decimal(90), "mg/dL", MMOL.system, "mg/dL"),
            None,
        ),
        (expressed(ItemKind.DATE), "2026-13-01", None),
        (expressed(ItemKind.DATE_TIME), "2026-11-24T10:00:00", None),
    ],
)
def test_only_what_the_line_can_hold_is_proposed(
    item: Item, found: Found, answer: object | None
) -> None:
    made = proposed(item, values=(found,), evidence=(SEEN,))
    assert made is not None
    assert made.values == (() if answer is None else (answer,))
