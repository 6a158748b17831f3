"""How a row of the history is linked and sealed: what a stranger can check, and what nobody can forge without the key.

The hash of a row covers the hash of the row before it, what is public of the row, and a commitment to the rest: the
salted hash of whatever may name a person. Strangers who are given hashes, public parts and commitments recompute every
link and learn no name. Salts and seals come from keys that no table holds, so whoever owns the database can neither
guess at what was committed to nor write a chain anew.
"""

from __future__ import annotations

import hashlib
from datetime import UTC
from typing import Any

from app.base import chainkeys
from app.base.chainkeys import canonical
from app.workflow.models import History

PUBLIC = ("chain", "seq", "workflow", "case_id", "event", "from_state", "to_state", "role")
_APART = {*PUBLIC, "at", "id", "hash", "seal"}
# What is empty is left out, so that a column which is added later changes no hash.
_HIDDEN = tuple(column.name for column in History.__table__.columns if column.name not in _APART)
# Rows from before there were seals.
_FIRST = (*PUBLIC, "actor_id", "actor", "reason", "detail", "source")


def public_part(row: History) -> dict[str, Any]:
    """What everybody may know of a row: which step of which case, when, by which kind of account."""
    content = {name: getattr(row, name) for name in PUBLIC}
    return {**content, "at": row.at.astimezone(UTC).isoformat(timespec="microseconds")}


def commitment(row: History, seal: bytes | None) -> bytes:
    """The salted hash of what may name a person; `seal` tells the key, None for the one in use."""
    hidden = {name: getattr(row, name) for name in _HIDDEN}
    content = canonical({name: value for name, value in hidden.items() if value is not None})
    return hashlib.sha256(chainkeys.salt(seal, f"history|{row.chain}|{row.seq}") + content).digest()


def digest(row: History, previous: bytes, seal: bytes | None = None) -> bytes:
    """The row's hash: over the hash of the row before it in the chain, its public part and its commitment."""
    content = {**public_part(row), "hidden": commitment(row, seal).hex()}
    return hashlib.sha256(previous + canonical(content)).digest()


def first_digest(row: History, previous: bytes) -> bytes:
    """The hash of a row from before there were seals."""
    content: dict[str, Any] = {name: getattr(row, name) for name in _FIRST}
    content["at"] = row.at.timestamp()
    if row.proof is not None:  # rows from before there were proofs keep their hash
        content["proof"] = row.proof
    return hashlib.sha256(previous + canonical(content)).digest()


def seal_of(link: bytes) -> bytes:
    """The seal of a row with this hash."""
    return chainkeys.seal(b"history|" + link)


def holds(row: History, previous: bytes) -> bool:
    """Whether the row is as it was written, behind this one."""
    if row.seal is None:
        return bytes(row.hash) == first_digest(row, previous)
    sealed = chainkeys.holds(row.seal, b"history|" + bytes(row.hash))
    return sealed and bytes(row.hash) == digest(row, previous, row.seal)


def head_content(chain: int, seq: int, link: bytes, sealed_from: int) -> bytes:
    """What the seal of a chain's end covers: how far the chain goes, and where sealed rows begin."""
    return b"head|" + canonical([chain, seq, bytes(link).hex(), sealed_from])


def seal_of_head(chain: int, seq: int, link: bytes, sealed_from: int) -> bytes:
    """The seal of a chain's end."""
    return chainkeys.seal(head_content(chain, seq, link, sealed_from))
