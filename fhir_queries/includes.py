"""What a search was to bring along and didn't: fetched by id, or searched for.

Servers exist that ignore ``_include`` and ``_revinclude`` without a word; a patient without
observations would look just like one whose observations were left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial

from fhir_queries.asker import Asker
from fhir_queries.asking import Resource, Search
from fhir_queries.batch import Asked
from fhir_queries.gathering import Gathering, Params
from fhir_queries.log import Line, say
from fhir_queries.memory import Memory
from fhir_queries.references import local_reference, values_at

_IDS_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Further:
    """One search more, and what its matches are to be put with."""

    to: Gathering
    brought: Gathering


def fetch_what_is_missing(gatherings: Sequence[Gathering], memory: Memory, asker: Asker) -> None:
    """What was to be included and isn't there, forwards by id, backwards by search.

    An ``:iterate`` include, from what is included itself, may take a second exchange.
    """
    for iterate in (False, True):
        further: list[Further] = []
        afterwards: list[Callable[[], None]] = []
        for one in gatherings:
            if not one.answered or not one.matches:
                continue
            for name, value in one.search.params:
                if name == ("_include:iterate" if iterate else "_include"):
                    further += _forwards(one, value, memory, afterwards)
                elif name == "_revinclude" and not iterate:
                    further += _backwards(one, value, memory, afterwards, asker)
        _bring(further, asker)
        for done in afterwards:
            done()


def _forwards(
    one: Gathering, include: str, memory: Memory, afterwards: list[Callable[[], None]]
) -> list[Further]:
    source, _, rest = include.partition(":")
    parameter, _, only = rest.partition(":")
    if parameter in ("", "*"):
        return []
    sources: Iterable[Resource] = one.matches
    if source != one.search.resource_type:
        sources = [one.included[key] for key in one.included if key.startswith(f"{source}/")]
    missing: dict[str, dict[str, None]] = {}
    for match in sources:
        for reference in _referenced(match, parameter):
            kind, _, own_id = reference.partition("/")
            held = reference in one.included
            if kind == one.search.resource_type:
                held = held or own_id in one.seen
            if not held and kind == (only or kind) and not memory.is_absent(reference):
                missing.setdefault(kind, {})[own_id] = None
    further = []
    for kind, own_ids in missing.items():
        ids = list(own_ids)
        for start in range(0, len(ids), _IDS_AT_ONCE):
            some = ids[start : start + _IDS_AT_ONCE]
            params = (("_id", ",".join(some)), ("_count", str(len(some))))
            further.append(_further(one, kind, params))
    if further:
        wanted = {f"{kind}/{own_id}" for kind, own_ids in missing.items() for own_id in own_ids}
        afterwards.append(partial(_note_fetched, one, include, wanted, memory))
    return further


def _note_fetched(one: Gathering, include: str, wanted: set[str], memory: Memory) -> None:
    absent = wanted - one.included.keys()
    memory.note_absent(absent)
    if absent != wanted:
        memory.note_way(f"{include}: not included by the record, fetched by id")


_SEARCHED_AS = {
    "patient": ("subject", "patient", "for", "beneficiary"),
    "subject": ("subject", "for"),
    "location": ("location.location", "location"),
    "service-provider": ("serviceProvider",),
    "episode-of-care": ("episodeOfCare",),
    "part-of": ("partOf",),
    "partof": ("partOf",),
    "organization": ("managingOrganization", "organization", "providedBy"),
    "general-practitioner": ("generalPractitioner",),
    "participant": ("participant.individual", "participant.member", "participant.actor"),
    "practitioner": ("participant.individual", "practitioner"),
    "diagnosis": ("diagnosis.condition",),
    "based-on": ("basedOn",),
    "has-member": ("hasMember",),
    "derived-from": ("derivedFrom",),
    "reason-reference": ("reasonReference",),
    "care-team": ("careTeam",),
    "link": ("link.other",),
    "related": ("relatesTo.target",),
    "result": ("result",),
    "owner": ("owner",),
    "requester": ("requester",),
    "performer": ("performer", "performer.actor"),
    "medication": ("medicationReference",),
    "endpoint": ("endpoint",),
}


def _referenced(resource: Resource, parameter: str) -> list[str]:
    """``Type/id`` of everything that the search parameter of that name refers to."""
    found = []
    for first, path, further in _paths(parameter):
        there = resource.get(first)
        if there is None:
            continue
        alone = not further and type(there) is dict
        for value in (there.get("reference"),) if alone else values_at(resource, path):
            reference = local_reference(value)
            if reference:
                found.append(reference)
    return found


@lru_cache(maxsize=256)
def _paths(parameter: str) -> tuple[tuple[str, str, bool], ...]:
    """The elements that a search parameter looks at, each with the path of its references, and
    whether that leads further than to the element itself."""
    return tuple(
        (path.partition(".")[0], f"{path}.reference", "." in path)
        for path in _SEARCHED_AS.get(parameter, (_camel(parameter),))
    )


def _camel(parameter: str) -> str:
    first, *others = parameter.split("-")
    return first + "".join(word.capitalize() for word in others)


def _further(one: Gathering, kind: str, params: Params) -> Further:
    return Further(one, Gathering(Search("included", kind, params), params))


def _bring(further: Sequence[Further], asker: Asker) -> None:
    """Ask for all of it, with its pages, and put it with what it was to come with."""
    if not further:
        return
    searches = [Asked(one.brought.search.resource_type, one.brought.params) for one in further]
    for one, got in zip(further, asker.ask(searches), strict=True):
        if got.error is not None:
            one.brought.take_failure(got.error)
        else:
            one.brought.take_status(got.status, got.body)
    asker.read_pages([one.brought for one in further])
    for one in further:
        kind = one.brought.search.resource_type
        for resource in one.brought.matches:
            if isinstance(resource.get("id"), str):
                one.to.included[f"{kind}/{resource['id']}"] = resource
        one.to.set_aside += one.brought.set_aside
        one.to.withheld = one.to.withheld or one.brought.withheld
        if not one.brought.answered or not one.brought.complete:
            one.to.complete = False
            one.to.warnings.append(f"What was to come with it ({kind}) could not all be read.")
        say(Line.INCLUDES_FETCHED, resource_type=kind, entries=len(one.brought.matches))


def _backwards(
    one: Gathering,
    include: str,
    memory: Memory,
    afterwards: list[Callable[[], None]],
    asker: Asker,
) -> list[Further]:
    """Searches for what a reverse include should have brought, where that is in doubt.

    None came: that is believed when this include has brought something before, or another on the
    same type has and the record claims this one too.
    """
    source, _, rest = include.partition(":")
    parameter = rest.partition(":")[0]
    kind = one.search.resource_type
    ability = f"{kind}<{source}:{parameter}"
    if any(reference.startswith(f"{source}/") for reference in one.included):
        memory.prove(ability)
        memory.prove(f"{kind}<*")
        return []
    if ("_revinclude", include) in one.params:
        if memory.believes(ability):
            return []
        if memory.is_proven(f"{kind}<*") and memory.claims(asker.claims).brings(kind, include):
            return []
    ids = [match["id"] for match in one.matches if isinstance(match.get("id"), str)]
    further = []
    for start in range(0, len(ids), _IDS_AT_ONCE):
        named = ",".join(f"{kind}/{own_id}" for own_id in ids[start : start + _IDS_AT_ONCE])
        params = ((parameter, named), ("_count", "1000"))
        further.append(_further(one, source, params))
    afterwards.append(partial(_note_searched, one, include, memory, ability))
    return further


def _note_searched(one: Gathering, include: str, memory: Memory, ability: str) -> None:
    source = include.partition(":")[0]
    if any(reference.startswith(f"{source}/") for reference in one.included):
        memory.avoid(one.search.resource_type, {"_revinclude"})
        memory.note_way(f"{include}: not included by the record, searched for")
    else:
        memory.trust(ability)
