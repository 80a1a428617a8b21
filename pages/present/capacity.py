"""Room in the community services: places, who says so and how old that is, open or closed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from markupsafe import Markup

from clinical.capacity import CapacitySource, ServiceCapacity, Taking, taking
from clinical.moments import LONDON
from clinical.opening_hours import Openness
from pages.present import times
from pages.present.escape import html
from pages.present.shapes import shape

_SHAPES: Mapping[Taking, str] = {
    Taking.HAS_PLACES: "tick",
    Taking.FULL: "cross",
    Taking.ASK: "question",
    Taking.CLOSED: "lock",
}
_KINDS: Mapping[Taking, str] = {
    Taking.HAS_PLACES: "done",
    Taking.FULL: "stop",
    Taking.ASK: "asked",
    Taking.CLOSED: "plain",
}
_ORDER = (Taking.HAS_PLACES, Taking.ASK, Taking.FULL, Taking.CLOSED)


def places_words(capacity: ServiceCapacity) -> str:
    """How many places are free; not known is never none."""
    if capacity.source is CapacitySource.FAILED:
        return "Could not be read"
    match capacity.free:
        case None:
            return "Places not known"
        case 0:
            return "Full"
        case 1:
            return "1 place"
        case free:
            return f"{free} places"


def at_a_glance(capacity: ServiceCapacity, now: datetime, old_after: timedelta) -> str:
    """The one thing to know of a service now: its places, that it is closed, or to ask."""
    match taking(capacity, now, old_after):
        case Taking.CLOSED:
            return "Closed now"
        case Taking.ASK if capacity.free is None:
            return f"{places_words(capacity)}: ask"
        case Taking.ASK:
            return f"Ask: {places_words(capacity).lower()}, old"
        case _:
            return places_words(capacity)


def said_words(capacity: ServiceCapacity, now: datetime) -> str:
    """Who says so, and how old that is."""
    if capacity.source is CapacitySource.FAILED:
        return "Which says nothing of its places"
    if capacity.as_at is None:
        return "Nobody has said"
    by = "" if capacity.said_by is None else capacity.said_by.name
    whose = f"{by}'s diary" if by and capacity.source is CapacitySource.DIARY else by
    when = times.clock_of_today(capacity.as_at, now)
    said = f"{when}, {times.ago(capacity.as_at, now)}"
    return f"{whose}, {said}" if whose else said


def open_words(openness: Openness, now: datetime) -> str:
    """Open or closed now, and until when."""
    if openness.open is None:
        return "Opening hours not recorded"
    until = "" if openness.until is None else _until(openness.until, now)
    if openness.open:
        return f"Open until {until}" if until else "Open day and night"
    why = f"Closed: {openness.because}" if openness.because else "Closed"
    return f"{why}, opens {until}" if until else why


def capacity_words(capacity: ServiceCapacity, now: datetime, old_after: timedelta) -> str:
    """All of it in a line, for a list to choose from."""
    parts = [
        at_a_glance(capacity, now, old_after),
        f"Said: {said_words(capacity, now)}" if capacity.as_at is not None else "",
        open_words(capacity.openness, now),
        capacity.note,
    ]
    return ". ".join(part.rstrip(" .") for part in parts if part)


def board_order(
    services: Sequence[ServiceCapacity], now: datetime, old_after: timedelta
) -> tuple[ServiceCapacity, ...]:
    """Those with places first, then those to ask, the full, the closed; each by name."""
    return tuple(
        sorted(
            services,
            key=lambda each: (
                _ORDER.index(taking(each, now, old_after)),
                each.service.name.lower(),
            ),
        )
    )


def service_html(capacity: ServiceCapacity, now: datetime, old_after: timedelta) -> Markup:
    """One service of the board."""
    state = taking(capacity, now, old_after)
    old = capacity.old(now, old_after)
    lines = [
        html(
            '<p class="{old}">{said}</p>', old="old" if old else "", said=said_words(capacity, now)
        ),
        html("<p>{open}</p>", open=open_words(capacity.openness, now)),
    ]
    if capacity.note:
        lines.append(html("<p>{note}</p>", note=capacity.note))
    if state is Taking.ASK and capacity.service.phone:
        lines.append(html("<p>Ask: <b>{phone}</b></p>", phone=capacity.service.phone))
    return html(
        '<div class="hv-service {state}"><h3>{name}</h3>'
        '<p><span class="hv-tag {kind}">{shape}{places}</span></p>'
        '<div class="said">{lines}</div></div>',
        state=state.value,
        name=capacity.service.name,
        kind=_KINDS[state],
        shape=shape(_SHAPES[state]),
        places=at_a_glance(capacity, now, old_after),
        lines=Markup().join(lines),
    )


def _until(when: datetime, now: datetime) -> str:
    """``20:00``, ``08:00 tomorrow``, ``09:00 on Mon``."""
    clock = times.clock(when)
    days = (when.astimezone(LONDON).date() - now.astimezone(LONDON).date()).days
    if days == 0:
        return clock
    return f"{clock} tomorrow" if days == 1 else f"{clock} on {when.astimezone(LONDON):%a}"
