"""The only writers of the roster: graduates confirm their data, leave it and come back."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from sqlalchemy import select, update

from app import clock
from app.access.actors import GRADUATE, Actor
from app.access.scope import in_scope
from app.database import session, transaction
from app.errors import Conflict, Forbidden, NotFound
from app.roster.models import Graduate
from app.workflow import registry


def own_graduate(actor: Actor) -> Graduate:
    """The acting roster row of a graduate, with school, department and claim; raises Forbidden for others."""
    if actor.kind != GRADUATE or actor.graduate_id is None:
        raise Forbidden()
    graduate = session.get(Graduate, actor.graduate_id, options=Graduate.eager_options())
    if graduate is None:
        raise NotFound()
    return graduate


def confirm_basic_information(*, actor: Actor) -> Graduate:
    """The graduate confirms the basic information at first log-in (R1.9); a second time changes nothing."""
    with transaction():
        graduate = own_graduate(actor)
        if graduate.invalid_since is not None:
            raise Conflict(
                _("You have been removed from the roster. Please contact your school's employment office."),
                "invalid",
            )
        if graduate.confirmed_at is None:
            graduate.confirmed_at, graduate.reported_wrong_at = clock.now(), None
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

    Called by the roster's synchronisation and by school staff with 读写. The states are kept; only invalid_since
    is set or cleared, on the graduate and on every case, in one transaction.
    """
    with transaction():
        query = select(Graduate).where(Graduate.id == graduate_id, in_scope(Graduate, actor))
        # The weaker lock: a graduate who accepts at this moment refers to the row and must not wait for it.
        query = query.options(*Graduate.eager_options()).with_for_update(of=Graduate, key_share=True)
        graduate = session.scalar(query.execution_options(populate_existing=True))
        if graduate is None:
            raise NotFound()
        if not actor.is_system and not (actor.writes("employment") and actor.may("can_remove", "roster")):
            raise Forbidden()
        since = None if present else graduate.invalid_since or clock.now()
        graduate.invalid_since = since
        for workflow in registry.all_workflows():
            model = workflow.model
            if hasattr(model, "graduate_id"):
                session.execute(update(model).where(model.graduate_id == graduate_id).values(invalid_since=since))
    return graduate
