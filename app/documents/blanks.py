"""Blanks, 解约函 and 情况说明: papers to print and sign, with what is known filled in and lines for the rest (R9.2)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Literal

import segno

from app.base import clock
from app.base.masks import mask_id_number
from app.documents.agreement import check_printable, environment
from app.documents.typefaces import for_letter
from app.documents.words import TITLES

Blank = Literal["termination_letter", "statement"]
BLANKS: tuple[Blank, ...] = ("termination_letter", "statement")

_TEXTS = (
    "unit",
    "uscc",
    "graduate",
    "id_type",
    "id_number",
    "school",
    "department",
    "major",
    "student_number",
    "number",
    "reason",
)


def render_blank(kind: Blank, facts: Mapping[str, Any]) -> bytes:
    """A blank as PDF: the unit's consent to a termination, or the graduate's own account where it gives none.

    For the graduate's pages. `facts` may hold unit, uscc, graduate, id_type, id_number, school, department, major,
    student_number, number, reason (texts) and signed_on (a day); what is missing becomes a line to write on, and what a
    letter cannot set (Uyghur, Tibetan, Mongolian). `address` is where anybody can check the agreement: a code on the
    paper. Raises UnprintableText or DocumentRejected as an agreement does.
    """
    # As with agreements: a web process that makes none spares the PDF libraries.
    from app.documents.readback import accept
    from app.documents.typesetting import typeset

    check_printable({name: facts.get(name) for name in _TEXTS})
    known: dict[str, Any] = {name: for_letter(str(facts.get(name) or "")) for name in _TEXTS}
    known["id_number"] = mask_id_number(known["id_number"])
    signed_on: date | None = facts.get("signed_on")
    html = (
        environment()
        .get_template(f"documents/blanks/{kind}.html")
        .render(facts=known, signed_on=signed_on, title=TITLES[kind], picture=_code(facts.get("address")))
    )
    pdf = typeset(html, title=TITLES[kind], made_at=clock.now().replace(microsecond=0))
    accept(pdf, html)
    return pdf


def _code(address: str | None) -> str:
    return segno.make(address, error="m", micro=False).png_data_uri(scale=8, border=0) if address else ""
