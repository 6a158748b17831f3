"""Answers back: what was taken, what was refused, and what nobody waits for any longer."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from flask_babel import lazy_gettext as _
from sqlalchemy import select, update

from app.access import audit
from app.access.actors import Actor, require
from app.base import clock
from app.base.database import session, transaction
from app.base.errors import Conflict, Invalid
from app.ems import by_file
from app.ems.models import WaitingForFile
from app.exchange import services
from app.exchange.models import ExchangeFile, ExchangeLine
from app.exchange.queries import file_for
from app.exchange.services import MODULE, READ, READERS, VIEW
from app.exchange.services.endings import end_messages
from app.exchange.sheets import answers_in
from app.workflow import background
from app.workflow.models import Job

MOST_PROBLEM: Final = 500


@dataclass(frozen=True)
class Answered:
    """What became of the messages of a file: taken there, refused there, still without an answer."""

    taken: int
    refused: int
    waiting: int


def take_answers(file_id: int, content: bytes, *, actor: Actor) -> Answered | Job:
    """Take what was answered to the messages of a file; the same answers again change nothing. Those of a large file are
    kept for a worker, whose job is returned.

    A message is done when all its rows were taken, and refused with their reasons when one was not: somebody has to act
    then, as with any refusal of an employment system. Raises Forbidden, NotFound, Invalid, TooLarge, Conflict (`busy`).
    """
    with transaction():
        file = _idle(file_id, actor)
        if file.rows <= services.MOST_AT_ONCE:
            return _answered(file, content, actor)
        file.answers, file.answers_at = content, clock.now()
        return background.start(READ, [{"file": file.id}], actor=actor, payload={"file": file.id})


def take_kept_answers(file_id: int, *, actor: Actor) -> Answered:
    """The same for answers that were kept for a worker. Raises as take_answers does; then nothing of them is kept."""
    with transaction():
        file = _held(file_id, actor)
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
        file = _idle(file_id, actor)
        session.execute(update(ExchangeLine).where(ExchangeLine.file_id == file.id).values(open=False))
        session.execute(update(WaitingForFile).where(WaitingForFile.file_id == file.id).values(file_id=None))
        _close(file)
        audit.record("exchange_given_up", actor=actor, subject=f"{VIEW} {file.id}")
    return file


def _held(file_id: int, actor: Actor) -> ExchangeFile:
    require(actor, "can_answer", VIEW, kinds=READERS, module=MODULE)
    return file_for(file_id, actor, hold=True)


def _idle(file_id: int, actor: Actor) -> ExchangeFile:
    file = _held(file_id, actor)
    if file.being_read:
        raise Conflict(_("The answers that came before are being read still. Please wait a moment."), "busy")
    return file


def _close(file: ExchangeFile) -> None:
    """Nothing more is to be done with it, and its content is not kept."""
    if file.closed_at is None:
        file.closed_at, file.content, file.answers, file.answers_at = clock.now(), None, None, None


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
    end_messages(ended)
    by_file.forget(ended)
    if file.waiting == 0:
        _close(file)
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
