"""A document's files as markup: what each is, what has to be said of it, and its letters."""

from __future__ import annotations

from markupsafe import Markup

from clinical.documents import OpenedFile, ShownAs
from pages.present.escape import html, join

_KINDS = {
    "text/plain": "text",
    "application/pdf": "PDF",
    "image/png": "image",
    "image/jpeg": "image",
}


def file_head_html(file: OpenedFile) -> Markup:
    """The file's name and kind, and every sentence that has to be said of it."""
    kind = _KINDS.get(file.content_type, file.content_type) or "kind not recorded"
    shown = file.shown_as is not ShownAs.NOT_SHOWN
    return html(
        '<p class="hv-file"><b>{title}</b> <span class="quiet">({kind})</span></p>{said}',
        title=file.title or "File without a title",
        kind=kind,
        said=join(
            html(
                '<div class="hv-box {look}" role="note"><p>{words}</p></div>',
                look="warn" if shown else "stop",
                words=each,
            )
            for each in file.said
        ),
    )


def image_html(title: str, address: str) -> Markup:
    """An image at a ``data:`` address, as wide as there is room for."""
    return html(
        '<img class="hv-image" alt="{title}" src="{address}">', title=title, address=address
    )


def text_html(text: str) -> Markup:
    """A text with its own line breaks, letter for letter."""
    return _letters("hv-letter", "Text of the document", text)


def source_html(text: str) -> Markup:
    """What a file is written in, letter for letter."""
    return _letters("hv-letter source", "What the file is written in", text)


def _letters(look: str, name: str, text: str) -> Markup:
    return html(
        '<div class="{look}" tabindex="0" role="region" aria-label="{name}">{text}</div>',
        look=look,
        name=name,
        text=text,
    )
