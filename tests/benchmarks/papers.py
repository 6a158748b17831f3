"""Agreements as PDF: what one worker process makes in a second."""

from __future__ import annotations

from time import perf_counter

from sqlalchemy import select

from tests.benchmarks.house import House

PAPERS = 30


def papers_a_second(house: House) -> tuple[float, float]:
    """How many agreements one process makes in a second, each read back, and their mean size in KiB."""
    from app.base.database import session
    from app.signing.online.models import OnlineSigning
    from tests.documents.samples import render_agreement

    with house.app.app_context(), house.app.test_request_context():
        query = select(OnlineSigning.snapshot).where(OnlineSigning.snapshot.is_not(None)).limit(PAPERS + 1)
        first, *snapshots = session.scalars(query).all()
        assert first is not None
        render_agreement(first)  # reads the fonts
        begun = perf_counter()
        sizes = [len(render_agreement(snapshot)) for snapshot in snapshots if snapshot]
        seconds = perf_counter() - begun
    return len(sizes) / seconds, sum(sizes) / len(sizes) / 1024
