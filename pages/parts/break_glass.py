"""Opening a restricted record by a typed reason, where the site allows it, and the mark that it is.

Address and telephone stay withheld all the same. Who opened it and why travels to the record with
the reading; without that entry nothing is shown.
"""

from __future__ import annotations

from datetime import UTC, datetime

import streamlit as st
from markupsafe import Markup

from clinical.person import Caller, Confidentiality, Role
from pages.parts import glass
from pages.parts.connection import record_settings
from pages.parts.guard import guarded
from pages.parts.logged import Line, say
from pages.parts.opened import Opened, read_again
from pages.parts.style import show
from pages.present.break_glass import broken_html, broken_tag, reason_fault, restricted_html

_EVERY_SECONDS = 10


def show_break_glass(opened: Opened, caller: Caller) -> None:
    """For a restricted record the way to open it, or the mark that it stands open; else nothing."""
    if not _is_restricted(opened):
        return
    with st.container(key="glass"):
        if glass.in_force(opened.encounter) is not None:
            mark = st.fragment(
                _show_broken, run_every=_EVERY_SECONDS, key=f"glass|{opened.encounter}"
            )
            mark(opened)
            return
        allowed = record_settings().break_glass
        visits = caller.role is Role.COMMUNITY_CLINICIAN
        minutes = record_settings().break_glass_minutes
        show(restricted_html(allowed=allowed, for_them=visits, minutes=minutes))
        if allowed and visits:
            ask = st.fragment(_ask_for_reason, key=f"glass-ask|{opened.encounter}")
            ask(opened, minutes)


def glass_tags(opened: Opened) -> tuple[Markup, ...]:
    """The mark in the banner, always in view, while a restricted record stands open."""
    broken = glass.in_force(opened.encounter)
    return () if broken is None else (broken_tag(broken.until),)


@guarded("break glass")
def _show_broken(opened: Opened) -> None:
    broken = glass.in_force(opened.encounter)
    if broken is None:
        read_again()
        st.rerun()
    show(broken_html(broken.reason, broken.until, datetime.now(UTC)))
    if st.button("Close the restricted record now", key=f"mend|{opened.encounter}"):
        glass.mend(opened.encounter)
        read_again()
        st.rerun()


@guarded("break glass")
def _ask_for_reason(opened: Opened, minutes: int) -> None:
    encounter = opened.encounter
    typed = st.text_area(
        "Why do you have to open it now? Your reason is kept with your name.",
        key=f"glass-reason|{encounter}",
        max_chars=500,
        height=100,
    )
    if not st.button("Open the restricted record", key=f"break|{encounter}", type="primary"):
        return
    reason = " ".join((typed or "").split())
    if fault := reason_fault(reason):
        st.error(fault)
        return
    say(Line.GLASS_BROKEN)
    glass.break_it(encounter, reason, minutes)
    read_again()
    st.rerun()


def _is_restricted(opened: Opened) -> bool:
    """Whether this record, or one that is shown together with it, is restricted."""
    record = opened.record
    merged = [each for each in record.other_records if each.patient in record.merged]
    return any(
        each.confidentiality is not Confidentiality.NORMAL for each in (record.person, *merged)
    )
