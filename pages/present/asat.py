"""When a screen was true, and what to say when it no longer is."""

from __future__ import annotations

from datetime import datetime, timedelta

from markupsafe import Markup

from pages.present import times
from pages.present.escape import html


def as_at_html(as_at: datetime, now: datetime, count: str) -> Markup:
    """``As at 14:03:22 · 12 s ago`` with what was counted then."""
    return html(
        '<p class="hv-asat"><b>{count}</b> <span>As at <b>{clock}</b> · {ago}</span></p>',
        count=count,
        clock=times.clock(as_at, seconds=True),
        ago=times.ago(as_at, now),
    )


def stale_html(as_at: datetime, now: datetime, because: str) -> Markup:
    """That the record has stopped answering, and of when what is shown therefore is.

    The words stay the same while it lasts, so that a screen reader says them once; how long ago
    that is stands in the line of :func:`as_at_html`.
    """
    return html(
        '<div class="hv-box stop" role="alert"><p><b>Not up to date.</b> {because}</p>'
        "<p>This is the list of <b>{clock}</b>. Arrivals, handovers and reviews since then are "
        "not on it. The clocks go on counting.</p></div>",
        because=because,
        clock=times.clock_of_today(as_at, now),
    )


def never_read_html(because: str) -> Markup:
    """That no list could be read at all, which says nothing of who waits."""
    return html(
        '<div class="hv-box stop" role="alert"><p><b>The list could not be read.</b> {because}</p>'
        "<p>That nobody is shown does not mean that nobody waits.</p></div>",
        because=because,
    )


def watch_html(refresh: timedelta, what: str) -> Markup:
    """A warning that the browser shows by itself when nothing newer has replaced it in time.

    It needs no connection: it is how a tablet that lost the app says so.
    """
    return html(
        '<div class="hv-box stop hv-watch" style="--hv-after:{seconds}s" role="alert"><p>'
        "<b>This tablet has lost its connection to the app.</b> {what}</p></div>",
        seconds=int(refresh.total_seconds() * 2 + 10),
        what=what,
    )
