"""Whatever a PDF may start is refused wherever it stands; plain web links lose their address."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from flask import Flask
from pypdf import PdfReader, PdfWriter
from pypdf.generic import (
    ArrayObject,
    DictionaryObject,
    FloatObject,
    NameObject,
    NumberObject,
    TextStringObject,
)

from app.base.errors import Invalid
from app.documents.papers import harmless_pdf


def _action(kind: str, **more: str) -> DictionaryObject:
    values = {NameObject(f"/{name}"): TextStringObject(text) for name, text in more.items()}
    return DictionaryObject({NameObject("/Type"): NameObject("/Action"), NameObject("/S"): NameObject(kind), **values})


ACTIONS = {
    "address": lambda: _action("/URI", URI="http://evil.example"),
    "file elsewhere": lambda: _action("/GoToR", F="\\\\evil.example\\share\\x.pdf"),
    "file inside": lambda: _action("/GoToE"),
    "document part": lambda: _action("/GoToDp"),
    "program": lambda: _action("/Launch", F="cmd.exe"),
    "form sent": lambda: _action("/SubmitForm", F="http://evil.example"),
    "form emptied": lambda: _action("/ResetForm"),
    "data fetched": lambda: _action("/ImportData", F="x.fdf"),
    "view in space": lambda: _action("/GoTo3DView"),
    "media": lambda: _action("/RichMediaExecute"),
    "rendition": lambda: _action("/Rendition"),
    "film": lambda: _action("/Movie"),
    "sound": lambda: _action("/Sound"),
    "script": lambda: _action("/JavaScript", JS="app.alert(1)"),
    "menu": lambda: _action("/Named", N="Print"),
    "hiding": lambda: _action("/Hide", T="x"),
    "layers": lambda: _action("/SetOCGState"),
    "thread": lambda: _action("/Thread", D="x"),
    "transition": lambda: _action("/Trans"),
}


def _under(writer: PdfWriter, action: DictionaryObject, *, key: str = "/A") -> DictionaryObject:
    """The action as an object of its own, below `key`."""
    return DictionaryObject({NameObject(key): writer._add_object(action)})


def _annotation(writer: PdfWriter, action: DictionaryObject, subtype: str) -> None:
    note = _under(writer, action)
    box = ArrayObject([FloatObject(side) for side in (10, 10, 90, 30)])
    note.update(
        {
            NameObject("/Type"): NameObject("/Annot"),
            NameObject("/Subtype"): NameObject(subtype),
            NameObject("/Rect"): box,
        }
    )
    writer.pages[0][NameObject("/Annots")] = ArrayObject([writer._add_object(note)])


def _open_action(writer: PdfWriter, action: DictionaryObject) -> None:
    writer.root_object[NameObject("/OpenAction")] = writer._add_object(action)


def _after_another(writer: PdfWriter, action: DictionaryObject) -> None:
    first = _action("/GoTo")
    first[NameObject("/Next")] = ArrayObject([_under(writer, action)["/A"]])
    _open_action(writer, first)


def _outline(writer: PdfWriter, action: DictionaryObject) -> None:
    entry = _under(writer, action)
    entry[NameObject("/Title")] = TextStringObject("1")
    writer.root_object[NameObject("/Outlines")] = DictionaryObject({NameObject("/First"): writer._add_object(entry)})


def _field(writer: PdfWriter, action: DictionaryObject) -> None:
    _annotation(writer, action, "/Widget")
    fields = ArrayObject(writer.pages[0]["/Annots"])
    writer.root_object[NameObject("/AcroForm")] = DictionaryObject({NameObject("/Fields"): fields})


def _named(writer: PdfWriter, action: DictionaryObject) -> None:
    tree = DictionaryObject({NameObject("/Names"): ArrayObject([TextStringObject("x"), _under(writer, action)])})
    writer.root_object[NameObject("/Names")] = DictionaryObject({NameObject("/Pages"): tree})


PLACES: dict[str, Callable[[PdfWriter, DictionaryObject], None]] = {
    "opening": _open_action,
    "after another": _after_another,
    "page": lambda writer, action: writer.pages[0].update(
        {NameObject("/AA"): _under(writer, action, key="/O")},
    ),
    "button": lambda writer, action: _annotation(writer, action, "/Widget"),
    "screen": lambda writer, action: _annotation(writer, action, "/Screen"),
    "outline": _outline,
    "field": _field,
    "names": _named,
}


def _written(writer: PdfWriter) -> bytes:
    file = io.BytesIO()
    writer.write(file)
    return file.getvalue()


def _paper() -> PdfWriter:
    writer = PdfWriter()
    writer.add_blank_page(595, 842)
    return writer


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("action", ACTIONS)
def test_no_action_is_kept_anywhere(app_context: Flask, place: str, action: str) -> None:
    writer = _paper()
    PLACES[place](writer, ACTIONS[action]())
    with pytest.raises(Invalid):
        harmless_pdf(_written(writer))


@pytest.mark.parametrize("action", [name for name in ACTIONS if name != "address"])
def test_a_link_that_does_something_is_refused(app_context: Flask, action: str) -> None:
    writer = _paper()
    _annotation(writer, ACTIONS[action](), "/Link")
    with pytest.raises(Invalid):
        harmless_pdf(_written(writer))


@pytest.mark.parametrize("address", ["file://evil.example/x", "\\\\evil.example\\x", "javascript:alert(1)", "smb:x"])
def test_a_link_to_anything_but_the_web_is_refused(app_context: Flask, address: str) -> None:
    writer = _paper()
    _annotation(writer, _action("/URI", URI=address), "/Link")
    with pytest.raises(Invalid):
        harmless_pdf(_written(writer))


@pytest.mark.parametrize("address", ["http://unit.example/", "HTTPS://unit.example", "mailto:hr@unit.example"])
def test_a_web_link_loses_its_address(app_context: Flask, address: str) -> None:
    writer = _paper()
    _annotation(writer, _action("/URI", URI=address), "/Link")
    kept = harmless_pdf(_written(writer))
    assert b"/URI" not in kept
    assert b"unit.example" not in kept
    assert len(PdfReader(io.BytesIO(kept)).pages) == 1
    assert harmless_pdf(kept) == kept


def test_a_jump_within_the_paper_is_kept_as_it_came(app_context: Flask) -> None:
    """Every word processor writes where the paper opens."""
    writer = _paper()
    page = writer.pages[0].indirect_reference
    target = ArrayObject([page, NameObject("/XYZ"), NumberObject(0), NumberObject(842), NumberObject(0)])
    writer.root_object[NameObject("/OpenAction")] = target
    jump = _action("/GoTo")
    jump[NameObject("/D")] = target
    _annotation(writer, jump, "/Link")
    content = _written(writer)
    assert harmless_pdf(content) == content
