"""Every department side by side, as markup: for a screen somebody uses, and for one on a wall."""

from __future__ import annotations

from datetime import datetime, timedelta

from markupsafe import Markup

from clinical.bands import WaitingThresholds, band_for, meanings
from clinical.capacity import ServiceCapacity
from clinical.command_centre import CommandCentre, DepartmentNow
from clinical.waiting import WaitingBand
from pages.present import times
from pages.present.capacity import at_a_glance, board_order, open_words, said_words
from pages.present.escape import html, join
from pages.present.waiting import wait_html

_OVER_BANDS = (WaitingBand.OVER_30, WaitingBand.OVER_45, WaitingBand.OVER_60)


def hours_words(hours: float | None) -> str:
    """``3.4 h``; not known is said, never 0."""
    return "not known" if hours is None else f"{hours:.1f} h"


def department_html(now: DepartmentNow, thresholds: WaitingThresholds) -> Markup:
    """One department: how many wait, the longest, how many over each mark, the hours, reviews."""
    band = band_for(now.longest, thresholds)
    longest = html("<p>Nobody waits</p>")
    if now.waiting:
        longest = html(
            '<p><span class="quiet">Longest</span> {wait}</p>',
            wait=wait_html(now.longest, band, meanings(thresholds)[band].words),
        )
    return html(
        '<section class="hv-dept"><h2>{name}</h2>'
        '<p class="hv-waiting"><b>{waiting}</b> waiting</p>{longest}{unknown}'
        '<ul class="hv-overs">{overs}</ul><dl>{rows}</dl></section>',
        name=now.department.name or "Department not named",
        waiting=now.waiting,
        longest=longest,
        unknown=_unknown(now),
        overs=join(
            html(
                '<li class="hv-band {band}"><b>{count}</b> over {minutes} min</li>',
                band=each.value if count else "none",
                count=count,
                minutes=minutes,
            )
            for each, (minutes, count) in zip(_OVER_BANDS, now.over, strict=True)
        ),
        rows=join(
            html("<dt>{what}</dt><dd>{said}</dd>", what=what, said=said)
            for what, said in _rows(now, thresholds)
        ),
    )


def _unknown(now: DepartmentNow) -> Markup:
    if not now.start_not_known:
        return Markup()
    people = "1 wait has" if now.start_not_known == 1 else f"{now.start_not_known} waits have"
    return html("<p><b>{people} no known start</b> and may be longer.</p>", people=people)


def _rows(now: DepartmentNow, thresholds: WaitingThresholds) -> list[tuple[str, str]]:
    flow = "not known"
    if now.flow is not None:
        flow = f"{now.flow.arrived} came, {now.flow.left} left"
    unclaimed = f", {now.reviews_unclaimed} not taken" if now.reviews_unclaimed else ""
    return [
        (f"Lost beyond {thresholds.first} min", hours_words(now.hours_lost_so_far)),
        ("Predicted for the next hour", hours_words(now.predicted_hours_lost)),
        ("In the last hour", flow),
        ("Reviews open", f"{now.reviews_open}{unclaimed}"),
        ("Redirected, still here", str(now.redirected_still_here)),
    ]


def centre_html(centre: CommandCentre, thresholds: WaitingThresholds) -> Markup:
    """All departments side by side, and what is missing from them."""
    said = [*centre.warnings]
    if centre.set_aside:
        entries = "1 entry" if centre.set_aside == 1 else f"{centre.set_aside} entries"
        said.append(f"{entries} of the queue could not be read and are not counted.")
    if not centre.complete and not said:
        said.append("A part of the queue could not be read: these numbers are too low.")
    warned = join(
        html('<div class="hv-box warn" role="status"><p>{words}</p></div>', words=words)
        for words in said
    )
    if not centre.departments:
        nobody = "Nobody is waiting in an ambulance, as far as the record says."
        return html('{warned}<div class="hv-box"><p>{words}</p></div>', warned=warned, words=nobody)
    return html(
        '{warned}<div class="hv-depts">{departments}</div>',
        warned=warned,
        departments=join(department_html(each, thresholds) for each in centre.departments),
    )


def services_html(
    services: tuple[ServiceCapacity, ...], now: datetime, old_after: timedelta
) -> Markup:
    """The community services in a table: places, who says so and how old that is, open until."""
    if not services:
        return html("<p>The record lists no community service.</p>")
    rows = join(
        html(
            "<tr><th scope='row'>{name}</th><td>{places}</td><td>{said}</td><td>{open}</td></tr>",
            name=each.service.name,
            places=at_a_glance(each, now, old_after),
            said=said_words(each, now),
            open=open_words(each.openness, now),
        )
        for each in board_order(services, now, old_after)
    )
    return html(
        '<table class="hv-services"><thead><tr><th scope="col">Service</th>'
        '<th scope="col">Places</th><th scope="col">Said</th><th scope="col">Hours</th></tr>'
        "</thead><tbody>{rows}</tbody></table>",
        rows=rows,
    )


def wall_html(
    centre: CommandCentre,
    services: tuple[ServiceCapacity, ...],
    now: datetime,
    *,
    thresholds: WaitingThresholds,
    old_after: timedelta,
    demonstration: bool,
) -> Markup:
    """The wall: everything at once, large, with the time at which it was true."""
    made_up = html('<b class="hv-demo" role="note">Demonstration: made-up people</b>')
    places = join(
        html(
            "<li><span>{name}</span> <b>{places}</b></li>",
            name=each.service.name,
            places=at_a_glance(each, now, old_after),
        )
        for each in board_order(services, now, old_after)
    )
    return html(
        '<div class="hv-wall"><h1>Ambulances waiting {made_up}'
        "<span>as at <b>{clock}</b></span></h1>"
        '{centre}<ul class="hv-wall-places">{places}</ul></div>',
        made_up=made_up if demonstration else "",
        clock=times.clock(centre.as_at, seconds=True),
        centre=centre_html(centre, thresholds),
        places=places,
    )
