"""No tap goes unanswered: what else changed with the run of one part of a screen is run as well.

A part that runs by itself is a fragment of Streamlit's. The browser gathers what changes in one
moment into one message, and that names one fragment only: the first in which something changed
(``scheduleFlush`` in the front end of Streamlit 1.67). A finger that leaves a line of text for a
button of another part is such a moment. The tap arrives under the name of the line's part: its
callback runs, but what shows it does not, until that part's next refresh, or for good where it
has none.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from streamlit.proto.WidgetStates_pb2 import WidgetState, WidgetStates
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.scriptrunner_utils.script_requests import (
    RerunData,
    ScriptRequests,
    ScriptRequestType,
)
from streamlit.runtime.scriptrunner_utils.script_run_context import ScriptRunContext


def answer_every_tap() -> None:
    """Ask for a run of whatever else changed with this one. Called as a part begins to run.

    The other parts run right after this one; the whole screen does where what changed stands in no
    part, or in one that is gone. A run of the whole screen leaves nothing to ask for.
    """
    context = get_script_run_ctx()
    if context is None or context.script_requests is None or not context.fragment_ids_this_run:
        return
    parts: list[str] = []
    whole, tapped = False, WidgetStates()
    for part, state in _changed(context):
        if part is None or not context.fragment_storage.contains(part):
            whole = True
        elif _runs_now(part, context):
            continue
        else:
            parts.append(part)
        tapped.widgets.append(state)
    if whole or parts:
        _ask(
            context.script_requests,
            RerunData(
                query_string=context.query_string,
                page_script_hash=context.page_script_hash,
                fragment_id_queue=[] if whole else list(dict.fromkeys(parts)),
                cached_message_hashes=context.cached_message_hashes,
                context_info=context.context_info,
                # A tap is over with its run: the run that follows has to see it once more. Its
                # callback is not called again.
                replay_trigger_states=tapped,
            ),
        )


def _changed(context: ScriptRunContext) -> Iterator[tuple[str | None, WidgetState]]:
    """The part and the state of each widget that this run's message changed."""
    state = context.session_state._state
    widgets = state._new_widget_state
    for widget in tuple(widgets):
        known = widgets.widget_metadata.get(widget)
        if known is None or known.disabled or not state._widget_changed(widget):
            continue
        serialized = widgets.get_serialized(widget)
        if serialized is not None:
            yield known.fragment_id, serialized


def _runs_now(part: str, context: ScriptRunContext) -> bool:
    """Whether this run draws the part, by itself or within one that holds it."""
    running = context.fragment_ids_this_run or []
    return part in running or context.fragment_storage.has_ancestor_in(part, running)


def _ask(requests: ScriptRequests, wanted: RerunData) -> None:
    """Put the run in line, without touching what a message that already waits there carries.

    Where none waits, an empty message goes with it: it closes this run's changes, so that they are
    not found again in the next.
    """
    with requests._lock:
        if requests._state is not ScriptRequestType.RERUN:
            wanted = replace(wanted, widget_states=WidgetStates())
        requests._request_rerun_locked(wanted)
