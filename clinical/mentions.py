"""Whether a few words of free text mention something, and whether plainly.

"Fall, no head injury" mentions a head injury and doesn't say that there is one. No reading of free
text is certain: a plain mention is "possible", one that is denied, past or unclear is neither yes
nor no, and nothing mentioned is dropped.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache


class Manner(Enum):
    """How something is mentioned."""

    PLAIN = "plain"
    DENIED = "denied"
    """"no head injury", "stroke ruled out"."""
    UNCLEAR = "unclear"
    """Past, feared, settled, or with a denial nearby that may belong to something else."""


@dataclass(frozen=True, slots=True)
class Mention:
    """One mention: how, and the words around it."""

    manner: Manner
    words: str


_SENTENCE_END = re.compile(r"[.;!\n]+(?=\s|$)|\n")
_NEW_CLAUSE = re.compile(
    r"\b(?:but|however|although|though|except|apart from|has|having|reports?|c/o"
    r"|complain(?:s|ing)(?: of)?)\b",
    re.IGNORECASE,
)
_DENIAL = re.compile(
    r"\b(?:no|not|nil|never|without|denies|denied|denying|negative for|absence of|neither|nor"
    r"|ruled out|isn't|hasn't|didn't|wasn't|doesn't|unlikely)\b",
    re.IGNORECASE,
)
_NOT_DENIED = re.compile(
    r"\b(?:cannot|can't|can not|could not|couldn't|not|unable to)\s+"
    r"(?:be\s+)?(?:rule(?:d)?\s+out|exclude(?:d)?)\b",
    re.IGNORECASE,
)
_PAST = re.compile(
    r"\b(?:previous(?:ly)?|prev|past|old|known|h/o|hx(?: of)?|history of|family history|pmh"
    r"|risk of|worried about|fear of|in case of|last (?:week|month|year))\s*$",
    re.IGNORECASE,
)
_DENIED_AFTER = re.compile(
    r"^\W{0,3}(?:is |was |been |has been )?"
    r"(?:(?:ruled out|excluded|denied|unlikely)\b|(?:no|nil|none|negative|absent)\s*(?:[,.;)]|$))",
    re.IGNORECASE,
)
_SETTLED_AFTER = re.compile(
    r"^[^.;]{0,40}\b(?:settled|resolved|gone|years? ago|months? ago|weeks? ago)\b", re.IGNORECASE
)
_FAR = 6
"""Words between a denial and what it denies: "no loss of consciousness or head injury"."""


def mentions(text: str, terms: Sequence[str]) -> tuple[Mention, ...]:
    """Every mention of one of ``terms`` in ``text``, in its order.

    A term matches whole words in any case; a ``*`` at its end matches any ending; a space also
    matches a hyphen or a line break.
    """
    if not terms or not text.strip():
        return ()
    found = []
    for sentence in _SENTENCE_END.split(text):
        for match in _pattern(tuple(terms)).finditer(sentence):
            manner = _manner(sentence, match.start(), match.end())
            found.append(Mention(manner, _around(sentence, match.start(), match.end())))
    return tuple(found)


def plainest(found: Sequence[Mention]) -> Mention | None:
    """The mention to go by: a plain one if there is any, else the first; None if there is none."""
    return next((each for each in found if each.manner is Manner.PLAIN), None) or next(
        iter(found), None
    )


def _manner(sentence: str, start: int, end: int) -> Manner:
    before, after = sentence[:start], sentence[end:]
    clauses = list(_NEW_CLAUSE.finditer(before))
    clause = before[clauses[-1].end() :] if clauses else before
    if _NOT_DENIED.search(clause) or _NOT_DENIED.search(after[:40]):
        return Manner.PLAIN
    if _DENIED_AFTER.match(after):
        return Manner.DENIED
    denials = list(_DENIAL.finditer(clause))
    if denials:
        between = clause[denials[-1].end() :]
        near = "," not in between and len(between.split()) <= _FAR
        return Manner.DENIED if near else Manner.UNCLEAR
    if _PAST.search(clause.rstrip(" -:")) or _SETTLED_AFTER.match(after):
        return Manner.UNCLEAR
    return Manner.PLAIN


def _around(sentence: str, start: int, end: int) -> str:
    """The words of the mention with up to forty characters either side, cut between words."""
    first = start if start <= 40 else sentence.find(" ", start - 40, start)
    first = 0 if start <= 40 else (start if first < 0 else first)
    last = sentence.rfind(" ", end, end + 40)
    last = len(sentence) if end + 40 >= len(sentence) else (end if last < 0 else last)
    return " ".join(sentence[first:last].split())


@lru_cache(maxsize=256)
def _pattern(terms: tuple[str, ...]) -> re.Pattern[str]:
    longest_first = sorted(terms, key=len, reverse=True)
    alternatives = (
        r"[\s-]+".join(re.escape(word) for word in re.split(r"[\s-]+", term.strip()))
        .replace(r"\*", r"\w*")
        .replace("'", "['\N{RIGHT SINGLE QUOTATION MARK}]?")
        for term in longest_first
    )
    return re.compile(rf"(?<!\w)(?:{'|'.join(alternatives)})(?!\w)", re.IGNORECASE)
