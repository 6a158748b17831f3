"""The papers that a registration takes: what its type asks for (R7.9, R9.3)."""

from __future__ import annotations

from collections.abc import Sequence

from app.cases.attachments import Files, Kind
from app.destination.catalogue import type_of
from app.destination.models import Destination


def proof_kinds(case: Destination) -> Sequence[Kind]:
    """The kinds of files that the type of this case asks for; pictures, and PDF for papers that exist as such."""
    kind = type_of(case.type)
    proofs = kind.proofs if kind else ()
    return [Kind(proof.kind, proof.label, pdf=True, most=proof.most, hint=proof.hint) for proof in proofs]


FILES = Files(proof_kinds)
