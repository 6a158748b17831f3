"""What waits for a file, and the files that a reader may see."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from sqlalchemy import or_, select
from sqlalchemy.orm import undefer

from app.access.actors import OPERATOR, Actor
from app.access.scope import in_scope
from app.base import clock
from app.base.database import session
from app.base.errors import NotFound
from app.ems import by_file
from app.exchange.models import KINDS, STUDENTS, ExchangeFile, ExchangeLine
from app.schools.models import Province
from app.workflow.models import OutboxMessage

MOST_SHOWN = 50
_PART = 500


def places_for(actor: Actor) -> Sequence[Province]:
    """The provinces of the reader that exchange files."""
    query = select(Province).where(Province.code.in_(by_file.provinces())).order_by(Province.code)
    if actor.kind != OPERATOR:
        query = query.where(Province.id == actor.province_id)
    return session.scalars(query).all()


def files_for(actor: Actor) -> Sequence[ExchangeFile]:
    """The last files in scope, newest first."""
    query = select(ExchangeFile).where(in_scope(ExchangeFile, actor)).order_by(ExchangeFile.id.desc())
    return session.scalars(query.options(*ExchangeFile.eager_options()).limit(MOST_SHOWN)).all()


def file_for(file_id: int, actor: Actor, *, hold: bool = False) -> ExchangeFile:
    """A file in scope with its messages; raises NotFound."""
    query = select(ExchangeFile).where(ExchangeFile.id == file_id, in_scope(ExchangeFile, actor))
    query = query.options(*ExchangeFile.eager_options(), undefer(ExchangeFile.content))
    query = query.execution_options(populate_existing=True)
    found = session.scalar(query.with_for_update(of=ExchangeFile) if hold else query)
    if found is None:
        raise NotFound()
    return found


def waiting(code: str) -> Iterator[OutboxMessage]:
    """What has to be told in a province and stands in no open file, in its order."""
    held = select(ExchangeLine.message_id).where(ExchangeLine.open)
    free = or_(OutboxMessage.not_before.is_(None), OutboxMessage.not_before <= clock.now())
    last = 0
    while True:
        query = select(OutboxMessage).where(
            OutboxMessage.kind == "ems", OutboxMessage.status == "queued", OutboxMessage.id > last, free
        )
        query = query.where(OutboxMessage.id.not_in(held)).order_by(OutboxMessage.id).limit(_PART)
        part = session.scalars(query).all()
        if not part:
            return
        places = by_file.places_of(part)
        yield from (message for message in part if set(places[message.id]) == {code} and kind_of(message))
        last = part[-1].id


def kind_of(message: OutboxMessage) -> str:
    """In which kind of file a message goes; "" for what nobody has to carry."""
    action = message.payload.get("action", "report")
    if action == "report":
        kind = message.payload.get("record", "destination")
        return kind if kind in KINDS else ""
    return "" if action == "switch" else STUDENTS


def counts(code: str) -> dict[str, int]:
    """How many messages of each kind wait in a province."""
    return dict(Counter(map(kind_of, waiting(code))))
