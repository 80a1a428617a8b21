"""The redirect checklist, and the draft of its answers that is kept in the record."""

from __future__ import annotations

import copy
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from clinical.checklist import Checklist, Draft, ItemAnswer
from clinical.moments import utc_text
from clinical.person import Caller
from clinical.review import Review
from fhir_queries.asking import Resource, Search
from fhir_queries.declared import WrongSetting
from fhir_queries.errors import BadRecord, Conflict
from fhir_queries.port import Record
from fhir_queries.reading.codes import LOCAL
from fhir_queries.reading.fields import mapping, text
from fhir_queries.reading.questionnaires import checklist_of, refuse_expressions
from fhir_queries.reading.responses import draft_of, put_answers
from fhir_queries.review_task import AT_MOST, create_once, reference_to

STANDARD = Path(__file__).parent / "questionnaires" / "redirect-to-community.json"
CHECKLIST_IDENTIFIER = f"{LOCAL}/Id/redirect-checklist"

_NO_DRAFT = Draft("", "", "", (), False, None)


def load_checklist(path: str | Path | None = None) -> Checklist:
    """The checklist of a Questionnaire file; the one that comes with the program by default.

    Raises WrongSetting where the file isn't there, is no JSON, or holds an item that can't be
    shown in full: the item is named.
    """
    file = Path(path) if path else STANDARD
    try:
        questionnaire = json.loads(file.read_text("utf-8"))
    except OSError as error:
        raise WrongSetting(f"The checklist {file} can't be read: {error.strerror}.") from None
    except ValueError as error:
        raise WrongSetting(f"The checklist {file} is no JSON: {error}.") from None
    if not isinstance(questionnaire, dict):
        raise WrongSetting(f"The checklist {file} is no FHIR Questionnaire.")
    read = checklist_of(questionnaire, file.parent, STANDARD.parent)
    if path:
        # Those of the checklist that comes with the program are tried in its tests
        refuse_expressions(read)
    return read


@lru_cache(maxsize=8)
def site_checklist(file: str) -> Checklist:
    """The checklist of the ``file`` that a site's settings name; the standard one where empty.

    Read once for the life of the program. Raises WrongSetting as ``load_checklist`` does.
    """
    return load_checklist(file or None)


def read_draft(record: Record, review: Review, checklist: Checklist | None = None) -> Draft:
    """The answers so far to this review's checklist; an empty draft where there are none.

    With ``checklist``, answers that it can't show are named in ``unreadable``. Raises RecordError
    where the record doesn't answer: no answer is not "nothing answered".
    """
    response = response_of(record, review.task)
    return _NO_DRAFT if response is None else draft_of(response, checklist)


def response_of(record: Record, task: str) -> Resource | None:
    """The QuestionnaireResponse of a review as it stands, or None where there is none yet."""
    search = Search(
        "draft", "QuestionnaireResponse", (("identifier", f"{CHECKLIST_IDENTIFIER}|{task}"),)
    )
    answer = record.ask([search]).by_name["draft"]
    if answer.error is not None:
        raise answer.error
    found = [each for each in answer.matches if each.get("status") != "entered-in-error"]
    if not found:
        return None
    if not answer.complete:
        raise BadRecord("the search for a draft is incomplete")
    return found[0]


def save_answers(
    record: Record,
    caller: Caller,
    review: Review,
    draft: Draft,
    answers: Sequence[ItemAnswer],
    *,
    checklist: Checklist | None = None,
) -> Draft:
    """The draft with these answers in it, as it stands in the record afterwards.

    ``checklist`` is the site's own; the one that comes with the program where it is left out.
    Only the items in ``answers`` change; what others answered meanwhile is kept, and so is what
    this checklist doesn't know. Each answer is signed with ``caller`` and the time, unless it
    says who gave it. Where somebody else saves at the same moment it is read again and put in
    again, at most three times.

    Raises Conflict where the review has been decided, RecordError where the record can't be
    written to: nothing is lost then that was saved before.
    """
    checklist = checklist or site_checklist("")
    signed = [_signed(answer, caller) for answer in answers]
    standing = _standing_response(record, review, draft, checklist, caller)
    failed = Conflict("the draft changed under every try")
    for _ in range(AT_MOST):
        if standing.get("status") != "in-progress":
            raise Conflict(
                "the checklist is completed",
                sentence="This checklist has been completed with a decision. "
                "Your last answer was not saved.",
            )
        changed = copy.deepcopy(standing)
        put_answers(changed, checklist, signed, caller.user_system)
        changed["author"] = reference_to(caller)
        changed["authored"] = utc_text(datetime.now(UTC))
        version = text(mapping(standing.get("meta")).get("versionId"))
        try:
            return draft_of(record.update(changed, version=version), checklist)
        except Conflict as conflict:
            failed = conflict
            standing = record.fetch(f"QuestionnaireResponse/{text(standing.get('id'))}")
    raise failed


def _signed(answer: ItemAnswer, caller: Caller) -> ItemAnswer:
    at = answer.at if answer.at is not None else datetime.now(UTC)
    if answer.by_user:
        return replace(answer, at=at)
    return replace(answer, by_user=caller.user, by_name=caller.name, at=at)


def _standing_response(
    record: Record, review: Review, draft: Draft, checklist: Checklist, caller: Caller
) -> Resource:
    if draft.response:
        return record.fetch(f"QuestionnaireResponse/{draft.response}")
    condition = f"identifier={CHECKLIST_IDENTIFIER}|{review.task}"
    return create_once(record, new_response(review, checklist, caller), condition)


def new_response(review: Review, checklist: Checklist, caller: Caller) -> Resource:
    """The QuestionnaireResponse of a review before anything is answered."""
    return {
        "resourceType": "QuestionnaireResponse",
        "identifier": {"system": CHECKLIST_IDENTIFIER, "value": review.task},
        "questionnaire": f"{checklist.url}|{checklist.version}",
        "status": "in-progress",
        "subject": {"reference": f"Patient/{review.patient}"},
        "encounter": {"reference": f"Encounter/{review.encounter}"},
        "authored": utc_text(datetime.now(UTC)),
        "author": reference_to(caller),
    }
