"""The handover sheet as one page of A4. What does not fit is counted on it, never just cut."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pages.present.escape import clean
from pages.present.sheet import Sheet, SheetBlock

if TYPE_CHECKING:
    from fpdf import FPDF

_MARGIN, _GUTTER, _WIDTH, _HEIGHT = 10.0, 6.0, 210.0, 297.0
_COLUMN = (_WIDTH - 2 * _MARGIN - _GUTTER) / 2
_FOOT = 20.0
"""Millimetres kept free at the foot for the sources and the time."""
_SMALL, _LINE = 8.0, 3.7
_MOST_ROWS = 3
"""Rows that one line may take; a longer one ends with that it goes on in the record."""
_GOES_ON = " … (goes on in the record)"
_UNPRINTABLE = "\N{REPLACEMENT CHARACTER}"


def sheet_pdf(sheet: Sheet) -> bytes:
    """The sheet as a PDF of one page."""
    from fpdf import FPDF  # noqa: PLC0415 - only who prints needs it

    page = FPDF(format="A4", unit="mm")
    page.set_auto_page_break(False)
    page.set_margins(_MARGIN, _MARGIN)
    page.set_title("Handover sheet")
    page.set_lang("en-GB")
    for style, name in (("", "DejaVuSans.ttf"), ("B", "DejaVuSans-Bold.ttf")):
        page.add_font("sheet", style, font_file(name))
    page.add_page()
    _Layout(page).draw(sheet)
    return bytes(page.output())


def font_file(name: str) -> Path:
    """A font that comes with matplotlib, which need not be loaded for it.

    Raises FileNotFoundError where it isn't there: the standard fonts of PDF have no diacritics
    beyond western Europe, so there is none to fall back to.
    """
    found = importlib.util.find_spec("matplotlib")
    for place in found.submodule_search_locations or () if found is not None else ():
        path = Path(place) / "mpl-data" / "fonts" / "ttf" / name
        if path.is_file():
            return path
    raise FileNotFoundError(name)


class _Layout:
    """The page while it is filled."""

    def __init__(self, page: FPDF) -> None:
        self._page = page
        self._left_out = False

    def draw(self, sheet: Sheet) -> None:
        """Fill the page: who, what is missing, both columns, and the foot."""
        self._banner(sheet)
        top = self._page.get_y() + 2
        bottom = _HEIGHT - _MARGIN - _FOOT
        self._column(sheet.left, _MARGIN, top, bottom)
        self._column(sheet.right, _MARGIN + _COLUMN + _GUTTER, top, bottom)
        self._foot(sheet)

    def _banner(self, sheet: Sheet) -> None:
        page = self._page
        whole = _WIDTH - 2 * _MARGIN
        page.set_fill_color(0, 48, 135)
        page.set_text_color(255, 255, 255)
        self._font(14, bold=True)
        self._put(whole, 7, self._fit(sheet.name, whole, 1), fill=True)
        self._font(9)
        self._put(whole, 5, self._fit(sheet.identity, whole, 2), fill=True)
        page.set_text_color(0, 0, 0)
        page.ln(1)
        self._font(_SMALL, bold=True)
        self._put(whole, 4, self._fit(sheet.as_at, whole, 2))
        for said in (*sheet.cautions, *sheet.missing):
            self._font(_SMALL, bold=True)
            page.set_fill_color(251, 233, 232)
            self._put(whole, 4, self._fit(f"! {said}", whole, 3), fill=True)

    def _column(self, blocks: Sequence[SheetBlock], x: float, top: float, bottom: float) -> None:
        """Blocks one under the other, each with as many lines as the column has room for."""
        self._font(_SMALL)
        heights = [[self._height(line) for line in block.lines] for block in blocks]
        heads = [self._head_height(block) for block in blocks]
        room = bottom - top - sum(heads) - _LINE * len(blocks)  # a line each for what is left out
        taken = _shares([block.fewest for block in blocks], heights, room)
        y = top
        for block, count in zip(blocks, taken, strict=True):
            y = self._block(block, count, x, y)

    def _head_height(self, block: SheetBlock) -> float:
        self._font(_SMALL, bold=True)
        state = self._height(block.state) if block.state else 0.0
        self._font(_SMALL)
        return 5.5 + state + 2

    def _block(self, block: SheetBlock, count: int, x: float, y: float) -> float:
        page = self._page
        page.set_xy(x, y)
        self._font(9.5, bold=True)
        page.set_text_color(0, 94, 184)
        page.cell(_COLUMN, 5, self._printable(block.title), border="B")
        page.set_text_color(0, 0, 0)
        page.set_xy(x, y + 5.5)
        if block.state:
            self._font(_SMALL, bold=True)
            self._write(block.state, x)
        for line in block.lines[:count]:
            self._font(_SMALL, bold=line.startswith(("[HIGH RISK", "RED FLAG")))
            self._write(line, x)
        if count < len(block.lines):
            self._font(_SMALL, bold=True)
            self._write(f"{len(block.lines) - count} more not printed: see the record", x)
        return page.get_y() + 2

    def _write(self, line: str, x: float) -> None:
        self._page.set_x(x)
        self._put(_COLUMN, _LINE, self._fit(line, _COLUMN, _MOST_ROWS))

    def _foot(self, sheet: Sheet) -> None:
        page = self._page
        page.set_xy(_MARGIN, _HEIGHT - _MARGIN - _FOOT + 2)
        whole = _WIDTH - 2 * _MARGIN
        self._font(7)
        self._put(whole, 3.4, self._fit(f"Sources: {sheet.sources}", whole, 2))
        notes = (
            "Not in a section is not the same as none. Normal ranges are those without NEWS2 "
            "points. A copy on paper does not change when the record does: check it again before "
            "acting on it, and destroy it with the confidential waste."
        )
        self._put(whole, 3.4, notes)
        if self._left_out:
            said = f"{_UNPRINTABLE} stands for a character that this printer's font doesn't have."
            self._put(whole, 3.4, said)

    def _font(self, size: float, *, bold: bool = False) -> None:
        self._page.set_font("sheet", "B" if bold else "", size)

    def _height(self, line: str) -> float:
        return _LINE * self._rows(self._fit(line, _COLUMN, _MOST_ROWS), _COLUMN)

    def _put(self, width: float, height: float, text: str, *, fill: bool = False) -> None:
        """Write ``text`` here, and go on below it."""
        self._page.multi_cell(
            width, height, text, align="L", fill=fill, new_x="LMARGIN", new_y="NEXT"
        )

    def _rows(self, text: str, width: float) -> int:
        """How many rows ``text`` takes."""
        rows = self._page.multi_cell(width, _LINE, text, dry_run=True, output="LINES")
        if not isinstance(rows, list):
            raise TypeError("rows were asked for")
        return len(rows)

    def _fit(self, text: str, width: float, most: int) -> str:
        """``text`` in at most ``most`` rows; where that cuts it, it says so."""
        text = self._printable(" ".join(text.split()))
        if self._rows(text, width) <= most:
            return text
        low, high = 0, len(text)
        while low < high:
            middle = (low + high + 1) // 2
            if self._rows(text[:middle].rstrip() + _GOES_ON, width) <= most:
                low = middle
            else:
                high = middle - 1
        return text[:low].rstrip() + _GOES_ON

    def _printable(self, text: str) -> str:
        """``text`` with what the font can't show marked, as a screen would."""
        known = getattr(self._page.fonts["sheet"], "cmap", {})
        shown = "".join(
            each if ord(each) in known or each == " " else _UNPRINTABLE for each in clean(text)
        )
        self._left_out = self._left_out or _UNPRINTABLE in shown
        return shown


def _shares(fewest: Sequence[int], heights: Sequence[Sequence[float]], room: float) -> list[int]:
    """How many lines of each block fit: first the fewest of each in turn, then one more of each."""
    taken = [0] * len(heights)
    for wanted in (fewest, [len(each) for each in heights]):
        growing = True
        while growing:
            growing = False
            for block, lines in enumerate(heights):
                at = taken[block]
                if at < min(wanted[block], len(lines)) and lines[at] <= room:
                    room -= lines[at]
                    taken[block] += 1
                    growing = True
    return taken
