"""The only writers of files for employment systems without an interface, and of what they answer.

Each step is one transaction: a file and its messages, or the answers of a file, are kept whole or not at all. A message
waits in the outbox until its answer has come, whatever becomes of the file.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from itertools import islice
from typing import Final

from flask_babel import lazy_gettext as _
from sqlalchemy import select

from app.access import audit
from app.access.actors import OPERATOR, PROVINCE, Actor, require
from app.base import clock
from app.base.database import session, transaction
from app.base.errors import Conflict, Invalid, NotFound
from app.ems import by_file
from app.exchange.models import KINDS, ExchangeFile, ExchangeLine
from app.exchange.queries import file_for, kind_of, waiting
from app.exchange.sheets import FORMATS, answers_in, rows_of, written
from app.schools.models import Province
from app.workflow.models import OutboxMessage

VIEW: Final = "exchange"
MODULE: Final = "employment"
READERS: Final = (OPERATOR, PROVINCE)
MOST: Final = 2000  # messages in a file
MOST_PROBLEM: Final = 500


@dataclass(frozen=True)
class Answered:
    """What became of the messages of a file: taken there, refused there, still without an answer."""

    taken: int
    refused: int
    waiting: int


def write_file(kind: str, form: str, *, actor: Actor, province: str = "") -> ExchangeFile:
    """Write what waits into a file and keep it; provinces for themselves, operators for any that exchanges files.

    A message stands in one open file at most, so a second call at the same time writes others or nothing. Raises
    Forbidden, Invalid, Conflict (`nothing_waits`).
    """
    with transaction():
        require(actor, "can_write", VIEW, kinds=READERS, module=MODULE)
        place = _place(province, actor)
        if kind not in KINDS:
            raise Invalid({"kind": [_("Please choose what the file shall hold.")]})
        if form not in FORMATS:
            raise Invalid({"format": [_("Please choose a format.")]})
        chosen = islice((one for one in waiting(place.code) if kind_of(one) == kind), MOST)
        told = [(message, rows_of(message)) for message in chosen]
        told = [(message, rows) for message, rows in told if rows]
        if not told:
            raise Conflict(_("Nothing waits for a file of this kind."), "nothing_waits")
        file = ExchangeFile(
            province=place,
            province_id=place.id,
            kind=kind,
            format=form,
            rows=0,
            made_by=actor.name,
            made_at=clock.now(),
        )
        file.lines = [ExchangeLine(message_id=message.id, rows=len(rows)) for message, rows in told]
        session.add(file)
        session.flush()
        every = [row for _message, rows in told for row in rows]
        file.rows, file.content = len(every), written(kind, form, every, file.name)
        session.flush()
        audit.record(audit.EXPORT, actor=actor, subject=f"{VIEW} {file.id}", detail={"kind": kind, "rows": file.rows})
    return file


def read_file(file_id: int, *, actor: Actor) -> tuple[str, bytes]:
    """Name and bytes of a file, the same however often it is asked for; gone once it is answered or given up.

    Raises Forbidden, NotFound.
    """
    with transaction():
        require(actor, "can_write", VIEW, kinds=READERS, module=MODULE)
        file = file_for(file_id, actor)
        if file.content is None:
            raise NotFound()
        audit.record(audit.EXPORT, actor=actor, subject=f"{VIEW} {file.id}", detail={"kind": file.kind, "again": True})
        return file.name, bytes(file.content)


def take_answers(file_id: int, content: bytes, *, actor: Actor) -> Answered:
    """Take what was answered to the messages of a file; the same answers again change nothing.

    A message is done when all its rows were taken, and refused with their reasons when one was not: somebody has to act
    then, as with any refusal of an employment system. Raises Forbidden, NotFound, Invalid, TooLarge.
    """
    with transaction():
        require(actor, "can_answer", VIEW, kinds=READERS, module=MODULE)
        file = file_for(file_id, actor, hold=True)
        taken, problems = _sorted(content)
        lines = {line.message_id: line for line in file.lines}
        strange = sorted((set(taken) | set(problems)) - set(lines))
        if strange:
            raise Invalid({"file": [_("Sequence %(number)s does not stand in this file.", number=strange[0])]})
        for key, line in lines.items():
            if line.open and (key in problems or taken.get(key, 0) >= line.rows):
                line.open, line.taken = False, key not in problems
                _close(key, problems.get(key))
        _close_if_answered(file)
        outcome = Answered(*(sum(line.taken is one for line in file.lines) for one in (True, False, None)))
        audit.record("exchange_answers", actor=actor, subject=f"{VIEW} {file.id}", detail=vars(outcome))
    return outcome


def give_up_file(file_id: int, *, actor: Actor) -> ExchangeFile:
    """Wait no longer for the answers that are missing: what had none goes with the next file, under the same sequence.

    Raises Forbidden, NotFound.
    """
    with transaction():
        require(actor, "can_answer", VIEW, kinds=READERS, module=MODULE)
        file = file_for(file_id, actor, hold=True)
        for line in file.lines:
            line.open = False
        _close_if_answered(file)
        audit.record("exchange_given_up", actor=actor, subject=f"{VIEW} {file.id}")
    return file


def _place(code: str, actor: Actor) -> Province:
    """The province, held: two files of one are written one after the other."""
    query = select(Province).where(Province.code.in_(by_file.provinces()))
    query = (
        query.where(Province.code == code) if actor.kind == OPERATOR else query.where(Province.id == actor.province_id)
    )
    found = session.scalar(query.with_for_update())
    if found is None:
        raise Invalid({"province": [_("This province does not exchange files.")]})
    return found


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


def _close(message_id: int, problem: str | None) -> None:
    message = session.get(OutboxMessage, message_id, with_for_update=True, populate_existing=True)
    if message is None or message.status == "done":
        return
    if problem is None:
        message.status, message.done_at = "done", clock.now()
        message.last_error = message.error_code = message.error_detail = None
    else:
        message.status, message.error_code, message.error_detail = "failed", "ems_refused", problem
        message.last_error = f"EmsRefused: {problem}"


def _close_if_answered(file: ExchangeFile) -> None:
    if file.closed_at is None and not any(line.open for line in file.lines):
        file.closed_at, file.content = clock.now(), None
