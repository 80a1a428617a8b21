"""Several records of one person: how each is tied to this one, and what they say differently."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from markupsafe import Markup

from clinical.identity import Sameness, disagreements, is_linked, sameness
from clinical.person import Person
from clinical.record import PatientRecord
from clinical.record_disagreements import DifferentlySaid, said_differently
from pages.present import person as persons
from pages.present.escape import html, join


def relation(person: Person, other: Person) -> str:
    """How the other record is tied to this one: certain, contradicted, or only alike."""
    linked = is_linked(person, other)
    match sameness(person, other):
        case Sameness.CERTAIN if linked:
            return "linked as the same person's"
        case Sameness.CERTAIN:
            return "same NHS number, verified in both"
        case Sameness.POSSIBLE if any(each.stops for each in disagreements(person, other)):
            return "not proven to be the same person: the details contradict each other"
        case Sameness.POSSIBLE if linked or _shares_number(person, other):
            return "carries the same NHS number, which is not verified: not proven"
        case _:
            return "may be the same person: not proven"


def differences(
    person: Person, others: tuple[Person, ...], now: datetime
) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """(What, the value on each record, this one's first), for each detail they disagree about."""
    everybody = (person, *others)
    disputed = {each.what for other in others for each in disagreements(person, other)}
    return tuple(
        (label, tuple(shown(each) for each in everybody))
        for what, (label, shown) in _shown(now).items()
        if what in disputed
    )


def same_person_html(record: PatientRecord, now: datetime) -> Markup:
    """The other records and the disagreements, or nothing where there is no other record."""
    others = record.other_records
    if not others:
        return Markup()
    rows = [
        _row(what, [html("{value}", value=value) for value in values])
        for what, values in differences(record.person, others, now)
    ]
    rows += [_care_row(record, each) for each in said_differently(record)]
    return html(
        '<div class="hv-box {kind}"><p><b>{heading}</b></p><ul>{others}</ul>{table}</div>',
        kind="warn" if rows or len(record.merged) < len(others) else "info",
        heading=_heading(record),
        others=join(
            html(
                "<li><b>{keeper}</b>: {how}; {shown}.</li>",
                keeper=record.keeper_of(each.patient),
                how=relation(record.person, each),
                shown="shown here"
                if each.patient in record.merged
                else "not shown among the sections below",
            )
            for each in others
        ),
        table=_table(record, rows) if rows else html("<p>{words}</p>", words=_AGREE),
    )


def _table(record: PatientRecord, rows: list[Markup]) -> Markup:
    keepers = [record.keeper_of(each.patient) for each in (record.person, *record.other_records)]
    heads = [html("<b>This record</b><br>{keeper}", keeper=keepers[0])]
    heads += [html("<b>{keeper}</b>", keeper=keeper) for keeper in keepers[1:]]
    return html(
        '<div class="hv-scroll" tabindex="0" role="region" aria-label="Records side by side">'
        '<table class="hv-records"><thead><tr><td></td>{heads}</tr></thead>'
        "<tbody>{rows}</tbody></table></div>",
        heads=join(html('<th scope="col">{head}</th>', head=head) for head in heads),
        rows=join(rows),
    )


_AGREE = "Their details do not contradict each other."


def _heading(record: PatientRecord) -> str:
    joined, others = len(record.merged), len(record.other_records)
    said = []
    if joined:
        is_or_are = "record of this person is" if joined == 1 else "records of this person are"
        said.append(f"{joined} other {is_or_are} shown together with this one.")
    if perhaps := others - joined:
        may_be = "record may be" if perhaps == 1 else "records may be"
        said.append(f"{perhaps} {'further' if joined else 'other'} {may_be} of this person.")
    return " ".join(said)


def _care_row(record: PatientRecord, said: DifferentlySaid) -> Markup:
    by_record = {each.patient: each.says for each in said.sides}
    cells = [
        join(
            (html("{line}", line=line) for line in by_record.get(patient, ("says nothing",))),
            "<br>",
        )
        for patient in ("", *(each.patient for each in record.other_records))
    ]
    note = "contradict each other" if said.contradicts else "differ"
    return _row(said.what, cells, note)


def _row(what: str, cells: list[Markup], note: str = "") -> Markup:
    return html(
        '<tr><th scope="row">{what}{note}</th>{cells}</tr>',
        what=what,
        note=html(' <span class="hv-tag stop">{note}</span>', note=note) if note else "",
        cells=join(html("<td>{cell}</td>", cell=cell) for cell in cells),
    )


def _shares_number(one: Person, other: Person) -> bool:
    return bool(
        {each.digits for each in one.nhs_numbers} & {each.digits for each in other.nhs_numbers}
    )


_Shown = Callable[[Person], str]


def _shown(now: datetime) -> Mapping[str, tuple[str, _Shown]]:
    """How each detail that ``clinical.identity`` compares is headed and shown."""
    return {
        "name": ("Name", persons.name),
        "birth date": ("Born", lambda each: persons.born(each, now)),
        "gender": ("Gender", persons.gender),
        "NHS number": ("NHS No.", persons.nhs_number),
        "death": ("Died", _died),
        "address": ("Address", lambda each: ", ".join(each.address) or "not recorded"),
        "telephone number": ("Telephone", lambda each: ", ".join(each.telephone) or "not recorded"),
        "general practice": (
            "General practice",
            lambda each: each.general_practice or "not recorded",
        ),
    }


def _died(person: Person) -> str:
    if person.deceased is None:
        return "not recorded"
    return "yes" if person.deceased else "no"
