"""Who confirms the data of a unit shows that the address kept of them is still theirs: a code goes there (B13).

As in the verification, where the address had to be shown once. A key of an owner that may decide acts without one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _

from app.access.actors import EMPLOYER, Actor
from app.access.unit_roles import OWNER
from app.base.database import session
from app.base.errors import Conflict, Forbidden
from app.employers.models import EmployerUser
from app.employers.renewal.models import UnitRenewal
from app.passcodes.acts import Act, prove, send_code_to
from app.passcodes.models import VerificationCode
from app.workflow import engine
from app.workflow.table import Context


def own_address(context: Context[UnitRenewal]) -> Mapping[str, Any] | None:
    """Use up the code that the owner entered; for `Transition.proof`. Raises Invalid at `code`."""
    actor = context.actor
    if actor.key is not None:
        return None
    proof = prove([act_of(context.case, actor)], actor.code)
    return {name: value for name, value in proof.items() if name != "unconfirmed_until"}


def address_of(actor: Actor) -> str | None:
    """Where the code goes: the e-mail address that the verification has asked to be shown, else the mobile number."""
    person = session.get(EmployerUser, actor.user_id)
    return (person.email or person.mobile) if person is not None else None


def send_code(case: UnitRenewal, *, actor: Actor) -> VerificationCode:
    """Send an owner the code with which to confirm, or to hand in what has changed; it holds for the record as it is.

    Raises Forbidden, Conflict `wrong_state` (nothing is to be confirmed), `no_address`, `channel_missing`, Throttled.
    """
    if actor.kind != EMPLOYER or actor.unit_role != OWNER:
        raise Forbidden()
    if "confirm" not in engine.available(case, actor):
        raise Conflict(
            _("What has been submitted cannot be changed. The service line helps if something is wrong."),
            "wrong_state",
        )
    address = address_of(actor)
    if address is None:
        raise Conflict(
            _("No address of yours is known. Please give your e-mail address under “Unit”, your own details, first."),
            "no_address",
        )
    return send_code_to(act_of(case, actor), address, actor=actor, reader=EMPLOYER)


def act_of(case: UnitRenewal, actor: Actor) -> Act:
    """What the code is for: to say how the unit stands, whether or not something has changed."""
    about = str(_("Yearly renewal of the unit"))
    return Act(actor.user_id or 0, case.workflow_name, "confirm", case.id, case.version, about)
