"""The evidence report (证据报告) of a record: a paper that lasts, and the same links for programs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from app.access import looks
from app.access.actors import Actor
from app.base import clock
from app.base.clock import SHANGHAI
from app.base.sealkeys import seal_key
from app.cases import progress
from app.cases.models import CaseMixin
from app.cases.records import said_rows
from app.documents.agreement import environment
from app.documents.lasting import Lasting, place_of_seal, print_lasting
from app.documents.sealing import seal
from app.documents.typefaces import in_print
from app.documents.words import FILES, TITLES
from app.notices.links import public_address
from app.trail import heads
from app.trail.evidence.queries import Link, links_of, papers_of
from app.trail.exporting import line_of
from app.workflow import registry

FORMAT: Final = "history-excerpt"
_KIND: Final = "evidence"


def report_of(case: CaseMixin, actor: Actor) -> tuple[bytes, str]:
    """The sealed report of a case that the actor may see, and how the file is called; made by a worker.

    Raises SealUnavailable, DocumentRejected.
    """
    looks.note(looks.DOWNLOAD, case, _KIND)
    paper = report_paper(case, actor, clock.now())
    content = print_lasting(paper)
    return seal(content, place_of_seal(content)), paper.file_name


def report_paper(case: CaseMixin, actor: Actor, at: datetime) -> Lasting:
    """The report as it is to be set: the same words that the reader sees on the record's page, and the proofs."""
    links, at = links_of(case), at.astimezone(SHANGHAI)
    number = f"ZJ{at:%Y%m%d%H%M%S}-{case.chain}-{links[-1].row.seq if links else 0}"
    body = environment().get_template("documents/evidence.html")
    return Lasting(
        kind=_KIND,
        title=TITLES[_KIND],
        number=number,
        body=body.render(_facts(case, actor, links), made_for=actor.name, made_at=at, key=seal_key(), said=_said),
        made_at=at,
        address=public_address("/verify"),
        file_name=f"{FILES[_KIND]} {number}.pdf",
    )


def lines_of(case: CaseMixin) -> Iterator[str]:
    """The links of a case for docs/verify_history.py, one JSON object a line; it names nobody."""
    looks.note(looks.DOWNLOAD, case, f"{_KIND} json")
    links = links_of(case)
    made = clock.now().isoformat(timespec="seconds")
    names = sorted({heads.name_of(one.row.chain) for one in links})
    yield line_of({"format": FORMAT, "version": 1, "made_at": made, "chains": names})
    for file in {one.head.day: one.head for one in links if one.head is not None}.values():
        yield line_of({"day": file.day, "heads": file.content.decode()})
    for one in links:
        yield line_of(one.told)


def _facts(case: CaseMixin, actor: Actor, links: list[Link]) -> dict[str, Any]:
    workflow = registry.get(case.workflow_name)
    told = progress.timeline(case, actor, [one.row for one in links])
    student = case.graduate
    return {
        "case": case,
        "kind": workflow.label,
        "state": workflow.label_of(case, actor),
        "student": student,
        "unit": (getattr(case, "snapshot", None) or {}).get("employer", {}).get("name")
        or getattr(getattr(case, "employer", None), "name", None),
        "rows": [(label, value) for label, value in said_rows(case) if value],
        "steps": list(zip(told, links, strict=True)),
        "state_label": lambda name: workflow.state(name).label if name else "",
        "papers": papers_of(case),
    }


def _said(value: Any) -> str:
    return in_print(str(value if value is not None else "")).strip() or "—"
