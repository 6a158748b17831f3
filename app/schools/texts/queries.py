"""Which texts of the agreement a province has, and who did what to them."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import Any

from sqlalchemy import select

from app.access.actors import Actor
from app.access.audit import AuditLine
from app.access.scope import in_scope
from app.base.database import session
from app.base.errors import NotFound
from app.documents.models import AgreementText

VIEW = "agreement_texts"  # the name under which roles are given the pages and calls


def texts_visible_to(actor: Actor) -> list[AgreementText]:
    """The texts of the reader's province, the newest first."""
    return list(session.scalars(select(AgreementText).where(in_scope(AgreementText, actor)).order_by(_NEWEST)))


_NEWEST = AgreementText.serial.desc()


def text_visible_to(actor: Actor, text_id: int, *, lock: bool = False) -> AgreementText:
    """One text of the reader's province; raises NotFound."""
    query: Any = select(AgreementText).where(AgreementText.id == text_id, in_scope(AgreementText, actor))
    found = session.scalar(query.with_for_update().execution_options(populate_existing=True) if lock else query)
    if found is None:
        raise NotFound()
    return found


def subject_of(text: AgreementText) -> str:
    """Under what name the audit trail keeps what was done to a text."""
    return f"{VIEW} {text.id}"


def changes_of(text: AgreementText) -> Sequence[AuditLine]:
    """Who wrote, changed and signed off a text, the oldest first; the caller has checked that the reader may see it."""
    query = select(AuditLine).where(AuditLine.subject == subject_of(text), AuditLine.province_id == text.province_id)
    return session.scalars(query.order_by(AuditLine.id)).all()


def differences(before: str, after: str) -> list[tuple[list[str], list[str]]]:
    """The lines that one text has in the place of another's, in order."""
    old, new = ([line for line in text.splitlines() if line.strip()] for text in (before, after))
    steps = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    return [(old[a:b], new[c:d]) for kind, a, b, c, d in steps if kind != "equal"]
