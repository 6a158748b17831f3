"""Uploaded PDF files: refused when they are anything but pages to look at (R9.3)."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from typing import Any, Final

from flask_babel import lazy_gettext as _
from pypdf import PdfReader
from pypdf.errors import PyPdfError
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject

from app.base.errors import Invalid

MOST_PAGES: Final = 30
_MOST_OBJECTS: Final = 20_000
# Names that stand for something that acts, hides or carries another file.
_ACTIVE: Final = frozenset(
    {
        *("/JS", "/JavaScript", "/Launch", "/SubmitForm", "/ImportData", "/GoToE", "/Rendition", "/RichMedia"),
        *("/EmbeddedFile", "/EmbeddedFiles", "/Filespec", "/XFA", "/AA", "/Movie", "/Sound", "/3D"),
    }
)
_UNREADABLE = (
    *(PyPdfError, ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError),
    *(OSError, EOFError, MemoryError, AssertionError, NotImplementedError, OverflowError),
)
logging.getLogger("pypdf").setLevel(logging.ERROR)  # what is wrong with a stranger's file is told to the stranger


def refuse_unsafe_pdf(content: bytes) -> None:
    """Raises Invalid at `file`: damaged, protected, too many pages, scripts or files inside, something behind its end."""
    try:
        _look_through(content)
    except Invalid:
        raise
    except _UNREADABLE:
        raise _bad(_("This PDF is damaged. Please save or scan it again and upload the new one.")) from None


def _look_through(content: bytes) -> None:
    end = content.rfind(b"%%EOF")
    if end < 0 or content[end + 5 :].strip(b"\r\n\t \x00"):
        raise _bad(_("There is something behind the end of this PDF. Please save or scan it again."))
    reader = PdfReader(io.BytesIO(content), strict=False)
    if reader.is_encrypted:
        raise _bad(_("This PDF is protected with a password. Please save it without one."))
    if not 1 <= len(reader.pages) <= MOST_PAGES:
        raise _bad(_("A PDF may have 1 to %(most)s pages.", most=MOST_PAGES))
    for name in _names(reader):
        if name in _ACTIVE:
            raise _bad(_("This PDF holds scripts or other files. Please print it to a new PDF, or take pictures."))


def _names(reader: PdfReader) -> Iterator[str]:
    """Every key and every name that stands in any object, reached from the trailer; raises Invalid when there are too many."""
    seen: set[tuple[int, int]] = set()
    waiting: list[Any] = [reader.trailer]
    looked_at = 0
    while waiting:
        one = waiting.pop()
        looked_at += 1
        if looked_at > _MOST_OBJECTS * 10 or len(seen) > _MOST_OBJECTS:
            raise _bad(_("This PDF is built too intricately. Please print it to a new PDF, or take pictures."))
        if isinstance(one, IndirectObject):
            key = (one.idnum, one.generation)
            if key not in seen:
                seen.add(key)
                waiting.append(one.get_object())
        elif isinstance(one, DictionaryObject):
            for name, value in dict.items(one):
                yield str(name)
                waiting.append(value)
        elif isinstance(one, ArrayObject):
            waiting.extend(list.__iter__(one))
        elif isinstance(one, str) and one.startswith("/"):
            yield str(one)


def _bad(text: Any) -> Invalid:
    return Invalid({"file": [text]})
