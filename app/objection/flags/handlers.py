"""A unit hears that a school has marked it, and what it can say to that."""

from __future__ import annotations

from flask_appbuilder.security.sqla.models import User
from sqlalchemy import select

from app.access import devices
from app.access.actors import EMPLOYER
from app.access.models import Account
from app.base.database import session
from app.base.dates import time_text
from app.employers.models import Employer
from app.flags.models import UnitWarning
from app.flags.queries import holds
from app.flags.services import MARKED
from app.schools.models import School
from app.workflow import delivery
from app.workflow.models import OutboxMessage


@delivery.handler(MARKED)
def tell_the_unit(message: OutboxMessage) -> None:
    """A notice to all users of the unit of just this code, once it is verified and while the mark stands."""
    query = (
        select(UnitWarning, Employer, School)
        .join(Employer, Employer.uscc == UnitWarning.uscc)
        .join(School, School.id == UnitWarning.school_id)
        .where(UnitWarning.id == message.payload["warning_id"], UnitWarning.uscc == message.payload["uscc"], holds())
        .where(Employer.verified_at.is_not(None))
    )
    found = session.execute(query).first()
    if found is None:
        return
    mark, unit, school = found
    facts = {"unit": unit.name, "school": school.name, "date": time_text(mark.created_at)}  # why stands on the page
    users = select(Account).join(User, User.id == Account.user_id).where(User.active.is_(True))
    for account in session.scalars(users.where(Account.kind == EMPLOYER, Account.employer_id == unit.id)):
        devices.tell(account, MARKED, facts)
