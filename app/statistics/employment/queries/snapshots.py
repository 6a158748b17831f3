"""Kept figures that a reader may see, and what has become of them since."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, select

from app.access.actors import Actor
from app.access.scope import in_scope
from app.base.database import session
from app.base.errors import NotFound
from app.statistics.employment.models import FigureSnapshot
from app.statistics.employment.queries.asked import Asked
from app.statistics.employment.queries.table import Line, Table, employment_table

_NUMBERS = ("total", "registered", "in_review", "base")


@dataclass(frozen=True)
class Change:
    """One line then and now; None where it was not there."""

    label: str
    then: Line | None
    now: Line | None


def snapshots_visible_to(actor: Actor, cohort: int) -> Select[tuple[FigureSnapshot]]:
    """Those of the actor's place and of places below it, the newest first."""
    query = select(FigureSnapshot).where(in_scope(FigureSnapshot, actor), FigureSnapshot.cohort == cohort)
    return query.order_by(FigureSnapshot.id.desc())


def snapshot_for(snapshot_id: int, *, actor: Actor) -> FigureSnapshot:
    """One of them; raises NotFound."""
    query = select(FigureSnapshot).where(FigureSnapshot.id == snapshot_id, in_scope(FigureSnapshot, actor))
    found = session.scalar(query)
    if found is None:
        raise NotFound()
    return found


def changes_since(row: FigureSnapshot, asked: Asked, *, actor: Actor) -> Iterator[Change]:
    """The total and each line, then and now; `asked` is what the snapshot asked, for this reader."""
    now: Table = employment_table(asked, actor=actor)
    then = {one["code"]: _line(one) for one in row.content["lines"]}
    today = {line.code: line for line in now.lines}
    yield Change("", _line(row.content["total"]), now.total)
    for code in dict.fromkeys([*then, *today]):
        old, new = then.get(code), today.get(code)
        yield Change((new or old or Line()).label, old, new)


def content_of(table: Table, args: Mapping[str, str]) -> dict[str, Any]:
    """Figures as a document, with the parameters by which they are asked for again."""
    return {"args": dict(args), "total": _told(table.total), "lines": [_told(line) for line in table.lines]}


def digest_of(content: Mapping[str, Any]) -> bytes:
    """The same for the same figures, in whatever order they are kept."""
    return hashlib.sha256(json.dumps(content, ensure_ascii=False, sort_keys=True).encode()).digest()


def _told(line: Line) -> dict[str, Any]:
    told = {name: getattr(line, name) for name in _NUMBERS}
    return {
        "code": line.code,
        "label": str(line.label),
        **told,
        "codes": dict(line.codes),
        "signing": dict(line.signing),
    }


def _line(told: Mapping[str, Any]) -> Line:
    numbers = {name: told[name] for name in ("code", "label", *_NUMBERS)}
    return Line(**numbers, codes=Counter(told["codes"]), signing=Counter(told["signing"]))
