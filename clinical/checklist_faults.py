"""What else is wrong with a checklist's own logic: conditions that could never hold, marks on
lines that can't bear them, names of rules that don't exist.

Each of these would make a line stay away, or a mark do nothing, without anybody being told.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, time
from decimal import Decimal

from clinical.checklist import (
    AnswerValue,
    Checklist,
    EnableWhen,
    Item,
    ItemKind,
    Option,
    Quantity,
    ServiceChosen,
)
from clinical.checklist_rules import lines, says_no, says_yes
from clinical.codes import Coding
from clinical.indicators import RULES

_HELD: Mapping[ItemKind, tuple[type, ...]] = {
    ItemKind.BOOLEAN: (bool,),
    ItemKind.STRING: (str,),
    ItemKind.TEXT: (str,),
    ItemKind.INTEGER: (int,),
    ItemKind.DECIMAL: (int, Decimal),
    ItemKind.DATE: (date,),
    ItemKind.DATE_TIME: (datetime,),
    ItemKind.TIME: (time,),
    ItemKind.QUANTITY: (Quantity,),
    ItemKind.SERVICE: (ServiceChosen,),
}
_ORDERED = (
    ItemKind.INTEGER,
    ItemKind.DECIMAL,
    ItemKind.DATE,
    ItemKind.DATE_TIME,
    ItemKind.TIME,
    ItemKind.QUANTITY,
)


def further_faults(checklist: Checklist) -> tuple[str, ...]:
    """What is wrong beside ``clinical.checklist_rules.faults``, in sentences."""
    by_id = {item.link_id: item for item, _ in lines(checklist)}
    found: list[str] = []
    for item in by_id.values():
        for condition in item.enable_when:
            asked = by_id.get(condition.link_id)
            if asked is not None:
                found.extend(_never(item, condition, asked))
        found.extend(_marks(item))
        found.extend(_proposals(item))
    services = [item.link_id for item in by_id.values() if item.kind is ItemKind.SERVICE]
    if len(services) > 1:
        found.append(f"{services[1]} asks for the service a second time.")
    return tuple(found)


def _never(item: Item, condition: EnableWhen, asked: Item) -> Iterator[str]:
    """Why a condition could never hold."""
    depends = f"{item.link_id} depends on {asked.link_id}"
    if not asked.asks:
        yield f"{depends}, which takes no answer."
        return
    if condition.operator == "exists":
        return
    if condition.operator not in ("=", "!=") and asked.kind not in _ORDERED:
        yield f"{depends} by {condition.operator}, which its answers can't be compared by."
    elif not _can_hold(asked, condition.value):
        yield f"{depends} having an answer that it can't have."


def _can_hold(asked: Item, value: AnswerValue) -> bool:
    if asked.kind in (ItemKind.CHOICE, ItemKind.OPEN_CHOICE):
        if asked.kind is ItemKind.OPEN_CHOICE and isinstance(value, str):
            return True
        return any(_is(option, value) for option in asked.options)
    if isinstance(value, bool):
        return asked.kind is ItemKind.BOOLEAN
    if isinstance(value, datetime):
        return asked.kind is ItemKind.DATE_TIME
    return isinstance(value, _HELD.get(asked.kind, ()))


def _is(option: Option, value: AnswerValue) -> bool:
    if isinstance(option, Coding) and isinstance(value, Coding):
        same = value.system in ("", option.system)
        return option.code == value.code and same
    return option == value


def _marks(item: Item) -> Iterator[str]:
    if item.red_flag and not _offers(item, yes=False):
        yield f"{item.link_id} is a red flag that can't be answered no."
    if item.needed_for_redirect and not _offers(item, yes=True):
        yield f"{item.link_id} is needed for a redirect and can't be answered yes."
    if item.red_flag and item.needed_for_redirect:
        yield f"{item.link_id} is a red flag and needed for a redirect at once."
    if item.least is not None and item.most is not None and item.least > item.most:
        yield f"{item.link_id} takes no number at all."


def _proposals(item: Item) -> Iterator[str]:
    if item.indicator and item.indicator not in {rule.name for rule in RULES}:
        yield f"{item.link_id} names the indicator {item.indicator}, which isn't one."
    if item.judged and not item.indicator:
        yield f"{item.link_id} is proposed by an indicator and names none."
    if item.judged and not _offers(item, yes=True):
        yield f"{item.link_id} is proposed by an indicator and can't be answered yes."
    if item.judged and item.expression:
        yield f"{item.link_id} is proposed by an indicator and by an expression."
    if item.expression and not item.evidence:
        yield f"{item.link_id} has an expression and doesn't say what it rests on."
    if item.evidence and not item.expression:
        yield f"{item.link_id} says what an expression rests on and has none."


def _offers(item: Item, *, yes: bool) -> bool:
    """Whether a plain yes (or no) is among its answers."""
    says = says_yes if yes else says_no
    return item.kind is ItemKind.BOOLEAN or any(says(option) for option in item.options)
