"""The only writer of reminders: a school's word to those who have registered nothing yet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask_babel import lazy_gettext as _
from sqlalchemy.dialects.postgresql import insert

from app.access import audit
from app.access.actors import GRADUATE, SCHOOL, Actor, require
from app.base import clock
from app.base.database import session, transaction
from app.base.dates import day_text
from app.base.errors import Conflict
from app.notices.ladder import after_quiet_hours
from app.notices.links import public_address
from app.notices.messages import post_message
from app.roster.reminders.models import RosterReminder
from app.roster.reminders.queries import addressed, is_recent, plan_of, reachable
from app.schools.models import School
from app.workflow import background, outbox
from app.workflow.models import Job

VIEW, CAN_REMIND = "graduates", "can_remind"
KIND, TEMPLATE, INVITATION = "roster_reminder", "destination_reminder", "destination_invitation"
ACTIVATION = "/activate"  # where graduates open their account
MOST = 20_000


def require_reminders(actor: Actor) -> None:
    """School accounts with 读写 on employment; raises Forbidden."""
    require(actor, CAN_REMIND, VIEW, kinds=(SCHOOL,), module="employment")


def remind(ids: Sequence[int], *, actor: Actor) -> Job:
    """Have a worker remind these graduates to register their destination.

    Who has no account gets the way to it by the roster's number or address. Left out are those who have registered, whom
    nothing reaches, and who were reminded lately. Called by school accounts with 读写 on employment. Raises Forbidden,
    Conflict `nobody`.
    """
    require_reminders(actor)
    with transaction():
        plan = plan_of(ids, actor)
        if not plan.told + plan.by_address:
            raise Conflict(_("Nobody of these can be reminded now."), "nobody")
        audit.record(KIND, actor=actor, subject="graduates", detail=vars(plan))
        return background.start(KIND, [{"id": one} for one in ids], actor=actor, payload=vars(plan))


def tell(ids: Sequence[int], actor: Actor) -> set[int]:
    """Remind whom it concerns, each once however many ask at the same time; in the running transaction."""
    people, others = reachable(ids, actor), addressed(ids, actor)
    if not people and not others:
        return set()
    statement = insert(RosterReminder).values([{"graduate_id": one, "at": clock.now()} for one in (*people, *others)])
    taken = statement.on_conflict_do_update(
        index_elements=["graduate_id"], set_={"at": clock.now()}, where=~is_recent()
    )
    told = set(session.scalars(taken.returning(RosterReminder.graduate_id)))
    school = session.get_one(School, actor.school_id).name
    facts = {"school": school, "date": day_text(clock.today())}
    for graduate_id in sorted(told):
        key = f"{KIND}:{graduate_id}:{clock.today()}"
        if graduate_id in people:
            payload = {"user_id": people[graduate_id], "template": TEMPLATE, "reader": GRADUATE, "facts": facts}
            outbox.post("personal", {**payload, "instead": True, "gentle": True}, key=key)
        else:
            _invite(others[graduate_id], facts, key)
    return told


def _invite(address: str, facts: Mapping[str, str], key: str) -> None:
    """The same word with the way to an account, never at night."""
    way = {**facts, "url": public_address(ACTIVATION)}
    morning = after_quiet_hours(clock.now())
    post_message(INVITATION, address, way, key=key, reader=GRADUATE, not_before=morning)
