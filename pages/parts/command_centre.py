"""The command centre: every department side by side, live, in numbers; and the same on a wall."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import streamlit as st

from clinical.command_centre import PREDICTION_RULE
from clinical.person import Caller
from fhir_queries.command_centre import CentreView
from pages.parts import who
from pages.parts.connection import departments_keeper, record_settings
from pages.parts.guard import guarded
from pages.parts.queue import refresh_every, thresholds
from pages.parts.site_times import places_old_after
from pages.parts.style import show
from pages.present.asat import as_at_html, never_read_html, stale_html, watch_html
from pages.present.command_centre import centre_html, services_html, wall_html
from pages.present.escape import html, join

_LOST = "These numbers no longer refresh."


def show_command_centre(caller: Caller) -> None:
    """The whole screen."""
    show(html("<h1>Command centre</h1>"))
    live = st.fragment(_show_now, run_every=refresh_every(), key="command-centre")
    live(caller)
    st.page_link("pages/wall.py", label="Show on a wall screen", query_params=who.address())
    with st.expander("How the numbers are worked out"):
        show(
            html(
                "<p>{rule}</p><p>Hours lost: hours waited beyond {minutes} minutes by those who "
                "wait now. Over so many minutes is strictly more.</p>",
                rule=PREDICTION_RULE,
                minutes=thresholds().first,
            )
        )


def show_wall(caller: Caller) -> None:
    """The wall screen: dark, large, nothing to tap."""
    live = st.fragment(_show_wall, run_every=refresh_every(), key="wall")
    live(caller)


@guarded("command centre")
def _show_now(caller: Caller) -> None:
    view, now = departments_keeper().view(caller), datetime.now(UTC)
    if view.centre is None:
        show(never_read_html(str(view.error)))
        return
    waiting = sum(each.waiting for each in view.centre.departments)
    said = [
        as_at_html(view.centre.as_at, now, f"{waiting} waiting"),
        watch_html(refresh_every(), _LOST),
    ]
    if _stale(view, now):
        said.append(stale_html(view.centre.as_at, now, _why(view)))
    show(join(said))
    with st.container(key="stale-centre" if _stale(view, now) else "live-centre"):
        show(centre_html(view.centre, thresholds()))
        show(html("<h2>Community services</h2>"))
        _show_services(view, now)


def _show_services(view: CentreView, now: datetime) -> None:
    if view.capacity_error is not None:
        why = f"{view.capacity_error} What is shown is what was said before."
        show(html('<div class="hv-box stop"><p>{why}</p></div>', why=why))
    show(services_html(view.capacity, now, places_old_after()))


@guarded("wall")
def _show_wall(caller: Caller) -> None:
    view, now = departments_keeper().view(caller), datetime.now(UTC)
    if view.centre is None:
        show(never_read_html(str(view.error)))
        return
    said = [watch_html(refresh_every(), _LOST)]
    if _stale(view, now):
        said.append(stale_html(view.centre.as_at, now, _why(view)))
    show(
        join(
            [
                *said,
                wall_html(
                    view.centre,
                    view.capacity,
                    now,
                    thresholds=thresholds(),
                    old_after=places_old_after(),
                    demonstration=record_settings().demonstration,
                ),
            ]
        )
    )


def _stale(view: CentreView, now: datetime) -> bool:
    if view.centre is None or view.error is not None:
        return True
    return now - view.centre.as_at > timedelta(seconds=record_settings().stale_seconds)


def _why(view: CentreView) -> str:
    return str(view.error) if view.error is not None else "The numbers were not read again in time."
