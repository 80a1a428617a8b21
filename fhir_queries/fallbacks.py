"""Servers that refuse, ignore or misread a search: noticed, and asked again in another way.

Four things are never believed without proof: a search for a patient that found nothing (here), a
chained search (``chained``), an include and a reverse include that brought nothing (``includes``).
Each is asked once in another way; what is learnt is kept in ``Memory``.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from fhir_queries.asker import Asker
from fhir_queries.asking import Search
from fhir_queries.batch import Asked, Got
from fhir_queries.gathering import Gathering, Params
from fhir_queries.log import Line, say
from fhir_queries.memory import Memory
from fhir_queries.references import names_somebody_else, values_at

OPTIONAL = frozenset({"_include", "_revinclude", "_sort", "_elements", "_summary", "_total"})
"""What a record may refuse, and what can be made up for here."""

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
    if not form and not memory.avoids_any(search.resource_type, search.params):
        return search.params
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


def without_optional(gatherings: Iterable[Gathering], memory: Memory, asker: Asker) -> None:
    """Ask again, without what can be made up for, what the record refused."""
    refused = []
    for one in gatherings:
        if one.error is None or one.error.status not in (400, 403, 422, 500, 501):
            continue
        optional = {name for name, _ in one.params if name.partition(":")[0] in OPTIONAL}
        if optional:
            refused.append((one, optional))
    further = []
    for one, optional in refused:
        params = tuple(pair for pair in one.params if pair[0] not in optional)
        further.append(_Further(Asked(one.search.resource_type, params), _retake(one, params)))
    _ask_all(further, asker)
    for one, optional in refused:
        if one.answered:
            memory.avoid(one.search.resource_type, optional)
            for name in sorted(optional):
                kind = one.search.resource_type
                say(Line.PARAMETER_LEFT_OUT, resource_type=kind, parameter=name)
                memory.note_way(f"{kind} without {name}: made up for here")
            if any(name.partition(":")[0] == "_sort" for name in optional):
                # Without an order the newest may be on any page
                one.search = dataclasses.replace(one.search, every_page=True)


def _retake(one: Gathering, params: Params) -> Callable[[Got], None]:
    def take(got: Got) -> None:
        if got.ok:
            one.start_again(params)
            one.take(got.body)

    return take


def in_other_forms(gatherings: Iterable[Gathering], memory: Memory, asker: Asker) -> None:
    """Searches for a patient that found nothing, asked in the other forms of naming a patient.

    Nothing is believed when this form has found something before, for this type, or for another
    where the record claims to search this type by it.
    """
    further: list[_Further] = []
    doubted: list[tuple[Gathering, str]] = []
    for one in gatherings:
        if not one.patient_id or not one.answered:
            continue
        by_patient = [pair for pair in one.params if pair[0] in _BY_PATIENT]
        if len(by_patient) != 1:
            continue
        kind = one.search.resource_type
        name, value = by_patient[0]
        form = f"{name}={'Patient/ID' if '/' in value else 'ID'}"
        ability = f"{kind}?{form}"
        if one.seen or one.set_aside:
            memory.prove(ability)
            memory.prove(f"*?{form}")
        elif not one.withheld and not memory.form_is_set() and not memory.believes(ability):
            doubted.append((one, ability))
    doubted = [
        (one, ability) for one, ability in doubted if not _is_claimed(ability, memory, asker)
    ]
    for one, _ in doubted:
        pair = next(pair for pair in one.params if pair[0] in _BY_PATIENT)
        for form in _PATIENT_FORMS:
            other = _in_form(form, pair[1])
            if other != pair:
                params = tuple(other if old == pair else old for old in one.params)
                take = _take_if_found(one, params, form, memory)
                further.append(_Further(Asked(one.search.resource_type, params), take))
    _ask_all(further, asker)
    for one, ability in doubted:
        if not one.matches:
            memory.trust(ability)


def _is_claimed(ability: str, memory: Memory, asker: Asker) -> bool:
    kind, _, form = ability.partition("?")
    if not memory.is_proven(f"*?{form}"):
        return False
    return memory.claims(asker.claims).searches_by(kind, form.partition("=")[0])


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
        memory.note_way(f"{one.search.resource_type} by {form}")

    return take


def _is_theirs(bundle: object, one: Gathering) -> bool:
    """Whether another form really found what is this patient's, and not just everybody's."""
    theirs = [
        resource
        for resource in values_at(bundle, "entry.resource")
        if isinstance(resource, dict) and resource.get("resourceType") == one.search.resource_type
    ]
    strangers = [
        resource
        for resource in theirs
        if names_somebody_else(resource, f"Patient/{one.patient_id}")
    ]
    return bool(theirs) and not strangers


def _ask_all(further: Sequence[_Further], asker: Asker) -> None:
    if further:
        for one, got in zip(further, asker.ask([one.asked for one in further]), strict=True):
            one.take(got)
