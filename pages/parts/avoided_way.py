"""The way from waiting to an admission avoided; who waited is read when somebody asks for it."""

from __future__ import annotations

import streamlit as st

from clinical.manager_view import ManagerView
from clinical.person import Caller
from fhir_queries.errors import RecordError
from fhir_queries.outcome_keeper import KeptOutcomes
from pages.parts.connection import waits_keeper
from pages.parts.guard import say_sorry
from pages.parts.style import show
from pages.present import times
from pages.present.escape import html
from pages.present.funnel import funnel_html


def show_way(view: ManagerView, kept: KeptOutcomes, caller: Caller) -> int | None:
    """The way. Returns how many arrived in these weeks of whom no review was asked for; None where
    nobody has asked for that, or a part is shown.
    """
    seen = waits_keeper().seen(caller) if view.exact else None
    not_reviewed = (
        None
        if seen is None
        else seen.without_review(view.weeks.start, view.weeks.end, kept.reviewed)
    )
    show(html("<h2>Where people leave the way</h2>{way}",
              way=funnel_html(view.funnel(not_reviewed), exact=view.exact)))  # fmt: skip
    if not view.exact:
        return None
    if seen is not None and not_reviewed is not None:
        show(
            html(
                '<p class="quiet">Who waited and had no review asked for is counted by arrival, '
                "as at {day} {clock}.{undated}</p>",
                undated=f" Of {seen.undated} more the arrival isn't known." if seen.undated else "",
                day=times.day(seen.as_at),
                clock=times.clock(seen.as_at),
            )
        )
    asked = st.button(
        "Count everybody who waited, too" if not_reviewed is None else "Count who waited again",
        key="count-waits",
        help="Reads every emergency Encounter of these weeks, which may take a minute.",
    )
    if asked and _read(view, caller):
        st.rerun()
    return not_reviewed


def _read(view: ManagerView, caller: Caller) -> bool:
    """Whether they could be read; otherwise the reason is said, and what stood there stays."""
    try:
        with st.spinner("Reading who waited…"):
            waits_keeper().read(caller, view.weeks.start)
    except RecordError as error:
        say_sorry(str(error))
        return False
    return True
