"""Writing the resources of one decision: as one transaction, or in an order that can be resumed.

Before each try everything is read again and planned anew. Where the record takes no transaction
the Task, which alone says how a review stands, goes last: what is half done is never shown as
done, and doing the same again finishes it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from clinical.review import Review
from fhir_queries.asking import Resource
from fhir_queries.decision_standing import Standing, read_standing
from fhir_queries.errors import (
    BadRecord,
    Conflict,
    NotKnown,
    RecordError,
    RecordUnavailable,
    Refused,
)
from fhir_queries.port import Record
from fhir_queries.reading.reviews import review
from fhir_queries.review_task import AT_MOST
from fhir_queries.writes import Write

NO_TRANSACTION = (404, 405, 501)
Plan = Callable[[Standing], Sequence[Write] | None]
"""What is to be written as things stand, the Task last; None where nothing is left to do."""


def settle(record: Record, asked: Review, plan: Plan, not_known: str) -> Review:
    """The review once the plan stands in the record, at most three tries.

    ``not_known`` is the sentence for the person where something was sent and whether the record
    holds it can't be told. Raises NotKnown then, whatever ``plan`` raises, and RecordError.
    """
    as_one = record.profile.writing.transaction
    failed: RecordError | None = None
    for sent in range(AT_MOST + 1):
        try:
            standing = read_standing(record, asked)
        except RecordError as error:
            if failed is None or _kept_nothing(failed, as_one=as_one):
                raise
            raise NotKnown(error.detail, sentence=not_known) from error
        writes = plan(standing)
        if writes is None:
            return standing.review
        if sent == AT_MOST:
            break
        try:
            written = _write_as_one(record, writes) if as_one else _write_in_order(record, writes)
        except (Conflict, RecordUnavailable, BadRecord) as error:
            failed = error
            continue
        except Refused as error:
            if as_one and error.status in NO_TRANSACTION:
                as_one, failed = False, None
                continue
            raise
        return review(written)
    if isinstance(failed, RecordUnavailable):
        raise NotKnown(failed.detail, sentence=not_known)
    raise failed or Conflict("the review changed under every try")


def _kept_nothing(failed: RecordError, *, as_one: bool) -> bool:
    """Whether the record surely holds nothing of what was sent last."""
    return as_one and isinstance(failed, Conflict)


def _write_as_one(record: Record, writes: Sequence[Write]) -> Resource:
    stored = record.transact(writes)
    return next(each for each in stored if each.get("resourceType") == "Task")


def _write_in_order(record: Record, writes: Sequence[Write]) -> Resource:
    """Each in turn; the last one is the Task."""
    names: dict[str, str] = {}
    stored: Resource = {}
    for entry in writes:
        resource = _with_names(entry.resource, names)
        if entry.method == "PUT":
            stored = record.update(resource, version=entry.if_match)
        else:
            stored = record.create(resource, if_none_exist=entry.if_none_exist or None)
        if entry.full_url:
            names[entry.full_url] = f"{stored['resourceType']}/{stored['id']}"
    return stored


def _with_names(resource: Resource, names: dict[str, str]) -> Resource:
    """A copy of ``resource`` in which each ``urn:uuid:`` reference is the id it was given."""

    def named(value: object) -> object:
        if isinstance(value, dict):
            return {
                key: names.get(inner, inner) if key == "reference" else named(inner)
                for key, inner in value.items()
            }
        if isinstance(value, list):
            return [named(each) for each in value]
        return value

    return {key: named(value) for key, value in resource.items()}
