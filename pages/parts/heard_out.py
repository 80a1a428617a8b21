"""Runs that are heard out: what a tap brought about is shown, whatever comes right after it.

Streamlit 1.67 gives a request that comes just after a run has ended to a new runner, and from then
on takes no more of what the old one said: messages of its that still wait in the event loop are
dropped, all of them on a busy machine. A tap then shows nothing, a page isn't turned, a part of a
screen stays as it was or isn't refreshed again. (``AppSession.request_rerun`` says so itself; its
issue 9921.) Here such a request waits for its turn in the loop, behind what was said before it.

When a part begins to run by itself, Streamlit also takes out of the queue to the browser what the
run of the whole screen drew of that part, but not that this run is over. At that the browser throws
away what was not drawn, and all that stands behind moves up: the part is then drawn over its
neighbour (on the patient's screen the banner), and the next one at a place that is gone, at which
the whole page goes blank. Here nothing is taken out for a part: it is drawn once more, in order.
"""

from __future__ import annotations

import functools

from streamlit.runtime.app_session import AppSession, AppSessionState
from streamlit.runtime.forward_msg_queue import ForwardMsgQueue
from streamlit.runtime.scriptrunner import RerunData, ScriptRunner


@functools.cache
def hear_every_run_out() -> None:
    """Have every session of this process do so, from now on."""
    begin_now = AppSession._create_scriptrunner

    def begin(session: AppSession, wanted: RerunData) -> None:
        ended = session._scriptrunner
        session._call_soon_on_event_loop(lambda: begin_in_turn(session, wanted, ended))

    def begin_in_turn(session: AppSession, wanted: RerunData, ended: ScriptRunner | None) -> None:
        if session._state is AppSessionState.SHUTDOWN_REQUESTED:
            return
        now = session._scriptrunner
        if now is None or now is ended:
            begin_now(session, wanted)
        elif not now.request_rerun(wanted):
            begin(session, wanted)

    AppSession._create_scriptrunner = begin  # type: ignore[method-assign, assignment]
    _take_nothing_out_for_a_part()


def _take_nothing_out_for_a_part() -> None:
    clear_all = ForwardMsgQueue.clear

    def clear(
        queue: ForwardMsgQueue,
        retain_lifecycle_msgs: bool = False,
        fragment_ids_this_run: list[str] | None = None,
    ) -> None:
        if retain_lifecycle_msgs and fragment_ids_this_run:
            # What the part draws must not take the place of what stands in the queue: it would be
            # drawn before the end of the run that stands there, and be thrown away with it
            queue._delta_index_map = {}
        else:
            clear_all(queue, retain_lifecycle_msgs, fragment_ids_this_run)

    ForwardMsgQueue.clear = clear  # type: ignore[method-assign, assignment]
