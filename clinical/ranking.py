"""Which pathway would repay work most, by weights that managers set: a sum that explains itself.

The score is a weighted mean of four terms from 0 to 1, times 100. None of them is a clinical rule:
the weights are the managers' own judgement, written down, and the ranking says how far it hangs on
them. What the terms are made of is what the record shows, rounded as it may be told.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from types import MappingProxyType

MOST_WEIGHT = 10
HARDEST = 5
MIDDLING = 3
"""How much work a service takes where nobody has said."""
FEW = 50
"""Below so many people behind a share, the ranking says that it is unsure."""
BY_HALF = (0.5, 1.5)


class Term(Enum):
    """What the score is made of. The values are the codes in the record."""

    VOLUME = "volume"
    """How many would have gone this way, against the pathway with most of them."""
    BENEFIT = "benefit"
    """The share of those redirected this way with no emergency admission within 72 hours."""
    SAFETY = "safety"
    """The share of those accepted this way who neither came back within 7 days nor were
    reversed."""
    EASE = "ease"
    """How little work or money it takes: 1 for the least, 0 for the most."""


@dataclass(frozen=True, slots=True)
class Weights:
    """What managers hold to be worth how much, each from 0 to 10."""

    terms: Mapping[Term, int] = field(
        default_factory=lambda: MappingProxyType(
            {Term.VOLUME: 5, Term.BENEFIT: 4, Term.SAFETY: 4, Term.EASE: 2}
        )
    )
    effort: Mapping[str, int] = field(default_factory=dict)
    """How much work or money each service takes, 1 to 5; ``SOONER`` is to review sooner."""

    def __post_init__(self) -> None:
        """Raises ValueError for a weight or an effort outside its scale, or no weight at all."""
        if set(self.terms) != set(Term):
            raise ValueError("each term has a weight")
        if not all(0 <= weight <= MOST_WEIGHT for weight in self.terms.values()):
            raise ValueError(f"weights are 0 to {MOST_WEIGHT}")
        if not any(self.terms.values()):
            raise ValueError("one weight at least is more than 0")
        if not all(1 <= effort <= HARDEST for effort in self.effort.values()):
            raise ValueError(f"effort is 1 to {HARDEST}")


SOONER = ""
"""The name under which the effort of reviewing sooner is kept: no service's."""


@dataclass(frozen=True, slots=True)
class Share:
    """A proportion and how far it can be trusted."""

    value: float | None
    """None where nobody has an answer."""
    of: int | None
    """Of about how many people."""
    basis: str
    """Whose it is: the pathway's, the need's, everybody's."""
    own: bool
    """Whether it is the pathway's own; otherwise there were too few people for that."""

    @property
    def unsure(self) -> bool:
        """Whether few people stand behind it, or others than those it is said of."""
        return not self.own or (self.of or 0) < FEW


@dataclass(frozen=True, slots=True)
class Opportunity:
    """One pathway: a need, a service (empty: to review sooner) and a part of the day."""

    need: str
    service: str
    hour: int
    """At which its part of the day begins, in Europe/London."""
    hours: int
    missed: int
    """Refused for want of room there, or reviewed too late."""
    accepted: Share | None
    """Of those reviewed in time, how many were redirected; None where all of ``missed`` would have
    been."""
    avoided: Share
    came_back: Share
    reversed: Share

    @property
    def expected(self) -> float:
        """How many would have gone this way."""
        if self.accepted is None:
            return float(self.missed)
        return self.missed * (self.accepted.value or 0.0)

    @property
    def expected_avoided(self) -> float | None:
        """Of those, how many admissions might have been avoided; None where that isn't known."""
        return None if self.avoided.value is None else self.expected * self.avoided.value


@dataclass(frozen=True, slots=True)
class Part:
    """One term of a score."""

    term: Term
    value: float
    """0 to 1."""
    points: float
    """What it adds to the score of 100."""
    unsure: bool


@dataclass(frozen=True, slots=True)
class Ranked:
    """One pathway in its place."""

    opportunity: Opportunity
    rank: int
    score: float
    """0 to 100: the sum of its parts."""
    parts: tuple[Part, ...]
    best: int
    """The best and the worst place it has when one weight at a time is half as much or half as
    much again."""
    worst: int

    @property
    def unsure(self) -> bool:
        """Whether something of it rests on few people."""
        return any(part.unsure for part in self.parts)


@dataclass(frozen=True, slots=True)
class Swing:
    """What the first places are when one weight changes."""

    term: Term
    factor: float
    first: Opportunity
    moved: int
    """How many pathways are in another place."""


def ranking(opportunities: Iterable[Opportunity], weights: Weights) -> tuple[Ranked, ...]:
    """The opportunities, the one that would repay work most first.

    Of equal scores the one with more people comes first. Pathways nobody was missed on don't rank.
    """
    listed = [each for each in opportunities if each.expected > 0]
    scored = _in_order(listed, weights.effort, _fractions(weights.terms))
    places = [
        {id(each): place for place, (each, *_) in enumerate(other, start=1)}
        for _, _, other in _varied(listed, weights)
    ]
    found = []
    for rank, (each, score, parts) in enumerate(scored, start=1):
        reached = [rank, *(other[id(each)] for other in places)]
        found.append(Ranked(each, rank, score, parts, min(reached), max(reached)))
    return tuple(found)


def swings(opportunities: Iterable[Opportunity], weights: Weights) -> tuple[Swing, ...]:
    """What becomes of the order when each weight in turn is half as much, or half as much again."""
    listed = [each for each in opportunities if each.expected > 0]
    if not listed:
        return ()
    now = [id(each) for each, *_ in _in_order(listed, weights.effort, _fractions(weights.terms))]
    found = []
    for term, factor, order in _varied(listed, weights):
        then = [id(each) for each, *_ in order]
        moved = sum(one != other for one, other in zip(now, then, strict=True))
        found.append(Swing(term, factor, order[0][0], moved))
    return tuple(found)


_Scored = tuple[Opportunity, float, tuple[Part, ...]]


def _varied(
    listed: Sequence[Opportunity], weights: Weights
) -> list[tuple[Term, float, list[_Scored]]]:
    found = []
    for term in Term:
        for factor in BY_HALF:
            terms: dict[Term, float] = dict(weights.terms)
            terms[term] *= factor
            if any(terms.values()):
                order = _in_order(listed, weights.effort, _fractions(terms))
                found.append((term, factor, order))
    return found


def _fractions(terms: Mapping[Term, float] | Mapping[Term, int]) -> dict[Term, float]:
    whole = sum(terms.values())
    return {term: terms[term] / whole for term in Term}


def _in_order(
    listed: Sequence[Opportunity], effort: Mapping[str, int], fractions: Mapping[Term, float]
) -> list[_Scored]:
    most = max((each.expected for each in listed), default=1.0)
    scored = []
    for each in listed:
        values = _values(each, most, effort)
        parts = tuple(
            replace(part, points=100 * fractions[part.term] * part.value) for part in values
        )
        scored.append((each, sum(part.points for part in parts), parts))
    return sorted(
        scored,
        key=lambda one: (-round(one[1], 9), -one[0].expected, one[0].need, one[0].service,
                         one[0].hour),
    )  # fmt: skip


def _values(each: Opportunity, most: float, effort: Mapping[str, int]) -> tuple[Part, ...]:
    harm = (each.came_back.value or 0.0) + (each.reversed.value or 0.0)
    work = effort.get(each.service, MIDDLING)
    return (
        Part(Term.VOLUME, each.expected / most, 0.0,
             each.accepted is not None and each.accepted.unsure),
        Part(Term.BENEFIT, each.avoided.value or 0.0, 0.0, each.avoided.unsure),
        Part(Term.SAFETY, max(0.0, 1.0 - harm), 0.0,
             each.came_back.unsure or each.reversed.unsure),
        Part(Term.EASE, (HARDEST - work) / (HARDEST - 1), 0.0, unsure=False),
    )  # fmt: skip
