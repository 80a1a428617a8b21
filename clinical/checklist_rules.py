"""What of the checklist applies, what is still open, and what forbids a redirect.

An item that isn't enabled asks nothing, and an answer that it still holds counts for nothing. An
answer that wasn't given is never taken for a no.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from clinical.checklist import (
    AnswerValue,
    Checklist,
    Item,
    ItemAnswer,
    ItemKind,
    Override,
    ServiceChosen,
)
from clinical.checklist_conditions import OPERATORS, circular, holds
from clinical.codes import Coding
from clinical.evidence import Indicator, Judgement

Blockers = tuple[str, ...]
"""Why a redirect can't be recorded, one sentence each; empty where it can."""

YES_CODES = frozenset({"yes", "y", "373066001"})
NO_CODES = frozenset({"no", "n", "373067005"})
"""Codes, in lower case, that say yes and no: words, v2 table 0136, SNOMED CT."""

_SECOND_CLINICIAN = "It takes a second clinician's named override, with a reason."


def lines(checklist: Checklist) -> Iterator[tuple[Item, Item | None]]:
    """Every item with the item that it lies in, in the order of the form."""

    def within(items: tuple[Item, ...], parent: Item | None) -> Iterator[tuple[Item, Item | None]]:
        for item in items:
            yield item, parent
            yield from within(item.items, item)

    yield from within(checklist.items, None)


def faults(checklist: Checklist) -> tuple[str, ...]:
    """What is wrong with a checklist's own logic, in sentences: it must not be used before it's put
    right. Link ids used twice, conditions that ask for an item that isn't there, by an operator
    that FHIR doesn't have, or in a circle.
    """
    found: list[str] = []
    by_id: dict[str, Item] = {}
    for item, _ in lines(checklist):
        if item.link_id in by_id:
            found.append(f"Two items have the link id {item.link_id}.")
        by_id[item.link_id] = item
    for item in by_id.values():
        for condition in item.enable_when:
            if condition.link_id not in by_id:
                found.append(f"{item.link_id} depends on {condition.link_id}, which isn't there.")
            if condition.operator not in OPERATORS:
                found.append(f"{item.link_id} has the unknown operator {condition.operator}.")
            if condition.operator == "exists" and not isinstance(condition.value, bool):
                found.append(f"{item.link_id} asks whether an answer exists with no true or false.")
    found.extend(f"{link_id} depends on itself." for link_id in circular(_needs(checklist)))
    return tuple(found)


def enabled_items(checklist: Checklist, answers: Sequence[ItemAnswer]) -> tuple[Item, ...]:
    """The items that apply with these answers, groups and display lines too, in the form's order.

    An item in a group that isn't enabled isn't either. In a circle of conditions (``faults`` names
    it) an item counts as enabled: a question too many is safer than one too few.
    """
    given = given_answers(answers)
    placed = {item.link_id: (item, parent) for item, parent in lines(checklist)}
    known = dict.fromkeys(circular(_needs(checklist)), True)

    def applies(link_id: str) -> bool:
        if link_id not in known:
            item, parent = placed[link_id]
            known[link_id] = (parent is None or applies(parent.link_id)) and conditions_met(item)
        return known[link_id]

    def conditions_met(item: Item) -> bool:
        if not item.enable_when:
            return True
        results = (holds(condition, counted(condition.link_id)) for condition in item.enable_when)
        return any(results) if item.enable_any else all(results)

    def counted(link_id: str) -> tuple[AnswerValue, ...]:
        return given.get(link_id, ()) if link_id in placed and applies(link_id) else ()

    return tuple(item for item, _ in lines(checklist) if applies(item.link_id))


def open_items(checklist: Checklist, answers: Sequence[ItemAnswer]) -> tuple[Item, ...]:
    """The required items that apply and aren't answered. A blank text is no answer."""
    given = given_answers(answers)
    return tuple(
        item
        for item in enabled_items(checklist, answers)
        if item.required and _asks(item) and item.link_id not in given
    )


def red_flags_ticked(checklist: Checklist, answers: Sequence[ItemAnswer]) -> tuple[Item, ...]:
    """The red flags that apply and are answered with anything but a plain no.

    "Not known" is no "no": a red flag answered so counts as ticked.
    """
    given = given_answers(answers)
    return tuple(
        item
        for item in enabled_items(checklist, answers)
        if item.red_flag
        and item.link_id in given
        and not all(says_no(value) for value in given[item.link_id])
    )


def service_line(checklist: Checklist) -> Item | None:
    """The line that asks for the service; None where the decision has to ask for it."""
    return next((item for item, _ in lines(checklist) if item.kind is ItemKind.SERVICE), None)


def service_chosen(checklist: Checklist, answers: Sequence[ItemAnswer]) -> ServiceChosen | None:
    """The service that the answers name; None where they name none, or no line asks for it."""
    line = service_line(checklist)
    given = () if line is None else given_answers(answers).get(line.link_id, ())
    return next((value for value in given if isinstance(value, ServiceChosen)), None)


def can_redirect(
    checklist: Checklist,
    answers: Sequence[ItemAnswer],
    indicators: Sequence[Indicator],
    override: Override | None = None,
    *,
    by_user: str = "",
    identity: Sequence[str] = (),
) -> Blockers:
    """Why ``by_user`` can't record a redirect with these answers; empty where they can.

    Every required item and every red flag that applies has to be answered, and what is needed for
    a redirect (agreement, consent) with a yes. A red flag ticked, or an indicator that found one,
    takes an override by somebody else who names it. An ``absolute`` indicator (the record says
    that the person has died) and a mismatch of identity (``identity``, in sentences) can't be
    overridden. An indicator that isn't known doesn't forbid by itself: the checklist's own line
    does, until a person has answered it (``unaddressed`` lists those that no line answers).
    """
    given = given_answers(answers)
    applying = [item for item in enabled_items(checklist, answers) if _asks(item)]
    blockers = list(identity)
    blockers += [
        f"Not answered yet: {item.words}"
        for item in applying
        if (item.required or item.red_flag or item.needed_for_redirect)
        and item.link_id not in given
    ]
    blockers += [
        f"A redirect needs a yes here: {item.words}"
        for item in applying
        if item.needed_for_redirect
        and item.link_id in given
        and not all(says_yes(value) for value in given[item.link_id])
    ]
    blockers += [
        f"{indicator.words}. {indicator.because}"
        for indicator in indicators
        if indicator.judgement is Judgement.MET and indicator.absolute
    ]
    flags = red_flags(checklist, answers, indicators)
    wrong = _override_faults(override, by_user) if flags else ()
    covered = () if override is None or wrong else covered_by(override, answers)
    blockers += [
        f"Red flag: {words} {_SECOND_CLINICIAN}"
        for name, words in flags.items()
        if name not in covered
    ]
    blockers += wrong
    return tuple(blockers)


def red_flags(
    checklist: Checklist, answers: Sequence[ItemAnswer], indicators: Sequence[Indicator]
) -> Mapping[str, str]:
    """Every red flag that stands and can be overridden, in words, by link id or name: those that
    were ticked, and those that the record shows.
    """
    flags = {item.link_id: item.words for item in red_flags_ticked(checklist, answers)}
    for indicator in indicators:
        if indicator.judgement is Judgement.MET and indicator.red_flag and not indicator.absolute:
            flags[indicator.name] = f"{indicator.words}. {indicator.because}"
    return flags


def covered_by(override: Override, answers: Sequence[ItemAnswer]) -> frozenset[str]:
    """The red flags that an override is good for: those that it names, less those that were
    answered anew after it was given.
    """
    given_at = override.at
    if given_at is None:
        return frozenset(override.red_flags)
    anew = {each.link_id for each in answers if each.at is not None and each.at > given_at}
    return frozenset(override.red_flags) - anew


def unaddressed(
    checklist: Checklist, answers: Sequence[ItemAnswer], indicators: Sequence[Indicator]
) -> tuple[Indicator, ...]:
    """The red flags of the record that aren't known and that no answered item speaks to."""
    given = given_answers(answers)
    answered = {
        item.indicator
        for item in enabled_items(checklist, answers)
        if item.indicator and item.link_id in given
    }
    return tuple(
        indicator
        for indicator in indicators
        if indicator.red_flag
        and indicator.judgement is Judgement.UNKNOWN
        and indicator.name not in answered
    )


def given_answers(answers: Sequence[ItemAnswer]) -> Mapping[str, tuple[AnswerValue, ...]]:
    """The values by link id, only where there is one; blank texts and empty codes are none."""
    given: dict[str, tuple[AnswerValue, ...]] = {}
    for answer in answers:
        values = tuple(value for value in answer.values if not _blank(value))
        if values:
            given[answer.link_id] = given.get(answer.link_id, ()) + values
    return given


def says_yes(value: AnswerValue) -> bool:
    """Whether an answer is a plain yes."""
    return value is True or (isinstance(value, Coding) and value.code.lower() in YES_CODES)


def says_no(value: AnswerValue) -> bool:
    """Whether an answer is a plain no."""
    return value is False or (isinstance(value, Coding) and value.code.lower() in NO_CODES)


def _asks(item: Item) -> bool:
    return item.kind not in (ItemKind.GROUP, ItemKind.DISPLAY)


def _blank(value: AnswerValue) -> bool:
    if isinstance(value, Coding):
        return not (value.code.strip() or value.display.strip())
    return isinstance(value, str) and not value.strip()


def _override_faults(override: Override | None, by_user: str) -> tuple[str, ...]:
    if override is None:
        return ()
    found = []
    if not override.by_user.strip() or not override.by_name.strip():
        found.append("The override doesn't name the second clinician.")
    elif override.by_user.strip() == by_user.strip():
        found.append("The override has to come from a second clinician, not from the same one.")
    if not override.reason.strip():
        found.append("The override gives no reason.")
    return tuple(found)


def _needs(checklist: Checklist) -> Mapping[str, frozenset[str]]:
    """By link id, the items whose state an item's own depends on."""
    return {
        item.link_id: frozenset(condition.link_id for condition in item.enable_when)
        | ({parent.link_id} if parent is not None else frozenset())
        for item, parent in lines(checklist)
    }
