"""What the two sides say to each other on a review, and that the other has read it."""

from __future__ import annotations

from datetime import UTC, datetime

from clinical.moments import utc_text
from clinical.person import Caller
from clinical.review import Note, Review, ReviewStatus
from fhir_queries.asking import Resource
from fhir_queries.errors import Conflict, Refused
from fhir_queries.port import Record
from fhir_queries.reading.fields import objects, text
from fhir_queries.reading.review_notes import READ_BY, SIDE
from fhir_queries.reading.reviews import review
from fhir_queries.review_task import append_note, change_task, reference_to

LONGEST_NOTE = 500
_WAITED_FOR = (
    ReviewStatus.REQUESTED,
    ReviewStatus.CLAIMED,
    ReviewStatus.DEFERRED,
    ReviewStatus.REVERSED,
)
_ASKS_AGAIN = "An answer is needed."


def add_note(record: Record, caller: Caller, about: Review, words: str) -> Review:
    """The review with one note more. Whoever holds it, both sides may write.

    The same words by the same person right after each other are one note: sent twice, told once.
    Raises Refused for a note without words, or of more than 500 characters.
    """
    said = _said(words)

    def write(standing: Resource) -> Resource | None:
        if _said_already(review(standing).notes, caller, said):
            return None
        append_note(standing, caller, said)
        return standing

    return change_task(record, about.task, write)


def ask_again(record: Record, caller: Caller, about: Review, words: str = "") -> Review:
    """The review, with an answer asked for once more; ``words`` may say why.

    Raises Conflict where nobody owes an answer any more.
    """

    def ask(standing: Resource) -> Resource | None:
        now = review(standing)
        if now.status not in _WAITED_FOR:
            raise Conflict(
                "the review has ended", sentence="This review has been answered. Look again."
            )
        append_note(standing, caller, words.strip() or _ASKS_AGAIN, asks_again=True)
        return standing

    return change_task(record, about.task, ask)


def mark_read(record: Record, caller: Caller, seen: Review) -> Review:
    """The review, with the notes in ``seen`` told as read by ``caller``'s side.

    A note that came since stays unread; so does the caller's own side's.
    """
    read = {(note.text, note.at.text if note.at is not None else "") for note in seen.notes}
    mine = caller.role.value

    def mark(standing: Resource) -> Resource | None:
        changed = False
        for note in objects(standing.get("note")):
            if (text(note.get("text")), text(note.get("time"))) not in read:
                continue
            told = list(objects(note.get("extension")))
            if any(_is_of(each, mine) for each in told):
                continue
            note["extension"] = [*told, _read_by(caller)]
            changed = True
        return standing if changed else None

    return change_task(record, seen.task, mark)


def _said(words: str) -> str:
    said = words.strip()
    if not said or len(said) > LONGEST_NOTE:
        raise Refused(
            "a note without words or too long",
            sentence=f"A note needs 1 to {LONGEST_NOTE} characters.",
        )
    return said


def _said_already(notes: tuple[Note, ...], caller: Caller, words: str) -> bool:
    return bool(notes) and (notes[-1].by_user, notes[-1].text) == (caller.user, words)


def _is_of(extension: Resource, side: str) -> bool:
    """Whether a note's extension says that this side wrote it, or has read it."""
    if extension.get("url") == SIDE:
        return bool(extension.get("valueCode") == side)
    return extension.get("url") == READ_BY and any(
        each.get("url") == "side" and each.get("valueCode") == side
        for each in objects(extension.get("extension"))
    )


def _read_by(caller: Caller) -> Resource:
    return {
        "url": READ_BY,
        "extension": [
            {"url": "side", "valueCode": caller.role.value},
            {"url": "who", "valueReference": reference_to(caller)},
            {"url": "at", "valueInstant": utc_text(datetime.now(UTC))},
        ],
    }
