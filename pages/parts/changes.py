"""What changed in the last days, at the top of the record."""

from __future__ import annotations

from datetime import UTC, datetime

import streamlit as st

from clinical.changes import changes_of
from pages.parts.opened import Opened
from pages.parts.style import show
from pages.present.changes import changes_heading, changes_html
from pages.present.escape import label


def show_changes(opened: Opened) -> None:
    """The changes of this record, folded away only where nothing is in them and nothing unseen."""
    changes = changes_of(opened.record, opened.waiting, datetime.now(UTC))
    with st.expander(
        label(changes_heading(changes)),
        expanded=bool(changes.count) or not changes.seen_whole,
        key=f"changes-{opened.encounter}",
    ):
        show(changes_html(changes, opened.record.origin_of))
