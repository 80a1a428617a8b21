"""What stands in the banner beside the name: allergies and alerts, or their honest state."""

from __future__ import annotations

from markupsafe import Markup

from clinical.record import Entry, PatientRecord, RecordSection, SectionState
from pages.present.escape import html

_MOST = 4
_STATES = {
    SectionState.LOADED: "none that could be read",
    SectionState.NONE_RETURNED: "none returned (not the same as none)",
    SectionState.ASSERTED_NONE: "recorded as none known",
    SectionState.FAILED: "COULD NOT BE LOADED",
    SectionState.NOT_HELD: "not held by this record",
    SectionState.WITHHELD: "withheld",
}
_QUIET = {SectionState.ASSERTED_NONE}


def alert_tags(record: PatientRecord) -> tuple[Markup, ...]:
    """One tag for the allergies, and one for each alert or plan, the last for what is left over."""
    tags: list[Markup] = []
    allergies = record.sections.get("allergies")
    if allergies is not None:
        quiet = allergies.state in _QUIET
        tags.append(_tag("plain" if quiet else "stop", f"Allergies: {_listed(allergies)}"))
    alerts = record.sections.get("alerts")
    if alerts is None:
        return tuple(tags)
    if alerts.state is not SectionState.LOADED:
        if alerts.state is not SectionState.ASSERTED_NONE:
            tags.append(_tag("plain", f"Alerts and plans: {_STATES[alerts.state]}"))
        return tuple(tags)
    shown = _standing(alerts)
    tags += [_tag("plan", _words(entry)) for entry in shown[:_MOST]]
    if len(shown) > _MOST:
        tags.append(_tag("plan", f"{len(shown) - _MOST} more alerts below"))
    if alerts.set_aside:
        tags.append(_tag("stop", f"{alerts.set_aside} alerts could not be read"))
    return tuple(tags)


def _listed(section: RecordSection) -> str:
    if section.state is not SectionState.LOADED:
        return _STATES[section.state]
    standing = _standing(section)
    titles = list(dict.fromkeys(entry.title for entry in standing if not entry.asserts_absence))
    denied = [entry.title for entry in standing if entry.asserts_absence]
    said = ", ".join(titles[:_MOST] or denied[:1])
    if len(titles) > _MOST:
        said = f"{said} and {len(titles) - _MOST} more"
    if titles and denied:
        said = f"{said} (but also recorded as none known)"
    if not section.complete:
        said = f"{said}; NOT ALL LOADED".removeprefix("; ")
    if section.set_aside:
        said = f"{said}; {section.set_aside} could not be read".removeprefix("; ")
    return said or _STATES[section.state]


def _standing(section: RecordSection) -> list[Entry]:
    return [entry for entry in section.entries if not entry.in_error and entry.status != "inactive"]


def _words(entry: Entry) -> str:
    value = f": {entry.value}" if entry.value else ""
    return f"{entry.title}{value}"


def _tag(kind: str, words: str) -> Markup:
    return html('<span class="hv-tag {kind}">{words}</span>', kind=kind, words=words)
