"""What a search in the record found, by section, and where nobody could look."""

from __future__ import annotations

from markupsafe import Markup

from clinical.search import Found
from pages.present.escape import html, join
from pages.present.origin import OriginOf, of_this_record
from pages.present.partial_view import unseen_html
from pages.present.section import TITLES, entry_html, newest_first

MOST = 10
"""Entries of one section that a search shows; the rest are counted."""


def found_html(found: Found, origin_of: OriginOf = of_this_record) -> Markup:
    """The entries found, newest first in each section; what could not be searched comes first."""
    if not found.words:
        return html('<p class="quiet">Type at least two letters.</p>')
    holes = unseen_html(found.not_searched, found.partly_searched, "searched")
    if not found.count:
        rest = "" if not holes else " in what could be searched"
        return html(
            '{holes}<p role="status"><b>Nothing found{rest}.</b> The record may say it in other '
            "words.</p>",
            holes=holes,
            rest=rest,
        )
    entries = "1 entry" if found.count == 1 else f"{found.count} entries"
    sections = "1 section" if len(found.by_section) == 1 else f"{len(found.by_section)} sections"
    return html(
        '{holes}<p role="status"><b>{entries} in {sections}</b></p>{groups}',
        holes=holes,
        entries=entries,
        sections=sections,
        groups=join(
            html(
                "<h4>{title}: {count}</h4>{entries}{more}",
                title=TITLES.get(name, name),
                count=len(entries),
                entries=join(
                    entry_html(each, origin=origin_of(each), anchored=False)
                    for each in newest_first(entries)[:MOST]
                ),
                more=html(
                    '<p class="quiet">{left} older ones of {title} are not shown: type another '
                    "word to narrow it.</p>",
                    left=len(entries) - MOST,
                    title=TITLES.get(name, name),
                )
                if len(entries) > MOST
                else "",
            )
            for name, entries in found.by_section.items()
        ),
    )
