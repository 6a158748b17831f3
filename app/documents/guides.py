"""Operation guides (操作指南) as PDF from the product's own documentation in docs/guides/*.md (R1.11)."""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from typing import Final

from app.documents.typefaces import unprintable
from app.documents.words import PAGE_OF_PAGES

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
p.item { margin-left: 7mm; text-indent: -5mm; text-align: justify; }
#foot { font-size: 8.5pt; text-align: center; }
"""
_BOLD = re.compile(r"\*\*(.+?)\*\*")


def guide_pdf(name: str, cache: Path) -> bytes:
    """The guide of a workplace; made at the first request and kept in the folder `cache`, by what its text is.

    Called by the page for everybody with an account. Raises KeyError for others.
    """
    if name not in GUIDES:
        raise KeyError(name)
    text = (FOLDER / f"{name}.md").read_text(encoding="utf-8")
    digest = hashlib.sha256(f"{_STYLE}{text}".encode()).hexdigest()[:16]
    kept = cache / "guides" / f"{name}-{digest}.pdf"
    if not kept.exists():
        _keep(kept, _render(text))
    return kept.read_bytes()


def guide_html(text: str) -> str:
    """The page of a guide. The texts use #, ##, -, 1. and **bold**; each other line is a paragraph."""
    lines = [_line(line) for line in text.splitlines() if line.strip()]
    foot = PAGE_OF_PAGES.format(page="<pdf:pagenumber>", pages="<pdf:pagecount>")
    return f'<html><head><style>{_STYLE}</style></head><body><div id="foot">{foot}</div>{"".join(lines)}</body></html>'


def title_of(text: str) -> str:
    """The guide's title: its first line."""
    return text.splitlines()[0].removeprefix("# ").strip()


def _line(line: str) -> str:
    words = _BOLD.sub(r"<b>\1</b>", escape(line.strip(), quote=False))
    for mark, tag in (("## ", "h2"), ("# ", "h1")):
        if words.startswith(mark):
            return f"<{tag}>{words.removeprefix(mark)}</{tag}>"
    if words.startswith("- "):
        return f'<p class="item">· {words[2:]}</p>'
    return f'<p class="item">{words}</p>' if re.match(r"\d+\. ", words) else f"<p>{words}</p>"


def _render(text: str) -> bytes:
    from app.documents.typesetting import typeset  # only who makes one needs the PDF libraries

    missing = unprintable(text)
    if missing:
        raise ValueError(f"no face has {missing}")
    return typeset(guide_html(text), title=title_of(text), made_at=_MADE_AT)


def _keep(path: Path, content: bytes) -> None:
    """Written beside and moved into place: two first readers at once do no harm."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
        file.write(content)
    os.replace(file.name, path)
