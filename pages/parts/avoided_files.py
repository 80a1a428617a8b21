"""Taking the manager's numbers away: made when asked for, audited, handed to this browser alone."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from clinical.manager_view import ManagerView
from clinical.person import Caller
from fhir_queries.printing import audit_counts
from pages.parts.avoided_charts import picture_of
from pages.parts.connection import shared_record
from pages.parts.guard import guarded
from pages.parts.handing_over import hand_over
from pages.parts.style import show
from pages.present import times
from pages.present.downloads import CSV, PDF, PNG, XLSX, Table, as_csv, as_pdf, as_xlsx, tables_of
from pages.present.escape import html
from pages.present.spc import Drawn

_KINDS = {"CSV": CSV, "Excel (XLSX)": XLSX, "PDF, with the charts": PDF, "Charts (PNG)": PNG}
_ENDS = {CSV: "csv", XLSX: "xlsx", PDF: "pdf", PNG: "png"}


def show_files(
    view: ManagerView, charts: Sequence[Drawn], not_reviewed: int | None, caller: Caller
) -> None:
    """Which file, and the way to it: a fragment of its own."""
    st.fragment(_show_files, key="avoided-files")(view, charts, not_reviewed, caller)


@guarded("files of counts")
def _show_files(
    view: ManagerView, charts: Sequence[Drawn], not_reviewed: int | None, caller: Caller
) -> None:
    show(
        html(
            "<p>Each file holds what this page shows, with what each figure means, whom it counts "
            "and when it was true.</p>"
        )
    )
    kinds = [each for each in _KINDS if charts or each != "Charts (PNG)"]
    chosen = st.segmented_control(
        "Kind of file", kinds, default=kinds[0], required=True, key="avoided-file-kind"
    )
    kind = _KINDS[chosen or kinds[0]]
    if not st.button("Make the file", key="make-file"):
        return
    audit_counts(shared_record(), caller)
    stamp = f"{view.as_at:%Y%m%d-%H%M}"
    if kind == PNG:
        for drawn in charts:
            hand_over(
                picture_of(drawn),
                name=f"{drawn.measure.name}-{stamp}.png",
                kind=PNG,
                label=f"Save the chart: {drawn.measure.title}",
                key=f"file-png-{drawn.measure.name}",
            )
    else:
        hand_over(
            _written(tables_of(view, charts, not_reviewed), charts, kind),
            name=f"avoided-admissions-{stamp}.{_ENDS[kind]}",
            kind=kind,
            label=f"Save the {_ENDS[kind].upper()} as at {times.clock(view.as_at)}",
            key=f"file-{_ENDS[kind]}",
        )
    show(html('<p class="quiet" role="status">Made, and noted in the record\'s audit.</p>'))


def _written(tables: Sequence[Table], charts: Sequence[Drawn], kind: str) -> bytes:
    if kind == CSV:
        return as_csv(tables)
    if kind == XLSX:
        return as_xlsx(tables)
    return as_pdf(tables, [(each, picture_of(each)) for each in charts])
