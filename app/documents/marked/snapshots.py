"""What a marked copy says: that it is over, since when and why, and which original it is a copy of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import PurePath
from typing import Any, Final

from app.base.clock import SHANGHAI
from app.documents.agreement import environment
from app.documents.lasting import Lasting
from app.documents.queries import document_of
from app.documents.typefaces import in_print
from app.documents.words import ENDED
from app.workflow import history
from app.workflow.models import BareCaseMixin

Maker = Callable[[Any], Lasting | None]
_SUFFIX: Final = "-ended"


@dataclass(frozen=True)
class End:
    """How a case came to its end: in a word, what that means, when, and what was said of it."""

    word: str
    means: str
    at: datetime
    reason: str


def with_marked(papers: Mapping[str, Maker]) -> dict[str, Maker]:
    """For `Workflow.papers`: each of these papers, and its copy for when the case is over."""
    return {**papers, **{marked_kind(kind): _marked(kind, paper) for kind, paper in papers.items()}}


def marked_kind(kind: str) -> str:
    """The name of the copy among the papers of a workflow."""
    return f"{kind}{_SUFFIX}"


def matter_of(case: BareCaseMixin) -> Any:
    """The record whose end takes the worth from the papers of a case: itself, or what it `belongs_to`."""
    return getattr(case, "belongs_to", case)


def end_of(case: BareCaseMixin) -> End | None:
    """How what a paper is of ended; None while it has not."""
    case = matter_of(case)
    words = ENDED["words"].get(case.stage)
    if words is None:
        return None
    word, means = words
    steps = history.standing(history.of_case(case.workflow_name, case.id))
    last = next((row for row in reversed(steps) if row.from_state != row.to_state), None)
    at = last.at if last is not None else case.state_since
    return End(word, means, at.astimezone(SHANGHAI), in_print((last.reason if last is not None else "") or ""))


def _marked(kind: str, paper: Maker) -> Maker:
    def of(case: BareCaseMixin) -> Lasting | None:
        end = end_of(case)
        made = paper(case) if end is not None else None
        if end is None or made is None:
            return None
        original = document_of(case.workflow_name, case.id, kind)
        said = environment().get_template("documents/_ended.html").render(
            end=end, number=made.number, digest=original.sha256.hex() if original else "", is_sealed=not made.by_hand
        )  # fmt: skip
        name = PurePath(made.file_name)
        return replace(
            made,
            body=said + made.body,
            mark=end.word,
            mark_line=ENDED["line"].format(word=end.word, means=end.means, at=end.at),
            file_name=ENDED["file"].format(name=name.stem, word=end.word, suffix=name.suffix),
        )

    return of
