"""The live list of who waits: a fragment of its own, cards with one button each, no inputs."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from threading import BoundedSemaphore

import streamlit as st
from markupsafe import Markup

from clinical.bands import WaitingThresholds, meanings
from clinical.indicators import WORTH_A_LOOK_RULE, worth_a_look_order
from clinical.person import Caller
from clinical.review_steps import Action, may
from clinical.waiting import WaitingPatient
from fhir_queries.queue_keeper import QueueView
from pages.parts import opening
from pages.parts.answers import save_everything, unsaved_count
from pages.parts.card_list import show_cards
from pages.parts.connection import queue_keeper, record_settings
from pages.parts.drawn import SiteTimes, drawn_card
from pages.parts.flagging import show_flagging
from pages.parts.guard import guarded, say_what_failed
from pages.parts.idle import let_go_of_idle
from pages.parts.queue_filters import chosen_filter, chosen_order, show_filters
from pages.parts.site_times import answer_times
from pages.parts.style import show
from pages.present.arrivals import Changes, Mark, announcement_html, changes, seen_now
from pages.present.asat import as_at_html, never_read_html, stale_html, watch_html
from pages.present.escape import html, join
from pages.present.filters import Order
from pages.present.waiting import bands_html

_SEEN = "queue-seen"
_MARKED_FOR = timedelta(minutes=2)
_MARKED = "queue-marked"
_JITTER = "queue-jitter"
_OUT_OF_STEP = 0.04
_AT_ONCE = BoundedSemaphore(4)
"""More lists drawn at once than that would only take turns, each slower and all in memory."""


def show_queue(caller: Caller) -> None:
    """The whole screen: heading, filters, and the list that refreshes by itself."""
    show(html("<h1>Waiting in ambulances</h1>"))
    bands = {band.value: each.words for band, each in meanings(thresholds()).items()}
    show_filters(queue_keeper().view(caller).list.waiting, bands)
    with st.expander("What the bands and the orders mean"):
        show(
            html(
                "{bands}<h2>Worth a look first</h2><p>{rule}</p>",
                bands=bands_html(thresholds()),
                rule=WORTH_A_LOOK_RULE,
            )
        )
    live = st.fragment(_show_list, run_every=refresh_every(), key="queue-list")
    live(caller)


def refresh_every() -> timedelta:
    """How often this session reads again: the setting, and a little of its own, so that many
    tablets that came back together don't stay in step."""
    jitter = st.session_state.setdefault(_JITTER, random.uniform(0, _OUT_OF_STEP))  # noqa: S311
    return timedelta(seconds=record_settings().refresh_seconds * (1 + jitter))


def thresholds() -> WaitingThresholds:
    """Where the bands begin at this site."""
    return WaitingThresholds(*record_settings().waiting_minutes)


@guarded("queue list")
def _show_list(caller: Caller) -> None:
    opening.turn_the_page()
    say_what_failed()
    send_what_is_left(caller)
    view = queue_keeper().view(caller)
    if view.error is None:
        let_go_of_idle(caller, (each.review for each in view.list.waiting))
    with _AT_ONCE:
        _draw_list(view, caller)


def _draw_list(view: QueueView, caller: Caller) -> None:
    now = datetime.now(UTC)
    waiting = view.list.waiting
    said, marks = _announce(waiting)
    shown = _arranged(view, now)
    count = f"{len(waiting)} waiting"
    if len(shown) != len(waiting):
        count = f"{len(shown)} of {len(waiting)} waiting shown"
    watch = watch_html(refresh_every(), "This list no longer refreshes; its clocks go on counting.")
    show(join([as_at_html(view.list.as_at, now, count), watch, said, _order_html()]))
    stale = is_stale(view, now)
    _say_what_is_wrong(view, now, stale)
    if not shown and view.list.complete:
        show(html('<div class="hv-box"><p>{words}</p></div>', words=_nobody(view)))
    with st.container(key="stale-list" if stale else "live-list"):
        _draw_cards(shown, view, caller, now, marks)


def _draw_cards(
    shown: Sequence[WaitingPatient],
    view: QueueView,
    caller: Caller,
    now: datetime,
    marks: Mapping[str, Mark],
) -> None:
    """The cards, each with what this caller may do about it."""
    site = SiteTimes(thresholds(), answer_times())
    drawn = [
        drawn_card(each, view, caller, now, site, mark=marks.get(each.encounter, Mark.NONE))
        for each in shown
    ]
    if may(caller, Action.OPEN_RECORD):
        show_cards(drawn)
        return
    with st.container(key="queue"):
        for each, card in zip(shown, drawn, strict=True):
            with st.container(key=f"card-{each.encounter}"):
                show(card.markup)
                show_flagging(each, caller, disabled=view.error is not None)


def send_what_is_left(caller: Caller) -> None:
    """Send answers that the record could not take before; once it has them, the header too
    has to know."""
    before = unsaved_count()
    save_everything(caller)
    if unsaved_count() < before:
        st.rerun()


def is_stale(view: QueueView, now: datetime) -> bool:
    """Whether what is shown may no longer be so."""
    return view.error is not None or now - view.list.as_at > timedelta(
        seconds=record_settings().stale_seconds
    )


def _order_html() -> Markup:
    """The rule by which the cards stand, where it isn't plain to see."""
    if chosen_order() is not Order.WORTH_A_LOOK:
        return Markup()
    return html('<p class="quiet">Worth a look first: {rule}</p>', rule=WORTH_A_LOOK_RULE)


def _arranged(view: QueueView, now: datetime) -> Sequence[WaitingPatient]:
    wanted, begin = chosen_filter(), thresholds()
    waiting = [each for each in view.list.waiting if wanted.takes(each, now, begin)]
    if chosen_order() is Order.WORTH_A_LOOK:
        return worth_a_look_order(waiting, view.indicators, now)
    return waiting


def _say_what_is_wrong(view: QueueView, now: datetime, stale: bool) -> None:
    if view.error is not None and not view.list.complete and not view.list.waiting:
        show(never_read_html(str(view.error)))
        return
    if stale:
        because = str(view.error) if view.error else "The list has not been read again in time."
        show(stale_html(view.list.as_at, now, because))
    said = list(view.list.warnings)
    if view.list.set_aside:
        entries = "entry" if view.list.set_aside == 1 else "entries"
        said.append(
            f"{view.list.set_aside} {entries} of the queue could not be read and are not shown."
        )
    if not view.list.complete and not said:
        said.append("This list may not be complete: a part of it could not be loaded.")
    for words in said:
        show(html('<div class="hv-box warn" role="status"><p>{words}</p></div>', words=words))


def _announce(waiting: Sequence[WaitingPatient]) -> tuple[Markup, Mapping[str, Mark]]:
    """What to say once, to a screen reader, of what changed; and whose card is marked for it."""
    now, seen = datetime.now(UTC), seen_now(waiting)
    found: Changes = changes(st.session_state.get(_SEEN), seen)
    st.session_state[_SEEN] = seen
    marked: dict[str, tuple[Mark, datetime]] = {
        encounter: (mark, since)
        for encounter, (mark, since) in st.session_state.get(_MARKED, {}).items()
        if now - since < _MARKED_FOR and encounter in seen
    }
    marked.update(dict.fromkeys(found.changed, (Mark.CHANGED, now)))
    marked.update(dict.fromkeys(found.arrived, (Mark.NEW, now)))
    st.session_state[_MARKED] = marked
    return announcement_html(found), {each: mark for each, (mark, _) in marked.items()}


def _nobody(view: QueueView) -> str:
    if view.list.waiting:
        return "Nobody who waits matches this filter."
    if view.error is not None:
        return "Nobody was on the list when it was last read."
    return "Nobody is waiting in an ambulance, as far as the record says."
