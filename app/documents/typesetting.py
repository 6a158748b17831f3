"""From HTML to PDF: our faces, our paragraphs, nothing fetched from anywhere, the same bytes for the same text."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from itertools import product
from pathlib import Path

import reportlab.rl_config
from reportlab.lib.fonts import addMapping
from reportlab.pdfbase import pdfmetrics, ttfonts
from xhtml2pdf import default as _defaults
from xhtml2pdf import pisa
from xhtml2pdf.config.resources import ResourceAccessPolicy

from app.documents import paragraphs
from app.documents.errors import DocumentRejected
from app.documents.typefaces import HEADING_FACE, TEXT_FACE, needs_joining, other_face

# A paper is made of its own text alone: no network, no file. Pictures come inside the text (data: addresses).
NOTHING_FROM_OUTSIDE = ResourceAccessPolicy.server(base_dir=None, allow_remote=False)

_TAG_OR_SIGN = re.compile(r"<[^>]*>|[^\x00-\x7f]")
_MADE_AT = re.compile(rb"/(?:CreationDate|ModDate) \(D:(\d{14}[+-]\d\d'\d\d')\)")


def typeset(html: str, *, title: str, made_at: datetime) -> bytes:
    """The PDF of an HTML page.

    Args:
        html: the page; its style names the families `song` (text) and `hei` (headings).
        title: shown by readers in the window's title.
        made_at: aware time that the file's properties give; the clock is not asked, so that the bytes repeat.

    Raises DocumentRejected when the library reports anything, a warning included.
    """
    _prepare()
    made = pisa.CreatePDF(
        _with_other_faces(html),
        dest=io.BytesIO(),
        encoding="utf-8",
        resource_policy=NOTHING_FROM_OUTSIDE,
        context_meta={"title": title},
    )
    if made.err or made.warn:
        raise DocumentRejected("; ".join(str(entry[2]) for entry in made.log) or "the PDF library failed")
    return _dated(made.dest.getvalue(), made_at)


@cache
def _prepare() -> None:
    """Teach the library our faces and paragraphs, once in a process."""
    reportlab.rl_config.invariant = 1  # no clock and no random identifier in the file
    ttfonts.makeToUnicodeCMap = to_unicode_map
    paragraphs.install()
    for family, regular, bold in (("song", TEXT_FACE, HEADING_FACE), ("hei", HEADING_FACE, HEADING_FACE)):
        _teach(family, regular, bold)


@cache
def _teach(family: str, *faces: Path) -> None:
    """A family of faces, once in a process: one face, or one for plain and one for bold text."""
    names = [f"{family}-{weight}" for weight in range(len(faces))]
    for name, face in zip(names, faces, strict=True):
        pdfmetrics.registerFont(ttfonts.TTFont(name, str(face)))
    for weight, italic in product((0, 1), (0, 1)):
        addMapping(family, weight, italic, names[min(weight, len(names) - 1)])
    _defaults.DEFAULT_FONT[family] = family


def _with_other_faces(html: str) -> str:
    """The page with each character that the text face lacks set in one that has it; what stands in a tag stays."""
    faces = {sign: face.path for sign in set(html) if not sign.isascii() and (face := other_face(sign))}
    wrong = "".join(sorted(filter(needs_joining, faces)))
    if wrong:  # each would stand for itself: to be read back, but not to be read
        raise DocumentRejected(f"no letters are joined here: {wrong}")
    for path in set(faces.values()):
        _teach(path.stem.lower(), path)
    return html if not faces else _TAG_OR_SIGN.sub(lambda found: _in_face(found[0], faces), html)


def _in_face(text: str, faces: Mapping[str, Path]) -> str:
    path = faces.get(text)
    return f'<span style="font-family: {path.stem.lower()}">{text}</span>' if path else text


def to_unicode_map(font_name: str, characters: Sequence[int]) -> str:
    """The table by which a reader copies and searches text; ReportLab's own is wrong beyond U+FFFF (𬱖, 𠅤)."""
    entries = [
        f"<{code:02X}> <{chr(character).encode('utf-16-be').hex().upper()}>"
        for code, character in enumerate(characters)
    ]
    blocks = [entries[first : first + 100] for first in range(0, len(entries), 100)]
    return "\n".join(
        [
            "/CIDInit /ProcSet findresource begin",
            "12 dict begin",
            "begincmap",
            f"/CIDSystemInfo << /Registry ({font_name}) /Ordering ({font_name}) /Supplement 0 >> def",
            f"/CMapName /{font_name} def",
            "/CMapType 2 def",
            "1 begincodespacerange",
            f"<00> <{len(characters) - 1:02X}>",
            "endcodespacerange",
            *(line for block in blocks for line in (f"{len(block)} beginbfchar", *block, "endbfchar")),
            "endcmap",
            "CMapName currentdict /CMap defineresource pop",
            "end",
            "end",
        ]
    )


def _dated(pdf: bytes, made_at: datetime) -> bytes:
    # The place has a fixed width, so nothing moves and the file's own table of positions stays right.
    stamp = made_at.strftime("%Y%m%d%H%M%S%z").encode()
    stamp = stamp[:17] + b"'" + stamp[17:19] + b"'"
    return _MADE_AT.sub(lambda found: found[0].replace(found[1], stamp), pdf)
