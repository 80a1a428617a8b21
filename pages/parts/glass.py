"""The glass in front of a restricted record: whether this session has broken it, why, until when.

It is broken for one wait and one session, and mends by itself: what isn't in force any more is
forgotten at the next look.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import streamlit as st


@dataclass(frozen=True, slots=True)
class BrokenGlass:
    """Why and until when a restricted record stands open."""

    reason: str
    until: datetime


def break_it(encounter: str, reason: str, minutes: int) -> None:
    """From now on this wait's record may be read in this session, for so many minutes."""
    until = datetime.now(UTC) + timedelta(minutes=minutes)
    st.session_state[_key(encounter)] = BrokenGlass(reason, until)


def mend(encounter: str) -> None:
    """Close the record again."""
    st.session_state.pop(_key(encounter), None)


def in_force(encounter: str) -> BrokenGlass | None:
    """The glass that is broken for this wait, None where it is whole or has mended."""
    broken = st.session_state.get(_key(encounter))
    if not isinstance(broken, BrokenGlass):
        return None
    if datetime.now(UTC) >= broken.until:
        mend(encounter)
        return None
    return broken


def reason_in_force(encounter: str) -> str:
    """The reason that was typed, empty where the record is closed."""
    broken = in_force(encounter)
    return "" if broken is None else broken.reason


def _key(encounter: str) -> str:
    return f"glass|{encounter}"
