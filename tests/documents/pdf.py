"""Looking at a PDF: its text, where each character stands, what a page looks like."""

from __future__ import annotations

import io
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pypdfium2
from PIL import Image
from pyhanko.keys import load_cert_from_pemder
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import NO_CHANGES_DIFF_POLICY
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext
from pypdf import PdfReader

POINTS_PER_MM = 72 / 25.4


@dataclass(frozen=True)
class Character:
    """A visible character and its box in points from the lower left corner."""

    text: str
    left: float
    bottom: float
    right: float
    top: float


def bare_text(pdf: bytes) -> str:
    """All text without white space."""
    return "".join("".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(pdf)).pages)


def pages(pdf: bytes) -> list[list[Character]]:
    """The visible characters of every page."""
    document = pypdfium2.PdfDocument(pdf)
    found = []
    for number in range(len(document)):
        text = document[number].get_textpage()
        found.append(list(_characters(text)))
    document.close()
    return found


def _characters(text: pypdfium2.PdfTextPage) -> Iterator[Character]:
    high = 0
    for index in range(text.count_chars()):
        code = pypdfium2.raw.FPDFText_GetUnicode(text, index)
        if 0xD800 <= code < 0xDC00:  # the first half of a character beyond U+FFFF; both halves have its box
            high = code
            continue
        if 0xDC00 <= code < 0xE000:
            code = 0x10000 + ((high - 0xD800) << 10) + (code - 0xDC00)
        if chr(code).strip():
            yield Character(chr(code), *text.get_charbox(index))


def picture(pdf: bytes, number: int = 0, *, dots_per_inch: int = 150) -> Image.Image:
    """A page as a picture in shades of grey."""
    document = pypdfium2.PdfDocument(pdf)
    drawn = document[number].render(scale=dots_per_inch / 72, grayscale=True).to_pil()
    document.close()
    return drawn


def is_sealed_by(certificate: Path, pdf: bytes) -> bool:
    """Whether the whole file carries the one seal of this certificate and not one byte was changed or added since."""
    try:
        signatures = PdfFileReader(io.BytesIO(pdf)).embedded_signatures
    except (PdfError, ValueError):
        return False
    if len(signatures) != 1:
        return False
    trusted = ValidationContext(trust_roots=[load_cert_from_pemder(str(certificate))], allow_fetching=False)
    with ThreadPoolExecutor(1) as pool:  # the library starts an event loop of its own
        status = pool.submit(
            validate_pdf_signature, signatures[0], trusted, diff_policy=NO_CHANGES_DIFF_POLICY
        ).result()
    whole = status.coverage is SignatureCoverageLevel.ENTIRE_FILE
    return bool(status.intact and status.valid and status.trusted and whole)
