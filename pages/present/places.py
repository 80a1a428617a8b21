"""The parts of the patient's screen, and the links at its top that lead to them."""

from __future__ import annotations

from collections.abc import Mapping

from markupsafe import Markup

from pages.present.escape import html, join

_PLACES: Mapping[str, str] = {
    "changes": "What changed",
    "search": "Search",
    "record": "All sections",
    "timeline": "Timeline",
    "sheet": "Handover sheet",
}


def places_html() -> Markup:
    """Links to the parts of the screen. That to the review is for screens that have it below."""
    links = join(
        html('<a href="#{id}">{words}</a>', id=f"part-{name}", words=words)
        for name, words in _PLACES.items()
    )
    return html(
        '<nav class="hv-places" aria-label="On this screen"><a class="review" href="#review">'
        "Go to the review</a>{links}</nav>",
        links=links,
    )


def place_html(name: str) -> Markup:
    """Where a part begins: an anchor, and a heading that a screen reader finds it by."""
    return html(
        '<h2 id="{id}" class="unseen hv-place">{words}</h2>',
        id=f"part-{name}",
        words=_PLACES[name],
    )
