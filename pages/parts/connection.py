"""The one connection to the record that all screens of this process share.

Nothing here belongs to one person: who asks travels with each question as a ``Caller``.
"""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from fhir_queries.command_centre import CommandCentreKeeper
from fhir_queries.outcome_keeper import OutcomeKeeper
from fhir_queries.queue_keeper import QueueKeeper
from fhir_queries.record import SharedRecord
from fhir_queries.settings import RecordSettings
from fhir_queries.waits_seen import WaitsKeeper
from pages.parts.handles import Handles


@st.cache_resource(show_spinner=False)
def record_settings() -> RecordSettings:
    """The settings in force. Raises WrongSetting with what is wrong and what would be right."""
    return RecordSettings.read()


@st.cache_resource(show_spinner=False)
def shared_record() -> SharedRecord:
    """The connection."""
    return SharedRecord.connect(record_settings())


@st.cache_resource(show_spinner=False)
def queue_keeper() -> QueueKeeper:
    """The keeper that reads the queue once per interval for everybody who may see the same."""
    return QueueKeeper(shared_record())


@st.cache_resource(show_spinner=False)
def outcome_keeper() -> OutcomeKeeper:
    """The keeper of the manager's cases: read once, and from then on what changed."""
    return OutcomeKeeper(shared_record())


@st.cache_resource(show_spinner=False)
def waits_keeper() -> WaitsKeeper:
    """The keeper of everybody who waited, read when a manager asks for it."""
    return WaitsKeeper(shared_record())


@st.cache_resource(show_spinner=False)
def departments_keeper() -> CommandCentreKeeper:
    """The keeper of every department's numbers, read once per interval for all screens."""
    return CommandCentreKeeper(shared_record())


@st.cache_resource(show_spinner=False)
def handles() -> Handles:
    """The maker of handles, with this installation's key."""
    return Handles(Path(record_settings().state_dir))
