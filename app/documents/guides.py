"""Operation guides (操作指南) as PDF from the product's own documentation in docs/guides/*.md (R1.11)."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from typing import Final

from app.base.wholefiles import written_whole
from app.documents.typefaces import unprintable
from app.documents.words import GUIDE, PAGE_OF_PAGES

FOLDER: Final = Path(__file__).resolve().parents[2] / "docs" / "guides"
GUIDES: Final = ("graduate", "employer", "school", "province", "operator")
_MADE_AT = datetime(2026, 11, 22, tzinfo=UTC)  # of the texts; the file's name in the cache goes by their content
_STYLE = """
@page { size: a4; margin: 22mm 20mm 20mm 20mm; @frame foot { -pdf-frame-content: foot; bottom: 10mm; margin-left: 20mm;
margin-right: 20mm; height: 8mm; } }
body { font-family: song; font-size: 10.5pt; line-height: 1.7; -pdf-word-wrap: CJK; }
h1 { font-family: hei; font-size: 18pt; text-align: center; margin-bottom: 6mm; }
h2 { font-family: hei; font-size: 13pt; margin-top: 5mm; margin-bottom: 1.5mm; -pdf-keep-with-next: true; }
p { margin: 0 0 2mm 0; text-align: justify; }
p.facts { text-align: center; font-size: 9.5pt; color: #555555; }
p.caption { text-align: center; font-size: 9pt; color: #555555; margin: 1mm 0 3mm 0; }
table.pictures { margin: 2mm 0; }
table.pictures td { text-align: center; vertical-align: top; padding: 1mm; }
p.shot { text-align: center; margin: 0; line-height: 1; -pdf-word-wrap: LTR; }
p.item { margin-left: 7mm; text-indent: -5mm; text-align: justify; }
#foot { font-size: 8.5pt; text-align: center; }
"""
_BOLD = re.compile(r"\*\*(.+?)\*\*")
_PICTURE = re.compile(r"!\[(.+)\]\((pictures/[a-z0-9-]+\.png)\)")
_IN_A_ROW, _TALL, _WIDE = 3, "50mm", "140mm"  # phones stand side by side, desks alone


def guide_pdf(name: str, cache: Path, facts: Sequence[str] = ()) -> bytes:
    """The guide of a workplace; made at the first request and kept in the folder `cache`, by what it holds.

    `facts` stand below its title. Called by the page for everybody with an account. Raises KeyError for others.
    """
    if name not in GUIDES:
        raise KeyError(name)
    text = (FOLDER / f"{name}.md").read_text(encoding="utf-8")
    html = guide_html(text, facts)
    kept = cache / "guides" / f"{name}-{hashlib.sha256(html.encode()).hexdigest()[:16]}.pdf"
    if not kept.exists():
        _keep(kept, _render(html, title_of(text)))
    return kept.read_bytes()


def facts_of(version: str, phone: str, school: str = "", contact: tuple[str, str] | None = None) -> list[str]:
    """What stands below a guide's title: version, service line, and who answers at the reader's own school."""
    facts = [GUIDE["version"].format(version=version), GUIDE["phone"].format(phone=phone)]
    if contact is not None:
        facts.append(GUIDE["school"].format(school=school, name=contact[0], phone=contact[1]))
    return facts


def guide_html(text: str, facts: Sequence[str] = ()) -> str:
    """The page of a guide. The texts use #, ##, -, 1., **bold** and ![caption](pictures/name.png), which stand alone in
    their lines; each other line is a paragraph.
    """
    title, *rest = [line for line in text.splitlines() if line.strip()]
    lines = [_line(title), *(f'<p class="facts">{escape(fact, quote=False)}</p>' for fact in facts), *_body(rest)]
    foot = PAGE_OF_PAGES.format(page="<pdf:pagenumber>", pages="<pdf:pagecount>")
    return f'<html><head><style>{_STYLE}</style></head><body><div id="foot">{foot}</div>{"".join(lines)}</body></html>'


def title_of(text: str) -> str:
    """The guide's title: its first line."""
    return text.splitlines()[0].removeprefix("# ").strip()


def _body(lines: Sequence[str]) -> Iterator[str]:
    waiting: list[tuple[str, str]] = []  # pictures that follow each other
    for line in lines:
        found = _PICTURE.fullmatch(line.strip())
        if found:
            waiting.append((found[1], found[2]))
            continue
        yield from _pictures(waiting)
        waiting = []
        yield _line(line)
    yield from _pictures(waiting)


def _pictures(found: Sequence[tuple[str, str]]) -> Iterator[str]:
    tall = all(_is_tall(path) for _caption, path in found)
    each = _IN_A_ROW if tall else 1
    for start in range(0, len(found), each):
        cells = [_cell(*one, _TALL if tall else _WIDE) for one in found[start : start + each]]
        yield f'<table class="pictures"><tr>{"".join(cells)}</tr></table>'


def _cell(caption: str, path: str, width: str) -> str:
    inside = base64.b64encode((FOLDER / path).read_bytes()).decode()
    picture = f'<img src="data:image/png;base64,{inside}" style="width: {width}">'
    return f'<td><p class="shot">{picture}</p><p class="caption">{escape(caption, quote=False)}</p></td>'


def _is_tall(path: str) -> bool:
    """Whether it shows a phone: the size stands at the head of a PNG."""
    head = (FOLDER / path).read_bytes()[16:24]
    return int.from_bytes(head[4:]) > int.from_bytes(head[:4])


def _line(line: str) -> str:
    words = _BOLD.sub(r"<b>\1</b>", escape(line.strip(), quote=False))
    for mark, tag in (("## ", "h2"), ("# ", "h1")):
        if words.startswith(mark):
            return f"<{tag}>{words.removeprefix(mark)}</{tag}>"
    if words.startswith("- "):
        return f'<p class="item">· {words[2:]}</p>'
    return f'<p class="item">{words}</p>' if re.match(r"\d+\. ", words) else f"<p>{words}</p>"


def _render(html: str, title: str) -> bytes:
    from app.documents.typesetting import typeset  # only who makes one needs the PDF libraries

    missing = unprintable(re.sub("<[^>]*>", "", html), joined=False)
    if missing:
        raise ValueError(f"no face has {missing}")
    return typeset(html, title=title, made_at=_MADE_AT)


def _keep(path: Path, content: bytes) -> None:
    """Written beside and moved into place: two first readers at once do no harm."""
    with written_whole(path) as file:
        file.write(content)
