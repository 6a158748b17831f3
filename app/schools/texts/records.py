"""How a text of the agreement reads when it is filled in: a sample with invented people, on paper."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from typing import Any

from app.documents.agreement import Way, agreement_html_context, lasting_agreement
from app.documents.lasting import place_of_seal, print_lasting
from app.documents.sealing import with_look
from app.documents.texts.words import FOLDER, Wording, filler, names, required, wording_of
from app.documents.words import SAMPLE
from app.notices.links import public_address


def sample_pdf(text: str, version: str, agreement_type: str, way: Way) -> bytes:
    """The text on an agreement of invented people, marked as a sample on every page, with the look of the seal.

    Nothing signs it. Raises DocumentRejected when the text cannot be set.
    """
    snapshot = _sample(agreement_type)
    made = lasting_agreement(snapshot, way, wording_of(text, version))
    content = print_lasting(replace(made, mark=SAMPLE["mark"], mark_line=SAMPLE["line"]))
    return content if made.by_hand else with_look(content, place_of_seal(content))


def places(agreement_type: str) -> list[dict[str, Any]]:
    """Every place that a text may fill in, whether it must, and what it says on the sample."""
    context = agreement_html_context(_sample(agreement_type), wording=Wording("", (), ()))
    filled = filler(context)
    return [
        {"name": one, "required": one in required(), "example": filled(f"{{{one}}}").striptags()} for one in names()
    ]


def _sample(agreement_type: str) -> dict[str, Any]:
    number = _invented()["number"]
    address = public_address(f"/verify?number={number}")
    return {**_invented(), "agreement_type": agreement_type, "verify_url": address}


@cache
def _invented() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FOLDER / "sample.json").read_text(encoding="utf-8"))
    return found
