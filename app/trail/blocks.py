"""Linking of the audit trail: lines are written without a lock, and bound together a minute later, in their order."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta

from sqlalchemy import delete, func, select, text

from app.access.audit import AuditLine, content_of
from app.base import chainkeys, clock
from app.base.chainkeys import canonical
from app.base.database import session, transaction
from app.base.settings import settings
from app.trail.models import AuditBlock

MOST = 10_000  # lines of a block
_MARGIN = timedelta(minutes=1)
_LOCK = 728_301_554  # any number that nothing else uses
_AGE = text(
    "SELECT max(now() - xact_start) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid() AND xact_start IS NOT NULL"
)


def close_blocks(margin: timedelta = _MARGIN) -> int:
    """Link the lines that are older than every transaction that still runs: none can come between them any more.

    Called by the clock. Returns how many lines were linked.
    """
    linked = 0
    with transaction():
        session.execute(select(func.pg_advisory_xact_lock(_LOCK)))
        horizon = clock.now() - (session.scalar(_AGE) or timedelta()) - margin
        last = last_block()
        bound = session.scalar(
            select(AuditLine.id)
            .where(AuditLine.id > (last.last_line if last else 0), AuditLine.at < horizon)
            .order_by(AuditLine.id.desc())
            .limit(1)
        )
        while bound is not None:
            lines = _lines(last.last_line if last else 0, bound)
            if not lines:
                break
            last = _linked(lines, last)
            session.add(last)
            session.flush()
            linked += last.lines
    return linked


def last_block() -> AuditBlock | None:
    """The end of the trail's chain."""
    return session.scalar(select(AuditBlock).order_by(AuditBlock.id.desc()).limit(1))


def forget_old_lines() -> int:
    """Remove whole blocks of lines whose time is over (AUDIT_DAYS, never less than 180); the blocks stay.

    Called by the clock; the database itself refuses what is younger than 180 days.
    """
    limit = clock.now() - timedelta(days=settings().audit_days)
    oldest = select(func.min(AuditLine.id)).scalar_subquery()
    query = select(AuditBlock).where(AuditBlock.until < limit, AuditBlock.last_line >= oldest).order_by(AuditBlock.id)
    gone = 0
    for block in session.scalars(query.limit(100)).all():
        with transaction():
            own = AuditLine.id.between(block.first_line, block.last_line)
            gone += session.execute(delete(AuditLine).where(own)).rowcount
    return gone


def lines_of(block: AuditBlock) -> Iterator[AuditLine]:
    """The lines of a block, in order, read in pieces."""
    own = AuditLine.id.between(block.first_line, block.last_line)
    query = select(AuditLine).where(own).order_by(AuditLine.id)
    return iter(session.scalars(query.execution_options(yield_per=1000)))


def root_of(lines: Iterable[AuditLine]) -> bytes:
    """One hash over all these lines."""
    whole = hashlib.sha256()
    for line in lines:
        add_line(whole, line)
    return whole.digest()


def add_line(whole: hashlib._Hash, line: AuditLine) -> None:
    """Take the line into the hash: its place and its seal; lines from before there were seals by what they say."""
    whole.update(f"{line.id}|".encode())
    whole.update(bytes(line.seal) if line.seal else hashlib.sha256(content_of(line)).digest())


def public_part(block: AuditBlock) -> dict[str, object]:
    """What a block's hash covers beside the hash before it; it names nobody."""
    return {
        "block": block.id,
        "first_line": block.first_line,
        "last_line": block.last_line,
        "lines": block.lines,
        "until": block.until.timestamp(),
        "root": bytes(block.root).hex(),
    }


def digest(block: AuditBlock, previous: bytes) -> bytes:
    """The block's hash."""
    return hashlib.sha256(previous + canonical(public_part(block))).digest()


def holds(block: AuditBlock, previous: bytes) -> bool:
    """Whether the block is as it was written, behind this one."""
    link = bytes(block.hash)
    return link == digest(block, previous) and chainkeys.holds(block.seal, b"audit|" + link)


def _lines(after: int, bound: int) -> Sequence[AuditLine]:
    query = select(AuditLine).where(AuditLine.id > after, AuditLine.id <= bound).order_by(AuditLine.id).limit(MOST)
    return session.scalars(query).all()


def _linked(lines: Sequence[AuditLine], before: AuditBlock | None) -> AuditBlock:
    block = AuditBlock(
        id=before.id + 1 if before else 1,
        first_line=before.last_line + 1 if before else 1,
        last_line=lines[-1].id,
        lines=len(lines),
        until=max(line.at for line in lines),
        root=root_of(lines),
    )
    block.hash = digest(block, bytes(before.hash) if before else b"")
    block.seal = chainkeys.seal(b"audit|" + block.hash)
    return block
