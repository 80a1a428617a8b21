"""Which community service takes them: asked once, in the checklist, with each service as it is now.

The decision takes its service from this line where the checklist has one.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import streamlit as st

from clinical.capacity import ServiceCapacity
from clinical.checklist import Item, ServiceChosen
from clinical.review import CommunityService
from fhir_queries.errors import RecordError
from pages.parts.guard import say_sorry
from pages.parts.places import places_now
from pages.parts.site_times import places_old_after
from pages.parts.style import show
from pages.present.escape import html, label
from pages.present.service_choice import choice_words


def services_now() -> tuple[ServiceCapacity, ...]:
    """The services that take redirects, as they are now. Raises RecordError where unanswered."""
    return tuple(each for each in places_now()[1] if each.service.active)


def ask_which_service(said: str, held: ServiceChosen | None, common: dict[str, Any]) -> None:
    """Show the line. ``held`` is what is answered; ``common``, what all widgets of a line share.

    A service that was answered and is no longer listed stays to be seen, and says so.
    """
    try:
        services = {each.service.id: each for each in services_now()}
    except RecordError as fault:
        say_sorry(f"{fault} The services can't be listed.")
        services = {}
    choices = [ServiceChosen(each.service.id, each.service.name) for each in services.values()]
    if held is not None and held not in choices:
        listed = next((each for each in choices if each.service == held.service), None)
        if listed is None:
            choices.append(held)
        elif common["key"] in st.session_state:
            st.session_state[common["key"]] = listed
        held = listed or held
    if not choices:
        show(html('<p class="quiet">{said} No service is listed to choose from.</p>', said=said))
        return
    now = datetime.now(UTC)
    st.radio(
        said,
        choices,
        index=None if held is None else choices.index(held),
        format_func=lambda each: label(each.name),
        captions=[
            label(choice_words(services[each.service], now, places_old_after()))
            if each.service in services
            else "No longer listed as a service that takes people from here"
            for each in choices
        ],
        **common,
    )


def service_answered(line: Item, chosen: ServiceChosen | None) -> CommunityService | None:
    """The service that the checklist names, told to whoever decides; None where it names none."""
    if chosen is None:
        words = f"Answer in the checklist: {line.words}"
        show(html('<div class="hv-box warn"><p>{words}</p></div>', words=words))
        return None
    try:
        known = {each.service.id: each.service for each in services_now()}
    except RecordError as fault:
        say_sorry(f"{fault} The service can't be looked up.")
        return None
    service = known.get(chosen.service)
    if service is None:
        words = f"{chosen.name} no longer takes people from here. Choose another service."
        show(html('<div class="hv-box stop"><p>{words}</p></div>', words=words))
        return None
    show(
        html(
            "<p>Service, as answered in the checklist: <b>{name}</b></p>",
            name=service.name,
        )
    )
    return service
