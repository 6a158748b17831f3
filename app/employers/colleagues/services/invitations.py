"""How a colleague comes into a unit: an owner sends a code, and who has it joins once (B13)."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from flask_babel import lazy_gettext as _
from sqlalchemy import select

from app.access import audit, throttle
from app.access.actors import EMPLOYER, Actor
from app.base import clock
from app.base.crypto import blind_index
from app.base.database import session, transaction
from app.base.dates import time_text
from app.base.errors import Conflict, Forbidden, NotFound, Throttled
from app.base.masks import mask_address
from app.codes.forms import read
from app.employers.colleagues.services.people import locked, own_unit, tell_owners
from app.employers.forms import ColleagueForm
from app.employers.models import ColleagueInvitation, Employer, EmployerUser
from app.employers.services import enter_unit
from app.employers.words import ROLE_WORDS
from app.notices.addresses import read_address
from app.notices.links import public_address
from app.notices.messages import post_message

VALID: Final = timedelta(days=7)
_MOST_OPEN: Final = 20
_SIGNS: Final = "ABCDEFGHJKLMNPQRTUVWXY346789"  # none is taken for another
_GUESSES = throttle.Limit("colleague_code", most=20, window=10 * 60, wait=0)


def invite_colleague(sent: Mapping[str, Any], *, actor: Actor) -> tuple[ColleagueInvitation, str]:
    """Send a colleague the code by which they join the unit; returns it too, told this once.

    For owners. Raises Forbidden, Conflict (`unverified`, `too_many_invitations`, `channel_missing`), Invalid.
    """
    with transaction():
        unit = own_unit(actor)
        clean = read(ColleagueForm, sent)
        address = read_address(clean["address"])
        if len(open_invitations(unit.id)) >= _MOST_OPEN:
            raise Conflict(
                _("%(most)s invitations of colleagues are open already. Please withdraw one first.", most=_MOST_OPEN),
                "too_many_invitations",
            )
        code = "-".join("".join(secrets.choice(_SIGNS) for _sign in range(4)) for _part in range(3))
        invitation = ColleagueInvitation(
            employer_id=unit.id,
            role=clean["role"],
            address=address,
            digest=_digest(code),
            invited_by=actor.name,
            invited_by_id=actor.user_id,
            expires_at=clock.now() + VALID,
        )
        session.add(invitation)
        session.flush()
        _send(invitation, unit, code)
        detail = {"role": invitation.role, "sent_to": mask_address(address)}
        audit.record("colleague_invited", actor=actor, subject=f"employer {unit.id}", detail=detail)
    return invitation, code


def _send(invitation: ColleagueInvitation, unit: Employer, code: str) -> None:
    facts = {
        "unit": unit.name,
        "by": invitation.invited_by,
        "kind": str(ROLE_WORDS[invitation.role]),
        "date": time_text(invitation.expires_at),
    }
    post_message(
        "colleague_invited",
        invitation.address,
        facts,
        key=f"colleague_invited:{invitation.id}",
        secrets={"url": join_address(code), "code": code},
        until=invitation.expires_at,
    )


def join_address(code: str) -> str:
    """The full address under which the colleague joins."""
    return public_address(f"/join/{code}")


def withdraw_invitation(invitation_id: int, *, actor: Actor) -> None:
    """The code opens nothing any more. For owners. Raises Forbidden, NotFound."""
    with transaction():
        unit = own_unit(actor)
        found = (one for one in open_invitations(unit.id) if one.id == invitation_id)
        invitation = next(found, None)
        if invitation is None:
            raise NotFound()
        invitation.ended_at = clock.now()
        detail = {"role": invitation.role, "sent_to": mask_address(invitation.address)}
        audit.record("colleague_uninvited", actor=actor, subject=f"employer {unit.id}", detail=detail)


def open_invitations(unit_id: int) -> list[ColleagueInvitation]:
    """The unit's invitations that somebody can still accept, newest first; the caller has checked the reader."""
    rows = select(ColleagueInvitation).where(*open_of_unit(unit_id))
    return list(session.scalars(rows.order_by(ColleagueInvitation.id.desc())))


def open_of_unit(unit_id: int) -> tuple[Any, ...]:
    """The conditions of the same."""
    return (ColleagueInvitation.employer_id == unit_id, *_is_open())


def _is_open() -> tuple[Any, ...]:
    return (ColleagueInvitation.ended_at.is_(None), ColleagueInvitation.expires_at > clock.now())


def invitation_behind(code: str, *, ip: str | None) -> ColleagueInvitation:
    """What a code invites to; called by whoever has it. Raises Conflict `invitation_over`, Throttled."""
    attempt, wait = throttle.begin(_GUESSES, ip or "unknown")
    if attempt is None:
        raise Throttled(wait)
    query = select(ColleagueInvitation).where(ColleagueInvitation.digest == _digest(code), *_is_open())
    invitation = session.scalar(query)
    if invitation is None:
        raise Conflict(
            _("This invitation has been used, withdrawn or is too old. Please ask your colleague for a new one."),
            "invitation_over",
        )
    throttle.take_back(attempt)
    return invitation


def unit_of_invitation(invitation: ColleagueInvitation) -> Employer:
    """Into which unit it leads."""
    return session.get_one(Employer, invitation.employer_id)


def join_unit(code: str, *, actor: Actor) -> Employer:
    """The actor works for the unit that has invited them from now on; the invitation is used up.

    For users of units who work for no verified unit. Raises Forbidden, Conflict (`invitation_over`, `has_unit`),
    Throttled.
    """
    if actor.kind != EMPLOYER or actor.key is not None:
        raise Forbidden()
    with transaction():
        unit = locked(invitation_behind(code, ip=actor.ip).employer_id)
        invitation = invitation_behind(code, ip=actor.ip)  # of two who use it at once one comes second
        own = session.get(Employer, actor.employer_id) if actor.employer_id else None
        if own is not None and own.verified_at is not None:
            raise Conflict(_("You work for a verified unit already. Leave it first, then join the other."), "has_unit")
        person = session.get(EmployerUser, actor.user_id)
        if person is None:
            person = EmployerUser(user_id=actor.user_id, name=actor.name[:32])
            session.add(person)
        person.employer_id, person.unit = unit.id, None
        enter_unit(actor.user_id or 0, unit.id, invitation.role)
        invitation.ended_at, invitation.joined_id = clock.now(), actor.user_id
        session.flush()
        detail = {"role": invitation.role, "invited_by": invitation.invited_by}
        audit.record("colleague_joined", actor=actor, subject=f"employer {unit.id}", detail=detail)
        tell_owners("colleague_joined", unit, actor.user_id, actor.name, invitation.role)
    return unit


def _digest(code: str) -> bytes:
    plain = "".join(sign for sign in code.upper() if sign.isalnum())[:64]
    return blind_index(f"colleague:{plain}")
