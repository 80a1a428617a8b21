"""The ranking of the pathways as words and bars: each score says what it is made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from markupsafe import Markup

from clinical.moments import LONDON
from clinical.ranking import (
    HARDEST,
    MIDDLING,
    SOONER,
    Opportunity,
    Part,
    Ranked,
    Share,
    Swing,
    Term,
    Weights,
)
from fhir_queries.ranking_weights import SavedWeights
from pages.present import times
from pages.present.escape import html, join

TERM_TITLES: Mapping[Term, str] = {
    Term.VOLUME: "How many people",
    Term.BENEFIT: "Admissions potentially avoided",
    Term.SAFETY: "Safety",
    Term.EASE: "Little work or cost",
}
TERM_WORDS: Mapping[Term, str] = {
    Term.VOLUME: "How many would have gone this way, against the pathway with most of them.",
    Term.BENEFIT: (
        "Of those redirected this way, how many had no emergency admission within 72 hours. "
        "Whether they would have been admitted otherwise nobody can know."
    ),
    Term.SAFETY: (
        "Of those redirected this way, how many did not come back to an emergency department "
        "within 7 days, less the redirects that were reversed."
    ),
    Term.EASE: "Your own judgement of each service, below: 1 is little work or cost, 5 is much.",
}
SOONER_WORDS = "To review patients sooner"


def need_words(code: str) -> str:
    """A call reason's code as words."""
    said = code.replace("-", " ")
    return said[:1].upper() + said[1:]


def hours_words(opportunity: Opportunity) -> str:
    """Its part of the day."""
    if opportunity.hours == 24:
        return "at any hour"
    end = (opportunity.hour + opportunity.hours) % 24
    return f"{opportunity.hour:02}:00 to {f'{end:02}:00' if end else 'midnight'}"


def title_of(opportunity: Opportunity) -> str:
    """What would be done, for whom and when: one line."""
    what = opportunity.service or "review sooner"
    return f"{need_words(opportunity.need)}: {what}, {hours_words(opportunity)}"


def ranking_html(ranked: Sequence[Ranked]) -> Markup:
    """The pathways in order, each with what its score is made of."""
    return html(
        '<ol class="hv-bites">{items}</ol>', items=join(_ranked_html(each) for each in ranked)
    )


def _ranked_html(ranked: Ranked) -> Markup:
    each = ranked.opportunity
    return html(
        '<li class="hv-bite"><div class="top"><h3><span class="place">{rank}</span> {need}</h3>'
        '<p class="score"><b>{score}</b> of 100</p></div>'
        '<p class="where"><b>{what}</b>, {hours}</p>'
        '<div class="hv-points" aria-hidden="true">{bar}</div>'
        "<dl>{parts}</dl>"
        '<p class="quiet">{firm}</p></li>',
        rank=ranked.rank,
        need=need_words(each.need),
        score=f"{ranked.score:.0f}",
        what=f"More room at {each.service}" if each.service else "Review sooner",
        hours=hours_words(each),
        bar=join(
            html(
                '<span class="{name}" style="width:{width}%"></span>',
                name=part.term.value,
                width=f"{part.points:.1f}",
            )
            for part in ranked.parts
        ),
        parts=join(_part_html(part, each) for part in ranked.parts),
        firm=firm_words(ranked),
    )


def _part_html(part: Part, each: Opportunity) -> Markup:
    return html(
        '<div><dt><span class="key {name}"></span>{title}</dt>'
        "<dd>{words}{unsure} <b>{points}&nbsp;points</b></dd></div>",
        name=part.term.value,
        title=TERM_TITLES[part.term],
        words=part_words(part, each),
        points=f"{part.points:.0f}",
        unsure=html(' <span class="hv-tag plain">unsure: few people</span>') if part.unsure else "",
    )


def part_words(part: Part, each: Opportunity) -> str:
    """What a term rests on, in numbers."""
    match part.term:
        case Term.VOLUME if each.accepted is None:
            return f"About {each.missed} refused for want of room."
        case Term.VOLUME:
            return (
                f"About {each.missed} reviews came too late; {share_words(each.accepted)} "
                f"reviewed in time were redirected, so about {each.expected:.0f}."
            )
        case Term.BENEFIT:
            said = f"{share_words(each.avoided)} redirected had no emergency admission in 72 hours"
            if each.expected_avoided is None:
                return f"{said}."
            return f"{said}: potentially about {each.expected_avoided:.0f} admissions."
        case Term.SAFETY:
            return (
                f"{share_words(each.came_back)} redirected came back within 7 days; "
                f"{share_words(each.reversed)} accepted were reversed."
            )
        case _:
            return f"{round(HARDEST - part.value * (HARDEST - 1))} on your scale of 1 to {HARDEST}."


def share_words(share: Share | None) -> str:
    """A share, of about how many, and of whom."""
    if share is None or share.value is None:
        return "nobody knows how many of those"
    if share.basis == "everybody":
        return f"{share.value:.0%} of the {share.of} of every pathway"
    whose = "" if share.own else " of this need at any service"
    return f"{share.value:.0%} of about {share.of}{whose}"


def firm_words(ranked: Ranked) -> str:
    """How far its place hangs on the weights."""
    if ranked.best == ranked.worst:
        return (
            f"Stays in place {ranked.rank} when any one weight is half as much, or half as "
            "much again."
        )
    return (
        f"Between place {ranked.best} and place {ranked.worst} when any one weight is half as "
        "much, or half as much again."
    )


def swings_html(swings: Sequence[Swing]) -> Markup:
    """What comes first when each weight changes."""
    rows = (
        html(
            "<tr><td>{term}</td><td>{factor}</td><td>{first}</td>"
            '<td class="number">{moved}</td></tr>',
            term=TERM_TITLES[each.term],
            factor="half as much" if each.factor < 1 else "half as much again",
            first=title_of(each.first),
            moved=each.moved,
        )
        for each in swings
    )
    return html(
        '<div class="scroll" tabindex="0" role="region" aria-label="When the weights change">'
        "<table><thead><tr><th>Weight</th><th>If it were</th><th>First would be</th>"
        '<th class="number">Pathways in another place</th></tr></thead>'
        "<tbody>{rows}</tbody></table></div>",
        rows=join(rows),
    )


def author_html(saved: SavedWeights | None, *, tried: bool) -> Markup:
    """Who set the weights that stand, and whether others are being tried."""
    if saved is None:
        said = "Nobody has saved weights yet: these are the ones the program comes with."
    else:
        said = f"Saved by {_name(saved)}, {_when(saved)}."
    trying = html(" <b>You are trying others: nobody else sees them until you save them.</b>")
    return html('<p class="quiet">{said}{trying}</p>', said=said, trying=trying if tried else "")


def past_html(past: Sequence[SavedWeights]) -> Markup:
    """Every set of weights that was saved, the newest first."""
    rows = (
        html(
            "<tr><td>{when}</td><td>{who}</td>{terms}<td>{effort}</td></tr>",
            when=_when(each),
            who=_name(each),
            terms=join(
                html('<td class="number">{weight}</td>', weight=each.weights.terms[term])
                for term in Term
            ),
            effort=effort_words(each.weights),
        )
        for each in past
    )
    return html(
        '<div class="scroll" tabindex="0" role="region" aria-label="Weights saved before">'
        "<table><thead><tr><th>Saved</th><th>By</th>{terms}<th>Work or cost</th></tr></thead>"
        "<tbody>{rows}</tbody></table></div>",
        terms=join(
            html('<th class="number">{title}</th>', title=TERM_TITLES[term]) for term in Term
        ),
        rows=join(rows),
    )


def effort_words(weights: Weights) -> str:
    """Which services were said to take more or less than the middle."""
    said = [
        f"{service or SOONER_WORDS} {effort}"
        for service, effort in sorted(weights.effort.items())
        if effort != MIDDLING
    ]
    return ", ".join(said) or f"{MIDDLING} each"


def services_of(opportunities: Sequence[Opportunity]) -> list[str]:
    """The services whose work is judged, by name, and reviewing sooner last."""
    named = sorted({each.service for each in opportunities if each.service})
    return [*named, SOONER]


def _name(saved: SavedWeights) -> str:
    return saved.by.name if saved.by is not None else "somebody who isn't named"


def _when(saved: SavedWeights) -> str:
    if saved.at is None:
        return "at a time not recorded"
    at = saved.at.earliest.astimezone(LONDON)
    return f"{times.day(at)} {times.clock(at)}"
