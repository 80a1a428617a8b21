"""The checklist on the screen: no submit button, each answer saved as it is given."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

import streamlit as st
from markupsafe import Markup

from clinical.checklist import Item, ItemKind
from clinical.checklist_rules import enabled_items, lines, open_items
from clinical.evidence import Indicator
from clinical.person import Caller
from clinical.prefill import Proposal
from pages.parts import answers as kept_answers
from pages.parts import opening
from pages.parts.answers import KeptAnswers, checklist
from pages.parts.guard import guarded_callback
from pages.parts.pauses import send_in_pauses
from pages.parts.proposals import proposals_for, show_proposal
from pages.parts.questions import Changed, Question, ask, read
from pages.parts.style import show
from pages.present import times
from pages.present.escape import html, join
from pages.present.indicators import beside_html

_NOTHING = Proposal("", (), "")
_PROPOSED = html(
    '<p class="quiet">What the record says is no answer until you tap \u201cUse this\u201d.</p>'
)


def show_checklist(
    kept: KeptAnswers, indicators: Mapping[str, Indicator], caller: Caller, *, held: bool
) -> None:
    """The form of one patient. ``held``: this caller has the review, and may answer."""
    form = checklist()
    encounter = kept.review.encounter
    enabled = enabled_items(form, kept.answers)
    given = {each.link_id: each.values for each in kept.answers}
    left = len(open_items(form, kept.answers))
    show(
        html(
            '<h2 id="checklist">{title}</h2><p class="quiet">Version {version}. {left}</p>{told}',
            title=form.title,
            version=form.version,
            left=_left_words(left, held=held),
            told=_PROPOSED if held else Markup(),
        )
    )
    show(saved_html(kept, datetime.now(UTC)))
    _tell_what_others_answered(kept)
    changed = _changed_for(encounter, caller)
    disabled = not held or kept.draft.completed
    proposed = {} if disabled else proposals_for(kept, form, indicators, caller)
    for item in enabled:
        if item.kind is ItemKind.GROUP:
            show(html("<h3>{words}</h3>{help}", words=item.words, help=_help(item)))
        elif item.kind is ItemKind.DISPLAY:
            show(html('<div class="hv-box info"><p>{words}</p></div>', words=item.words))
        else:
            question = Question(encounter, item, kept_answers.anew(encounter, item.link_id))
            ask(question, given.get(item.link_id, ()), changed, disabled=disabled)
            _beside(item, indicators, proposed)
            if item.link_id in proposed and not (item.judged and not proposed[item.link_id].values):
                show_proposal(kept, item, proposed[item.link_id], caller, disabled=disabled)
    if not disabled:
        send_in_pauses(f"pauses|{encounter}")
    for words in kept.draft.unreadable:
        show(html('<div class="hv-box warn"><p>{words}</p></div>', words=words))


def _left_words(left: int, *, held: bool) -> str:
    if not held:
        return "What was answered. Whoever has the review can change it."
    return "Everything that has to be answered is." if left == 0 else f"{left} to answer."


def saved_html(kept: KeptAnswers, now: datetime) -> Markup:
    """Whether the record has every answer, and since when."""
    unsaved = len(kept.unsaved)
    if unsaved:
        answers = "1 answer is" if unsaved == 1 else f"{unsaved} answers are"
        then = "" if kept.refused else " It is sent again by itself."
        return html(
            '<div class="hv-box stop" role="alert"><p><b>{answers} not saved yet.</b> {why}{then}'
            " Nothing you typed is lost while this screen is open.</p></div>",
            answers=answers,
            why=kept.fault,
            then=then,
        )
    if kept.draft.saved_at is None:
        return html('<p class="quiet">Each answer is saved as you give it.</p>')
    return html(
        '<p role="status">Saved <b>{clock}</b></p>',
        clock=times.clock(kept.draft.saved_at, seconds=True)
        if (now - kept.draft.saved_at).days < 1
        else f"{times.day(kept.draft.saved_at)} {times.clock(kept.draft.saved_at)}",
    )


def _tell_what_others_answered(kept: KeptAnswers) -> None:
    if not kept.merged:
        return
    words = {item.link_id: item.words for item, _ in lines(checklist())}
    by = {each.link_id: each.by_name for each in kept.draft.answers}
    told = join(
        html("<li>{line}{by}</li>", line=words.get(each, each), by=_by(by.get(each, "")))
        for each in kept.merged
    )
    show(
        html(
            '<div class="hv-box warn" role="alert"><p><b>Somebody else changed these answers '
            "meanwhile.</b> Both your answers and theirs are kept; look again:</p><ul>{told}</ul>"
            "</div>",
            told=told,
        )
    )
    st.button("I have looked", key=f"merged|{kept.review.encounter}", on_click=_told, args=(kept,))


def _told(kept: KeptAnswers) -> None:
    kept.merged = ()


def _by(name: str) -> str:
    return f" ({name})" if name else ""


def _help(item: Item) -> Markup:
    return html('<p class="quiet">{help}</p>', help=item.help) if item.help else Markup()


def _beside(
    item: Item, indicators: Mapping[str, Indicator], proposed: Mapping[str, Proposal]
) -> None:
    """Help and the record's evidence under a line: shown, never taken for the answer."""
    found = indicators.get(item.indicator) if item.indicator else None
    parts = [_help(item)]
    if found is not None and not (item.judged and proposed.get(item.link_id, _NOTHING).values):
        parts.append(beside_html(found))
    words = join(parts)
    if words:
        show(words)


def _changed_for(encounter: str, caller: Caller) -> Changed:
    """What happens when a widget of this patient changes: nothing, unless they are on screen."""

    @guarded_callback("checklist answer")
    def changed(question: Question) -> None:
        link_id = question.item.link_id
        stands = question.anew == kept_answers.anew(encounter, link_id)
        if stands and opening.is_active(encounter):
            kept_answers.answer(caller, encounter, link_id, read(question))

    return changed
