"""What everybody changes of the own account: password, log-ins, and graduates their mobile and e-mail (R1.8, R1.10)."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import select, update

from app.access import audit, sessions
from app.access.accounts import account_of_user
from app.access.actors import GRADUATE, Actor
from app.access.models import Account
from app.access.passwords import check_password
from app.access.services import change_password, check_own_password
from app.base.crypto import blind_index
from app.base.database import session, transaction
from app.base.errors import Forbidden, Invalid, NotFound
from app.base.masks import mask_address
from app.base.sealed import at
from app.notices.addresses import read_address
from app.notices.messages import SMS, can_be_sent, post_message
from app.passcodes.asking import own_guessing
from app.passcodes.models import CONTACT, VerificationCode
from app.passcodes.phones import take_number
from app.passcodes.services import check_code, issue_code, use_code
from app.roster.models import Graduate
from app.workflow import outbox


def own_account(actor: Actor) -> Account:
    """The actor's account."""
    return account_of_user(actor.user_id or 0)


def change_own_password(current: Any, password: Any, *, actor: Actor, session_token: str | None) -> None:
    """Set a new password; all other log-ins of the account end, the one of `session_token` stays.

    Called by everybody for the own account. Raises Invalid, Throttled after five wrong tries.
    """
    account = own_account(actor)
    if not isinstance(current, str) or not current:
        raise Invalid({"current": [_("Please fill this in.")]})
    check_password(password, account.user.username)
    check_own_password(account, current)
    if password == current:
        raise Invalid({"password": [_("This is the password you have now. Please choose another one.")]})
    change_password(account, password, actor=actor, keep_session=session_token)


def end_own_session(handle: str, *, actor: Actor) -> None:
    """Log one of the own devices out. Raises NotFound for all others."""
    if actor.user_id is None or not sessions.end_one_of(actor.user_id, handle):
        raise NotFound()
    audit.record("session_ended", actor=actor, subject=actor.username)


def end_other_sessions(*, actor: Actor, session_token: str | None) -> int:
    """Log all devices out but this one; returns how many."""
    if actor.user_id is None:
        raise NotFound()
    count = sessions.end_sessions_of(actor.user_id, except_token=session_token)
    audit.record("end_sessions", actor=actor, subject=actor.username, detail={"sessions": count})
    return count


def start_contact_change(address: Any, *, actor: Actor) -> VerificationCode:
    """Send a code to the new mobile number or e-mail address; called by graduates for themselves (R1.10).

    Raises Forbidden, Invalid, Throttled.
    """
    if actor.kind != GRADUATE:
        raise Forbidden()
    plain = read_address(address)
    subject = blind_index(f"contact:{actor.user_id}")
    return issue_code(CONTACT, subject, plain, reader=GRADUATE, ip=actor.ip, user_id=actor.user_id)


def finish_contact_change(code_id: int | None, entered: str, *, actor: Actor) -> None:
    """Take over the address to which the code was sent, and tell the employment system; called by the graduate.

    Raises Forbidden, Invalid at `code`.
    """
    if actor.kind != GRADUATE:
        raise Forbidden()
    with own_guessing(actor.user_id or 0):
        code = check_code(code_id, CONTACT, entered)
    if code.user_id != actor.user_id:
        raise Invalid({"code": [_("This code can no longer be used. Please have a new one sent.")]})
    with transaction():
        use_code(code)
        field = "mobile" if code.channel == SMS else "email"
        keep_contact(own_account(actor), {field: code.address}, key=f"code:{code.id}")
        detail = {field: mask_address(code.address)}
        audit.record("contact", actor=actor, subject=actor.username, detail=detail)


def keep_contact(account: Account, contact: dict[str, str | None], *, key: str, vouched: bool = False) -> None:
    """Write mobile or e-mail of a graduate to the account and to the roster row that acts, and leave the message to
    the employment system; in the caller's transaction. `key` names this change for ever; `vouched`: an identity
    provider has named it. Who was reached before is told, so that nobody takes a number's place unnoticed.
    """
    _tell_earlier(account, contact, key=key)
    if contact.get("mobile"):
        take_number(account, str(contact["mobile"]), vouched=vouched)
    if "email" in contact:
        account.email = contact["email"]
    session.add(account)
    query = select(Graduate.id, Graduate.invalid_since).where(Graduate.id_number_index == account.person)
    newest = session.execute(query.order_by(Graduate.cohort.desc(), Graduate.id.desc()).limit(1)).one_or_none()
    if newest is None:
        return
    sealed = {name: at(value, newest.id) for name, value in contact.items()}
    session.execute(update(Graduate).where(Graduate.id == newest.id).values(**sealed))
    if newest.invalid_since is None:
        told = {"action": "contact", "graduate_id": newest.id}
        outbox.post("ems", told, key=f"contact:{key}", order_key=f"graduate:{newest.id}")


def _tell_earlier(account: Account, contact: dict[str, str | None], *, key: str) -> None:
    if account.mobile is None or contact.get("mobile") in (None, account.mobile):
        return
    if can_be_sent(account.mobile):
        facts = {"mobile": mask_address(contact["mobile"])}
        post_message("number_changed", account.mobile, facts, key=f"earlier:{key}", reader=GRADUATE)
