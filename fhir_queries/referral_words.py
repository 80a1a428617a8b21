"""What of the checklist's answers stands in the referral itself, for whoever reads only that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from clinical.checklist import Checklist, ItemAnswer
from clinical.checklist_rules import enabled_items, given_answers
from fhir_queries.reading.answer_values import value_words


@dataclass(frozen=True, slots=True)
class ReferralWords:
    """The words of a referral, in the checklist's order."""

    notes: tuple[str, ...] = ()
    instruction: str = ""
    """What the person was told: what to look out for, and whom to call."""


def referral_words(checklist: Checklist, answers: Sequence[ItemAnswer]) -> ReferralWords:
    """The answers of the lines that go to the referral, each with its question."""
    given = given_answers(answers)
    notes: list[str] = []
    instructions: list[str] = []
    for item in enabled_items(checklist, answers):
        said = ", ".join(value_words(value) for value in given.get(item.link_id, ()))
        if said and item.referral == "note":
            notes.append(f"{item.words.rstrip(':')}: {said}")
        elif said and item.referral:
            instructions.append(said)
    return ReferralWords(tuple(notes), "\n".join(instructions))
