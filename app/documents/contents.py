"""What a file is, by its content alone, and what is said of those that cannot be taken: each with a way out.

The name decides nothing: Windows saves a JPEG as .jfif, WeChat a WebP as .jpg, and whoever means harm writes anything.
"""

from __future__ import annotations

import re
from typing import Any, Final

from flask_babel import lazy_gettext as _

PICTURES: Final = ("JPEG", "PNG", "WEBP", "HEIF")  # as Pillow calls them; all are drawn anew
_STARTS: Final = (
    (b"%PDF-", "PDF"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"GIF8", "GIF"),
    (b"BM", "BMP"),
    (b"II*\x00", "TIFF"),
    (b"MM\x00*", "TIFF"),
    (b"PK\x03\x04", "office"),
    (b"\xd0\xcf\x11\xe0", "office"),
    (b"{\\rtf", "office"),
    (b"Rar!", "archive"),
    (b"7z\xbc\xaf", "archive"),
    (b"\x1f\x8b", "archive"),
    (b"\x1a\x45\xdf\xa3", "video"),
)
_HEIF_BRANDS: Final = (b"heic", b"heix", b"heim", b"heis", b"mif1", b"msf1", b"heif")
_WEB = re.compile(rb"\s*(?:\xef\xbb\xbf)?\s*<(?:\?xml|!doctype|html|svg)", re.IGNORECASE).match
_WAY_OUT = {
    "": _("The file is empty (0 bytes): it was not saved or not copied whole. Please take or save it again."),
    "PDF": _("This is a PDF; here only pictures are accepted. Please take a picture of the paper."),
    "GIF": _("This is a GIF picture. Please take a screenshot of it, or save it as JPG."),
    "BMP": _("This is a BMP picture. Please open it, save it as JPG or PNG and upload that."),
    "TIFF": _("This is a TIFF or raw picture. Please open it, save it as JPG or PNG and upload that."),
    "AVIF": _("This is an AVIF picture. Please take a screenshot of it, or save it as JPG."),
    "video": _("This is a video or the moving part of a live photo. Please choose the photo itself."),
    "archive": _("This is an archive. Please unpack it and upload what is in it."),
    "web": _("This is a web page or a drawing, not a picture. Please take a screenshot of it."),
}
_PAPER = _("This is a document of a text program or an archive. Please save it as PDF, or take pictures of the pages.")
_PRINT = _("This is a document of a text program or an archive. Please print it and take pictures of the pages.")
_PICTURES = _("This is no picture that can be read. JPG, PNG, WebP and HEIC are accepted.")
_PICTURES_PDF = _("This is neither a picture that can be read nor a PDF. JPG, PNG, WebP, HEIC and PDF are accepted.")


def kind_of(content: bytes) -> str:
    """The kind by the first bytes: as Pillow calls pictures, PDF, a word of this module, "" for an empty file."""
    if not content:
        return ""
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "WEBP"
    if content[4:8] == b"ftyp":
        return _of_boxes(content)
    found = next((kind for start, kind in _STARTS if content.startswith(start)), None)
    return found or ("web" if _WEB(content[:200]) else "other")


def _of_boxes(content: bytes) -> str:
    """Pictures and videos share a container; the brands at its start tell them apart."""
    size = min(int.from_bytes(content[:4], "big"), 256)
    brands = {content[place : place + 4] for place in (8, *range(16, size, 4))}
    if b"avif" in brands or b"avis" in brands:
        return "AVIF"
    return "HEIF" if brands.intersection(_HEIF_BRANDS) else "video"


def why_not(kind: str, allow_pdf: bool) -> Any:
    """Why a file of this kind is not taken, and what its owner can do."""
    if kind == "office":
        return _PAPER if allow_pdf else _PRINT
    return _WAY_OUT.get(kind) or (_PICTURES_PDF if allow_pdf else _PICTURES)


def damaged(kind: str) -> Any:
    """What is said of a picture that cannot be read to its end."""
    if kind == "HEIF":
        return _(
            "This HEIC picture cannot be read. In the camera's settings choose “Most Compatible”, or save it as JPG."
        )
    return _("This picture is damaged. Please take or save it again and upload the new one.")
