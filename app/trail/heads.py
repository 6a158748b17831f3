"""Sealed heads: once a day the ends of all chains are written into a file outside the database and published.

Whoever has read an earlier file can tell that a chain was cut or written anew, whatever happened to database and keys.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date
from typing import Any

from sqlalchemy import select

from app.access import audit
from app.access.actors import SYSTEM
from app.base import chainkeys, clock
from app.base.chainkeys import canonical
from app.base.database import session
from app.documents.sealing import sign
from app.documents.storage import storage
from app.trail import blocks
from app.workflow.models import HistoryHead

FOLDER = "chain"
AUDIT = "audit"
SEALED = "chain_sealed"


@dataclass(frozen=True)
class HeadFile:
    """The file of a day as it is kept."""

    day: str
    content: bytes

    @property
    def digest(self) -> str:
        """By which the next day's file and the audit trail name this one."""
        return hashlib.sha256(self.content).hexdigest()

    @property
    def outer(self) -> dict[str, Any]:
        """Statement, seal, signature and certificate."""
        read: dict[str, Any] = json.loads(self.content)
        return read

    @property
    def statement(self) -> dict[str, Any]:
        """What was sealed: the day, the file before, and the heads."""
        read: dict[str, Any] = json.loads(self.outer["statement"])
        return read


def seal_day() -> HeadFile | None:
    """Write today's file unless it is there already; called by the clock. None where it was there."""
    day = clock.today()
    if _name(day) in storage().names(FOLDER):
        return None
    blocks.close_blocks()
    file = HeadFile(day.isoformat(), _sealed(_statement(day)))
    if not storage().put_named(_name(day), file.content):
        return None
    audit.record(SEALED, actor=SYSTEM, subject=file.day, detail={"digest": file.digest})
    return file


def days() -> list[str]:
    """The days of which there are files, oldest first."""
    return [name.removeprefix(f"{FOLDER}/").removesuffix(".json") for name in storage().names(FOLDER)]


def file_of(day: str) -> HeadFile:
    """The file of a day; raises FileNotFoundError."""
    with storage().open_named(f"{FOLDER}/{day}.json") as opened:
        return HeadFile(day, opened.read())


def all_files() -> Iterator[HeadFile]:
    """Every day's file, oldest first, one at a time."""
    for day in days():
        yield file_of(day)


def is_sealed(file: HeadFile) -> bool:
    """Whether this installation has sealed the file with one of its keys."""
    outer = file.outer
    return chainkeys.holds(bytes.fromhex(outer["seal"]), b"heads|" + outer["statement"].encode())


def name_of(chain: int) -> str:
    """How the files call the chain of a school; 0 belongs to no school."""
    return f"history/{chain}"


def _statement(day: date) -> str:
    ends = session.scalars(select(HistoryHead).order_by(HistoryHead.chain)).all()
    heads = [[name_of(end.chain), end.seq, bytes(end.hash).hex()] for end in ends]
    end = blocks.last_block()
    if end is not None:
        heads.append([AUDIT, end.id, bytes(end.hash).hex()])
    before = days()
    content = {
        "format": "chain-heads",
        "version": 1,
        "day": day.isoformat(),
        "made_at": clock.now().astimezone(UTC).isoformat(timespec="seconds"),
        "previous": file_of(before[-1]).digest if before else "",
        "heads": heads,
        # From which step on a stranger can make every hash again: no later one passes as an old step.
        "commitments": {name_of(end.chain): end.sealed_from for end in ends},
    }
    return canonical(content).decode()


def _sealed(statement: str) -> bytes:
    told: dict[str, Any] = {
        "statement": statement,
        "seal": chainkeys.seal(b"heads|" + statement.encode()).hex(),
    }
    signature = sign(statement.encode())
    if signature is not None:
        told |= {
            "algorithm": signature.algorithm,
            "signature": base64.b64encode(signature.value).decode(),
            "certificate": signature.certificate,
        }
    return (json.dumps(told, ensure_ascii=False, indent=1) + "\n").encode()


def _name(day: date) -> str:
    return f"{FOLDER}/{day.isoformat()}.json"
