"""The community services as they are now: one reading for every screen of this process."""

from __future__ import annotations

from datetime import UTC, datetime

import streamlit as st

from clinical.capacity import ServiceCapacity
from fhir_queries.capacity import read_capacity
from pages.parts.connection import shared_record


@st.cache_data(ttl=4, max_entries=1, show_spinner=False)
def places_now() -> tuple[datetime, tuple[ServiceCapacity, ...]]:
    """The services with their places, and when that was read; no personal data.

    Raises RecordError where the record doesn't answer. ``places_now.clear()`` after a write.
    """
    now = datetime.now(UTC)
    return now, read_capacity(shared_record(), now)
