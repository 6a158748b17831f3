"""Agreements as PDF: what one worker process makes in a second, sealed, beside the engine of letters in the same run."""

from __future__ import annotations

from collections.abc import Callable
from time import process_time

from sqlalchemy import select

from tests.benchmarks.house import House

PAPERS = 30
_STYLE = "body { font-family: song; font-size: 10.5pt; -pdf-word-wrap: CJK; } td { border: 0.5pt solid #000; }"


def papers_a_second(house: House) -> tuple[float, float, float]:
    """How many sealed agreements one process makes in a second of its own time, each read back; the same set by the
    engine of letters, for comparison; and their mean size in KiB."""
    from app.base.database import session
    from app.documents.agreement import lasting_agreement
    from app.documents.lasting import Lasting, place_of_seal, print_lasting
    from app.documents.readback import accept
    from app.documents.sealing import seal
    from app.documents.typesetting import typeset
    from app.signing.online.models import OnlineSigning

    def lasting(paper: Lasting) -> bytes:
        pdf = print_lasting(paper)
        return seal(pdf, place_of_seal(pdf))

    def as_letter(paper: Lasting) -> bytes:
        html = f"<html><head><style>{_STYLE}</style></head><body>{paper.body}</body></html>"
        pdf = typeset(html, title=paper.title, made_at=paper.made_at)
        accept(pdf, html)
        return seal(pdf)

    with house.app.app_context(), house.app.test_request_context():
        query = select(OnlineSigning.snapshot).where(OnlineSigning.snapshot.is_not(None)).limit(PAPERS + 1)
        papers = [lasting_agreement(snapshot) for snapshot in session.scalars(query) if snapshot]
        fast, sizes = _measured(lasting, papers)
        slow, _sizes = _measured(as_letter, papers[: PAPERS // 3])
    return fast, slow, sum(sizes) / len(sizes) / 1024


def _measured(make: Callable[..., bytes], papers: list[object]) -> tuple[float, list[int]]:
    make(papers[0])  # reads faces and key
    begun = process_time()
    sizes = [len(make(paper)) for paper in papers[1:]]
    return len(sizes) / (process_time() - begun), sizes
