"""Who is asking: one ``Caller``, found here and handed down to every question.

On a record of made-up people somebody chooses one of the people below, on a screen that says
what it is. Signing in for real replaces :func:`find_caller` and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import streamlit as st

from clinical.person import Caller, Role
from clinical.review_steps import Action, may
from fhir_queries.errors import NotPermitted
from pages.parts.connection import record_settings

SDS_USER = "https://fhir.nhs.uk/Id/sds-user-id"
PARAMETER = "who"
_CHOSEN = "who-is-asking"
_CAME_IN = "through-the-front-door"


@dataclass(frozen=True, slots=True)
class DemonstrationPerson:
    """Somebody made up, whom anybody may be on a record of made-up people."""

    id: str
    caller: Caller
    job: str
    does: str


_JOBS = {
    Role.COMMUNITY_CLINICIAN: (
        "Community clinician",
        "Sees who waits, reads their record, works through the checklist, decides.",
    ),
    Role.ED_COORDINATOR: (
        "ED coordinator",
        "Flags patients for review and sees each answer as it comes.",
    ),
    Role.MANAGER: ("Manager", "Sees counts and what they mean, and no patient."),
}
_PEOPLE = (
    ("Sorrel Marten", Role.COMMUNITY_CLINICIAN, "ZFC01", "Fernshire Community Health NHS Trust"),
    ("Bryony Heath", Role.COMMUNITY_CLINICIAN, "ZFH01", "Larkrise Hospice"),
    ("Corin Sedge", Role.ED_COORDINATOR, "ZFR01ED", "Royal Fern Hospital Emergency Department"),
    ("Tansy Drake", Role.ED_COORDINATOR, "ZFR02ED", "Northmoor General Emergency Department"),
    ("Merle Ashdown", Role.MANAGER, "ZFB01", "Fernshire Integrated Care Board"),
)
DEMONSTRATION: Mapping[str, DemonstrationPerson] = {
    f"k{number}": DemonstrationPerson(
        f"k{number}",
        Caller(
            user=f"9991000000{number}{number}",
            user_system=SDS_USER,
            name=name,
            role=role,
            organisation=ods,
            organisation_name=organisation,
            purpose="HOPERAT" if role is Role.MANAGER else "TREAT",
        ),
        *_JOBS[role],
    )
    for number, (name, role, ods, organisation) in enumerate(_PEOPLE, start=1)
}


@dataclass(frozen=True, slots=True)
class Screen:
    """One screen, what somebody has to be allowed to see it, and whether the header leads there."""

    path: str
    title: str
    action: Action | None
    only: Role | None = None
    """The one role whose side of the work it is; None where the action alone decides."""
    in_header: bool = True

    def opens_for(self, caller: Caller) -> bool:
        """Whether this person may open it."""
        if self.action is None or not may(caller, self.action):
            return False
        return self.only is None or caller.role is self.only


_NOBODY_YET = Screen("pages/demonstration.py", "Who are you?", None, in_header=False)
SCREENS: tuple[Screen, ...] = (
    Screen("pages/waiting.py", "Waiting in ambulances", Action.SEE_QUEUE),
    Screen("pages/patient.py", "Patient", Action.OPEN_RECORD, in_header=False),
    Screen("pages/candidates.py", "Redirect candidates", Action.FLAG, Role.ED_COORDINATOR),
    Screen(
        "pages/services.py", "Community services", Action.SET_CAPACITY, Role.COMMUNITY_CLINICIAN
    ),
    Screen("pages/avoided.py", "Avoided admissions", Action.SEE_COUNTS),
    Screen("pages/which_bite.py", "Which bite first", Action.SET_WEIGHTS),
    Screen("pages/command_centre.py", "Command centre", Action.SEE_DEPARTMENTS),
    Screen("pages/wall.py", "Wall screen", Action.SEE_DEPARTMENTS, in_header=False),
)


def places_of(caller: Caller | None) -> tuple[Screen, ...]:
    """The screens this person may open, the one they begin with first; others don't exist."""
    if caller is None:
        return (_NOBODY_YET,)
    return tuple(screen for screen in SCREENS if screen.opens_for(caller))


def authorise(path: str) -> Caller:
    """Who is asking, on the screen at ``path``. Raises NotPermitted where it isn't theirs.

    The front door already leaves out what somebody may not see; each screen asks again.
    """
    _through_the_front_door(path)
    caller = who_is_asking()
    if not any(screen.path == path for screen in places_of(caller)):
        raise NotPermitted
    return caller


def come_in() -> None:
    """Said by the front door at each run."""
    st.session_state[_CAME_IN] = True


def _through_the_front_door(path: str) -> None:
    """Send whoever did not come through the front door back to it.

    To the very first session of a process, Streamlit opens a file of ``pages/`` by itself, until
    somebody has called ``st.navigation``: which is done here, before starting again.
    """
    if not st.session_state.get(_CAME_IN):
        front_door = st.Page("handover_app.py", default=True)
        st.navigation([front_door, st.Page(path)], position="hidden")
        st.rerun()


def find_caller() -> Caller | None:
    """Who is asking in this session, None where nobody has said so yet."""
    if not record_settings().demonstration:
        return None
    identity = st.session_state.get(_CHOSEN) or st.query_params.get(PARAMETER, "")
    person = DEMONSTRATION.get(identity)
    if person is None:
        return None
    st.session_state[_CHOSEN] = identity
    if st.query_params.get(PARAMETER) != identity:
        st.query_params[PARAMETER] = identity
    return person.caller


def who_is_asking() -> Caller:
    """Who is asking. Raises NotPermitted where nobody has said so."""
    caller = find_caller()
    if caller is None:
        raise NotPermitted(sentence="Say who you are first.")
    return caller


def choose(identity: str) -> None:
    """Be this made-up person from now on, with nothing left of the one before."""
    for key in tuple(st.session_state):
        del st.session_state[key]
    st.session_state[_CHOSEN] = identity


def address() -> dict[str, str]:
    """What every address within the app carries."""
    identity = st.session_state.get(_CHOSEN, "")
    return {PARAMETER: identity} if identity else {}


def forget() -> None:
    """Nobody is asking any more."""
    for key in tuple(st.session_state):
        del st.session_state[key]
    st.query_params.clear()
