"""Facts on paper: parts with tables of two columns, for people who take away what is kept of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from app.documents.agreement import environment
from app.documents.typefaces import in_print

Row = tuple[Any, Any]


@dataclass(frozen=True)
class Table:
    """What is said of one thing: label and value, a line each."""

    rows: Sequence[Row]
    title: str = ""


@dataclass(frozen=True)
class Part:
    """A chapter."""

    title: Any
    tables: Sequence[Table] = field(default_factory=list)
    note: str = ""


def render_records(title: str, said: Sequence[str], parts: Sequence[Part], *, made_at: datetime) -> bytes:
    """The chapters as PDF, below a title and what is `said` of them. A sign without picture becomes 〓.

    Raises DocumentRejected as an agreement does.
    """
    # As with agreements: a web process that makes none spares the PDF libraries.
    from app.documents.readback import accept
    from app.documents.typesetting import typeset

    html = environment().get_template("documents/records.html").render(title=title, said=said, parts=parts, as_set=_set)
    pdf = typeset(html, title=title, made_at=made_at.replace(microsecond=0))
    accept(pdf, html)
    return pdf


def _set(value: Any) -> str:
    return in_print(str(value if value is not None else ""), joined=False)
