"""The audit trail of what changes no case: log-ins, reads, downloads, exports, changes of accounts and roles."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import BigInteger, DateTime, Index, LargeBinary, Select, String, bindparam, insert, select, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.access.actors import Actor
from app.base import chainkeys, clock
from app.base.database import Model, lasting, session, transaction
from app.base.kept import Kept
from app.base.masks import mask_within

LOGIN, LOGOUT, LOGIN_FAILED, LOCKED_OUT = "login", "logout", "login_failed", "locked_out"
EXPORT, REVEAL = "export", "reveal"
PASSWORD_GIVEN = "password_given"  # noqa: S105  (the name of an action)
_SUBJECT = 128  # signs
_SEALED = (
    *("action", "subject", "actor_id", "actor", "role", "source", "detail"),
    *("province_id", "school_id", "graduate_id"),
)


class AuditLine(Model):
    """Who did what to what, when and from where; rows are only added, and go when their time is over."""

    __tablename__ = "audit_lines"
    __table_args__ = (
        Index("ix_audit_lines_subject", "subject", "id"),
        Index("ix_audit_lines_province", "province_id", "id"),
        Index("ix_audit_lines_school", "school_id", "id"),
        Index("ix_audit_lines_actor", "actor", "id"),
        Index("ix_audit_lines_action", "action", "id"),
        Index("ix_audit_lines_graduate", "graduate_id", "id", postgresql_where=text("graduate_id IS NOT NULL")),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True), default=clock.now, index=True)
    action: Mapped[str] = mapped_column(String(32))
    subject: Mapped[str | None] = mapped_column(String(_SUBJECT))
    actor_id: Mapped[int | None] = mapped_column(BigInteger, index=True)
    actor: Mapped[str] = mapped_column(String(128))
    role: Mapped[str | None] = mapped_column(String(16))
    source: Mapped[str | None] = mapped_column(String(64))  # the address from which it was done
    detail: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    # Whose place and whose data it was about, else the place of who did it: in whose scope the line lies (R1.7).
    province_id: Mapped[int | None] = mapped_column(BigInteger)
    school_id: Mapped[int | None] = mapped_column(BigInteger)
    graduate_id: Mapped[int | None] = mapped_column(BigInteger)
    seal: Mapped[bytes | None] = mapped_column(LargeBinary)  # lines from before there were seals have none


def content_of(line: Any) -> bytes:
    """All that a line says, in one way of writing it: what its seal covers."""
    content: dict[str, Any] = {name: getattr(line, name) for name in _SEALED}
    content["at"] = line.at.timestamp()
    return chainkeys.canonical(content)


def line_of(
    action: str, *, actor: Actor, subject: str | None = None, detail: Mapping[str, Any] | None = None, about: Any = None
) -> AuditLine:
    """A line with its seal, not yet written. `about` is the record or account that gives it its place."""
    place = about if getattr(about, "province_id", None) or getattr(about, "school_id", None) else actor
    line = AuditLine(
        at=clock.now(),
        action=action,
        subject=subject[:_SUBJECT] if subject else subject,
        actor_id=actor.user_id,
        actor=actor.known_as[:128],
        role=actor.kind,
        source=actor.ip,
        # As the database will give it back. What somebody has looked for by number names a person.
        detail=json.loads(json.dumps(mask_within(detail or {})).replace("\\u0000", "")),
        province_id=getattr(place, "province_id", None),
        school_id=getattr(place, "school_id", None),
        graduate_id=_graduate_of(about) if about is not None else actor.graduate_id,
    )
    line.seal = chainkeys.seal(content_of(line))
    return line


def record(
    action: str, *, actor: Actor, subject: str | None = None, detail: Mapping[str, Any] | None = None, about: Any = None
) -> None:
    """Add a line; joins the running transaction where there is one. Called by doors and services.

    It is sent at once, not with the next flush: lines get their numbers in the order in which they were written.
    """
    write([line_of(action, actor=actor, subject=subject, detail=detail, about=about)])


def write(lines: Sequence[AuditLine]) -> None:
    """Add lines with one statement, in the running transaction where there is one."""
    table = AuditLine.__table__
    names = [column.name for column in table.columns if column.name != "id"]
    told = [{name: getattr(line, name) for name in names} for line in lines]
    with transaction(aside=True):
        if len(told) == 1:
            _one_more().send(told[0])
        else:
            session.execute(insert(table), told)


@cache
def _one_more() -> Kept:
    """Put together once: every page that shows records adds a line."""
    table: Any = AuditLine.__table__
    return Kept(
        insert(table).values({one.name: bindparam(one.name) for one in table.columns if one.name != "id"}).inline()
    )


def who_was_given_password(users: Select[Any], *, by: int) -> str | None:
    """The name of one of these users of whom `by` has known a password: made the account or reset it without a link."""
    user = Model.metadata.tables["ab_user"].c
    names = select(user.username).where(user.id.in_(users))
    given = (AuditLine.subject.in_(names), AuditLine.actor_id == by, AuditLine.action == PASSWORD_GIVEN)
    return session.scalar(select(AuditLine.subject).where(*given).limit(1))


def record_apart(
    action: str, *, actor: Actor, subject: str | None = None, detail: Mapping[str, Any] | None = None, about: Any = None
) -> None:
    """Add a line that stays although the running transaction is undone: for refusals, failures and alarms."""
    with lasting() as own:
        own.add(line_of(action, actor=actor, subject=subject, detail=detail, about=about))


def _graduate_of(about: Any) -> int | None:
    found: int | None = getattr(about, getattr(about, "graduate_scope_column", "graduate_id"), None)
    return found
