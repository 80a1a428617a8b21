"""What a record writes stands on the screen as it was written."""

from __future__ import annotations

import pytest

from pages.present.escape import clean, html, join, label

HOSTILE = [
    "O'Testé <b>",
    ":red[x]",
    "$x$",
    "[a](javascript:alert(1))",
    ":smile:",
    ":material/home:",
    "<script>alert(1)</script>",
    "&lt;",
    "**bold** _it_ `code` ~~gone~~",
    "# heading",
    "1. list",
    "www.example.org",
    "https://example.org",
    "a@b.example",
    "age >= 5 -> high",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_html_holds_record_text_as_text(text: str) -> None:
    shown = html("<p>{text}</p>", text=text)
    inside = shown.removeprefix("<p>").removesuffix("</p>")
    assert "<" not in inside
    assert ">" not in inside
    assert shown.striptags() == " ".join(text.split()) or shown.unescape() == f"<p>{text}</p>"


@pytest.mark.parametrize("text", HOSTILE)
def test_a_label_keeps_every_letter_and_leaves_no_markdown_active(text: str) -> None:
    escaped = label(text)
    assert escaped.replace("\\", "").replace("\u2060", "") == text
    for place, letter in enumerate(escaped):
        if letter in "*_`[]<>$#~|&" and escaped[place - 1] != "\\":
            pytest.fail(f"{letter} is still Markdown in {escaped}")


def test_an_emoji_name_in_a_label_is_parted() -> None:
    assert label(":smile:") == "\\:\u2060smile\\:"


def test_a_time_and_a_ratio_keep_their_letters() -> None:
    assert label("at 14:03, ratio 1:2").replace("\\", "") == "at 14:03, ratio 1:2"


def test_a_label_is_one_line_and_never_an_indented_block() -> None:
    assert label("    first\n\nsecond") == "first second"


def test_letters_that_turn_the_reading_direction_are_marked_not_obeyed() -> None:
    assert clean("ab\u202ecd") == "ab\ufffdcd"


def test_a_lone_surrogate_can_be_sent_to_a_browser() -> None:
    assert clean("x\ud83dy").encode() == "x\ufffdy".encode()


def test_joiners_that_names_need_are_kept() -> None:
    assert clean("क्\u200dष") == "क्\u200dष"


def test_markup_is_escaped_once() -> None:
    name = html("<b>{name}</b>", name="A & B")
    assert html("<p>{name}</p>", name=name) == "<p><b>A &amp; B</b></p>"
    assert join([name, "<i>"], " · ") == "<b>A &amp; B</b> · &lt;i&gt;"


def test_braces_in_a_record_are_not_fields() -> None:
    assert html("<p>{text}</p>", text="{0.__class__}") == "<p>{0.__class__}</p>"


@pytest.mark.parametrize(
    "text", ["Which need is it?", "O'Testé, Ada (Dr)", "2-hour response", "36.5 or 40%", "1/2; 3"]
)
def test_a_label_without_markdown_is_said_by_a_screen_reader_as_it_is_written(text: str) -> None:
    assert label(text) == text


@pytest.mark.parametrize(
    ("text", "escaped"),
    [("1. first", "1\\. first"), ("2) b", "2\\) b"), ("- a", "\\- a"), ("+ a", "\\+ a")],
)
def test_a_label_is_never_a_list(text: str, escaped: str) -> None:
    assert label(text) == escaped
