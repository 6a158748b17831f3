"""Files out: what waits is written into them, and they are kept until they are answered."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from flask_babel import lazy_gettext as _
from sqlalchemy import insert, select, update

from app.access import audit
from app.access.actors import OPERATOR, Actor, require
from app.base import clock
from app.base.database import session, transaction
from app.base.errors import Conflict, Invalid, NotFound
from app.ems import by_file
from app.ems.by_file import KINDS
from app.ems.models import WaitingForFile
from app.exchange import services
from app.exchange.models import ExchangeFile, ExchangeLine
from app.exchange.queries import file_for, share, shares, waiting_in
from app.exchange.services import MODULE, READERS, VIEW, WRITE
from app.exchange.services.endings import end_messages
from app.exchange.sheets import FORMATS, Row, rows_of, written
from app.schools.models import Province
from app.workflow import background
from app.workflow.models import Job, OutboxMessage

_PART: Final = 500
_NOBODY: Final = "the graduate of this message does not exist"


def write_file(kind: str, form: str, *, actor: Actor, province: str = "") -> ExchangeFile | Job:
    """Write what waits into a file and keep it; provinces for themselves, operators for any that exchanges files.

    Of much a worker writes as many files as it needs: then the job is returned. A message stands in one open file at
    most, so a second call at the same time is refused. Raises Forbidden, Invalid, Conflict (`nothing_waits`, `busy`).
    """
    with transaction():
        require(actor, "can_write", VIEW, kinds=READERS, module=MODULE)
        place = _place(province, actor)
        if kind not in KINDS:
            raise Invalid({"kind": [_("Please choose what the file shall hold.")]})
        if form not in FORMATS:
            raise Invalid({"format": [_("Please choose a format.")]})
        waits = waiting_in(place.id).get(kind)
        if waits is not None and waits.rows > services.MOST_AT_ONCE:
            wanted = {"kind": kind, "format": form, "province": place.code}
            items = [{**wanted, "until": until} for until in shares(place.id, kind, services.MOST_ROWS)]
            return background.start(WRITE, items, actor=actor, payload=wanted)
        _hold(place, wait=False)
        file = _written(kind, form, place, actor)
    if file is None:
        raise Conflict(_("Nothing waits for a file of this kind."), "nothing_waits")
    return file


def write_share(kind: str, form: str, until: int, *, actor: Actor, province: str) -> ExchangeFile | None:
    """One of the files of a job: of what waits up to a message. None where others have taken it meanwhile."""
    with transaction():
        require(actor, "can_write", VIEW, kinds=READERS, module=MODULE)
        place = _place(province, actor)
        _hold(place, wait=True)
        return _written(kind, form, place, actor, until)


def read_file(file_id: int, *, actor: Actor) -> tuple[str, bytes]:
    """Name and bytes of a file, the same however often it is asked for; gone once it is answered or given up.

    Raises Forbidden, NotFound.
    """
    with transaction():
        require(actor, "can_write", VIEW, kinds=READERS, module=MODULE)
        file = file_for(file_id, actor)
        session.refresh(file, ["content"])
        if file.content is None:
            raise NotFound()
        file.fetched_at = file.fetched_at or clock.now()
        audit.record(audit.EXPORT, actor=actor, subject=f"{VIEW} {file.id}", detail={"kind": file.kind, "again": True})
        return file.name, bytes(file.content)


def _place(code: str, actor: Actor) -> Province:
    query = select(Province).where(Province.code.in_(by_file.provinces()))
    query = (
        query.where(Province.code == code) if actor.kind == OPERATOR else query.where(Province.id == actor.province_id)
    )
    found = session.scalar(query)
    if found is None:
        raise Invalid({"province": [_("This province does not exchange files.")]})
    return found


def _hold(place: Province, *, wait: bool) -> None:
    """Two files of a province are written one after the other; who writes records of its students is not held up."""
    query = select(Province.id).where(Province.id == place.id)
    if session.scalar(query.with_for_update(key_share=True, skip_locked=not wait)) is None:
        raise Conflict(_("Another file of this province is being written. Please try again in a moment."), "busy")


def _written(kind: str, form: str, place: Province, actor: Actor, until: int | None = None) -> ExchangeFile | None:
    """A file of what waits; None where nothing does."""
    chosen = share(place.id, kind, services.MOST_ROWS, until)
    if not chosen:
        return None
    file = ExchangeFile(province=place, province_id=place.id, kind=kind, format=form, rows=0, made_by=actor.name)
    session.add(file)
    session.flush()
    lines: dict[int, int] = {}
    file.content = written(kind, form, _rows(chosen, lines), file.name)
    file.rows, file.messages = sum(lines.values()), len(lines)
    if not lines:
        session.delete(file)
        return None
    session.execute(
        insert(ExchangeLine), [{"file_id": file.id, "message_id": key, "rows": rows} for key, rows in lines.items()]
    )
    session.execute(update(WaitingForFile).where(WaitingForFile.message_id.in_(lines)).values(file_id=file.id))
    session.flush()
    audit.record(audit.EXPORT, actor=actor, subject=f"{VIEW} {file.id}", detail={"kind": kind, "rows": file.rows})
    return file


def _rows(chosen: Sequence[int], lines: dict[int, int]) -> Iterator[Row]:
    """The rows of these messages, a part of them in memory at a time; `lines` learns how many each has.

    What is no longer to be told, or of nobody that is still there, waits no longer.
    """
    for start in range(0, len(chosen), _PART):
        part = chosen[start : start + _PART]
        query = select(OutboxMessage).where(OutboxMessage.id.in_(part), OutboxMessage.status == "queued")
        messages = session.scalars(query.order_by(OutboxMessage.id)).all()
        told = {key: rows for key, rows in rows_of(messages) if rows}
        by_file.forget(set(part) - set(told))
        end_messages({one.id: None if "action" in one.payload else _NOBODY for one in messages if one.id not in told})
        lines.update((key, len(rows)) for key, rows in told.items())
        for message in messages:
            session.expunge(message)
        for rows in told.values():
            yield from rows
