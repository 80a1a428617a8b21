"""Notes between the two sides of a review: who said what and when, and what is still unread."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from markupsafe import Markup

from clinical.answers_due import unread
from clinical.moments import Moment
from clinical.person import Caller, Role
from clinical.review import Note
from pages.present import times
from pages.present.escape import html, join

_SIDES = {
    Role.ED_COORDINATOR.value: "ED coordinator",
    Role.COMMUNITY_CLINICIAN.value: "community clinician",
}


def notes_title(notes: Sequence[Note], caller: Caller) -> str:
    """``Notes: 3, 1 new``."""
    new = len(unread(notes, caller))
    return f"Notes: {len(notes)}, {new} new" if new else f"Notes: {len(notes)}"


def unread_words(notes: Sequence[Note], caller: Caller) -> str:
    """``1 new note``; empty where all are read."""
    new = len(unread(notes, caller))
    return "" if not new else "1 new note" if new == 1 else f"{new} new notes"


def notes_html(notes: Sequence[Note], caller: Caller, now: datetime) -> Markup:
    """Every note in the order in which they were written, unread ones marked."""
    if not notes:
        return html('<p class="quiet">No notes yet.</p>')
    new = unread(notes, caller)
    rows = join(_note_html(note, caller, now, new=note in new) for note in notes)
    return html('<ul class="hv-notes" aria-label="Notes">{rows}</ul>', rows=rows)


def _note_html(note: Note, caller: Caller, now: datetime, *, new: bool) -> Markup:
    mine = bool(note.by_user) and note.by_user == caller.user
    by = "You" if mine else note.by or "Author not recorded"
    side = "" if mine else _SIDES.get(note.side, "")
    said = ", ".join(part for part in (by, side, _when(note.at, now)) if part)
    return html(
        '<li class="{kind}">{tag}<p>{text}</p><p class="quiet">{said}{read}</p></li>',
        kind="mine" if note.side == caller.role.value or mine else "theirs",
        tag=html('<span class="hv-tag new">New</span> ') if new else "",
        text=note.text,
        said=said,
        read=_read_words(note, caller, now),
    )


def _read_words(note: Note, caller: Caller, now: datetime) -> str:
    """Of a note of the caller's own side: whether the other side has said to have read it."""
    if note.side != caller.role.value:
        return ""
    others = [each for each in note.read_by if each.side != note.side]
    if not others:
        return " · not read yet"
    who = others[0].by.name if others[0].by is not None else "the other side"
    when = _when(others[0].at, now)
    return f" · read by {who}{f', {when}' if when else ''}"


def _when(when: Moment | None, now: datetime) -> str:
    if when is None:
        return ""
    if not when.exact:
        return times.moment(when)
    return f"{times.clock_of_today(when.earliest, now)} ({times.ago(when.earliest, now)})"
