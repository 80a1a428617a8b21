"""The one way to fail: every fault of a record becomes one of these.

``str(error)`` is a sentence for a clinician. ``detail`` is for the log: fixed words and technical
values, never anything that identifies a person.

    RecordError
    ├── RecordUnavailable   not reached, too slow, or saying that it can't answer now
    │   └── NotKnown        so in the middle of a write: whether the record holds it isn't known
    ├── NotPermitted        reached, and refusing this caller
    ├── NotFound            the record doesn't hold what was asked for
    ├── Conflict            somebody else changed it first
    ├── Refused             the record won't take what was sent (it is told why)
    └── BadRecord           it answered with something that can't be used
"""

from __future__ import annotations

from typing import ClassVar


class RecordError(Exception):
    """A question or a write that the record didn't answer as it should."""

    sentence: ClassVar[str] = "The shared record gave no usable answer."
    exit_code: ClassVar[int] = 3

    def __init__(self, detail: str = "", *, sentence: str = "", status: int | None = None) -> None:
        super().__init__(sentence or self.sentence)
        self.detail = detail
        self.status = status


class RecordUnavailable(RecordError):
    """The record can't be reached, is too slow, or says that it can't answer now."""

    sentence = "The shared record can't be reached."
    exit_code = 3


class NotKnown(RecordUnavailable):
    """A write was sent, and whether the record holds it can't be told; sending it again is safe."""

    sentence = (
        "The shared record stopped answering while this was sent: whether it holds it is not known."
    )


class NotPermitted(RecordError):
    """The record refuses this caller (401 or 403), or the caller's role may not ask this."""

    sentence = "You are not permitted to see this in the shared record."
    exit_code = 4


class NotFound(RecordError):
    """The record doesn't hold what was asked for (404 or 410)."""

    sentence = "The shared record no longer holds this."
    exit_code = 5


class Conflict(RecordError):
    """Somebody else changed it first (409 or 412)."""

    sentence = "Somebody else has changed this since you opened it. Look again before you go on."
    exit_code = 5


class Refused(RecordError):
    """The record won't take what was sent (400, 422 and their like)."""

    sentence = "The shared record did not accept this. Nothing was changed."
    exit_code = 5


class BadRecord(RecordError):
    """The record answered with something that can't be used."""

    sentence = "The shared record answered with something that can't be read."
    exit_code = 5
