"""A small picture of values over time: a few hundred bytes, no script, and the same in words.

The picture is an image of its own, since Streamlit takes SVG out of markup. It follows the light or
dark scheme of the page around it, and holds numbers only: nothing of the record's text is in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from urllib.parse import quote

from markupsafe import Markup

from clinical.measured import Measured
from clinical.trends import Band, Trend
from pages.present.escape import html

WIDTH, HEIGHT = 132, 44
_EDGE = 5
_STYLE = (
    "<style>.n{fill:#007f3b;opacity:.16}.u{fill:none;stroke:#425563;stroke-dasharray:3 2}"
    ".l{fill:none;stroke:#005eb8;stroke-width:2}.p{fill:#005eb8}.d{fill:#fff;stroke:#005eb8;"
    "stroke-width:1.5}@media(prefers-color-scheme:dark){.n{fill:#78d99f;opacity:.22}"
    ".u{stroke:#c8d0d5}.l{stroke:#41b6e6}.p{fill:#41b6e6}.d{fill:#1c2830;stroke:#41b6e6}}</style>"
)


def sparkline_html(trend: Trend, words: str) -> Markup:
    """The picture of a trend with ``words`` as what it says; nothing where no number is."""
    numbers = [each for each in trend.now if each.number is not None]
    if not numbers:
        return Markup()
    return html(
        '<img class="hv-spark" width="{width}" height="{height}" src="{source}" alt="{words}">',
        width=WIDTH,
        height=HEIGHT,
        source=f"data:image/svg+xml,{quote(_picture(trend, numbers), safe=' =:/.,;()-{}')}",
        words=words,
    )


def _picture(trend: Trend, numbers: Sequence[Measured]) -> str:
    low, high = _ends(trend, numbers)
    first = numbers[0].at.earliest.timestamp()
    length = numbers[-1].at.earliest.timestamp() - first

    def x_of(each: Measured) -> float:
        share = (each.at.earliest.timestamp() - first) / length if length else 0.5
        return round(_EDGE + share * (WIDTH - 2 * _EDGE), 1)

    def y_of(value: Decimal) -> float:
        share = float((value - low) / (high - low))
        return round(HEIGHT - _EDGE - share * (HEIGHT - 2 * _EDGE), 1)

    places = [(x_of(each), y_of(each.number or Decimal()), each.doubted) for each in numbers]
    shapes = [_STYLE]
    if trend.normal is not None:
        top = 0.0 if trend.normal.high is None else y_of(trend.normal.high)
        bottom = float(HEIGHT) if trend.normal.low is None else y_of(trend.normal.low)
        shapes.append(_box("n", top, bottom))
    if trend.usual is not None:
        shapes.append(_box("u", y_of(trend.usual.highest), y_of(trend.usual.lowest)))
        middle = y_of(trend.usual.middle)
        shapes.append(f'<path class="u" d="M0 {middle}H{WIDTH}"/>')
    line = " ".join(f"{x},{y}" for x, y, _ in places)
    shapes.append(f'<polyline class="l" points="{line}"/>')
    shapes += [
        f'<circle class="{"d" if doubted else "p"}" cx="{x}" cy="{y}" r="3"/>'
        for x, y, doubted in places
    ]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}">'
        f"{''.join(shapes)}</svg>"
    )


def _box(kind: str, top: float, bottom: float) -> str:
    height = max(round(bottom - top, 1), 1)
    return f'<rect class="{kind}" x="0" y="{top}" width="{WIDTH}" height="{height}"/>'


def _ends(trend: Trend, numbers: Sequence[Measured]) -> tuple[Decimal, Decimal]:
    """The lowest and highest value of the picture: all that is drawn, with a little air."""
    values = [each.number for each in numbers if each.number is not None]
    values += _closed_ends(trend.normal)
    if trend.usual is not None:
        values += (trend.usual.lowest, trend.usual.highest)
    low, high = min(values), max(values)
    air = (high - low) / 10 or max(abs(high) / 20, Decimal(1))
    return low - air, high + air


def _closed_ends(band: Band | None) -> list[Decimal]:
    """The ends that a range has, but not one so far off that it would flatten the rest."""
    if band is None:
        return []
    ends = [each for each in (band.low, band.high) if each is not None]
    return ends[:1] if len(ends) == 2 and ends[1] > ends[0] * Decimal("1.9") else ends
