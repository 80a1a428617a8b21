"""Free text: what is mentioned, and whether plainly."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinical.mentions import Manner, mentions, plainest

TERMS = ("head injury", "chest pain", "stroke*", "loc", "can't stand")


@pytest.mark.parametrize(
    ("text", "manner"),
    [
        ("Fall, head injury", Manner.PLAIN),
        ("HEAD-INJURY", Manner.PLAIN),
        ("?stroke", Manner.PLAIN),
        ("possible stroke", Manner.PLAIN),
        ("Fall with head  injury and vomiting", Manner.PLAIN),
        ("No head injury", Manner.DENIED),
        ("Fall, no apparent head injury", Manner.DENIED),
        ("no loss of balance or head injury", Manner.DENIED),
        ("Denies chest pain", Manner.DENIED),
        ("Chest pain: nil", Manner.DENIED),
        ("LOC - no, well", Manner.DENIED),
        ("stroke ruled out by crew", Manner.DENIED),
        ("Stroke not excluded", Manner.PLAIN),
        ("cannot rule out stroke", Manner.PLAIN),
        ("unable to exclude a stroke", Manner.PLAIN),
        ("Not eating but chest pain", Manner.PLAIN),
        ("No fall. Chest pain since six", Manner.PLAIN),
        ("Denies alcohol, has chest pain", Manner.PLAIN),
        ("chest pain no relief from spray", Manner.PLAIN),
        ("No vomiting, dizzy, chest pain", Manner.UNCLEAR),
        ("previous stroke", Manner.UNCLEAR),
        ("h/o stroke", Manner.UNCLEAR),
        ("History of strokes", Manner.UNCLEAR),
        ("Stroke five years ago", Manner.UNCLEAR),
        ("chest pain, now settled", Manner.UNCLEAR),
        ("can\N{RIGHT SINGLE QUOTATION MARK}t stand", Manner.PLAIN),
        ("cant stand", Manner.PLAIN),
    ],
)
def test_how_something_is_mentioned(text: str, manner: Manner) -> None:
    found = plainest(mentions(text, TERMS))
    assert found is not None
    assert found.manner is manner


@pytest.mark.parametrize(
    "text", ["", "Breaststroke", "head, injury", "locked door", "Backstroke champion", "chest"]
)
def test_what_only_looks_like_it_is_not_mentioned(text: str) -> None:
    assert mentions(text, TERMS) == ()


def test_a_plain_mention_outweighs_a_denied_one() -> None:
    found = mentions("No stroke before. Stroke this morning.", TERMS)
    assert [each.manner for each in found] == [Manner.DENIED, Manner.PLAIN]
    assert plainest(found) == found[1]


def test_the_words_around_a_mention_are_whole_words() -> None:
    text = (
        "She was found by her neighbour on the kitchen floor with a head injury and a lot of blood"
    )
    (found,) = mentions(text, TERMS)
    assert found.words == "neighbour on the kitchen floor with a head injury and a lot of blood"
    assert text.endswith(found.words)


def test_without_terms_nothing_is_mentioned() -> None:
    assert mentions("Chest pain", ()) == ()
    assert plainest(()) is None


@given(st.text(max_size=60), st.text(max_size=60))
def test_nothing_mentioned_is_ever_dropped(before: str, after: str) -> None:
    assert mentions(f"{before} chest pain {after}", TERMS)
