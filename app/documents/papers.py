"""Uploaded PDF files: refused when they are anything but pages to look at (R9.3)."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from typing import Any, Final

from flask_babel import lazy_gettext as _
from pypdf import PdfReader, PdfWriter
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
        *("/URI", "/GoToR", "/GoToDp", "/GoTo3DView", "/RichMediaExecute", "/SetOCGState", "/ResetForm"),
    }
)
# Actions whose names mean something harmless elsewhere; a jump within the paper (/GoTo) does nothing.
_ACTIONS: Final = frozenset(("/Named", "/Hide", "/Thread", "/Trans"))
_STARTERS: Final = ("/OpenAction", "/A", "/PA", "/Next")
_ADDRESSES: Final = ("http://", "https://", "mailto:")
_HOLDS_MORE = _("This PDF holds actions, scripts or other files. Please print it to a new PDF, or take pictures.")
_UNREADABLE = (
    *(PyPdfError, ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError),
    *(OSError, EOFError, MemoryError, AssertionError, NotImplementedError, OverflowError),
)
logging.getLogger("pypdf").setLevel(logging.ERROR)  # what is wrong with a stranger's file is told to the stranger


def harmless_pdf(content: bytes) -> bytes:
    """The file as it may be kept: as it came, or without the plain web links on its pages.

    Raises Invalid at `file`: damaged, protected, too many pages, scripts, actions or files inside, something behind
    its end.
    """
    try:
        reader = _opened(content)
        if _unlink(reader):
            content = _written(reader)
            reader = _opened(content)
        _refuse_active(reader)
    except Invalid:
        raise
    except _UNREADABLE:
        raise _bad(_("This PDF is damaged. Please save or scan it again and upload the new one.")) from None
    return content


def _opened(content: bytes) -> PdfReader:
    end = content.rfind(b"%%EOF")
    if end < 0 or content[end + 5 :].strip(b"\r\n\t \x00"):
        raise _bad(_("There is something behind the end of this PDF. Please save or scan it again."))
    reader = PdfReader(io.BytesIO(content), strict=False)
    if reader.is_encrypted:
        raise _bad(_("This PDF is protected with a password. Please save it without one."))
    if not 1 <= len(reader.pages) <= MOST_PAGES:
        raise _bad(_("A PDF may have 1 to %(most)s pages.", most=MOST_PAGES))
    return reader


def _refuse_active(reader: PdfReader) -> None:
    for name in _names(reader):
        if name in _ACTIVE:
            raise _bad(_HOLDS_MORE)


def _unlink(reader: PdfReader) -> bool:
    """Take the addresses from plain web links, which word processors make by themselves; whether there were any."""
    found = False
    for page in reader.pages:
        for each in _resolved(page.get("/Annots")) or ():
            note = _resolved(each)
            action = _resolved(note.get("/A"))
            if note.get("/Subtype") == "/Link" and _is_web_link(action):
                del note["/A"]
                found = True
    return found


def _is_web_link(action: Any) -> bool:
    if not isinstance(action, DictionaryObject) or not {"/S", "/URI"} <= set(action) <= {"/S", "/URI", "/Type"}:
        return False
    return str(action["/S"]) == "/URI" and str(action["/URI"]).lower().startswith(_ADDRESSES)


def _written(reader: PdfReader) -> bytes:
    writer, file = PdfWriter(clone_from=reader), io.BytesIO()
    writer.compress_identical_objects(remove_duplicates=False, remove_unreferenced=True)
    writer.write(file)
    return file.getvalue()


def _resolved(one: Any) -> Any:
    return one.get_object() if isinstance(one, IndirectObject) else one


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
            _refuse_actions(one)
            for name, value in dict.items(one):
                yield str(name)
                waiting.append(value)
        elif isinstance(one, ArrayObject):
            waiting.extend(list.__iter__(one))
        elif isinstance(one, str) and one.startswith("/"):
            yield str(one)


def _refuse_actions(one: DictionaryObject) -> None:
    """Whatever starts something may jump within the paper, and nothing else."""
    for name in _STARTERS:
        started = _resolved(dict.get(one, name))
        for each in list.__iter__(started) if isinstance(started, ArrayObject) else (started,):
            action = _resolved(each)
            if isinstance(action, DictionaryObject) and action.get("/S") in _ACTIONS:
                raise _bad(_HOLDS_MORE)


def _bad(text: Any) -> Invalid:
    return Invalid({"file": [text]})
