"""What the record proposes as answers of the checklist: shown, confirmed by a tap, never taken.

- No evidence, no proposal. Where the record doesn't hold it, or couldn't be read whole, the answer
  is unknown, and unknown proposes nothing.
- The record can speak for a red flag and never clear one: a "no" to a line that speaks against
  redirecting is not proposed, whatever the record says.
- Each proposal is confirmed by itself. There is no way to confirm several.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal

from clinical.checklist import AnswerValue, Checklist, Item, ItemKind, Quantity
from clinical.checklist_rules import lines, says_no, says_yes
from clinical.codes import Coding
from clinical.evidence import Evidence, Indicator, Judgement

Found = bool | str | int | Decimal | Coding | Quantity
"""What an expression may give: FHIRPath has no more types that an answer can hold."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """What the record says to one line. Without ``values`` it proposes nothing, and says why."""

    link_id: str
    values: tuple[AnswerValue, ...]
    because: str
    """Why it is so, or isn't known, in one sentence; empty where the evidence says it all."""
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class WorkedOut:
    """What an expression gave, on which evidence; or, in ``unknown``, why that can't be told."""

    values: tuple[Found, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    unknown: str = ""


def proposals(
    checklist: Checklist,
    indicators: Mapping[str, Indicator],
    worked_out: Mapping[str, WorkedOut],
) -> Mapping[str, Proposal]:
    """By link id, what the record says to each line that asks it.

    ``worked_out`` are the expressions of the checklist by link id.
    """
    found: dict[str, Proposal] = {}
    for item, _ in lines(checklist):
        made = None
        if item.judged and item.indicator in indicators:
            made = _judged(item, indicators[item.indicator])
        elif item.expression and item.link_id in worked_out:
            made = _expressed(item, worked_out[item.link_id])
        if made is not None:
            found[item.link_id] = made
    return found


def _judged(item: Item, indicator: Indicator) -> Proposal:
    because = indicator.because
    if indicator.judgement is Judgement.UNKNOWN or not indicator.evidence:
        return Proposal(item.link_id, (), because, indicator.evidence)
    answer = _plain(item, yes=indicator.judgement is Judgement.MET)
    return _offered(item, () if answer is None else (answer,), because, indicator.evidence)


def _plain(item: Item, *, yes: bool) -> AnswerValue | None:
    """The item's plain yes or no, None where it offers none."""
    if item.kind is ItemKind.BOOLEAN:
        return yes
    says = says_yes if yes else says_no
    return next((option for option in item.options if says(option)), None)


def _expressed(item: Item, worked_out: WorkedOut) -> Proposal:
    if worked_out.unknown or not worked_out.values or not worked_out.evidence:
        why = worked_out.unknown or "The record holds nothing that answers this."
        return Proposal(item.link_id, (), why)
    values = tuple(
        value for each in worked_out.values if (value := _answer_of(item, each)) is not None
    )
    if len(values) < len(worked_out.values) or (len(values) > 1 and not item.repeats):
        why = "What the record holds is no answer to this line."
        return Proposal(item.link_id, (), why, worked_out.evidence)
    return _offered(item, values, "", worked_out.evidence)


def _offered(
    item: Item, values: tuple[AnswerValue, ...], because: str, evidence: tuple[Evidence, ...]
) -> Proposal:
    if item.red_flag and any(says_no(each) for each in values):
        return Proposal(item.link_id, (), because, evidence)
    return Proposal(item.link_id, values, because, evidence)


def _answer_of(item: Item, found: Found) -> AnswerValue | None:
    """A value of the record as an answer to this line; None where it can't be one."""
    if item.kind in (ItemKind.CHOICE, ItemKind.OPEN_CHOICE):
        return _option_of(item, found)
    if item.kind is ItemKind.BOOLEAN:
        return found if isinstance(found, bool) else None
    if item.kind in (ItemKind.STRING, ItemKind.TEXT):
        words = found.display or found.code if isinstance(found, Coding) else found
        fits = isinstance(words, str) and words.strip()
        return words[: item.max_length] if fits and isinstance(words, str) else None
    if item.kind in (ItemKind.INTEGER, ItemKind.DECIMAL, ItemKind.QUANTITY):
        return _number_of(item, found)
    return _time_of(item.kind, found) if isinstance(found, str) else None


def _option_of(item: Item, found: Found) -> AnswerValue | None:
    for option in item.options:
        code = option.code if isinstance(option, Coding) else option
        if isinstance(found, Coding) and isinstance(option, Coding):
            if found.code == code and found.system in ("", option.system):
                return option
        elif isinstance(found, str) and found == code:
            return option
    if isinstance(found, bool):
        return _plain(item, yes=found)
    return None


def _number_of(item: Item, found: Found) -> AnswerValue | None:
    if isinstance(found, bool) or not isinstance(found, int | Decimal | Quantity):
        return None
    amount = found.value if isinstance(found, Quantity) else Decimal(found)
    if (item.least is not None and amount < item.least) or (
        item.most is not None and amount > item.most
    ):
        return None
    if item.kind is ItemKind.QUANTITY:
        if not isinstance(found, Quantity):
            return None
        units = {(unit.system, unit.code) for unit in item.units}
        return found if (found.system, found.code) in units else None
    if item.kind is ItemKind.INTEGER:
        return int(amount) if amount == amount.to_integral_value() else None
    return amount


def _time_of(kind: ItemKind, found: str) -> AnswerValue | None:
    try:
        if kind is ItemKind.DATE:
            return date.fromisoformat(found)
        if kind is ItemKind.TIME:
            return time.fromisoformat(found.removeprefix("T"))
        at = datetime.fromisoformat(found)
    except ValueError:
        return None
    return at if kind is ItemKind.DATE_TIME and at.tzinfo is not None else None


def evidence_named(proposed: Sequence[Proposal]) -> frozenset[str]:
    """The references of all evidence whose version isn't known yet."""
    return frozenset(
        each.reference
        for proposal in proposed
        for each in proposal.evidence
        if each.reference and not each.version
    )
