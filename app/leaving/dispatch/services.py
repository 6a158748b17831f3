"""How an archive comes onto the list of those to be sent: when its receiver is confirmed, or by the school.

What a sheet says of many is checked here as a whole, and written by the job of many events.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import select

from app.access.actors import SYSTEM, Actor
from app.access.scope import in_scope
from app.base.database import session, transaction
from app.base.errors import Conflict, Invalid, NotFound
from app.cases import jobs
from app.cases.services import Body, Writing, held_graduate
from app.leaving.dispatch.forms import StartForm
from app.leaving.dispatch.models import Dispatch
from app.leaving.dispatch.queries import ids_by_number, not_on_the_list, receiver_in
from app.leaving.dispatch.sheets import SheetRow, placed_row
from app.leaving.models import Leaving
from app.leaving.queries import leaving_of
from app.roster.models import Graduate
from app.workflow import engine, registry
from app.workflow.models import Job
from app.workflow.table import Context

_MOST_TOLD = 20


def _find(body: Body, actor: Actor) -> None:
    number = _named(body)
    if number is not None:
        own = select(Graduate.id).where(Graduate.id == number, in_scope(Graduate, actor))
        if not 0 < number < 2**63 or session.scalar(own) is None:
            raise NotFound()


def _open(body: Body, actor: Actor) -> Dispatch:
    del actor
    number = _named(body)
    if number is None:
        raise Invalid({"graduate_id": [_("Please fill this in.")]})
    graduate = held_graduate(number)
    return _of(graduate, leaving_of(graduate.id))


def _named(body: Body) -> int | None:
    """The graduate's number; None for what can be none, which is told with the fields."""
    sent = body.get("graduate_id")
    return sent if isinstance(sent, int) and not isinstance(sent, bool) else None


def _of(graduate: Graduate, leaving: Leaving | None) -> Dispatch:
    case: Dispatch = Dispatch.of(graduate, number=leaving.transfer_number if leaving else None)
    case.data = receiver_in(leaving) or {}
    return case


def _write(case: Dispatch, body: Body, *, actor: Actor, whole: bool) -> None:
    """What it says follows from what the graduate has confirmed."""
    del case, body, actor, whole


WRITING = Writing(
    form=StartForm,
    open=_open,
    write=_write,
    find=_find,
    hand_in="",
    closed=lambda case: _("The receiver is what the graduate has confirmed. Please correct the archive registration."),
)


def put_on_the_list(leaving: Leaving) -> Dispatch:
    """The archive of a confirmed leaving waits to be sent; in the running transaction."""
    workflow = registry.get("dispatch")
    case = _of(leaving.graduate, leaving)
    engine.start([Context(workflow, engine.permits_creation(workflow, SYSTEM), case, SYSTEM)])
    return case


def put_all_on_the_list(limit: int = 500) -> int:
    """Those that were confirmed before there was a list, each in its own transaction; run by the clock. How many."""
    done = 0
    for leaving_id in not_on_the_list(limit):
        with transaction():
            query = select(Leaving).where(Leaving.id == leaving_id).options(*Leaving.eager_options())
            leaving = session.scalars(query.with_for_update(of=Leaving).execution_options(populate_existing=True)).one()
            if receiver_in(leaving) is not None:
                put_on_the_list(leaving)
                done += 1
    return done


def record_sheet(event: str, rows: list[SheetRow], *, actor: Actor, dry_run: bool) -> Job:
    """Have what a sheet says written down for each archive by a worker; with `dry_run` it is only tried.

    The door has found out that the actor may ever fire the event. Raises Invalid at `file` with the rows whose number
    is none of the actor's archives: then nothing is written at all.
    """
    ids = ids_by_number([row.number for row in rows], actor)
    unknown = [placed_row(row, _("There is no archive of this number in your school.")) for row in rows]
    wrong = [text for row, text in zip(rows, unknown, strict=True) if row.number not in ids]
    if wrong:
        raise Invalid({"file": wrong[:_MOST_TOLD]})
    each: Mapping[int, Mapping[str, Any]] = {ids[row.number]: row.data for row in rows}
    if not each:
        raise Conflict(_("There is nothing to write down."), "nothing")
    return jobs.start_bulk("dispatch", list(each), event, actor=actor, data=each, each=True, dry_run=dry_run)
