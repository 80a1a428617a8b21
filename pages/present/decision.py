"""The decision in words: what can be decided, what is still missing, what is about to be done."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from markupsafe import Markup

from clinical.checklist import Override
from clinical.person import Person
from clinical.review import CommunityService, Decision, Outcome
from pages.present import person as persons
from pages.present import times
from pages.present.escape import html, join

CHOICES: tuple[Outcome, ...] = (
    Outcome.REDIRECTED,
    Outcome.NOT_SUITABLE,
    Outcome.PATIENT_DECLINED,
    Outcome.NO_CAPACITY,
    Outcome.DEFERRED,
)
"""What a clinician may choose; "handed over first" is found, not chosen."""

CHOICE_WORDS: Mapping[Outcome, str] = {
    Outcome.REDIRECTED: "Redirect to community care",
    Outcome.NOT_SUITABLE: "Not suitable",
    Outcome.PATIENT_DECLINED: "Patient declined",
    Outcome.NO_CAPACITY: "No capacity",
    Outcome.DEFERRED: "Put off, look again",
}
NEEDS_SERVICE = frozenset({Outcome.REDIRECTED, Outcome.NO_CAPACITY})
NEEDS_CODE = frozenset({Outcome.NOT_SUITABLE, Outcome.PATIENT_DECLINED})
NEEDS_TEXT = frozenset({Outcome.NOT_SUITABLE, Outcome.DEFERRED})


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a clinician is about to record of one patient."""

    encounter: str
    outcome: Outcome
    service: CommunityService | None
    reason_code: str
    reason_words: str
    reason_text: str
    review_again: timedelta | None


def still_missing(proposal: Proposal) -> tuple[str, ...]:
    """What has to be said before this can be recorded, in sentences."""
    missing = []
    if proposal.outcome in NEEDS_SERVICE and proposal.service is None:
        missing.append(
            "Choose the service that takes them."
            if proposal.outcome is Outcome.REDIRECTED
            else "Choose the service that had no room."
        )
    if proposal.outcome in NEEDS_CODE and not proposal.reason_code:
        missing.append("Choose a reason.")
    if proposal.outcome in NEEDS_TEXT and not proposal.reason_text.strip():
        missing.append("Say why, in a few words.")
    if proposal.outcome is Outcome.DEFERRED and proposal.review_again is None:
        missing.append("Say when to look again.")
    return tuple(missing)


def confirmation_html(proposal: Proposal, person: Person, now: datetime) -> Markup:
    """The last look before it is recorded: it names the patient, what, where and why."""
    lines = [("Decision", CHOICE_WORDS[proposal.outcome])]
    if proposal.service is not None:
        lines.append(("Service", proposal.service.name))
    if proposal.reason_words:
        lines.append(("Reason", proposal.reason_words))
    if proposal.reason_text:
        lines.append(("In words", proposal.reason_text))
    if proposal.review_again is not None:
        lines.append(("Look again", times.clock(now + proposal.review_again)))
    rows = join(html("<dt>{k}</dt><dd><b>{v}</b></dd>", k=key, v=value) for key, value in lines)
    return html(
        '<div class="hv-box info" role="group" aria-label="Confirm the decision">'
        "<p>Record this for</p><h3>{name}</h3><p>Born {born} · NHS No. {number}</p>"
        "<dl>{rows}</dl></div>",
        name=persons.name(person),
        born=persons.born(person, now),
        number=persons.nhs_number(person),
        rows=rows,
    )


def flags_html(flags: Iterable[str]) -> Markup:
    """Each red flag in a box of its own."""
    return join(html('<div class="hv-box stop"><p>{words}</p></div>', words=each) for each in flags)


def override_given_words(given: Override, now: datetime) -> str:
    """Who agreed in spite of the red flags, when and why."""
    at = "" if given.at is None else f", {times.clock_of_today(given.at, now)}"
    return f"{given.by_name or given.by_user} agrees{at}: {given.reason}"


def begun_words(begun: Decision | None, now: datetime) -> str:
    """What a decision that was begun was to be."""
    if begun is None:
        return "What it was to be is not recorded."
    what = CHOICE_WORDS.get(begun.outcome, begun.outcome.value)
    service = f": {begun.service.name}" if begun.service is not None else ""
    reason = f" ({begun.reason_text})" if begun.reason_text else ""
    clock = times.clock_of_today(begun.decided_at, now)
    return f"It was to be: {what}{service}{reason}. Begun by {begun.by_name}, {clock}."


def why_not_html(reasons: tuple[str, ...], *, pressed: bool) -> Markup:
    """Why it can't be recorded yet, each reason in a line; said at once to whoever just ``pressed``
    for it.
    """
    return html(
        '<div class="hv-box {kind}" role="{role}"><p><b>It can\'t be recorded yet:</b></p>'
        "<ul>{rows}</ul></div>",
        kind="stop" if pressed else "warn",
        role="alert" if pressed else "status",
        rows=join(html("<li>{reason}</li>", reason=each) for each in reasons),
    )
