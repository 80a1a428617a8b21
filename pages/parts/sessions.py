"""What many open tablets cost this process, and what is left of them when they have gone.

Streamlit keeps the session of a tablet that has gone for ``server.disconnectedSessionTTL``, so
that one that slept goes on where it was.
"""

from __future__ import annotations

import ctypes
import gc
import sys
import threading
from typing import Any

from streamlit.runtime import Runtime
from streamlit.runtime.app_session import AppSession

SWEEP_SECONDS = 30.0


def keep_light() -> None:
    """Keep this process light for as long as it runs. Called once, when it starts."""
    AppSession.register_file_watchers = _watch_nothing  # type: ignore[method-assign, assignment]
    threading.Thread(target=_sweep_for_ever, name="session-sweep", daemon=True).start()


def look_through_everything() -> None:
    """Free what nobody holds any more, and have the garbage collector look only at what is new.

    What is loaded stays for good, and it would look through all of that again and again while a
    record is read: a fifth of the time that the manager's counts took. What else lives now and is
    given up later is freed when this is called again.
    """
    gc.unfreeze()
    gc.collect()
    gc.freeze()


def _watch_nothing(_: AppSession) -> None:
    """In the place of Streamlit's own.

    ``server.fileWatcherType = "none"`` says that no session watches source files, but one that is
    taken up again does (Streamlit 1.67): it walks through every loaded module, a tenth of a second
    in which the process does nothing else, for each tablet that comes back after an outage.
    """


def sweep() -> int:
    """End the sessions whose time is over, and give back the memory. Returns how many they were.

    Streamlit takes an ended session out only when another tablet goes: until then it would keep
    what somebody read. What Python frees, glibc keeps unless it is asked.
    """
    ended = len(_storage().expire()) if Runtime.exists() else 0
    if ended:
        look_through_everything()
        if sys.platform == "linux":
            trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
            if trim is not None:
                trim(0)
    return ended


def _storage() -> Any:
    """Where Streamlit keeps the sessions without a tablet."""
    return Runtime.instance()._session_mgr._session_storage._cache  # type: ignore[attr-defined]


def _sweep_for_ever() -> None:
    pause = threading.Event()
    while not pause.wait(SWEEP_SECONDS):
        sweep()
