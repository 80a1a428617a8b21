"""Shapes that say the same as a colour does: nothing here depends on seeing colour."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote

from markupsafe import Markup

from pages.present.escape import html

_PATHS: Mapping[str, str] = {
    # the longer the wait, the more corners
    "within-15": '<circle cx="10" cy="10" r="8"/>',
    "over-15": '<path d="M10 2 19 18H1z"/>',
    "over-30": '<path d="M10 1 19 10 10 19 1 10z"/>',
    "over-45": '<path d="M10 1 19 8 15.5 19h-11L1 8z"/>',
    "over-60": '<path d="M6 1h8l5 5v8l-5 5H6l-5-5V6z"/>',
    "not-known": '<path d="M10 1a9 9 0 1 0 0 18 9 9 0 0 0 0-18zm0 3a6 6 0 1 1 0 12 6 6 0 0 1 '
    '0-12z"/><path d="M3 15 15 3l2 2L5 17z"/>',
    "tick": '<path d="M7.5 17 1 10.5 3.5 8l4 4L16.5 3 19 5.5z"/>',
    "cross": '<path d="M4 1.5 10 7.5l6-6L18.5 4l-6 6 6 6-2.5 2.5-6-6-6 6L1.5 16l6-6-6-6z"/>',
    "question": '<path d="M6 7a4 4 0 1 1 6 3.5c-1 .6-1 1-1 2.5H9c0-2 0-3 1.5-4A2 2 0 1 0 8 7z"/>'
    '<circle cx="10" cy="16.5" r="1.6"/>',
    "flag": '<path d="M4 1h2v1h11l-3 4.5L17 11H6v8H4z"/>',
    "empty": '<path d="M3 3h14v14H3zm2 2v10h10V5z"/>',
    "broken": '<path d="M10 1 20 19H0zm-1 6v6h2V7zm0 7.5v2h2v-2z" fill-rule="evenodd"/>',
    "lock": '<path d="M5 9V6a5 5 0 0 1 10 0v3h2v10H3V9zm2.5 0h5V6a2.5 2.5 0 0 0-5 0z"/>',
    "elsewhere": '<path d="M2 9h9V5l7 5-7 5v-4H2z"/>',
}


def shape(name: str) -> Markup:
    """The place of a shape, which the style sheet draws; a screen reader passes over it.

    Streamlit takes SVG out of markup, so the shapes travel in the style sheet.
    """
    if name not in _PATHS:
        raise KeyError(name)
    return html('<span class="hv-shape {name}" aria-hidden="true"></span>', name=name)


def shapes_css() -> str:
    """The style sheet's rules for all shapes: masks, so that each takes its text's colour."""
    return "\n".join(
        f'.hv-shape.{name} {{ --hv-shape: url("data:image/svg+xml,{_picture(path)}"); }}'
        for name, path in _PATHS.items()
    )


def _picture(path: str) -> str:
    picture = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 20 20">{path}</svg>'
    return quote(picture, safe=" =:/.'")
