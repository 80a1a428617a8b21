"""Rules about home and wishes: a plan on file, safeguarding, who is there."""

from __future__ import annotations

from clinical.evidence import Indicator
from clinical.indicator_rules.facts import Facts, Rule, entry_is, evidence_of, look, split
from clinical.indicator_words import (
    CARER,
    LIVES_ALONE,
    LIVES_WITH,
    NO_SAFEGUARDING_ISSUES,
    PLAN,
    SAFEGUARDING,
)

_OVER = frozenset({"inactive", "superseded", "revoked", "cancelled", "rejected", "completed"})


def _plan_on_file(facts: Facts, rule: Rule) -> Indicator:
    """Met by a CPR decision, a ReSPECT form or an advance plan that is in force.

    Never not met: that none was found says nothing. A CPR decision is not "do not treat" and not
    "do not convey": it is shown, never scored.
    """
    held = look(facts, "alerts", "care-plans", "documents")
    plans = [
        entry
        for entry in held.entries
        if entry.status not in _OVER | {"draft", "not-done"} and entry_is(entry, PLAN)
    ]
    plain, doubted = split(plans)
    if plain:
        return rule.met(facts, "Read it.", *map(evidence_of, plain))
    if doubted:
        return rule.unknown(facts, "Perhaps: read its source.", *map(evidence_of, doubted))
    return rule.unknown(facts, held.why_not or "No plan was found.")


def _safeguarding(facts: Facts, rule: Rule) -> Indicator:
    """Met by an active safeguarding alert; "no issues identified" is none.

    Not met where that is what the alert says, or where the alerts are whole and none of them is
    about it. It asks for senior review: whether home is safe a person has to find out.
    """
    alerts = look(facts, "alerts")
    none_identified = [
        entry
        for entry in alerts.entries
        if any(code.code in NO_SAFEGUARDING_ISSUES for code in entry.codes)
    ]
    concerns = [
        entry
        for entry in alerts.entries
        if entry not in none_identified
        and entry.status not in _OVER
        and (entry_is(entry, SAFEGUARDING) or entry.category.upper() in ("SG", "SAFEGUARDING"))
    ]
    plain, doubted = split(concerns)
    if plain:
        return rule.met(facts, "Read the alert.", *map(evidence_of, plain))
    if doubted:
        return rule.unknown(facts, "Perhaps: read its source.", *map(evidence_of, doubted))
    if alerts.asserted_none or (alerts.whole and alerts.entries):
        return rule.not_met(
            facts, "None of the alerts is about it.", *map(evidence_of, none_identified)
        )
    return rule.unknown(facts, alerts.why_not or "No alerts are on record.")


def _support_at_home(facts: Facts, rule: Rule) -> Indicator:
    """Met where somebody lives with them or care at home is on record; never not met.

    Living alone isn't having no support, and a record rarely knows who is there today.
    """
    social = look(facts, "social", "function")
    plain, doubted = split(social.entries)
    alone = [entry for entry in plain if entry_is(entry, LIVES_ALONE)]
    support = [
        entry
        for entry in plain
        if entry not in alone
        and entry.kind != "CareTeam"
        and (entry_is(entry, LIVES_WITH) or entry_is(entry, CARER))
    ]
    if support:
        return rule.met(
            facts, "Support is on record: ask who is there now.", *map(evidence_of, support)
        )
    if alone:
        return rule.unknown(facts, "Lives alone: ask who can be there.", *map(evidence_of, alone))
    return rule.unknown(
        facts, social.why_not or "Nobody is on record.", *map(evidence_of, doubted[:1])
    )


def _lives_alone(facts: Facts, rule: Rule) -> Indicator:
    """Met where the record says that they live alone, not met where it says with whom."""
    social = look(facts, "social", "function")
    plain, _ = split(social.entries)
    alone = [entry for entry in plain if entry_is(entry, LIVES_ALONE)]
    together = [entry for entry in plain if entry not in alone and entry_is(entry, LIVES_WITH)]
    if alone and together:
        return rule.unknown(facts, "The record says both.", *map(evidence_of, (*alone, *together)))
    if alone:
        return rule.met(facts, "Recorded.", *map(evidence_of, alone))
    if together:
        return rule.not_met(facts, "Lives with somebody.", *map(evidence_of, together))
    return rule.unknown(facts, social.why_not or "Not recorded.")


RULES = (
    Rule("support-at-home", "Somebody at home, or care there", _support_at_home),
    Rule("safeguarding", "A safeguarding alert", _safeguarding, senior_review=True),
    Rule("plan-on-file", "A plan or CPR decision on file", _plan_on_file, shown_only=True),
    Rule("lives-alone", "Lives alone", _lives_alone, shown_only=True),
)
