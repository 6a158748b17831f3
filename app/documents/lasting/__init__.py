"""Papers that last: PDF/A-2a and PDF/UA-1 in one file, tagged, one code a page, read back before they are kept (R9.1).

Two engines print: letters, guides and reports, which are read and thrown away, come from `documents.typesetting`; what
is kept for decades comes from here. A room that brings a paper of its own declares in its Workflow(...):

    papers={"sheet": sheet_of}          # name as in context.post("document", {"document": "sheet"})

where `sheet_of(case)` gives a Lasting (or raises NotFound where there is nothing to print). The worker sets it, reads
it back, seals it unless it is to be stamped by hand, and keeps it once; `services.document_file(case, "sheet")` hands
it out. Its `body` is HTML, so that the same words can be shown on screen. What it may hold:

    <h2> a part, <h3> a clause · <p> a paragraph, class agreement-verbatim (blanks as typed) or agreement-note (small)
    <table data-columns="13 30 123"> widths in mm, sum 166; each <tbody> stays on one page; th labels, td values;
        rowspan, colspan; a first row of th is the table's head; scope="rowgroup" names what stands beside it;
        data-ruled="columns" draws no line between rows; <tr data-height="45"> leaves room for a stamp
    <section class="together"> what stays on one page: the last clause with what follows it

`environment()` of documents.agreement renders such a body from documents/templates; a room above may as well make it by
`markupsafe.Markup.format`. Everything typed by people goes through `clean()`, and `check_printable()` before anybody
signs.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Final

import segno

from app.documents.errors import DocumentRejected
from app.documents.lasting.heads import with_heads
from app.documents.lasting.records import LEFTWARD, blocks_of, directed, words_of
from app.documents.sealing import Place
from app.documents.typefaces import FONTS, OTHER_FACES
from app.documents.words import END, FRAME, NUMBER, PLATFORM, VERSIONS

_FRAME = Path(__file__).parent / "frame.typ"
_STANDARDS: Final = ["a-2a", "ua-1"]
_PAGES, _A_PAGE = 3, 2_000  # a paper has fewer pages than this and one for so many signs of its body
_RIGHT: Final = 188 * 72 / 25.4  # edge of the text
_BESIDE_WORDS, _ALONE = 70, 84  # signs of an address that fit on a line of the footer


@dataclass(frozen=True)
class Lasting:
    """A paper to be set. The same paper gives the same bytes.

    Args:
        kind: of documents/data/words.toml, [versions]: which text it is, printed with its version.
        title: its heading, and with the number the title of the reader's window.
        number: stands on each page and in each page's code.
        body: the HTML between heading and end.
        made_at: aware time that the file's properties give; the clock is not asked.
        number_name: what kind of number it is.
        subtitle: below the title.
        address: where anybody can check it, as text and as code; None where there is no such page.
        by_hand: stamped and signed on paper: code on each page, room for a stamp across the pages' edges, no seal.
        file_name: how the file is called when it is handed out.
        mark: a word across each page of a paper whose matter is over; `mark_line` says more at its upper edge.
        version: of its text, where that is not the newest of its kind.
    """

    kind: str
    title: str
    number: str
    body: str
    made_at: datetime
    number_name: str = NUMBER
    subtitle: str = ""
    address: str | None = None
    by_hand: bool = False
    file_name: str = ""
    mark: str = ""
    mark_line: str = ""
    version: str = ""


def print_lasting(paper: Lasting) -> bytes:
    """The paper as PDF, read back; for a worker. Needs no database and no request.

    Raises DocumentRejected when it cannot be set, or does not say what it should.
    """
    from app.documents.lasting.readback import accept

    told = _told(paper)
    pdf = with_heads(_set(told, int(paper.made_at.timestamp())), told["blocks"])
    said = (paper.title, paper.subtitle, *told["first"], *words_of(told["blocks"]))
    accept(pdf, "".join(said), told["codes"], FRAME["page"], paper.mark_line)
    return pdf


def place_of_seal(pdf: bytes) -> Place:
    """Where a printed paper leaves room for its seal: at the right, beside and below its last words."""
    from app.documents.lasting.readback import end_of

    page, top = end_of(pdf, END)
    return Place(page, _RIGHT, top)


def said_first(paper: Lasting) -> list[str]:
    """What stands between title and text: number, who issues it, which version of the text."""
    issued, version = (
        FRAME["issued"].format(platform=PLATFORM),
        FRAME["version"].format(version=paper.version or VERSIONS[paper.kind]),
    )
    return [f"{paper.number_name}{FRAME['colon']}{paper.number}", issued, version]


def page_codes(paper: Lasting) -> list[str]:
    """The code of each page: number, page, and a hash of what the whole paper says, so that drafts cannot be mixed.

    There are more of them than pages.
    """
    count = _PAGES + len(paper.body) // _A_PAGE
    said = hashlib.sha256(json.dumps([paper.kind, paper.title, paper.body], ensure_ascii=False).encode()).hexdigest()
    hashes = (hashlib.sha256(f"{said} {page}".encode()).hexdigest()[:8].upper() for page in range(1, count + 1))
    return [f"{paper.number}-{page}-{value}" for page, value in enumerate(hashes, 1)]


def page_addresses(paper: Lasting) -> list[str]:
    """What the codes of a paper say that is stamped by hand: where it is checked, and which page this is."""
    return [f"{paper.address}&page={code.removeprefix(paper.number)[1:]}" for code in page_codes(paper)]


def _set(told: Mapping[str, Any], made_at: int) -> bytes:
    import typst

    try:
        content, found = _compiler().compile_with_warnings(
            input=_FRAME.read_bytes(),
            sys_inputs={"paper": json.dumps(told, ensure_ascii=False)},
            format="pdf",
            pdf_standards=_STANDARDS,
            timestamp=made_at,
        )
    except typst.TypstError as error:
        raise DocumentRejected(str(error)) from error
    if found or not isinstance(content, bytes):
        raise DocumentRejected("; ".join(one.message for one in found) or "nothing was set")
    return content


def _told(paper: Lasting) -> dict[str, Any]:
    """What the frame is told, all of it text."""
    codes = page_codes(paper)
    address = paper.address
    pictures = []
    if address:
        pictures = [_picture(one) for one in (page_addresses(paper) if paper.by_hand else [address])]
    return {
        "title": paper.title,
        "subtitle": paper.subtitle,
        "number": paper.number,
        "number_name": paper.number_name,
        "issuer": PLATFORM,
        "first": said_first(paper),
        "words": dict(FRAME),
        "leftward": LEFTWARD.pattern,
        "other_faces": [face.family for face in OTHER_FACES],
        "by_hand": paper.by_hand,
        "mark": paper.mark,
        "mark_line": directed(paper.mark_line),
        "codes": codes,
        "pictures": pictures,
        "address": "\n".join(_lines(address)) if address else "",
        "blocks": said_blocks(paper),
    }


def said_blocks(paper: Lasting) -> list[dict[str, Any]]:
    """What stands below, with the words behind which nothing may be added on the page of the last word."""
    blocks = blocks_of(paper.body)
    last = blocks[-1]["blocks"] if blocks[-1]["t"] == "section" else blocks
    last.append({"t": "end", "x": END})
    return blocks


def _lines(address: str) -> Sequence[str]:
    """An address as it is broken in a footer: never so that a copy of it holds a sign that is not its own."""
    if len(address) <= _BESIDE_WORDS:
        return [address]
    return ["", *(address[start : start + _ALONE] for start in range(0, len(address), _ALONE))]


def _picture(address: str) -> str:
    return segno.make(address, error="m", micro=False).svg_inline(border=0)


@cache
def _compiler() -> Any:
    """One a process: the faces are read once. Neither faces of the machine nor packages of the network are used."""
    import typst

    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(FONTS)])
    return typst.Compiler(
        root=str(_FRAME.parent),
        font_paths=fonts,
        ignore_system_fonts=True,
        package_path="/nonexistent",
        package_cache_path="/nonexistent",
    )
