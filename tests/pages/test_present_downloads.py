"""What a manager takes away: what the page shows, what it means, and nothing that runs."""

from __future__ import annotations

import csv
import io
import re

import openpyxl
import pypdf
import pytest

from clinical.manager_view import ManagerView
from clinical.spc import Better
from pages.parts.avoided_charts import picture_of
from pages.present.downloads import (
    Table,
    as_csv,
    as_pdf,
    as_xlsx,
    filter_words,
    harmless,
    rule_words,
    tables_of,
)
from pages.present.outcomes import VERY_FEW, WITHHELD
from pages.present.spc import MEASURES, Drawn, Measure, drawn
from tests.pages.managers import NASTY, view


def charts(shown: ManagerView) -> list[Drawn]:
    return [each for measure in MEASURES if (each := drawn(shown, measure)) is not None]


@pytest.fixture(scope="module", params=[{}, {"age": "65-74"}], ids=["everybody", "a-part"])
def shown(request: pytest.FixtureRequest) -> ManagerView:
    return view(**request.param)


@pytest.fixture(scope="module")
def tables(shown: ManagerView) -> list[Table]:
    return tables_of(shown, charts(shown))


def test_a_csv_says_what_it_is_of_and_what_each_figure_means(
    shown: ManagerView, tables: list[Table]
) -> None:
    text = as_csv(tables).decode("utf-8-sig")
    rows = [*csv.reader(io.StringIO(text))]
    assert ["As at", "28-Jun-2026 23:00:00"] in rows
    assert ["Counted", filter_words(shown)] in rows
    assert ["Small numbers", rule_words(shown)] in rows
    for words in shown.definitions.values():
        assert words in text


def test_no_cell_of_a_csv_is_a_formula(tables: list[Table]) -> None:
    cells = [
        cell for row in csv.reader(io.StringIO(as_csv(tables).decode("utf-8-sig"))) for cell in row
    ]
    assert any(NASTY in cell for cell in cells)
    for cell in cells:
        assert re.fullmatch(r"-?\d+(\.\d+)?", cell) or not cell.startswith(tuple("=+-@\t\r|%"))


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", " =1", "%x", "|cmd"])
def test_words_that_look_like_a_formula_get_a_quote(text: str) -> None:
    assert str(harmless(text)).startswith("'")
    assert harmless(-3) == -3
    assert harmless("North - East") == "North - East"


def test_a_workbook_holds_every_table_as_words_and_numbers(tables: list[Table]) -> None:
    book = openpyxl.load_workbook(io.BytesIO(as_xlsx(tables)))
    assert book.sheetnames == [table.title[:31] for table in tables]
    for sheet in book:
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type in {"s", "n"}
                assert cell.hyperlink is None
    assert "Definitions" in book.sheetnames


def test_a_pdf_carries_the_definitions_the_filter_and_the_time(
    shown: ManagerView, tables: list[Table]
) -> None:
    pdf = as_pdf(tables, [(each, picture_of(each)) for each in charts(shown)[:1]])
    reader = pypdf.PdfReader(io.BytesIO(pdf))
    text = " ".join(" ".join(page.extract_text() for page in reader.pages).split())
    assert "as at 28-Jun-2026 23:00:00" in text
    assert "Small numbers" in text
    assert "no emergency admission within 72 hours of leaving" in text
    assert any(page.images for page in reader.pages) is bool(charts(shown))


def test_a_picture_is_made_without_a_browser_and_is_one() -> None:
    assert picture_of(charts(view())[0]).startswith(b"\x89PNG\r\n")


def test_files_of_a_part_hold_only_rounded_numbers_of_people() -> None:
    part = view(site="North")
    for table in tables_of(part, charts(part)):
        if table.title in {"Figures", "The way", "Missed for want of room"}:
            many = [cell for row in table.rows for cell in row if isinstance(cell, int)]
            assert many
            assert all(each % 5 == 0 for each in many)
            words = {row[-1] for row in table.rows if isinstance(row[-1], str)}
            assert words <= {VERY_FEW, WITHHELD, ""}


def test_files_of_too_few_people_hold_no_number() -> None:
    few = view(age="18-39", service="Falls")
    assert few.too_few
    assert [table.title for table in tables_of(few, [])] == ["About"]


def test_a_week_whose_time_is_not_over_is_drawn_apart_and_judged_by_no_rule() -> None:
    found = drawn(view(), Measure("admission-avoided-72h", proportion=True, better=Better.HIGH))
    assert found is not None
    open_weeks = [each for each in found.points if not each.final]
    assert len(found.chart.values) == len(found.points) - len(open_weeks)
    assert all(each.colour == "not-final" and not each.rules for each in open_weeks)
