"""The only writers of the roster: graduates confirm their data, leave it and come back."""

from __future__ import annotations

import secrets
from functools import cache
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import ColumnElement, select

from app.access import audit
from app.access.actors import GRADUATE, SCHOOL, Actor, require
from app.access.scope import in_scope
from app.base import clock
from app.base.database import session, transaction
from app.base.errors import Conflict, Forbidden, NotFound
from app.base.kept import by_key
from app.ems.roster_push import post_presence
from app.passcodes.acts import Act, prove
from app.roster.models import Graduate
from app.roster.services.following import follow, repeat_reports

VIEW = "roster"
CONFIRMATION = ("me", "confirm")  # how the code for it is asked for


def own_graduate(actor: Actor) -> Graduate:
    """The acting roster row of a graduate, with school, department and claim; raises Forbidden for others."""
    if actor.kind != GRADUATE or actor.graduate_id is None:
        raise Forbidden()
    graduate: Graduate | None = by_key(Graduate, actor.graduate_id, options=_joined())
    if graduate is None:
        raise NotFound()
    return graduate


@cache
def _joined() -> tuple[Any, ...]:
    return Graduate.eager_options()


def confirm_basic_information(*, actor: Actor) -> Graduate:
    """The graduate confirms the basic information at first log-in, with a code to the own phone (R1.9).

    A second time changes nothing and asks for nothing. Raises Forbidden, Conflict `invalid`, Invalid at `code`.
    """
    with transaction():
        graduate = own_graduate(actor)
        if graduate.invalid_since is not None:
            raise Conflict(
                _("You have been removed from the roster. Please contact your school's employment office."),
                "invalid",
            )
        if graduate.confirmed_at is None:
            proof = prove([Act(actor.user_id or 0, *CONFIRMATION)], actor.code)
            graduate.confirmed_at, graduate.reported_wrong_at = clock.now(), None
            audit.record("confirmed", actor=actor, subject=actor.username, detail={"proof": proof})
    return graduate


def report_wrong_information(*, actor: Actor) -> Graduate:
    """The graduate says that the basic information is wrong; only the school can mend it (R1.9)."""
    with transaction():
        graduate = own_graduate(actor)
        if graduate.confirmed_at is not None:
            raise Conflict(_("You have already confirmed this information."), "already_confirmed")
        graduate.reported_wrong_at = clock.now()
    return graduate


def set_roster_presence(graduate_id: int, *, present: bool, actor: Actor) -> Graduate:
    """Follow the employment system: a removed graduate and all cases become 失效, a restored one comes back (R4.7, R4.8).

    Called by the roster's synchronisation and by the two functions below. The states are kept; only invalid_since is
    set or cleared, on the graduate and on every case, in one transaction.
    """
    with transaction():
        graduate = _held(graduate_id, actor)
        if not actor.is_system:
            require(actor, "can_restore" if present else "can_remove", VIEW, kinds=(SCHOOL,), module="employment")
        graduate.invalid_since = None if present else graduate.invalid_since or clock.now()
        follow(graduate_id)
    return graduate


def remove_from_roster(graduate_id: int, *, actor: Actor) -> Graduate:
    """Take a graduate off the roster, here at once and by the outbox in the employment system (R4.7).

    Called by school accounts with 读写 on employment. Raises NotFound, Forbidden, Conflict (`already_removed`).
    """
    return _change_presence(
        graduate_id,
        False,
        actor,
        Conflict(_("This graduate has been removed from the roster already."), "already_removed"),
    )


def restore_to_roster(graduate_id: int, *, actor: Actor) -> Graduate:
    """Upload the kept row to the employment system again and bring graduate and states back at once (R4.8).

    What was reported last is reported again. Called by school accounts with 读写 on employment. Raises NotFound,
    Forbidden, Conflict (`not_removed`).
    """
    return _change_presence(
        graduate_id,
        True,
        actor,
        Conflict(_("This graduate is on the roster; there is nothing to restore."), "not_removed"),
    )


def _change_presence(graduate_id: int, present: bool, actor: Actor, nothing_to_do: Conflict) -> Graduate:
    with transaction():
        graduate = _held(graduate_id, actor)
        require(actor, "can_restore" if present else "can_remove", VIEW, kinds=(SCHOOL,), module="employment")
        if (graduate.invalid_since is None) == present:
            raise nothing_to_do
        set_roster_presence(graduate_id, present=present, actor=actor)
        post_presence(graduate_id, present=present, key=f"presence:{graduate_id}:{secrets.token_hex(8)}")
        if present:
            repeat_reports(graduate_id)
        name = "roster_restore" if present else "roster_remove"
        audit.record(name, actor=actor, subject=f"graduate {graduate_id}", about=graduate)
    return graduate


def _held(graduate_id: int, actor: Actor) -> Graduate:
    """The graduate in the actor's scope, held until the transaction ends; raises NotFound."""
    return held_to_change(Graduate.id == graduate_id, in_scope(Graduate, actor))


def held_to_change(*which: ColumnElement[bool]) -> Graduate:
    """One roster row, held until the transaction ends by whoever changes it; the caller has checked who may.

    Raises NotFound.
    """
    query = select(Graduate).where(*which)
    # The weaker lock: a graduate who accepts at this moment refers to the row and must not wait for it.
    query = query.options(*Graduate.eager_options()).with_for_update(of=Graduate, key_share=True)
    graduate = session.scalar(query.execution_options(populate_existing=True))
    if graduate is None:
        raise NotFound()
    return graduate
