"""One-time codes for acts that bind somebody: for this act and record, as it stood when the code was sent (R7.3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask_babel import lazy_gettext as _

from app.access import throttle
from app.access.accounts import account_of_user
from app.access.actors import GRADUATE, Actor
from app.base import clock
from app.base.clock import moment
from app.base.crypto import blind_index
from app.base.errors import Invalid
from app.notices.messages import SMS
from app.passcodes.asking import own_guessing
from app.passcodes.models import BINDING, VerificationCode
from app.passcodes.phones import reached_by, settles_at
from app.passcodes.services import MOST_TRIES, Limits, issue_code, open_codes_of, right_code, sent_to, use_code

PAUSE = throttle.Limit("act_pause", most=1, window=60, wait=0)
# For one act a code a minute, for one phone ten an hour; where nothing is sent there is no phone to spare.
_LIMITS = Limits(
    each=(PAUSE,),
    place=(),
    address=(throttle.Limit("act_hour", most=10, window=3600, wait=0),),
    unsent=(throttle.Limit("act_trial", most=300, window=600, wait=0),),
)


@dataclass(frozen=True)
class Act:
    """What somebody binds themselves to: an event of a workflow, on a record as it stood, or a new one."""

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


def send_code(act: Act, *, actor: Actor, channel: str | None = None) -> VerificationCode:
    """Send the code for an act to the graduate's own phone, or to the WeChat that is chosen or alone reaches them.

    Called by the graduate. Raises Conflict `no_phone`, `channel_missing`, `not_bound`, Throttled.
    """
    way, address = reached_by(account_of_user(act.user_id), channel)
    return send_code_to(act, address, actor=actor, reader=GRADUATE, channel=way)


def send_code_to(act: Act, address: str, *, actor: Actor, reader: str, channel: str | None = None) -> VerificationCode:
    """The same to an address that the caller knows to be the actor's own. Raises Conflict `channel_missing`, Throttled."""
    return issue_code(
        BINDING,
        act.subject,
        address,
        reader=reader,
        ip=actor.ip,
        user_id=act.user_id,
        channel=channel,
        about=act.about,
        limits=_LIMITS,
    )


def prove(acts: Sequence[Act], entered: str | None) -> dict[str, Any]:
    """Use up the code of one of these acts in the running transaction, and return what the history keeps of it.

    Raises Invalid at `code` when it is missing, wrong, used, too old or for something else; Throttled. A wrong one
    is counted even though the transaction is undone; a right one is only spent with it.
    """
    row = _right_one(acts, entered)
    use_code(row)
    account = account_of_user(acts[0].user_id)
    # Whoever has no number is known by what they have bound, which took a code only after the same time.
    unsettled = settles_at(account) if row.channel == SMS or account.mobile else None
    proof = {"kind": row.channel, "sent_to": sent_to(row), "at": moment(clock.now())}
    return proof | ({"unconfirmed_until": moment(unsettled)} if unsettled else {})


def waiting_code(act: Act) -> VerificationCode | None:
    """The newest code of this act that can still be entered."""
    return next(iter(_waiting([act])), None)


def check(acts: Sequence[Act], entered: str | None) -> None:
    """Raise Invalid at `code` unless it could be used now; a wrong one is counted, a right one not spent."""
    _right_one(acts, entered)


def _right_one(acts: Sequence[Act], entered: str | None) -> VerificationCode:
    if not (entered or "").strip():
        raise Invalid({"code": [_("Please enter the code that was sent to you for this step.")]})
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
    with own_guessing(acts[0].user_id):
        return right_code(waiting, entered or "")


def _waiting(acts: Sequence[Act]) -> list[VerificationCode]:
    return [row for row in open_codes_of(BINDING, [act.subject for act in acts]) if row.tries < MOST_TRIES]
