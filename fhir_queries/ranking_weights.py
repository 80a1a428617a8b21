"""By which weights do managers rank the pathways, who set them, and what were they before?

One ``Basic`` resource for the whole record (docs/record-shapes.md): each saving is a new version
of it, so its history is who held what to be worth how much, and when.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

from clinical.moments import Moment, utc_text
from clinical.person import Caller
from clinical.ranking import Term, Weights
from clinical.review import Actor
from clinical.review_steps import Action, why_not
from fhir_queries.asking import Resource, Search
from fhir_queries.errors import Conflict, NotPermitted
from fhir_queries.port import Record
from fhir_queries.reading.codes import LOCAL
from fhir_queries.reading.fields import mapping, moment, objects, text
from fhir_queries.reading.review_notes import actor
from fhir_queries.review_task import AT_MOST, reference_to

WEIGHTS_IDENTIFIER = f"{LOCAL}/Id/ranking-weights"
WHICH_BITE = "which-bite-first"
WEIGHTS_CODE = f"{LOCAL}/CodeSystem/ranking"
_WEIGHT = f"{LOCAL}/StructureDefinition/ranking-weight"
_EFFORT = f"{LOCAL}/StructureDefinition/ranking-effort"
_AT = f"{LOCAL}/StructureDefinition/ranking-set-at"


class WithHistory(Record, Protocol):
    """A record that keeps the versions of what it holds."""

    def history_of(self, reference: str) -> tuple[Resource, ...]:
        """Every version of a resource, newest first."""


@dataclass(frozen=True, slots=True)
class SavedWeights:
    """Weights as the record holds them."""

    weights: Weights
    by: Actor | None
    at: Moment | None
    reference: str
    version: str


def read_weights(record: Record) -> SavedWeights | None:
    """The weights that stand; None where nobody has set any.

    Raises RecordError where the record doesn't answer.
    """
    asked = Search("weights", "Basic", (("identifier", f"{WEIGHTS_IDENTIFIER}|{WHICH_BITE}"),))
    answer = record.ask([asked]).by_name["weights"]
    if answer.error is not None:
        raise answer.error
    saved = (saved_weights(each) for each in answer.matches)
    return next((each for each in saved if each is not None), None)


def save_weights(
    record: Record, caller: Caller, weights: Weights, *, seen: str | None = None
) -> SavedWeights:
    """These weights, standing from now on for every manager.

    ``seen`` is the version that they looked at, None where there was none. Raises Conflict where
    somebody has saved others since (the sentence says who), NotPermitted for a role that may not.
    """
    if forbidden := why_not(caller, Action.SET_WEIGHTS, None):
        raise NotPermitted("this role sets no weights", sentence=forbidden)
    made = _basic(caller, weights)
    stood = record.create(made, if_none_exist=f"identifier={WEIGHTS_IDENTIFIER}|{WHICH_BITE}")
    if any(stood.get(name) != value for name, value in made.items()):
        stood = _save_anew(record, str(stood.get("id")), made, weights, seen)
    found = saved_weights(stood)
    if found is None or found.weights != weights:
        raise Conflict("the weights aren't what was saved")
    return found


def past_weights(record: WithHistory, standing: SavedWeights) -> tuple[SavedWeights, ...]:
    """Every set of weights there was, the one that stands first. Raises RecordError."""
    versions = (saved_weights(each) for each in record.history_of(standing.reference))
    return tuple(each for each in versions if each is not None)


def saved_weights(basic: Resource) -> SavedWeights | None:
    """The weights of a Basic resource; None where it holds none that can be used."""
    terms: dict[Term, int] = {}
    effort: dict[str, int] = {}
    at: Moment | None = None
    known = {term.value: term for term in Term}
    for each in objects(basic.get("extension")):
        url, inner = each.get("url"), _inner(each)
        if url == _WEIGHT and inner.get("term") in known and type(inner.get("weight")) is int:
            terms[known[inner["term"]]] = inner["weight"]
        elif url == _EFFORT and type(inner.get("effort")) is int:
            effort[text(inner.get("service"))] = inner["effort"]
        elif url == _AT:
            at = moment(each.get("valueInstant"))
    try:
        weights = Weights(terms, effort)
    except ValueError:
        return None
    version = text(mapping(basic.get("meta")).get("versionId"))
    return SavedWeights(
        weights, actor(basic.get("author")), at, f"Basic/{basic.get('id')}", version
    )


def _save_anew(
    record: Record, identity: str, made: Resource, weights: Weights, seen: str | None
) -> Resource:
    failed = Conflict("the weights changed under every try")
    for _ in range(AT_MOST):
        standing = record.fetch(f"Basic/{identity}")
        version = text(mapping(standing.get("meta")).get("versionId"))
        saved = saved_weights(standing)
        if version != seen and saved is not None and saved.weights != weights:
            name = saved.by.name if saved.by is not None else "Somebody else"
            raise Conflict(
                "saved anew meanwhile",
                sentence=f"{name} has saved other weights since you looked. Nothing was changed.",
            )
        try:
            return record.update(standing | made, version=version)
        except Conflict as conflict:
            failed = conflict
    raise failed


def _basic(caller: Caller, weights: Weights) -> Resource:
    now = datetime.now(UTC)
    return {
        "resourceType": "Basic",
        "extension": [
            {"url": _AT, "valueInstant": utc_text(now)},
            *(_extension(_WEIGHT, term=term.value, weight=weights.terms[term]) for term in Term),
            *(
                _extension(_EFFORT, service=service, effort=effort)
                for service, effort in sorted(weights.effort.items())
            ),
        ],
        "identifier": [{"system": WEIGHTS_IDENTIFIER, "value": WHICH_BITE}],
        "code": {
            "coding": [{"system": WEIGHTS_CODE, "code": "weights"}],
            "text": "Weights of the ranking of redirect pathways",
        },
        "created": f"{now:%Y-%m-%d}",
        "author": reference_to(caller),
    }


def _extension(url: str, **parts: str | int) -> Resource:
    return {
        "url": url,
        "extension": [
            {"url": name, "valueString" if type(value) is str else "valueInteger": value}
            for name, value in parts.items()
            if value != ""
        ],
    }


def _inner(extension: Resource) -> dict[str, Any]:
    return {
        text(each.get("url")): each.get("valueString", each.get("valueInteger"))
        for each in objects(extension.get("extension"))
    }
