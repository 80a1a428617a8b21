"""A restricted record in words: that it is, how it may be opened, and that it stands open."""

from __future__ import annotations

from datetime import datetime

from markupsafe import Markup

from pages.present import times
from pages.present.escape import html

SHORTEST_REASON = 20
FEWEST_WORDS = 4


def reason_fault(reason: str) -> str:
    """What is wrong with a typed reason, in a sentence; empty where it will do."""
    if len(reason) < SHORTEST_REASON or len(reason.split()) < FEWEST_WORDS:
        return (
            f"Give a reason of at least {FEWEST_WORDS} words and {SHORTEST_REASON} letters that "
            "somebody else will understand."
        )
    return ""


def restricted_html(*, allowed: bool, for_them: bool, minutes: int) -> Markup:
    """That a record is restricted, and whether this reader may open it here."""
    if not allowed:
        how = "This site does not allow restricted records to be opened here."
    elif not for_them:
        how = "Only a community clinician may open it, with a reason."
    else:
        how = (
            f"You can open it for {minutes} minutes if the patient's care needs it now. Your name, "
            "the time and your reason are recorded and reviewed. Address and telephone stay "
            "withheld: ask the patient."
        )
    return html(
        '<div class="hv-box hv-glass"><h2>Restricted record</h2>'
        "<p>Its sections, address and telephone are withheld. That does not mean that there is "
        "nothing in them.</p><p>{how}</p></div>",
        how=how,
    )


def broken_html(reason: str, until: datetime, now: datetime) -> Markup:
    """That a restricted record stands open, until when, and why."""
    return html(
        '<div class="hv-box hv-glass broken" role="status"><p><b>Restricted record, opened by '
        "you.</b> It closes by itself at {clock} ({left} left).</p>"
        "<p>Reason given: {reason}</p><p>Address and telephone stay withheld.</p></div>",
        clock=times.clock(until),
        left=times.span(max(until - now, now - now)),
        reason=reason,
    )


def broken_tag(until: datetime) -> Markup:
    """The same in a few words for the banner."""
    return html(
        '<span class="hv-tag asked">Opened by you until {clock}</span>', clock=times.clock(until)
    )
