"""A forgotten password: a code to the mobile or e-mail that belongs to the account (R1.2, R1.10)."""

from __future__ import annotations

import secrets
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import select

from app.access import audit
from app.access.actors import EMPLOYER, GRADUATE, Actor
from app.access.models import Account
from app.access.passwords import check_password
from app.access.services import change_password, unlock_account
from app.access.usernames import account_named, typed_name
from app.base.crypto import blind_index
from app.base.database import session, transaction
from app.base.errors import Conflict, Forbidden, Invalid
from app.base.masks import mask_address
from app.base.values.phones import is_mobile, normalise_phone
from app.notices.addresses import emails_of, mobiles_of
from app.notices.links import public_address
from app.notices.messages import post_message
from app.passcodes.asking import refuse_unasked
from app.passcodes.models import RECOVERY, VerificationCode
from app.passcodes.services import check_code, issue_code, open_code, use_code
from app.staff import guards as staff
from app.staff.queries import account_visible_to

KINDS = (EMPLOYER, GRADUATE)  # staff get a new password from the level above


def start_recovery(kind: str, username: Any, *, ip: str | None, answer: Any = None) -> VerificationCode:
    """Send a code to the account's own address; called by strangers, so nothing tells whether there is one.

    Raises Invalid (nothing typed), Throttled.
    """
    typed = typed_name(username[:128]) if isinstance(username, str) else ""
    if not typed:
        raise Invalid({"username": [_("Please fill this in.")]})
    refuse_unasked(RECOVERY, ip, answer)
    account = account_named(typed, Account.kind == kind)
    address = bound_address(account) if account else None
    name = account.user.username if account else typed
    return issue_code(
        RECOVERY,
        blind_index(f"recovery:{kind}:{name}"),
        address,
        reader=kind,
        ip=ip,
        user_id=account.user_id if account else None,
        key=f"recovery:{kind}:{name}",
    )


def finish_recovery(
    code_id: int | None, entered: str, password: Any, *, ip: str | None = None, answer: Any = None
) -> Account:
    """Set the new password of the account to whose owner the code was sent; all its sessions end.

    Called by strangers who hold the code. Raises Invalid (password, or the code).
    """
    waiting = open_code(code_id, RECOVERY)
    account = _account_of(waiting)
    check_password(password, account.user.username if account else "")
    code = check_code(code_id, RECOVERY, entered, ip=ip, answer=answer)
    if account is None or not account.user.active:
        raise Invalid({"code": [_("This code can no longer be used. Please have a new one sent.")]})
    owner = Actor(kind=account.kind, user_id=account.user_id, username=account.user.username, name=account.name)
    with transaction():
        use_code(code)
        change_password(account, password, actor=owner)
        unlock_account(account, actor=owner)
    return account


def send_way_to_password(account_id: int, *, actor: Actor) -> str:
    """Send the person behind an account the address at which they set a new password themselves, with a code of their
    own; called by operators in place of setting it. Returns where it went, masked.

    What is sent opens nothing by itself. Raises NotFound, Forbidden, Conflict `no_address`, `channel_missing`.
    """
    with transaction():
        account = account_visible_to(actor, account_id)
        staff.may_change(account, actor)
        if account.kind not in KINDS:
            raise Forbidden(_("Staff get a new password from the level above."), "staff_account")
        address = bound_address(account)
        if address is None:
            raise Conflict(
                _("This account has neither a mobile number nor an e-mail address of its own. Please call the person."),
                "no_address",
            )
        facts = {"unit": account.name, "url": public_address(f"/recover/{account.kind}")}
        post_message("password_way", address, facts, key=f"password_way:{secrets.token_hex(12)}")
        sent_to = mask_address(address)
        audit.record(
            "password_way", actor=actor, subject=account.user.username, detail={"sent_to": sent_to}, about=account
        )
    return sent_to


def bound_address(account: Account) -> str | None:
    """Mobile number, else e-mail address, that the owner of an account has shown to hold.

    Never what the roster says of a graduate: whoever writes the roster could become the person.
    """
    if account.kind == GRADUATE:
        return account.mobile or account.email
    mobile = normalise_phone(mobiles_of([account.user_id]).get(account.user_id) or "")
    return mobile if is_mobile(mobile) else emails_of([account.user_id]).get(account.user_id)


def _account_of(code: VerificationCode | None) -> Account | None:
    if code is None or code.user_id is None:
        return None
    return session.scalar(select(Account).where(Account.user_id == code.user_id))
