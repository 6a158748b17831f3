"""docs/api.md as blocks for the page: headings, paragraphs, lists, tables, code; inline bold and code."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Final

from markupsafe import Markup, escape

FILE: Final = Path(__file__).resolve().parents[2] / "docs" / "api.md"
_FENCE = "```"


@dataclass
class Block:
    """`kind`: h1, h2, p, ul, table or code; of a table the first row are the headings."""

    kind: str
    text: Markup | str = ""
    items: list[Markup] = field(default_factory=list)
    rows: list[list[Markup]] = field(default_factory=list)


@cache
def blocks() -> list[Block]:
    """The text, read once."""
    found: list[Block] = []
    code: list[str] | None = None
    for line in FILE.read_text(encoding="utf-8").splitlines():
        if line.startswith(_FENCE):
            if code is not None:
                found.append(Block("code", escape("\n".join(code))))
            code = [] if code is None else None
        elif code is not None:
            code.append(line)
        elif line.strip():
            _add(found, line.strip())
    return found


def _add(found: list[Block], line: str) -> None:
    for mark, kind in (("## ", "h2"), ("# ", "h1")):
        if line.startswith(mark):
            found.append(Block(kind, escape(line.removeprefix(mark))))
            return
    if line.startswith("- "):
        _joined(found, "ul").items.append(_inline(line[2:]))
    elif line.startswith("|"):
        cells = [_inline(cell.strip()) for cell in line.strip("|").split("|")]
        if not all(set(cell) <= set("-: ") for cell in cells):
            _joined(found, "table").rows.append(cells)
    else:
        found.append(Block("p", _inline(line)))


def _joined(found: list[Block], kind: str) -> Block:
    if not found or found[-1].kind != kind:
        found.append(Block(kind))
    return found[-1]


def _inline(text: str) -> Markup:
    told = re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text)))
    return Markup(re.sub(r"\*\*(.+?)\*\*", r"<b>\1</b>", told))  # noqa: S704 - escaped above
