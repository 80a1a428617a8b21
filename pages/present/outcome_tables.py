"""The manager's tables: how long steps took, for whom it works, and where there was no room."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from markupsafe import Markup

from clinical.manager_view import HOURS_IN_A_BAND, ManagerView, ShownSpan
from clinical.suppression import ShownCount
from pages.present import times
from pages.present.escape import html, join
from pages.present.outcomes import means_html, number, percent, title_of


def spans_html(view: ManagerView) -> Markup:
    """How long each step took, as a table, and the hours that ambulances lost."""
    spans = view.spans()
    lost = spans[0]
    hours = "not known" if lost.total_hours is None else f"{lost.total_hours:,.0f} hours"
    rows = join(_span_row(each, view.definitions.get(each.name, "")) for each in spans)
    return html(
        "<p>Ambulance time lost altogether: <b>{about}{hours}</b></p>"
        '<div class="scroll" tabindex="0" role="region" aria-label="How long each step took">'
        '<table><thead><tr><th scope="col">Step</th><th scope="col" class="number">Median</th>'
        '<th scope="col" class="number">9 of 10 within</th><th scope="col" class="number">Known'
        "</th></tr></thead><tbody>{rows}</tbody></table></div>",
        about="" if lost.exact or lost.total_hours is None else "about ",
        hours=hours,
        rows=rows,
    )


def _span_row(spans: ShownSpan, definition: str) -> Markup:
    title = title_of(spans.name)
    known = (
        html(
            "{known}<br>pending {pending}, unknown {unknown}",
            known=f"{spans.known:,}",
            pending=spans.pending,
            unknown=spans.unknown,
        )
        if spans.known is not None
        else "rounded"
    )
    return html(
        '<tr><th scope="row">{title}{means}</th><td class="number">{median}</td>'
        '<td class="number">{most}</td><td class="number">{known}</td></tr>',
        title=title,
        means=means_html(title, definition),
        median=_minutes(spans.median),
        most=_minutes(spans.most),
        known=known,
    )


def breakdown_html(
    title: str, rows: Mapping[str, Mapping[str, ShownCount]], names: Sequence[str]
) -> Markup:
    """The same few counts for each group, as a table of rounded numbers and their shares."""
    heads = join(
        html('<th scope="col" class="number">{t}</th>', t=title_of(each)) for each in names
    )
    lines = join(
        html(
            '<tr><th scope="row">{label}</th>{cells}</tr>',
            label=label[:1].upper() + label[1:],
            cells=join(_cell(row[name], with_share=place > 0) for place, name in enumerate(names)),
        )
        for label, row in rows.items()
    )
    return html(
        '<div class="scroll" tabindex="0" role="region" aria-label="By {aria}"><table><thead><tr>'
        '<th scope="col">{title}</th>{heads}</tr></thead><tbody>{lines}</tbody></table></div>',
        aria=title,
        title=title,
        heads=heads,
        lines=lines,
    )


def _cell(count: ShownCount, *, with_share: bool) -> Markup:
    share = percent(count.share) if with_share else ""
    return html(
        '<td class="number">{value}{share}</td>',
        value=number(count.yes, exact=False),
        share=html("<br><b>{s}</b>", s=share) if share else "",
    )


def missed_html(cells: Mapping[tuple[str, int], int | None]) -> Markup:
    """Would-be redirects refused for want of room, by service and hour, the fullest darkest; a
    sentence where there are too few to split.
    """
    if all(many is None for many in cells.values()):
        return html("<p>Too few people to split by service and hour. Choose more weeks.</p>")
    services = [*dict.fromkeys(service for service, _ in cells)]
    hours = sorted({hour for _, hour in cells})
    most = max((many or 0 for many in cells.values()), default=0) or 1
    heads = join(
        html('<th scope="col" class="number">{h}</th>', h=band_words(hour)) for hour in hours
    )
    rows = join(
        html(
            '<tr><th scope="row">{service}</th>{cells}</tr>',
            service=service[:1].upper() + service[1:],
            cells=join(_missed_cell(cells[service, hour], most) for hour in hours),
        )
        for service in services
    )
    return html(
        '<div class="scroll" tabindex="0" role="region" aria-label="Missed by service and hour">'
        '<table class="hv-heat"><thead><tr><th scope="col">Community service</th>{heads}</tr>'
        "</thead><tbody>{rows}</tbody></table></div>",
        heads=heads,
        rows=rows,
    )


def band_words(hour: int) -> str:
    """``16:00 to 19:59``."""
    return f"{hour:02}:00 to {hour + HOURS_IN_A_BAND - 1:02}:59"


def _missed_cell(many: int | None, most: int) -> Markup:
    return html(
        '<td class="number heat-{level}">{value}</td>',
        level=0 if not many else 1 + min(3, many * 4 // (most + 1)),
        value="-" if many == 0 else number(many, exact=False),
    )


def _minutes(minutes: float | None) -> str:
    if minutes is None:
        return "not known"
    return times.span_of_minutes(minutes)
