"""What an Attachment's octets may be shown as: by what they are, not by what they say they are.

Only plain text, PDF, PNG and JPEG are shown as themselves. What could act (HTML, SVG, XML, scripts)
is shown as the letters that it is made of; everything else is refused with a sentence. A file that
isn't what its sender recorded (its size, its hash, its kind) is not shown: half a letter may lack
the line that matters.
"""

from __future__ import annotations

import binascii
import re
from base64 import b64decode
from hashlib import sha1
from io import BytesIO
from typing import Any

from clinical.documents import OpenedFile, ShownAs
from fhir_queries.reading.fields import text

MOST_LETTERS = 200_000
"""Of a text: more is cut off, and said."""
MOST_PIXELS = 60_000_000
"""Of an image: a small file may unfold to gigabytes in the browser that shows it."""

_TEXTS = frozenset(
    {"text/plain", "text/csv", "text/markdown", "application/json", "application/fhir+json"}
)
_ACTIVE = frozenset(
    {
        "text/html", "text/xml", "text/css", "text/javascript", "application/xml",
        "application/javascript", "application/ecmascript", "text/ecmascript",
    }
)  # fmt: skip
_IMAGES = {"image/png": b"\x89PNG\r\n\x1a\n", "image/jpeg": b"\xff\xd8\xff"}
_PDF = "application/pdf"
_CHARSET = re.compile(r";\s*charset\s*=\s*\"?([A-Za-z0-9._-]{1,40})", re.IGNORECASE)
_SHA1_OCTETS = 20

NO_KIND = "The record doesn't say what kind of file this is, so it is not opened."
OTHER_KIND = "This app doesn't open files of this kind ({kind})."
ACTIVE = "This file could run something, so only what it is written in is shown, and nothing runs."
NOT_WHOLE = "This file is damaged or cut off: it can't be decoded. It is not shown."
OTHER_SIZE = (
    "This file is {found} octets long, and its sender recorded {said}: it is cut off or was "
    "changed. It is not shown."
)
OTHER_HASH = "This file isn't the one that its sender recorded (its hash differs). It is not shown."
HASH_UNKNOWN = "Whether this file was changed on its way can't be checked."
NOT_WHAT_IT_SAYS = "This file says that it is {kind}, and it isn't. It is not shown."
EMPTY = "This file is empty."
CUT = "Only the first part of this text is shown: it is very long."
ODD_LETTERS = "Some letters of this text may be wrong: it doesn't say rightly how it was written."
TOO_MANY_PIXELS = "This image is too large to be shown here."


def decoded(data: object) -> bytes | None:
    """The octets of base64 text, blanks allowed; None where it is none, or was cut off."""
    if type(data) is not str:
        return None
    try:
        return b64decode("".join(data.split()), validate=True)
    except (binascii.Error, ValueError):
        return None


def kind_of_file(attachment: dict[str, Any]) -> str:
    """The declared content type, without parameters, in lower case."""
    kind = text(attachment.get("contentType")).partition(";")[0].strip().lower()
    return "image/jpeg" if kind == "image/jpg" else kind


def may_be_opened(kind: str) -> bool:
    """Whether a file of this content type is shown at all, so that it is worth fetching."""
    return kind in _TEXTS or kind == _PDF or kind in _IMAGES or _is_active(kind)


def opened_file(attachment: dict[str, Any], content: bytes | None) -> OpenedFile:
    """One attachment's octets as they may be shown; None are octets that couldn't be decoded."""
    said, wrong = _as_recorded(attachment, content)
    if wrong or content is None:
        return refused(attachment, wrong)
    kind, title = kind_of_file(attachment), text(attachment.get("title"))
    if kind in _TEXTS or _is_active(kind):
        return _text(title, kind, attachment, content, said)
    if kind == _PDF:
        return OpenedFile(title, kind, ShownAs.PDF, said, content=content)
    return OpenedFile(title, kind, ShownAs.IMAGE, said, content=content)


def refused(attachment: dict[str, Any], why: str) -> OpenedFile:
    """One that is not shown, with the reason in a sentence."""
    title = text(attachment.get("title"))
    return OpenedFile(title, kind_of_file(attachment), ShownAs.NOT_SHOWN, (why,))


_KINDS = {_PDF: "a PDF", "image/png": "a PNG image", "image/jpeg": "a JPEG image"}


def _is_active(kind: str) -> bool:
    return kind in _ACTIVE or kind.endswith("+xml")


def _as_recorded(attachment: dict[str, Any], content: bytes | None) -> tuple[tuple[str, ...], str]:
    """What has to be said of a file that is shown; and why it is not, empty where it is."""
    kind = kind_of_file(attachment)
    size, recorded = attachment.get("size"), decoded(attachment.get("hash"))
    said: tuple[str, ...] = ()
    wrong = ""
    if not may_be_opened(kind):
        wrong = OTHER_KIND.format(kind=kind) if kind else NO_KIND
    elif content is None:
        wrong = NOT_WHOLE
    elif not content:
        wrong = EMPTY
    elif type(size) is int and size != len(content):
        wrong = OTHER_SIZE.format(found=f"{len(content):,}", said=f"{size:,}")
    elif recorded is not None and len(recorded) == _SHA1_OCTETS:
        if recorded != sha1(content, usedforsecurity=False).digest():
            wrong = OTHER_HASH
    elif attachment.get("hash") is not None:
        said = (HASH_UNKNOWN,)
    if not wrong and content and kind in _KINDS:
        if not _is_what_it_says(kind, content):
            wrong = NOT_WHAT_IT_SAYS.format(kind=_KINDS[kind])
        elif kind in _IMAGES:
            wrong = _image_fault(content)
    return said, wrong


def _is_what_it_says(kind: str, content: bytes) -> bool:
    if kind == _PDF:
        return b"%PDF-" in content[:1024]
    return content.startswith(_IMAGES[kind])


def _text(
    title: str, kind: str, attachment: dict[str, Any], content: bytes, said: tuple[str, ...]
) -> OpenedFile:
    letters, sure = _letters(attachment, content)
    if "\x00" in letters:
        return refused(attachment, NOT_WHAT_IT_SAYS.format(kind="a text"))
    if not sure:
        said = (*said, ODD_LETTERS)
    if len(letters) > MOST_LETTERS:
        letters, said = letters[:MOST_LETTERS], (*said, CUT)
    if _is_active(kind):
        return OpenedFile(title, kind, ShownAs.SOURCE, (ACTIVE, *said), text=letters)
    return OpenedFile(title, kind, ShownAs.TEXT, said, text=letters)


def _letters(attachment: dict[str, Any], content: bytes) -> tuple[str, bool]:
    """The text of the octets, and whether it is certainly right."""
    named = _CHARSET.search(text(attachment.get("contentType")))
    charsets = [named[1]] if named else []
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        charsets.append("utf-16")
    for number, charset in enumerate((*charsets, "utf-8-sig")):
        try:
            return content.decode(charset), number == 0 or not named
        except (LookupError, UnicodeError, ValueError):
            continue
    return content.decode("cp1252", "replace"), False


def _image_fault(content: bytes) -> str:
    from PIL import Image  # noqa: PLC0415 - takes a tenth of a second, and few documents are images

    try:
        with Image.open(BytesIO(content), formats=("PNG", "JPEG")) as image:
            width, height = image.size
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return NOT_WHOLE
    return TOO_MANY_PIXELS if width * height > MOST_PIXELS else ""
