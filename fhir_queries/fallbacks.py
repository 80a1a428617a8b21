"""Servers that refuse, ignore or misread a search: noticed, and asked again in another way.

Four things are never believed without proof: an include that brought nothing, a reverse include
that brought nothing, a search for a patient that found nothing, and a chained search. Each is
asked once in another way; what is learnt is kept in ``Memory``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from fhir_queries.asking import Resource, Search
from fhir_queries.batch import Asked, Got
from fhir_queries.gathering import Gathering, Params
from fhir_queries.log import Line, say
from fhir_queries.memory import Memory
from fhir_queries.references import local_reference, names_somebody_else, values_at

Ask = Callable[[Sequence[Asked]], list[Got]]
"""Asks all of them in one exchange, or in parallel where the record takes no batch."""

OPTIONAL = frozenset({"_include", "_revinclude", "_sort", "_elements", "_summary", "_total"})
"""What a record may refuse, and what can be made up for here."""

_IDS_AT_ONCE = 100
_PATIENT_FORMS = ("patient=Patient/ID", "patient=ID", "subject=Patient/ID")
_BY_PATIENT = ("patient", "subject")


@dataclass(frozen=True, slots=True)
class _Further:
    """One search more, for the sake of a gathering."""

    asked: Asked
    take: Callable[[Got], None]


def as_sent(search: Search, memory: Memory) -> Params:
    """The parameters of ``search`` as this server is to be asked."""
    form = memory.form(search.resource_type)
    kept: list[tuple[str, str]] = []
    for name, value in search.params:
        if memory.avoids(search.resource_type, name):
            continue
        if form and name in _BY_PATIENT:
            kept.append(_in_form(form, value))
        else:
            kept.append((name, value))
    return tuple(kept)


def _in_form(form: str, value: str) -> tuple[str, str]:
    own_id = value.rpartition("/")[2]
    name, _, pattern = form.partition("=")
    return name, pattern.replace("ID", own_id)


def without_optional(gatherings: Iterable[Gathering], memory: Memory, ask: Ask) -> None:
    """Ask again, without what can be made up for, what the record refused."""
    refused = []
    for one in gatherings:
        status = one.error.status if one.error is not None else None
        optional = {name for name, _ in one.params if name.partition(":")[0] in OPTIONAL}
        if status in (400, 403, 422, 500, 501) and optional:
            refused.append((one, optional))
    further = []
    for one, optional in refused:
        params = tuple(pair for pair in one.params if pair[0] not in optional)
        further.append(_Further(Asked(one.search.resource_type, params), _retake(one, params)))
    _ask_all(further, ask)
    for one, optional in refused:
        if one.answered:
            memory.avoid(one.search.resource_type, optional)
            for name in sorted(optional):
                kind = one.search.resource_type
                say(Line.PARAMETER_LEFT_OUT, resource_type=kind, parameter=name)


def _retake(one: Gathering, params: Params) -> Callable[[Got], None]:
    def take(got: Got) -> None:
        if got.ok:
            one.start_again(params)
            one.take(got.body)

    return take


def in_other_forms(gatherings: Iterable[Gathering], memory: Memory, ask: Ask) -> None:
    """Searches for a patient that found nothing, asked in the other forms of naming a patient."""
    further: list[_Further] = []
    doubted: list[tuple[Gathering, str]] = []
    for one in gatherings:
        by_patient = [(name, value) for name, value in one.params if name in _BY_PATIENT]
        if not one.answered or len(by_patient) != 1 or not one.patient_id:
            continue
        kind = one.search.resource_type
        name, value = by_patient[0]
        ability = f"{kind}?{name}={'Patient/ID' if '/' in value else 'ID'}"
        if one.seen or one.set_aside:
            memory.prove(ability)
        elif not one.withheld and not memory.form("*") and not memory.believes(ability):
            doubted.append((one, ability))
            for form in _PATIENT_FORMS:
                pair = _in_form(form, value)
                if pair != by_patient[0]:
                    params = tuple(pair if old == by_patient[0] else old for old in one.params)
                    take = _take_if_found(one, params, form, memory)
                    further.append(_Further(Asked(kind, params), take))
    _ask_all(further, ask)
    for one, ability in doubted:
        if not one.matches:
            memory.trust(ability)


def _take_if_found(
    one: Gathering, params: Params, form: str, memory: Memory
) -> Callable[[Got], None]:
    def take(got: Got) -> None:
        if one.matches or not got.ok or not _is_theirs(got.body, one):
            return
        one.start_again(params)
        one.take(got.body)
        memory.use_form(one.search.resource_type, form)
        say(Line.OTHER_FORM, resource_type=one.search.resource_type)

    return take


def _is_theirs(bundle: object, one: Gathering) -> bool:
    """Whether another form really found what is this patient's, and not just everybody's."""
    theirs = [
        resource
        for resource in values_at(bundle, "entry.resource")
        if isinstance(resource, dict) and resource.get("resourceType") == one.search.resource_type
    ]
    strangers = [resource for resource in theirs if names_somebody_else(resource, one.patient_id)]
    return bool(theirs) and not strangers


def _ask_all(further: Sequence[_Further], ask: Ask) -> None:
    if further:
        for one, got in zip(further, ask([one.asked for one in further]), strict=True):
            one.take(got)


def fetch_what_is_missing(gatherings: Sequence[Gathering], memory: Memory, ask: Ask) -> None:
    """What was to be included and isn't there, forwards by id, backwards by search."""
    further: list[_Further] = []
    afterwards: list[Callable[[], None]] = []
    for one in gatherings:
        if not one.answered or not one.matches:
            continue
        for name, value in one.search.params:
            if name.partition(":")[0] == "_include":
                further += _forwards(one, value, memory, afterwards)
            elif name.partition(":")[0] == "_revinclude":
                further += _backwards(one, value, memory, afterwards)
    _ask_all(further, ask)
    for done in afterwards:
        done()


def _forwards(
    one: Gathering, include: str, memory: Memory, afterwards: list[Callable[[], None]]
) -> list[_Further]:
    source, _, rest = include.partition(":")
    parameter, _, only = rest.partition(":")
    if source != one.search.resource_type or parameter in ("", "*"):
        return []
    missing: dict[str, dict[str, None]] = {}
    for match in one.matches:
        for reference in _referenced(match, parameter):
            kind, _, own_id = reference.partition("/")
            held = reference in one.included or reference in one.seen
            if not held and kind == (only or kind) and not memory.is_absent(reference):
                missing.setdefault(kind, {})[own_id] = None
    further = []
    for kind, own_ids in missing.items():
        ids = list(own_ids)
        for start in range(0, len(ids), _IDS_AT_ONCE):
            some = ids[start : start + _IDS_AT_ONCE]
            params = (("_id", ",".join(some)), ("_count", str(len(some))))
            further.append(_Further(Asked(kind, params), _include_in(one, kind)))
    if further:
        wanted = {f"{kind}/{own_id}" for kind, own_ids in missing.items() for own_id in own_ids}
        afterwards.append(lambda: memory.note_absent(wanted - one.included.keys()))
    return further


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
    for path in _SEARCHED_AS.get(parameter, (_camel(parameter),)):
        for value in values_at(resource, f"{path}.reference"):
            reference = local_reference(value)
            if reference:
                found.append(reference)
    return found


def _camel(parameter: str) -> str:
    first, *others = parameter.split("-")
    return first + "".join(word.capitalize() for word in others)


def _include_in(one: Gathering, kind: str) -> Callable[[Got], None]:
    def take(got: Got) -> None:
        if not got.ok:
            one.complete = False
            one.warnings.append(f"What was to come with it ({kind}) could not be read.")
            return
        count = 0
        for resource in values_at(got.body, "entry.resource"):
            own_id = resource.get("id") if isinstance(resource, dict) else None
            if isinstance(own_id, str) and resource.get("resourceType") == kind:
                one.included[f"{kind}/{own_id}"] = resource
                count += 1
        say(Line.INCLUDES_FETCHED, resource_type=kind, entries=count)

    return take


def _backwards(
    one: Gathering, include: str, memory: Memory, afterwards: list[Callable[[], None]]
) -> list[_Further]:
    source, _, rest = include.partition(":")
    parameter = rest.partition(":")[0]
    kind = one.search.resource_type
    ability = f"{kind}<{source}:{parameter}"
    if any(reference.startswith(f"{source}/") for reference in one.included):
        memory.prove(ability)
        return []
    sent = any(pair == ("_revinclude", include) for pair in one.params)
    if sent and memory.believes(ability):
        return []
    ids = [match["id"] for match in one.matches if isinstance(match.get("id"), str)]
    further = []
    for start in range(0, len(ids), _IDS_AT_ONCE):
        named = ",".join(f"{kind}/{own_id}" for own_id in ids[start : start + _IDS_AT_ONCE])
        params = ((parameter, named), ("_count", "1000"))
        further.append(_Further(Asked(source, params), _include_in(one, source)))

    def afterwards_of_it() -> None:
        if any(reference.startswith(f"{source}/") for reference in one.included):
            memory.avoid(kind, {"_revinclude"})
        else:
            memory.trust(ability)

    afterwards.append(afterwards_of_it)
    return further
