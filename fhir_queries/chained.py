"""Chained searches (``encounter.status=arrived``) on servers that ignore or misread them.

A chained search is believed when it was once seen to find the same as two plain steps do: first
what the chain names, then what refers to that. Where it doesn't, the two steps stay.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from fhir_queries.asker import Asker
from fhir_queries.batch import Asked
from fhir_queries.errors import RecordError
from fhir_queries.faults import error_of
from fhir_queries.gathering import Gathering, Params
from fhir_queries.log import Line, say
from fhir_queries.memory import Memory
from fhir_queries.references import values_at

_TARGETS = {
    "subject": "Patient",
    "focus": "Encounter",
    "service-provider": "Organization",
    "part-of": "Encounter",
    "episode-of-care": "EpisodeOfCare",
}
_MOST = 500
_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Chain:
    """One search's chain: ``link`` is the reference, ``within`` what is asked of its target."""

    link: str
    target: str
    within: Params
    others: Params
    ability: str


def chain_of(resource_type: str, params: Params) -> Chain | None:
    """The chain among ``params``; None where there is none, or more than one."""
    for name, _ in params:
        if "." in name:
            break
    else:
        return None
    links: dict[str, list[tuple[str, str]]] = {}
    others: list[tuple[str, str]] = []
    for name, value in params:
        link, dot, within = name.partition(".")
        if dot and not name.startswith("_"):
            links.setdefault(link, []).append((within, value))
        else:
            others.append((name, value))
    if len(links) != 1:
        return None
    link, pairs = next(iter(links.items()))
    plain, _, named = link.partition(":")
    target = named or _TARGETS.get(plain) or plain.title().replace("-", "")
    names = "&".join(sorted(name for name, _ in pairs))
    return Chain(plain, target, tuple(pairs), tuple(others), f"{resource_type}?{link}.({names})")


def is_postponed(resource_type: str, params: Params, memory: Memory) -> bool:
    """Whether this search is only asked in two steps, since the record misreads its chain."""
    chain = chain_of(resource_type, params)
    return chain is not None and memory.is_disproved(chain.ability)


def in_two_steps(gatherings: Iterable[Gathering], memory: Memory, asker: Asker) -> None:
    """Put what two plain steps find in the place of what a doubted chained search found."""
    doubted: list[tuple[Gathering, Chain]] = []
    for one in gatherings:
        chain = chain_of(one.search.resource_type, one.params)
        if chain is not None and not memory.believes(chain.ability):
            doubted.append((one, chain))
    if not doubted:
        return
    firsts = [Asked(chain.target, (*chain.within, ("_count", str(_MOST)))) for _, chain in doubted]
    for (one, chain), first in zip(doubted, asker.ask(firsts), strict=True):
        if first.ok:
            _second_step(one, chain, _ids(first.body, chain.target), memory, asker)
        elif not one.answered:
            one.take_failure(first.error or error_of(first.status, first.body), first.body)


def _ids(bundle: Any, kind: str) -> list[str]:
    return [
        resource["id"]
        for resource in values_at(bundle, "entry.resource")
        if isinstance(resource, dict)
        and resource.get("resourceType") == kind
        and isinstance(resource.get("id"), str)
    ]


def _second_step(
    one: Gathering, chain: Chain, ids: list[str], memory: Memory, asker: Asker
) -> None:
    kind = one.search.resource_type
    seconds = [
        Asked(kind, (*chain.others, (chain.link, ",".join(f"{chain.target}/{i}" for i in some))))
        for some in (ids[start : start + _AT_ONCE] for start in range(0, len(ids), _AT_ONCE))
    ]
    plain = Gathering(one.search, chain.others, patient_id=one.patient_id)
    failure: RecordError | None = None
    for got in asker.ask(seconds) if seconds else ():
        if got.ok:
            plain.take(got.body)
        else:
            failure = got.error or error_of(got.status, got.body)
    if failure is not None and not one.answered:
        one.take_failure(failure)
    if failure is not None:
        return
    if one.answered and one.seen == plain.seen and not one.next_link:
        if one.seen:
            memory.prove(chain.ability)
        else:
            memory.trust(chain.ability)
        return
    if one.answered and one.next_link and plain.seen >= one.seen:
        return
    say(Line.TWO_STEPS, resource_type=kind, parameter=chain.link)
    memory.disprove(chain.ability)
    memory.note_way(f"{kind} by {chain.link}.… : asked in two steps")
    one.become(plain)
