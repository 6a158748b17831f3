"""python -m tests.faults.storm.proof, with the environment of a part of the copy: what is wrong after the storm.

Asks the program's own proofs, each of which has tests of its own: chains and states, papers and their bytes, both
sides' records compared. One line a finding.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

from flask import Flask
from sqlalchemy import select

from tests.fixtures.trial import ROOT, Copy


def proven(running: Copy) -> Iterator[str]:
    """The same, asked in a process with the environment of the copy."""
    web = running.part("gunicorn")
    assert web is not None
    command = [sys.executable, "-m", __name__]
    done = subprocess.run(command, cwd=ROOT, env=web.environ(), capture_output=True, text=True, check=False)
    yield from done.stdout.splitlines()
    if done.returncode:
        yield f"the proof failed: {done.stderr[-6000:]}"


def findings() -> Iterator[str]:
    """Everything that is not as it should be."""
    from app.trail import verifying

    yield from verifying.findings(())
    yield from _papers()
    yield from _differences()


def _papers() -> Iterator[str]:
    """Every agreement that was ever signed has its paper, with the bytes of the day it was kept."""
    from app.base.database import session
    from app.documents.queries import document_of
    from app.documents.services import read_file
    from app.signing.online.models import OnlineSigning

    signed = select(OnlineSigning.id).where(OnlineSigning.number.is_not(None)).order_by(OnlineSigning.id)
    for case in session.scalars(signed):
        paper = document_of("online_signing", case)
        if paper is None:
            yield f"agreement of {case}: not made"
        elif not read_file(paper).startswith(b"%PDF"):
            yield f"agreement of {case}: no PDF"


def _differences() -> Iterator[str]:
    from app.base.database import session, transaction
    from app.reconciliation.models import Comparison, Difference
    from app.reconciliation.services import comparing

    with transaction():
        comparing.begin_round()
    comparing.compare_on(240)
    last = session.scalars(select(Comparison).order_by(Comparison.id.desc()).limit(1)).one()
    if last.finished_at is None:
        yield f"the comparison did not end: {last.problem}"
    for one in session.scalars(select(Difference)):
        yield f"employment system: {one.kind} {one.problem} {one.exam_number}"


def _main() -> None:
    from app import create_app

    app: Flask = create_app()
    with app.app_context():
        for finding in findings():
            print(finding)


if __name__ == "__main__":
    _main()
