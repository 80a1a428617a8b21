"""What a manager takes away, as tables: the numbers on the page and no others, what they mean,
for whom and when they were true, and how small numbers were treated.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass

from clinical.manager_view import ManagerView
from clinical.moments import LONDON
from clinical.outcome_filters import Group
from clinical.suppression import ShownCount
from pages.present import times
from pages.present.escape import clean
from pages.present.funnel import step_title
from pages.present.outcome_tables import band_words
from pages.present.outcomes import BREAKDOWN, GROUP_TITLES, VERY_FEW, WITHHELD, title_of
from pages.present.sheet_pdf import font_file
from pages.present.spc import Drawn, in_words, point_words

Cell = str | int | float
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%")
"""What a spreadsheet may take for the beginning of a formula."""
CSV, XLSX, PDF, PNG = (
    "text/csv",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/pdf",
    "image/png",
)


@dataclass(frozen=True, slots=True)
class Table:
    """One table of a file."""

    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


def rule_words(view: ManagerView) -> str:
    """How small numbers were treated, as it stands on the page and in each file."""
    if view.exact:
        return (
            "Numbers of everybody are exact. Numbers of a part (a row of a breakdown) are told by "
            "whole quarters and rounded to about the nearest 5, with a little noise, so that "
            "nobody can be recognised, alone or by subtraction."
        )
    return (
        f"With a filter on, whole quarters are counted: {_quarters(view)}. Every number gets a "
        "little noise for each quarter and is rounded to the nearest 5, so that nobody can be "
        "recognised, alone or by subtraction. What is rare among everybody is not split."
    )


def quarter_words(view: ManagerView) -> str:
    """Of which quarters parts are told, where those aren't the weeks that were asked for."""
    return f"Of the whole quarters {_quarters(view)}." if view.told_of != view.weeks else ""


def _quarters(view: ManagerView) -> str:
    last = min(view.told_of.last, view.as_at.astimezone(LONDON).date())
    return f"{times.day(view.told_of.first)} to {times.day(last)}"


def filter_words(view: ManagerView) -> str:
    """Whom the view counts."""
    if view.exact:
        return "Everybody"
    return "; ".join(
        f"{GROUP_TITLES[group]}: {', '.join(sorted(names))}"
        for group, names in view.filter.chosen.items()
    )


def tables_of(
    view: ManagerView, charts: Sequence[Drawn], not_reviewed: int | None = None
) -> list[Table]:
    """Every table of a view; ``not_reviewed`` as ``ManagerView.funnel`` takes it."""
    about = Table(
        "About",
        ("What", "Value"),
        (
            ("Avoided admissions", "No national definition exists; always potential"),
            ("From", times.day(view.weeks.first)),
            ("To", times.day(view.weeks.last)),
            ("As at", f"{times.day(view.as_at)} {times.clock(view.as_at, seconds=True)}"),
            ("Counted", filter_words(view)),
            ("Parts are told of the quarters", _quarters(view)),
            ("Small numbers", rule_words(view)),
        ),
    )
    if view.too_few:
        return [about]
    return [
        about,
        _figures(view),
        _times(view),
        _way(view, not_reviewed),
        _missed(view),
        *_breakdowns(view),
        *(_series(each) for each in charts),
        Table(
            "Definitions",
            ("Count", "What it means"),
            tuple((title_of(name), words) for name, words in view.definitions.items()),
        ),
    ]


def _figures(view: ManagerView) -> Table:
    heads = ("Figure", "Yes", "With an answer", "Asked about", "Pending", "Unknown", "Share",
             "Complete")  # fmt: skip
    return Table("Figures", heads, tuple(_figure(each) for each in view.counts.values()))


def _figure(count: ShownCount) -> tuple[Cell, ...]:
    return (
        title_of(count.name),
        *(_people(each, exact=count.exact) for each in count.numbers),
        _share(count.share),
        _share(count.completeness),
    )


def _times(view: ManagerView) -> Table:
    def told(value: float | None) -> Cell:
        return "not known" if value is None else round(value, 1)

    return Table(
        "How long it took",
        ("Step", "Median minutes", "9 of 10 within, minutes", "Hours altogether"),
        tuple(
            (title_of(each.name), told(each.median), told(each.most), told(each.total_hours))
            for each in view.spans()
        ),
    )


def _way(view: ManagerView, not_reviewed: int | None) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for step in view.funnel(not_reviewed):
        rows.append((step_title(step.name), "came so far", _people(step.people, exact=view.exact)))
        rows += [
            (
                step_title(step.name),
                f"left before: {title_of(why)}",
                _people(many, exact=view.exact),
            )
            for why, many in step.left.items()
        ]
    return Table("The way", ("Step", "What", "People"), tuple(rows))


def _missed(view: ManagerView) -> Table:
    return Table(
        "Missed for want of room",
        ("Community service", "Hour of the decision", "People"),
        tuple(
            (service, band_words(hour), _people(many, exact=False))
            for (service, hour), many in view.missed().items()
        ),
    )


def _breakdowns(view: ManagerView) -> list[Table]:
    found = []
    for group in Group:
        rows = tuple(
            (label, *(cell for name in BREAKDOWN for cell in _split(row[name])))
            for label, row in view.by(group, BREAKDOWN).items()
        )
        heads = tuple(
            head for name in BREAKDOWN for head in (title_of(name), f"{title_of(name)}: share")
        )
        if rows:
            title = f"By {group.value}"
            found.append(Table(title, (GROUP_TITLES[group], *heads), rows))
    return found


def _split(count: ShownCount) -> tuple[Cell, Cell]:
    return _people(count.yes, exact=False), _share(count.share)


def _series(drawn: Drawn) -> Table:
    digits = 4 if drawn.measure.proportion else 1
    return Table(
        f"Chart {drawn.measure.name}",
        (f"{drawn.measure.title}: from", "Value", "Mean", "Lower limit", "Upper limit", "Rule"),
        tuple(
            (
                point.first.isoformat(),
                round(point.value, digits),
                round(drawn.chart.mean, digits),
                round(max(point.lower, 0.0), digits),
                round(point.upper, digits),
                point_words(point),
            )
            for point in drawn.points
        ),
    )


def _people(many: int | None, *, exact: bool) -> Cell:
    if many is None:
        return WITHHELD
    return many if exact or many else VERY_FEW


def _share(share: float | None) -> Cell:
    return "" if share is None else round(share, 2)


def harmless(cell: Cell) -> Cell:
    """A cell that no spreadsheet takes for a formula: words that look like one get a quote."""
    if not isinstance(cell, str):
        return cell
    text = clean(cell)
    return f"'{text}" if text.lstrip().startswith(_FORMULA) or text.startswith(_FORMULA) else text


def as_csv(tables: Sequence[Table]) -> bytes:
    """All tables one after another, each under its title, as UTF-8 that Excel opens as such."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, quoting=csv.QUOTE_MINIMAL, lineterminator="\r\n")
    for table in tables:
        writer.writerow([harmless(table.title)])
        writer.writerow([harmless(each) for each in table.heads])
        writer.writerows([harmless(each) for each in row] for row in table.rows)
        writer.writerow([])
    return out.getvalue().encode("utf-8-sig")


def as_xlsx(tables: Sequence[Table]) -> bytes:
    """A sheet for each table; words are written as words, never as formulas or links."""
    import xlsxwriter  # noqa: PLC0415 - only who takes a file away needs it

    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(out, options) as book:
        bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        wrap = book.add_format({"text_wrap": True, "valign": "top"})
        for table in tables:
            sheet = book.add_worksheet(table.title[:31])
            sheet.freeze_panes(1, 1)
            sheet.set_column(0, 0, 42)
            sheet.set_column(1, 1, 60 if len(table.heads) == 2 else 18)
            sheet.set_column(2, 12, 18)
            for row, line in enumerate((table.heads, *table.rows)):
                for column, cell in enumerate(line):
                    form = bold if row == 0 else wrap
                    if isinstance(cell, str):
                        sheet.write_string(row, column, str(harmless(cell)), form)
                    else:
                        sheet.write_number(row, column, cell, form)
    return out.getvalue()


def as_pdf(tables: Sequence[Table], pictures: Sequence[tuple[Drawn, bytes]]) -> bytes:
    """The tables and charts on A4 across, with the as-at time and page at each foot."""
    from fpdf import FPDF  # noqa: PLC0415 - only who takes a file away needs it
    from fpdf.fonts import FontFace  # noqa: PLC0415

    as_at = next((f"{value}" for what, value in tables[0].rows if what == "As at"), "")

    class Page(FPDF):
        def footer(self) -> None:
            self.set_y(-12)
            self.set_font("words", "", 8)
            self.cell(0, 6, f"Avoided admissions · as at {as_at} · page {self.page_no()} of {{nb}}")

    page = Page(orientation="landscape", format="A4", unit="mm")
    page.set_title("Avoided admissions")
    page.set_lang("en-GB")
    page.set_auto_page_break(True, 16)
    for style, name in (("", "DejaVuSans.ttf"), ("B", "DejaVuSans-Bold.ttf")):
        page.add_font("words", style, font_file(name))
    page.add_page()
    for table in tables:
        if table.title.startswith("Chart "):
            continue
        _heading(page, table.title if table.title != "About" else "Avoided admissions")
        page.set_font("words", "", 8)
        words = len(table.heads) == 2
        with page.table(
            headings_style=FontFace(emphasis="BOLD", fill_color=(230, 239, 248)),
            col_widths=(1, 4) if words else (3, *[1] * (len(table.heads) - 1)),
            line_height=4.5,
            text_align="LEFT",
        ) as grid:
            for line in (table.heads, *table.rows):
                grid.row([clean(f"{cell}") for cell in line])
    for drawn, picture in pictures:
        page.add_page()
        _heading(page, drawn.measure.title)
        page.image(io.BytesIO(picture), w=260, alt_text=in_words(drawn))
        page.set_font("words", "", 9)
        page.multi_cell(0, 5, in_words(drawn), new_x="LMARGIN", new_y="NEXT")
    return bytes(page.output())


def _heading(page: object, words: str) -> None:
    page.set_font("words", "B", 13)  # type: ignore[attr-defined]
    page.ln(3)  # type: ignore[attr-defined]
    page.cell(0, 9, clean(words), new_x="LMARGIN", new_y="NEXT")  # type: ignore[attr-defined]
