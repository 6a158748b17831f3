"""What waits for a file, and the files that a reader may see."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import undefer

from app.access.actors import OPERATOR, Actor
from app.access.scope import in_scope
from app.base.database import session
from app.base.errors import NotFound
from app.ems import by_file
from app.ems.models import WaitingForFile
from app.exchange.models import ExchangeFile
from app.schools.models import Province

MOST_SHOWN = 50  # files that are done


@dataclass(frozen=True)
class Waiting:
    """How many messages of a kind wait in a province, and since when the oldest."""

    messages: int
    rows: int
    since: datetime


def places_for(actor: Actor) -> Sequence[Province]:
    """The provinces of the reader that exchange files."""
    codes = by_file.provinces()
    if not codes:
        return []
    query = select(Province).where(Province.code.in_(codes)).order_by(Province.code)
    if actor.kind != OPERATOR:
        query = query.where(Province.id == actor.province_id)
    return session.scalars(query).all()


def open_files_for(actor: Actor) -> Sequence[ExchangeFile]:
    """The files in scope with which something is to be done, the one that waits longest first."""
    query = select(ExchangeFile).where(in_scope(ExchangeFile, actor), ExchangeFile.closed_at.is_(None))
    return session.scalars(query.order_by(ExchangeFile.id)).all()


def closed_files_for(actor: Actor) -> Sequence[ExchangeFile]:
    """The last files in scope that are done, newest first."""
    query = select(ExchangeFile).where(in_scope(ExchangeFile, actor), ExchangeFile.closed_at.is_not(None))
    return session.scalars(query.order_by(ExchangeFile.id.desc()).limit(MOST_SHOWN)).all()


def file_for(file_id: int, actor: Actor, *, hold: bool = False) -> ExchangeFile:
    """A file in scope; raises NotFound."""
    query = select(ExchangeFile).where(ExchangeFile.id == file_id, in_scope(ExchangeFile, actor))
    query = query.execution_options(populate_existing=True)
    if hold:
        query = query.options(undefer(ExchangeFile.answers)).with_for_update(of=ExchangeFile)
    found = session.scalar(query)
    if found is None:
        raise NotFound()
    return found


def _next(province_id: int) -> tuple[ColumnElement[bool], ...]:
    return WaitingForFile.province_id == province_id, WaitingForFile.file_id.is_(None)


def waiting_in(province_id: int) -> dict[str, Waiting]:
    """What waits in a province and stands in no open file, by kind."""
    counted = (func.count(), func.sum(WaitingForFile.rows), func.min(WaitingForFile.since))
    query = select(WaitingForFile.kind, *counted).where(*_next(province_id)).group_by(WaitingForFile.kind)
    return {kind: Waiting(*told) for kind, *told in session.execute(query)}


def shares(province_id: int, kind: str, most: int) -> Iterator[int]:
    """What waits, divided into shares of at most so many rows: the last message of each."""
    query = select(WaitingForFile.message_id, WaitingForFile.rows).where(*_next(province_id))
    rows = last = 0
    for message_id, own in session.execute(
        query.where(WaitingForFile.kind == kind).order_by(WaitingForFile.message_id)
    ):
        if rows and rows + own > most:
            yield last
            rows = 0
        rows, last = rows + own, message_id
    if rows:
        yield last


def share(province_id: int, kind: str, most: int, until: int | None) -> list[int]:
    """The messages of the next file, in their order: at most so many rows, none behind `until`. One at least."""
    query = select(WaitingForFile.message_id, WaitingForFile.rows).where(*_next(province_id))
    query = query.where(WaitingForFile.kind == kind).order_by(WaitingForFile.message_id).limit(most)
    if until is not None:
        query = query.where(WaitingForFile.message_id <= until)
    rows = 0
    chosen: list[int] = []
    for message_id, own in session.execute(query):
        if chosen and rows + own > most:
            break
        rows += own
        chosen.append(message_id)
    return chosen
