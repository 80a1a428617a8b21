"""The summary icons of Making Data Count: what has changed, and whether a target will be met.

Each stands beside its words; the picture alone says nothing to a screen reader.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote

from markupsafe import Markup

from clinical.spc import Assurance, Variation
from pages.present.escape import html

VARIATION_WORDS: Mapping[Variation, str] = {
    Variation.COMMON_CAUSE: "Common cause: no significant change",
    Variation.IMPROVEMENT_HIGH: "Special cause improving: higher",
    Variation.IMPROVEMENT_LOW: "Special cause improving: lower",
    Variation.CONCERN_HIGH: "Special cause concerning: higher",
    Variation.CONCERN_LOW: "Special cause concerning: lower",
    Variation.CHANGE_HIGH: "Special cause: higher, neither better nor worse",
    Variation.CHANGE_LOW: "Special cause: lower, neither better nor worse",
    Variation.TOO_FEW: "Too few points to say",
}
ASSURANCE_WORDS: Mapping[Assurance, str] = {
    Assurance.PASSING: "Will consistently pass the target",
    Assurance.HIT_OR_MISS: "Will hit or miss the target by chance",
    Assurance.FAILING: "Will consistently fail the target",
    Assurance.NO_TARGET: "No target",
}
_BLUE, _ORANGE, _GREY, _PURPLE = "#005eb8", "#b35900", "#425563", "#330072"
_UP, _DOWN = "M8 30l8-8 6 5 14-14", "M8 14l8 8 6-5 14 14"
_WAVE = "M6 22q5-12 10 0t10 0 10 0"
_VARIATION_ICONS: Mapping[Variation, tuple[str, str, str]] = {
    Variation.COMMON_CAUSE: (_GREY, _WAVE, ""),
    Variation.IMPROVEMENT_HIGH: (_BLUE, _UP, "H"),
    Variation.IMPROVEMENT_LOW: (_BLUE, _DOWN, "L"),
    Variation.CONCERN_HIGH: (_ORANGE, _UP, "H"),
    Variation.CONCERN_LOW: (_ORANGE, _DOWN, "L"),
    Variation.CHANGE_HIGH: (_PURPLE, _UP, "H"),
    Variation.CHANGE_LOW: (_PURPLE, _DOWN, "L"),
}
_ASSURANCE_ICONS: Mapping[Assurance, tuple[str, str, str]] = {
    Assurance.PASSING: (_BLUE, "", "P"),
    Assurance.HIT_OR_MISS: (_GREY, "", "?"),
    Assurance.FAILING: (_ORANGE, "", "F"),
}


def icon_html(said: Variation | Assurance) -> Markup:
    """The summary icon with what it says beside it; words alone where there is no icon."""
    if isinstance(said, Variation):
        words, icon = VARIATION_WORDS[said], _VARIATION_ICONS.get(said)
    else:
        words, icon = ASSURANCE_WORDS[said], _ASSURANCE_ICONS.get(said)
    picture = Markup()
    if icon is not None:
        picture = html(
            '<img class="hv-icon" width="44" height="44" alt="" src="{source}">',
            source=f"data:image/svg+xml,{quote(_svg(*icon), safe=' =:/.,;()-')}",
        )
    return html('<span class="hv-said">{picture}<span>{words}</span></span>',
                picture=picture, words=words)  # fmt: skip


def _svg(colour: str, path: str, letter: str) -> str:
    line = f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="3"/>' if path else ""
    size, y = (12, 40) if path else (24, 31)
    text = (
        f'<text x="22" y="{y}" font-family="Arial,sans-serif" font-weight="700" font-size="{size}"'
        f' text-anchor="middle" fill="{colour}">{letter}</text>'
    )
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 44 44"><circle cx="22" cy="22" r="20"'
        f' fill="#fff" stroke="{colour}" stroke-width="3"/>{line}{text if letter else ""}</svg>'
    )
