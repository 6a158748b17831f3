"""The only writers of files for employment systems without an interface, and of what they answer.

Each step is one transaction: a file and its messages, or the answers of a file, are kept whole or not at all. A message
waits in the outbox until its answer has come, whatever becomes of the file. What fills more than MOST_AT_ONCE rows is
written and read by a worker, file by file.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from flask_babel import lazy_gettext as _
from sqlalchemy import insert, select, update

from app.access import audit
from app.access.actors import OPERATOR, PROVINCE, Actor, require
from app.base import clock
from app.base.database import session, transaction
from app.base.errors import Conflict, Invalid, NotFound
from app.ems import by_file
from app.ems.by_file import KINDS
from app.ems.models import WaitingForFile
from app.exchange.models import ExchangeFile, ExchangeLine
from app.exchange.queries import file_for, share, shares, waiting_in
from app.exchange.sheets import FORMATS, Row, answers_in, rows_of, written
from app.schools.models import Province
from app.workflow import background
from app.workflow.models import Job, OutboxMessage

VIEW: Final = "exchange"
MODULE: Final = "employment"
READERS: Final = (OPERATOR, PROVINCE)
WRITE, READ = "exchange_write", "exchange_answers"
MOST_ROWS: Final = 10_000  # of a file, as spreadsheet programs open it without waiting
MOST_AT_ONCE: Final = 1000  # rows that a request writes or reads
MOST_PROBLEM: Final = 500
_PART: Final = 500
_NOBODY: Final = "the graduate of this message does not exist"


@dataclass(frozen=True)
class Answered:
    """What became of the messages of a file: taken there, refused there, still without an answer."""

    taken: int
    refused: int
    waiting: int


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
        if waits is not None and waits.rows > MOST_AT_ONCE:
            wanted = {"kind": kind, "format": form, "province": place.code}
            items = [{**wanted, "until": until} for until in shares(place.id, kind, MOST_ROWS)]
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


def take_answers(file_id: int, content: bytes, *, actor: Actor) -> Answered | Job:
    """Take what was answered to the messages of a file; the same answers again change nothing. Those of a large file are
    kept for a worker, whose job is returned.

    A message is done when all its rows were taken, and refused with their reasons when one was not: somebody has to act
    then, as with any refusal of an employment system. Raises Forbidden, NotFound, Invalid, TooLarge, Conflict (`busy`).
    """
    with transaction():
        require(actor, "can_answer", VIEW, kinds=READERS, module=MODULE)
        file = file_for(file_id, actor, hold=True)
        if file.answers_at is not None:
            raise Conflict(_("The answers that came before are being read still. Please wait a moment."), "busy")
        if file.rows <= MOST_AT_ONCE:
            return _answered(file, content, actor)
        file.answers, file.answers_at = content, clock.now()
        return background.start(READ, [{"file": file.id}], actor=actor, payload={"file": file.id})


def take_kept_answers(file_id: int, *, actor: Actor) -> Answered:
    """The same for answers that were kept for a worker. Raises as take_answers does; then nothing of them is kept."""
    with transaction():
        require(actor, "can_answer", VIEW, kinds=READERS, module=MODULE)
        file = file_for(file_id, actor, hold=True)
        return _answered(file, bytes(file.answers or b""), actor)


def drop_kept_answers(file_id: int) -> None:
    """Keep the answers no longer that a worker was to read: they were read, or cannot be."""
    with transaction():
        gone = {"answers": None, "answers_at": None}
        session.execute(update(ExchangeFile).where(ExchangeFile.id == file_id).values(gone))


def give_up_file(file_id: int, *, actor: Actor) -> ExchangeFile:
    """Wait no longer for the answers that are missing: what had none goes with the next file, under the same sequence.

    Raises Forbidden, NotFound, Conflict (`busy`).
    """
    with transaction():
        require(actor, "can_answer", VIEW, kinds=READERS, module=MODULE)
        file = file_for(file_id, actor, hold=True)
        if file.answers_at is not None:
            raise Conflict(_("The answers that came before are being read still. Please wait a moment."), "busy")
        session.execute(update(ExchangeLine).where(ExchangeLine.file_id == file.id).values(open=False))
        session.execute(update(WaitingForFile).where(WaitingForFile.file_id == file.id).values(file_id=None))
        if file.closed_at is None:
            file.closed_at, file.content = clock.now(), None
        audit.record("exchange_given_up", actor=actor, subject=f"{VIEW} {file.id}")
    return file


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
    chosen = share(place.id, kind, MOST_ROWS, until)
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
        _close({one.id: None if "action" in one.payload else _NOBODY for one in messages if one.id not in told})
        lines.update((key, len(rows)) for key, rows in told.items())
        for message in messages:
            session.expunge(message)
        for rows in told.values():
            yield from rows


def _answered(file: ExchangeFile, content: bytes, actor: Actor) -> Answered:
    """Write down what a file with answers says."""
    taken, problems = _sorted(content)
    query = select(ExchangeLine.message_id, ExchangeLine.rows, ExchangeLine.open)
    lines = {
        key: (rows, is_open) for key, rows, is_open in session.execute(query.where(ExchangeLine.file_id == file.id))
    }
    strange = sorted((set(taken) | set(problems)) - set(lines))
    if strange:
        raise Invalid({"file": [_("Sequence %(number)s does not stand in this file.", number=strange[0])]})
    ended = {
        key: problems.get(key)
        for key, (rows, is_open) in lines.items()
        if is_open and (key in problems or taken.get(key, 0) >= rows)
    }
    _end_lines(file, ended)
    _close(ended)
    by_file.forget(ended)
    if file.closed_at is None and file.waiting == 0:
        file.closed_at, file.content = clock.now(), None
    outcome = Answered(file.taken, file.refused, file.messages - file.taken - file.refused)
    audit.record("exchange_answers", actor=actor, subject=f"{VIEW} {file.id}", detail=vars(outcome))
    return outcome


def _sorted(content: bytes) -> tuple[Counter[int], dict[int, str]]:
    """How many rows of each message were taken, and why messages were refused."""
    taken: Counter[int] = Counter()
    problems: defaultdict[int, list[str]] = defaultdict(list)
    for sequence, is_taken, problem in answers_in(content):
        if is_taken:
            taken[sequence] += 1
        else:
            problems[sequence].append(problem)
    return taken, {key: "; ".join(filter(None, texts))[:MOST_PROBLEM] for key, texts in problems.items()}


def _end_lines(file: ExchangeFile, ended: Mapping[int, str | None]) -> None:
    for is_taken in (True, False):
        ids = [key for key, problem in ended.items() if (problem is None) == is_taken]
        own = (ExchangeLine.file_id == file.id, ExchangeLine.message_id.in_(ids))
        session.execute(update(ExchangeLine).where(*own).values(open=False, taken=is_taken))
        if is_taken:
            file.taken += len(ids)
        else:
            file.refused += len(ids)


def _close(ended: Mapping[int, str | None]) -> None:
    """End these messages: done, or refused for a reason."""
    query = select(OutboxMessage.id).where(OutboxMessage.id.in_(ended), OutboxMessage.status != "done")
    held = session.scalars(query.order_by(OutboxMessage.id).with_for_update()).all()
    done: dict[str, Any] = {"status": "done", "done_at": clock.now()}
    done |= {"last_error": None, "error_code": None, "error_detail": None}
    taken = [key for key in held if ended[key] is None]
    session.execute(update(OutboxMessage).where(OutboxMessage.id.in_(taken)).values(done))
    refused = [
        {"id": key, "status": "failed", "error_detail": problem, "last_error": f"EmsRefused: {problem}"}
        for key in held
        if (problem := ended[key]) is not None
    ]
    if refused:
        session.execute(update(OutboxMessage), [{**one, "error_code": "ems_refused"} for one in refused])
