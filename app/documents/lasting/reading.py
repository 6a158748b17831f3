"""A reading copy of a paper on screen: the same blocks that its PDF is set from, in their order, as accessible HTML."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from markupsafe import Markup

from app.documents.agreement import environment
from app.documents.lasting import Lasting, said_blocks, said_first
from app.documents.lasting.records import BREAK


def reading_copy(paper: Lasting) -> Markup:
    """The words of the paper, for a page that loads css/agreement.css; needs no request."""
    template = environment().get_template("documents/_reading.html")
    blocks = list(_unfolded(said_blocks(paper)))
    html = template.render(paper=paper, first=said_first(paper), blocks=blocks, on_screen=_on_screen)
    return Markup(html)  # noqa: S704 - the template escapes what people typed


def _unfolded(blocks: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """What stays together on a page stands one below the other here; parts of one table are one table again."""
    for block in blocks:
        if block["t"] == "section":
            yield from _unfolded(block["blocks"])
        else:
            yield {**block, "headed": _is_headed(block)}


def _is_headed(block: Mapping[str, Any]) -> bool:
    rows = block.get("rows") or []
    return len(rows) > 1 and len(rows[0]["cells"]) > 1 and all(cell["head"] for cell in rows[0]["cells"])


def _on_screen(text: str) -> str:
    return text.replace(BREAK, "")
