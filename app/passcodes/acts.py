"""One-time codes for acts that bind a graduate: for this act and record, as it stood when the code was sent (R7.3)."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import select, update

from app.access import throttle
from app.access.actors import GRADUATE, Actor
from app.base import clock
from app.base.clock import moment
from app.base.crypto import blind_index
from app.base.database import lasting, session
from app.base.errors import Invalid
from app.base.masks import mask_address
from app.passcodes.models import BINDING, VerificationCode
from app.passcodes.phones import account_of, own_phone, settles_at
from app.passcodes.services import MOST_TRIES, Limits, code_digest, issue_code, use_code

# For one act a code a minute, for one phone ten an hour; where nothing is sent there is no phone to spare.
_LIMITS = Limits(
    each=(throttle.Limit("act_pause", most=1, window=60, wait=0),),
    address=(throttle.Limit("act_hour", most=10, window=3600, wait=0),),
    unsent=(throttle.Limit("act_trial", most=300, window=600, wait=0),),
)


@dataclass(frozen=True)
class Act:
    """What a graduate binds themselves to: an event of a workflow, on a record as it stood, or a new one."""

    user_id: int
    workflow: str
    event: str
    case_id: int | None = None
    version: int | None = None  # of the record that was shown: a changed one needs a new code
    about: str = ""  # what the message calls it

    @property
    def subject(self) -> bytes:
        """What the code is bound to."""
        return blind_index(f"act:{self.user_id}:{self.workflow}:{self.event}:{self.case_id or ''}:{self.version or ''}")

    @property
    def unwritten(self) -> Act:
        """The same act on a record that was not there yet when the code was sent."""
        return replace(self, case_id=None, version=None)


def send_code(act: Act, *, actor: Actor) -> VerificationCode:
    """Send the code for an act to the graduate's own phone; called by the graduate.

    Raises Conflict `no_phone`, `channel_missing`, Throttled.
    """
    phone = own_phone(account_of(act.user_id))
    return issue_code(
        BINDING,
        act.subject,
        phone,
        reader=GRADUATE,
        ip=actor.ip,
        user_id=act.user_id,
        about=act.about,
        limits=_LIMITS,
    )


def prove(acts: Sequence[Act], entered: str | None) -> dict[str, Any]:
    """Use up the code of one of these acts in the running transaction, and return what the history keeps of it.

    Raises Invalid at `code` when it is missing, wrong, used, too old or for something else. A wrong one is counted
    even though the transaction is undone; a right one is only spent with it.
    """
    row = _right_one(acts, entered)
    use_code(row)
    unsettled = settles_at(account_of(acts[0].user_id))
    proof = {"kind": row.channel, "sent_to": mask_address(row.address), "at": moment(clock.now())}
    return proof | ({"unconfirmed_until": moment(unsettled)} if unsettled else {})


def waiting_code(act: Act) -> VerificationCode | None:
    """The newest code of this act that can still be entered."""
    return next(iter(_waiting([act])), None)


def check(acts: Sequence[Act], entered: str | None) -> None:
    """Raise Invalid at `code` unless it could be used now; a wrong one is counted, a right one not spent."""
    _right_one(acts, entered)


def _right_one(acts: Sequence[Act], entered: str | None) -> VerificationCode:
    typed = "".join((entered or "").split())
    if not typed:
        raise Invalid({"code": [_("Please enter the code that was sent to your mobile number for this step.")]})
    waiting = _waiting(acts)
    if not waiting:
        raise Invalid(
            {
                "code": [
                    _("There is no code for this step that can still be used. Please have a new one sent: a code holds "
                      "for one step and for the record as it stood.")
                ]
            }
        )  # fmt: skip
    left = 0
    for row in waiting:
        tries = _begin_try(row.id)
        if tries is None:
            continue
        if hmac.compare_digest(bytes(row.digest), code_digest(row.purpose, bytes(row.subject), typed)):
            _take_back_try(row.id)
            return row
        left = max(left, MOST_TRIES - tries)
    if not left:
        raise Invalid({"code": [_("The code is wrong, and it was the last try. Please have a new one sent.")]})
    raise Invalid(
        {"code": [_("The code is wrong. Please compare it with the message; tries left: %(left)s.", left=left)]}
    )


def _waiting(acts: Sequence[Act]) -> list[VerificationCode]:
    query = select(VerificationCode).where(
        VerificationCode.purpose == BINDING,
        VerificationCode.subject.in_([act.subject for act in acts]),
        VerificationCode.used_at.is_(None),
        VerificationCode.expires_at > clock.now(),
        VerificationCode.tries < MOST_TRIES,
    )
    return list(session.scalars(query.order_by(VerificationCode.id.desc())))


def _begin_try(code_id: int) -> int | None:
    """Count a try before it is made, for good: many at once cannot slip past. How many there were; None: too many."""
    counted = (
        update(VerificationCode)
        .where(VerificationCode.id == code_id, VerificationCode.tries < MOST_TRIES)
        .values(tries=VerificationCode.tries + 1)
        .returning(VerificationCode.tries)
    )
    with lasting() as own:
        return own.scalar(counted)


def _take_back_try(code_id: int) -> None:
    with lasting() as own:
        own.execute(
            update(VerificationCode).where(VerificationCode.id == code_id).values(tries=VerificationCode.tries - 1)
        )
