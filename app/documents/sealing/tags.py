"""A place for the seal on a tagged paper: a field that a blind reader hears by its name, where the text ends."""

from __future__ import annotations

from typing import Any

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import SigFieldSpec, append_signature_field


def add_field(
    writer: IncrementalPdfFileWriter, name: str, spoken: str, page: int, box: tuple[float, float, float, float]
) -> None:
    """Add the empty field of a signature at the box of a page, counted from 0, and its tag behind all others."""
    corners = tuple(round(value) for value in box)
    spec = SigFieldSpec(name, on_page=page, box=corners, readable_field_name=spoken)  # type: ignore[arg-type]
    append_signature_field(writer, spec)
    if "/StructTreeRoot" not in writer.root:
        return
    tree = writer.root["/StructTreeRoot"]
    field = writer.root["/AcroForm"]["/Fields"].raw_get(-1)
    key = int(tree["/ParentTreeNextKey"])
    tag = writer.add_object(_tag(tree, field, writer.find_page_for_modification(page)[0], spoken))
    document = tree["/K"][0]
    document["/K"].append(tag)
    tree["/ParentTree"]["/Nums"].extend([generic.NumberObject(key), tag])
    tree["/ParentTreeNextKey"] = generic.NumberObject(key + 1)
    note = field.get_object()
    note["/StructParent"] = generic.NumberObject(key)
    note["/Contents"] = generic.pdf_string(spoken)
    for changed in (tree, tree["/ParentTree"], document, document["/K"], note):
        writer.update_container(changed)


def _tag(tree: Any, field: Any, page: Any, spoken: str) -> generic.DictionaryObject:
    """The tag: what is seen on the page is no text, so it says what it is."""
    seen = generic.DictionaryObject({pdf_name("/Type"): pdf_name("/OBJR"), pdf_name("/Obj"): field})
    return generic.DictionaryObject(
        {
            pdf_name("/Type"): pdf_name("/StructElem"),
            pdf_name("/S"): pdf_name("/Form"),
            pdf_name("/P"): tree["/K"].raw_get(0),
            pdf_name("/Pg"): page,
            pdf_name("/Alt"): generic.pdf_string(spoken),
            pdf_name("/K"): seen,
        }
    )
