"""What has to hold before a decision is written."""

from __future__ import annotations

from collections.abc import Sequence

from clinical.checklist import Checklist, Draft
from clinical.checklist_rules import can_redirect, service_chosen
from clinical.evidence import Indicator
from clinical.review import Decision, Outcome, Review
from fhir_queries.errors import Refused


def must_name_its_service(decision: Decision) -> None:
    """Raise Refused where a redirect, or a lack of room, doesn't say of which service."""
    if decision.service is not None:
        return
    if decision.outcome is Outcome.NO_CAPACITY:
        raise Refused("no service", sentence="Say which service had no room.")
    if decision.outcome is Outcome.REDIRECTED:
        raise Refused("no service", sentence="A redirect needs the service that takes them.")


def must_be_allowed(
    decision: Decision,
    checklist: Checklist,
    draft: Draft,
    now: Review,
    *,
    indicators: Sequence[Indicator],
    identity: Sequence[str],
) -> None:
    """Raise Refused where the checklist forbids this redirect, or names another service for it.

    ``now`` is the review as it stands, with its override; the rest is as in
    ``clinical.checklist_rules.can_redirect``.
    """
    if decision.outcome is not Outcome.REDIRECTED:
        return
    blockers = can_redirect(
        checklist,
        draft.answers,
        indicators,
        now.override,
        by_user=decision.by_user,
        identity=identity,
    )
    if blockers:
        raise Refused(
            "the checklist forbids a redirect",
            sentence="A redirect can't be recorded. " + " ".join(blockers),
        )
    chosen = service_chosen(checklist, draft.answers)
    if chosen and decision.service and chosen.service != decision.service.id:
        raise Refused(
            "the decision names another service than the checklist",
            sentence=f"The redirect is to {decision.service.name}, and the checklist says "
            f"{chosen.name}. A redirect goes to the service that the checklist names.",
        )
