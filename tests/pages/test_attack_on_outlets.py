"""An attacker with everything a manager can see or save: the pages as drawn, and the files."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date
from functools import cache
from itertools import product

import openpyxl
import pypdf
import pytest

from clinical.manager_view import HOURS_IN_A_BAND, ManagerView
from clinical.outcome_filters import CaseFilter, Group
from clinical.outcome_table import OutcomeTable
from clinical.ranking import Weights, ranking
from clinical.ranking_numbers import opportunities
from clinical.suppression import Suppression
from clinical.weeks import Weeks
from pages.present.downloads import as_csv, as_pdf, as_xlsx, tables_of
from pages.present.funnel import funnel_html
from pages.present.outcome_tables import band_words, breakdown_html, missed_html
from pages.present.outcomes import (
    BREAKDOWN,
    GROUP_TITLES,
    VERY_FEW,
    WITHHELD,
    figures_html,
    title_of,
)
from pages.present.which_bite import need_words, ranking_html
from tests.clinical.attacker import guesses
from tests.clinical.test_suppression import AS_AT, SECRET, made_up_cases, seeded
from tests.clinical.test_suppression_attacks import SERVICES, YEAR, rates

NEEDS = ("falls", "breathing", "catheter")
BANDS = 24 // HOURS_IN_A_BAND
Part = tuple[tuple[str, ...], tuple[str, ...], range]
"""The needs, the services and the bands of hours that a number is of."""


@cache
def table() -> OutcomeTable:
    """1,200 reviews of a year: about ten a quarter of each need and service without room."""
    chance = seeded(21)
    return OutcomeTable.of(
        replace(each, service=chance.choice(SERVICES), reason=chance.choice(NEEDS))
        for each in made_up_cases(chance, 1200, weeks=52)
    )


def view(weeks: Weeks, **chosen: str) -> ManagerView:
    groups = {Group(name): frozenset([value]) for name, value in chosen.items()}
    return ManagerView(table(), AS_AT, weeks, CaseFilter(groups), Suppression(SECRET))


def saved(shown: ManagerView) -> dict[str, list[list[str]]]:
    """The tables of the CSV, by title: heads first."""
    found: dict[str, list[list[str]]] = {}
    rows = csv.reader(io.StringIO(as_csv(tables_of(shown, [])).decode("utf-8-sig")))
    title = ""
    for row in rows:
        if not row:
            title = ""
        elif not title:
            title = row[0]
            found[title] = []
        else:
            found[title].append(row)
    return found


def number(cell: str) -> int | None:
    """What a cell says; None where it is withheld."""
    if cell == WITHHELD:
        return None
    return 0 if cell == VERY_FEW else int(cell)


def in_files(weeks: Weeks) -> Iterator[tuple[Part, int]]:
    """What the CSVs of a period tell of those without room."""
    column = 1 + 2 * BREAKDOWN.index("no-capacity")
    everywhere = range(BANDS)
    narrowed: list[tuple[dict[str, str], tuple[str, ...], tuple[str, ...]]] = [
        ({}, NEEDS, SERVICES),
        *(({"reason": each}, (each,), SERVICES) for each in NEEDS),
        *(({"service": each}, NEEDS, (each,)) for each in SERVICES),
        *(({"reason": n, "service": s}, (n,), (s,)) for n, s in product(NEEDS, SERVICES)),
    ]
    for chosen, needs, services in narrowed:
        tables = saved(view(weeks, **chosen))
        for row in tables.get("By reason", [[]])[1:]:
            if (many := number(row[column])) is not None:
                yield ((row[0],), services, everywhere), many
        for row in tables.get("By service", [[]])[1:]:
            if (many := number(row[column])) is not None:
                yield (needs, (row[0],), everywhere), many
        for service, words, said in tables.get("Missed for want of room", [[]])[1:]:
            if (many := number(said)) is not None:
                band = [band_words(place * HOURS_IN_A_BAND) for place in range(BANDS)].index(words)
                yield (needs, (service,), range(band, band + 1)), many


_BITE = re.compile(
    r"</span> (?P<need>[^<]+)</h3>.*?<b>More room at (?P<service>[^<]+)</b>, (?P<hours>[^<]+)</p>"
    r".*?About (?P<many>[0-9]+) refused"
)


def which_bite(weeks: Weeks) -> Iterator[tuple[Part, int]]:
    """What "which bite first", as drawn, tells of those without room."""
    found = opportunities(table(), AS_AT, weeks, Suppression(SECRET))
    drawn = str(ranking_html(ranking((*found.room, *found.sooner), Weights())))
    for item in drawn.split("<li ")[1:]:
        said = _BITE.search(item)
        if said is None:
            continue
        need = next(each for each in NEEDS if need_words(each) == said["need"])
        hours = range(24)
        if (clock := re.match(r"(\d\d):00 to (\d\d|midnight)", said["hours"])) is not None:
            end = 24 if clock[2] == "midnight" else int(clock[2])
            hours = range(int(clock[1]), end or 24)
        bands = range(hours.start // HOURS_IN_A_BAND, hours.stop // HOURS_IN_A_BAND)
        yield ((need,), (said["service"],), bands), int(said["many"])


def test_everything_seen_and_saved_together_finds_less_than_always_saying_the_same() -> None:
    right, always_the_same = attacked()
    assert right < 0.4
    assert right < always_the_same


def test_it_wins_where_numbers_are_told_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_noise(_self: Suppression, _marks: int) -> int:
        return 0

    def as_it_is(_self: Suppression, people: int) -> int:
        return people

    monkeypatch.setattr(Suppression, "noise", no_noise)
    monkeypatch.setattr(Suppression, "near", as_it_is)
    right, always_the_same = attacked()
    assert right > 0.8
    assert right > always_the_same


def attacked() -> tuple[float, float]:
    """How often least squares over everything seen and saved is right of a number from 1 to 4, and
    how often always saying the commonest is.
    """
    quarters = YEAR.quarters()
    atoms = [*product(NEEDS, SERVICES, range(BANDS), range(len(quarters)))]

    def members(part: Part, first: int, last: int) -> frozenset[int]:
        needs, services, bands = part
        return frozenset(
            place
            for place, (need, service, band, quarter) in enumerate(atoms)
            if need in needs and service in services and band in bands and first <= quarter <= last
        )

    exact, told, pathways = {}, {}, 0
    for first, last in product(range(len(quarters)), repeat=2):
        if last < first:
            continue
        weeks = Weeks(quarters[first].first, quarters[last].last)
        whole = (NEEDS, SERVICES, range(BANDS))
        exact[members(whole, first, last)] = view(weeks).counts["no-capacity"].yes or 0
        for part, many in in_files(weeks):
            told[members(part, first, last)] = many
        for part, many in which_bite(weeks):
            told[members(part, first, last)] = many
            pathways += 1
    assert len(told) > 500
    assert pathways > 50
    found = guesses(len(atoms), exact, told)
    hidden = []
    for quarter, weeks in enumerate(quarters):
        part = table().select(weeks.start, weeks.end)
        rows = part.judge(AS_AT).ask("no-capacity")
        people = [
            (part.names(Group.REASON)[part.codes(Group.REASON)[row]],
             part.names(Group.SERVICE)[part.codes(Group.SERVICE)[row]],
             int(part.column("hour")[row]) // HOURS_IN_A_BAND)
            for row in rows.rows[rows.verdicts == 1].tolist()
        ]  # fmt: skip
        cells: list[Part] = [
            *(((need,), (service,), range(BANDS)) for need, service in product(NEEDS, SERVICES)),
            *((NEEDS, (s,), range(band, band + 1)) for s, band in product(SERVICES, range(BANDS))),
            *(
                ((need,), (service,), range(band, band + 1))
                for need, service, band in product(NEEDS, SERVICES, range(BANDS))
            ),
        ]
        for cell in cells:
            many = sum(n in cell[0] and s in cell[1] and b in cell[2] for n, s, b in people)
            if 0 < many < 5:
                hidden.append((many, sum(found[each] for each in members(cell, quarter, quarter))))
    assert len(hidden) > 200
    return rates(hidden)


_ABOUT = re.compile(r"about ([0-9,]+)")


def figures(cells: Iterable[str]) -> set[float]:
    """The cells that are a number and nothing else."""
    return {float(cell) for cell in cells if re.fullmatch(r"[0-9]+(\.[0-9]+)?", cell)}


@pytest.mark.parametrize("chosen", [{}, {"site": "North"}], ids=["everybody", "a-part"])
def test_the_page_and_every_file_tell_the_same_numbers_and_no_other(
    chosen: dict[str, str],
) -> None:
    shown = view(Weeks.until(date(2026, 6, 28), 13), **chosen)
    tables = saved(shown)
    numbers = figures(cell for rows in tables.values() for row in rows for cell in row)
    assert numbers
    book = openpyxl.load_workbook(io.BytesIO(as_xlsx(tables_of(shown, []))))
    assert figures(str(cell) for sheet in book for row in sheet.values for cell in row) <= numbers
    paper = pypdf.PdfReader(io.BytesIO(as_pdf(tables_of(shown, []), [])))
    assert (
        figures(line for page in paper.pages for line in page.extract_text().split("\n")) <= numbers
    )
    drawn = [figures_html(shown, [*shown.counts]), funnel_html(shown.funnel(), exact=shown.exact),
             missed_html(shown.missed())]  # fmt: skip
    drawn += [
        breakdown_html(GROUP_TITLES[group], shown.by(group, BREAKDOWN), BREAKDOWN)
        for group in Group
    ]
    about = {float(said.replace(",", "")) for each in drawn for said in _ABOUT.findall(each)}
    assert about
    assert about <= numbers
    assert title_of("no-capacity") in {row[0] for row in tables["Figures"]}
