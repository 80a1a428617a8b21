"""The way from a patient waiting to an admission avoided, as bars and words."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from clinical.manager_view import ShownStep
from pages.present.escape import html, join
from pages.present.outcomes import number, title_of

_TITLES = {"decided": "Decided in time"}
"""The way leaves those who were handed over first out of the decisions."""


def step_title(name: str) -> str:
    """A step as the screen calls it."""
    return _TITLES.get(name) or title_of(name)


def funnel_html(steps: Sequence[ShownStep], *, exact: bool) -> Markup:
    """Each step with how many came so far, and why others left the way there."""
    most = max((each.people or 0 for each in steps), default=0) or 1
    return html(
        '<ol class="hv-funnel">{steps}</ol>',
        steps=join(_step_html(each, most, exact=exact) for each in steps),
    )


def _step_html(step: ShownStep, most: int, *, exact: bool) -> Markup:
    left = [
        f"{title_of(reason)}: {number(many, exact=exact)}"
        for reason, many in step.left.items()
        if many
    ]
    return html(
        '<li><div class="top"><b>{title}</b><span class="value">{people}</span></div>'
        '<div class="hv-bar" aria-hidden="true"><span style="width:{width}%"></span></div>'
        "{left}</li>",
        title=step_title(step.name),
        people=number(step.people, exact=exact),
        width=round(100 * (step.people or 0) / most),
        left=html(
            '<p class="quiet">Left before this{of}: {left}</p>',
            of="" if step.after != "redirected" else ", of those redirected",
            left=" · ".join(left),
        )
        if left
        else "",
    )
