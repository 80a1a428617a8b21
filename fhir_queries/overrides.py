"""A second clinician's word in spite of red flags: asked for by whoever holds the review, given by
somebody else who has opened the patient and seen what they override.

Both stand on the Task and are taken off it when somebody else comes to hold the review.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from clinical.moments import utc_text
from clinical.person import Caller
from clinical.review import Review
from fhir_queries.asking import Resource
from fhir_queries.decision_resources import put_extension
from fhir_queries.errors import Conflict, Refused
from fhir_queries.holding import holds, must_be_open, must_hold
from fhir_queries.port import Record
from fhir_queries.reading.overrides import OVERRIDE_REQUEST_URL, OVERRIDE_URL
from fhir_queries.reading.reviews import review
from fhir_queries.review_task import change_task, reference_to


def ask_for_override(
    record: Record, caller: Caller, held: Review, red_flags: Mapping[str, str]
) -> Review:
    """The review, with a second clinician asked for: ``red_flags`` are the words of each flag that
    stands, by link id or indicator's name. A word given before, for other flags, goes.

    Raises Conflict where ``caller`` doesn't hold it, Refused where no red flag stands.
    """
    if not red_flags:
        raise Refused("no red flag", sentence="There is no red flag to override.")
    asked = tuple(red_flags.items())

    def ask(standing: Resource) -> Resource | None:
        now = review(standing)
        must_hold(now, caller)
        if now.override_asked is not None and now.override_asked.red_flags == asked:
            return None
        inner: list[Resource] = [
            {"url": "by", "valueReference": reference_to(caller)},
            *(
                {"url": "red-flag", "valueCoding": {"code": code, "display": words}}
                for code, words in asked
            ),
            {"url": "at", "valueInstant": utc_text(datetime.now(UTC))},
        ]
        put_extension(standing, OVERRIDE_URL, ())
        put_extension(standing, OVERRIDE_REQUEST_URL, inner)
        return standing

    return change_task(record, held.task, ask)


def give_override(record: Record, caller: Caller, asked: Review, reason: str) -> Review:
    """The review, with ``caller``'s word on it in spite of the red flags that ``asked`` names.

    Raises Refused for the one who holds it, or without a reason; Conflict where nothing, or by now
    something else, is asked for: then they have to look again.
    """
    said = reason.strip()
    if not said:
        raise Refused("no reason", sentence="Say why, in a few words. Nothing was changed.")
    seen = asked.override_asked.red_flags if asked.override_asked is not None else ()

    def give(standing: Resource) -> Resource | None:
        now = review(standing)
        must_be_open(now)
        if holds(now, caller):
            raise Refused(
                "the holder's own override",
                sentence="You have this review: the override has to come from somebody else.",
            )
        codes = tuple(code for code, _ in seen)
        if now.override_asked is None:
            given = now.override
            if given is not None and (given.by_user, given.red_flags) == (caller.user, codes):
                return None
            raise Conflict(
                "no override is asked for",
                sentence="Nobody asks for an override here any more. Nothing was changed.",
            )
        if now.override_asked.red_flags != seen:
            raise Conflict(
                "another override is asked for",
                sentence="The red flags are others by now. Look at them before you agree.",
            )
        inner: list[Resource] = [
            {"url": "by", "valueReference": reference_to(caller)},
            {"url": "reason", "valueString": said},
            *({"url": "red-flag", "valueString": code} for code in codes),
            {"url": "at", "valueInstant": utc_text(datetime.now(UTC))},
        ]
        put_extension(standing, OVERRIDE_REQUEST_URL, ())
        put_extension(standing, OVERRIDE_URL, inner)
        return standing

    return change_task(record, asked.task, give)


def take_back_override(record: Record, caller: Caller, about: Review) -> Review:
    """The review without an override or the asking for one: taken back by whoever holds the
    review, or by whoever gave it. Raises Conflict for anybody else, or once it is decided.
    """

    def take(standing: Resource) -> Resource | None:
        now = review(standing)
        must_be_open(now)
        if now.override is None and now.override_asked is None:
            return None
        if now.override is None or now.override.by_user != caller.user:
            must_hold(now, caller)
        put_extension(standing, OVERRIDE_REQUEST_URL, ())
        put_extension(standing, OVERRIDE_URL, ())
        return standing

    return change_task(record, about.task, take)
