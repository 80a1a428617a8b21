"""Papers written out by hand, a PDF and a drawing: a record has some, and a viewer opens them."""

from __future__ import annotations

import struct
import zlib
from textwrap import wrap

_LINE = 92
_LINES = 48


def _shown(text: str) -> bytes:
    escaped = text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
    return b"(" + escaped.encode("cp1252", "replace") + b") Tj T*\n"


def pdf(title: str, text: str) -> bytes:
    """A one-page A4 PDF 1.4 with the title and the text in Helvetica."""
    lines = [line for part in text.splitlines() for line in wrap(part, _LINE) or [""]][:_LINES]
    drawn = b"BT /F1 14 Tf 16 TL 56 780 Td " + _shown(title) + b"/F1 10 Tf 14 TL T*\n"
    drawn += b"".join(map(_shown, lines)) + b"ET"
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 5 0 R"
        b" /Resources << /Font << /F1 4 0 R >> >> >>",
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(drawn), drawn),
    )
    whole = b"%PDF-1.4\n"
    offsets = []
    for number, content in enumerate(objects, 1):
        offsets.append(len(whole))
        whole += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    return whole + (
        b"xref\n0 %d\n0000000000 65535 f \n%s"
        b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n"
        % (len(objects) + 1, table, len(objects) + 1, len(whole))
    )


def drawing(rows: tuple[str, ...], scale: int = 12) -> bytes:
    """A PNG of squares, one a letter of ``rows``: ``#`` dark, ``+`` red, ``.`` grey, else white."""
    colours = {"#": b"\x21\x2b\x32", "+": b"\xd5\x28\x1b", ".": b"\xd8\xdd\xe0"}
    lines = b"".join(
        (b"\x00" + b"".join(colours.get(each, b"\xff\xff\xff") * scale for each in row)) * scale
        for row in rows
    )
    size = struct.pack(">IIBBBBB", len(rows[0]) * scale, len(rows) * scale, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", size), (b"IDAT", zlib.compress(lines, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in parts
    )
