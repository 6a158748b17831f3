"""Proof that nobody changed histories, states or the audit trail behind the program's back; reads in pieces.

What a stranger finds with the export alone is in docs/verify_history.py; here the keys, the database and the states of
the cases are known too.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import exists, func, or_, select, tuple_
from sqlalchemy.orm import aliased

from app.access.audit import AuditLine, content_of
from app.base import chainkeys, clock
from app.base.database import session
from app.base.settings import settings
from app.schools.models import School
from app.trail import blocks, heads
from app.trail.models import AuditBlock
from app.workflow import history, registry
from app.workflow.history import Break
from app.workflow.models import History
from app.workflow.table import Workflow

_PIECE = 500


def findings(outside: Iterable[Path] = ()) -> Iterator[str]:
    """Everything that is not as the program wrote it, in words; `outside` are files of heads that others have kept."""
    yield from map(_told, history.broken_links())
    for workflow in registry.all_workflows():
        yield from _states(workflow)
    yield from _trail()
    yield from _head_files()
    for path in outside:
        yield from _heads_of(heads.HeadFile(path.stem, path.read_bytes()))


# Histories ------------------------------------------------------------------------------------------------------------


def _told(broken: Break) -> str:
    place = {"chain": _chain(broken.chain), "seq": broken.seq}
    record = _record(broken.workflow, broken.case_id) if broken.workflow else ""
    texts = {
        history.CHANGED: _(
            "%(chain)s, step %(seq)s: the step of %(record)s was changed or written anew.", **place, record=record
        ),
        history.REMOVED: _("%(chain)s: steps are missing before step %(seq)s (%(record)s).", **place, record=record),
        history.UNSEALED: _("%(chain)s, step %(seq)s: the step of %(record)s bears no seal.", **place, record=record),
        history.NO_KEY: _(
            "%(chain)s, step %(seq)s: sealed with a key that is not here. Please add it to CHAIN_KEYS.", **place
        ),
        history.CUT: _(
            "%(chain)s: does not end where it is sealed to end; steps from %(seq)s on were cut off or added.", **place
        ),
        history.MORE: _("%(chain)s: there are more such places from step %(seq)s on.", **place),
        history.NO_HEAD: _("%(chain)s: the end of the history is missing.", **place),
    }
    return texts[broken.why]


def _states(workflow: Workflow) -> Iterator[str]:
    """Cases whose state is not where their history has left them; steps whose case is gone."""
    model = workflow.model
    steps = select(History.to_state).where(History.workflow == workflow.name, History.case_id == model.id)
    last = steps.order_by(History.id.desc()).limit(1).correlate(model).scalar_subquery()
    stands = tuple_(model.state, model.stage, func.coalesce(model.waits_for, ""))
    right = [(state.name, state.stage, state.waits_for or "") for state in workflow.states]
    query = select(model.id, model.state, last).order_by(model.id)
    query = query.where(or_(last.is_distinct_from(model.state), stands.not_in(right)))
    for case_id, state, told in session.execute(query.execution_options(yield_per=_PIECE)):
        yield _misplaced(workflow, _record(workflow.name, case_id), state, told)
    gone = select(History.case_id).where(History.workflow == workflow.name).distinct()
    gone = gone.where(~exists(select(model.id).where(model.id == History.case_id)))
    ended = aliased(History)
    thrown_away = select(ended.id).where(ended.workflow == workflow.name, ended.case_id == History.case_id)
    gone = gone.where(~exists(thrown_away.where(ended.to_state == history.DISCARDED)))
    for (case_id,) in session.execute(gone.execution_options(yield_per=_PIECE)):
        yield _("%(record)s has a history, but the record is gone.", record=_record(workflow.name, case_id))


def _misplaced(workflow: Workflow, record: str, state: str, told: str | None) -> str:
    if told is None:
        return _("%(record)s has no history.", record=record)
    if told == state:
        return _("%(record)s is counted as if it stood at another state, or waited for somebody else.", record=record)
    return _(
        "%(record)s stands at “%(state)s”, but its history has left it at “%(told)s”.",
        record=record,
        state=_state(workflow, state),
        told=_state(workflow, told),
    )


# Audit trail ----------------------------------------------------------------------------------------------------------


def _trail() -> Iterator[str]:
    """Blocks of lines, each behind the one before; then the lines that are not linked yet."""
    previous, number, after, sealed = b"", 1, 0, False
    query = select(AuditBlock).order_by(AuditBlock.id).execution_options(yield_per=_PIECE)
    for block in session.scalars(query):
        if block.id != number or block.first_line != after + 1 or not blocks.holds(block, previous):
            yield _("Audit trail: block %(number)s was changed, or blocks before it are missing.", number=block.id)
        sealed = yield from _lines(block, sealed)
        previous, number, after = bytes(block.hash), block.id + 1, block.last_line
    rest = select(AuditLine).where(AuditLine.id > after).order_by(AuditLine.id)
    for line in session.scalars(rest.execution_options(yield_per=_PIECE)):
        if not _line_holds(line, sealed):
            yield _line_told(line)
        sealed = sealed or line.seal is not None


def _lines(block: AuditBlock, sealed: bool) -> Any:
    whole, count = hashlib.sha256(), 0
    for line in blocks.lines_of(block):
        blocks.add_line(whole, line)
        if not _line_holds(line, sealed):
            yield _line_told(line)
        sealed, count = sealed or line.seal is not None, count + 1
    forgotten = count == 0 and block.until < clock.now() - timedelta(days=settings().audit_days)
    if not forgotten and (count, whole.digest()) != (block.lines, bytes(block.root)):
        yield _(
            "Audit trail: of the %(lines)s lines from %(first)s to %(last)s some were removed, added or changed.",
            lines=block.lines,
            first=block.first_line,
            last=block.last_line,
        )
    return sealed


def _line_holds(line: AuditLine, sealed: bool) -> bool:
    """Lines from before there were seals stand before all others."""
    return not sealed if line.seal is None else chainkeys.holds(line.seal, content_of(line))


def _line_told(line: AuditLine) -> str:
    return _("Audit trail: line %(number)s was changed or bears no seal.", number=line.id)


# Heads outside the database -------------------------------------------------------------------------------------------


def _head_files() -> Iterator[str]:
    previous, known = "", {}
    for file in heads.all_files():
        known[file.day] = file.digest
        if not heads.is_sealed(file):
            yield _("Sealed heads of %(day)s: the file was changed.", day=file.day)
        if file.statement["previous"] != previous:
            yield _("Sealed heads of %(day)s: the file before it is missing or was changed.", day=file.day)
        previous = file.digest
        yield from _heads_of(file)
    told = select(AuditLine.subject, AuditLine.detail).where(AuditLine.action == heads.SEALED).order_by(AuditLine.id)
    for day, detail in session.execute(told):
        if known.get(str(day)) != detail.get("digest"):
            yield _("Sealed heads of %(day)s: the file is missing or is another one.", day=day)


def _heads_of(file: heads.HeadFile) -> Iterator[str]:
    """Whether the chains still go through the ends that were sealed on that day."""
    told = [(name, seq, link) for name, seq, link in file.statement["heads"] if seq]
    for start in range(0, len(told), _PIECE):
        piece = told[start : start + _PIECE]
        found = _links_of(piece)
        for name, seq, link in piece:
            if found.get((name, seq)) != link:
                yield _(
                    "%(chain)s: step %(seq)s is not the one that was sealed on %(day)s; "
                    "the history was cut, removed or written anew since.",
                    chain=_head_name(name),
                    seq=seq,
                    day=file.day,
                )


def _links_of(told: list[tuple[str, int, str]]) -> dict[tuple[str, int], str]:
    steps = [(int(name.partition("/")[2]), seq) for name, seq, _link in told if name != heads.AUDIT]
    query = select(History.chain, History.seq, History.hash).where(tuple_(History.chain, History.seq).in_(steps))
    found = {(heads.name_of(chain), seq): bytes(link).hex() for chain, seq, link in session.execute(query)}
    ends = [seq for name, seq, _link in told if name == heads.AUDIT]
    if ends:
        rows = session.execute(select(AuditBlock.id, AuditBlock.hash).where(AuditBlock.id.in_(ends)))
        found |= {(heads.AUDIT, number): bytes(link).hex() for number, link in rows}
    return found


# Words ----------------------------------------------------------------------------------------------------------------


def _chain(chain: int) -> str:
    name = session.scalar(select(School.name).where(School.id == chain))
    return _("History of %(school)s", school=name) if name else _("History %(number)s", number=chain)


def _head_name(name: str) -> str:
    return _("Audit trail") if name == heads.AUDIT else _chain(int(name.partition("/")[2]))


def _state(workflow: Workflow, name: str) -> str:
    known = next((state for state in workflow.states if state.name == name), None)
    return str(known.label) if known else name


def _record(workflow: str | None, case_id: int | None) -> str:
    """The case by its workflow, its id and, where it has one, its number."""
    table = next((one for one in registry.all_workflows() if one.name == workflow), None)
    if table is None:
        return f"{workflow} #{case_id}"
    numbered = hasattr(table.model.number, "property")
    number = session.scalar(select(table.model.number).where(table.model.id == case_id)) if numbered else None
    return f"{table.label} #{case_id}" + (f" ({number})" if number else "")
