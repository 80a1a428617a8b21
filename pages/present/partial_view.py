"""What a view across the record could not see: said wherever something is counted or looked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from markupsafe import Markup

from clinical.record import RecordSection, SectionState
from pages.present.escape import html, join
from pages.present.section import TITLES

_WHY: Mapping[SectionState, str] = {
    SectionState.FAILED: "Could not be loaded, and so not {done}",
    SectionState.WITHHELD: "Withheld, and so not {done}",
    SectionState.NOT_HELD: "Not held by this record, and so not {done}",
}


def unseen_lines(
    unseen: Sequence[RecordSection], partly: Sequence[RecordSection], done: str
) -> tuple[str, ...]:
    """One sentence for each way of not having been ``done`` ("searched"), naming the sections."""
    lines = []
    for state, words in _WHY.items():
        names = [_title(each) for each in unseen if each.state is state]
        if names:
            lines.append(f"{words.format(done=done)}: {', '.join(names)}.")
    unread = [_title(each) for each in partly if not each.complete]
    if unread:
        lines.append(f"Not all loaded, so only partly {done}: {', '.join(unread)}.")
    aside = [
        f"{_title(each)} ({each.set_aside} could not be read)" for each in partly if each.set_aside
    ]
    if aside:
        lines.append(f"Only partly {done}: {', '.join(aside)}.")
    return tuple(lines)


def unseen_html(
    unseen: Sequence[RecordSection], partly: Sequence[RecordSection], done: str
) -> Markup:
    """The same as boxes; what failed, or is only there in part, stands out most."""
    lines = unseen_lines(unseen, partly, done)
    if not lines:
        return Markup()
    serious = bool(partly) or any(each.state is SectionState.FAILED for each in unseen)
    return html(
        '<div class="hv-box {kind}">{lines}</div>',
        kind="stop" if serious else "warn",
        lines=join(html("<p>{line}</p>", line=line) for line in lines),
    )


def _title(section: RecordSection) -> str:
    return TITLES.get(section.name, section.name)
