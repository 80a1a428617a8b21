"""Several records of one person: what they disagree about, side by side."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from markupsafe import Markup

from clinical.person import Person
from pages.present import person as persons
from pages.present.escape import html, join

_Shown = Callable[[Person], str]


def relation(person: Person, other: Person) -> str:
    """How the other record is tied to this one: proven, claimed, or only alike."""
    shared = {each.digits for each in person.nhs_numbers} & {
        each.digits for each in other.nhs_numbers
    }
    if shared:
        return "carries the same NHS number"
    if other.patient in person.linked or person.patient in other.linked:
        return "is linked as the same person"
    return "may be the same person: not proven"


def differences(
    person: Person, others: tuple[Person, ...], now: datetime
) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """(What, the value on each record, this one's first), for each thing they differ in."""
    everybody = (person, *others)
    rows = []
    for what, shown in _compared(now):
        values = tuple(shown(each) for each in everybody)
        if len(set(values)) > 1:
            rows.append((what, values))
    return tuple(rows)


def same_person_html(person: Person, others: tuple[Person, ...], now: datetime) -> Markup:
    """The other records and the disagreements, or nothing where there is no other record."""
    if not others:
        return Markup()
    heads = join(
        html("<th>This record {how}</th>", how=relation(person, other)) for other in others
    )
    rows = join(
        html(
            "<tr><th>{what}</th>{cells}</tr>",
            what=what,
            cells=join(html("<td>{value}</td>", value=value) for value in values),
        )
        for what, values in differences(person, others, now)
    )
    count = "1 other record" if len(others) == 1 else f"{len(others)} other records"
    return html(
        '<div class="hv-box stop" role="alert"><p><b>{count} may be of this person.</b> '
        "Their entries are not merged into what is shown below.</p>"
        '<div class="scroll"><table><thead><tr><th></th><th>The record that is open</th>{heads}'
        "</tr></thead><tbody>{rows}</tbody></table></div>{same}</div>",
        count=count,
        heads=heads,
        rows=rows,
        same=Markup() if rows else html("<p>Their details agree.</p>"),
    )


def _compared(now: datetime) -> tuple[tuple[str, _Shown], ...]:
    return (
        ("Name", persons.name),
        ("Born", lambda each: persons.born(each, now)),
        ("Gender", persons.gender),
        ("NHS No.", persons.nhs_number),
        ("Address", lambda each: ", ".join(each.address) or "not recorded"),
        ("Telephone", lambda each: ", ".join(each.telephone) or "not recorded"),
        ("General practice", lambda each: each.general_practice or "not recorded"),
        ("Died", _died),
    )


def _died(person: Person) -> str:
    if person.deceased is None:
        return "not recorded"
    return "yes" if person.deceased else "no"
