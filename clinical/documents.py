"""A document of the record as it may be put before somebody: what each of its files is shown as."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class ShownAs(Enum):
    """How one file of a document is shown. Nothing of it is ever executed."""

    TEXT = "text"
    PDF = "pdf"
    IMAGE = "image"
    SOURCE = "source"
    """Active content (a web page, a drawing with scripts, XML): the letters that it is made of."""
    NOT_SHOWN = "not shown"


@dataclass(frozen=True, slots=True)
class OpenedFile:
    """One file of a document. ``said`` are sentences that a reader has to know of it."""

    title: str
    content_type: str
    """As declared, without parameters, in lower case; empty where the record doesn't say."""
    shown_as: ShownAs
    said: tuple[str, ...] = ()
    text: str = ""
    """For TEXT and SOURCE."""
    content: bytes = b""
    """For PDF and IMAGE."""


@dataclass(frozen=True, slots=True)
class OpenedDocument:
    """A document and its files, in the record's order."""

    reference: str
    files: tuple[OpenedFile, ...]
