"""登录与安全: own password, log-ins of the own account, and for graduates mobile and e-mail (R1.8, R1.10)."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, flash, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.access import sessions
from app.access.accounts import put_tour_away
from app.access.actors import EMPLOYER, GRADUATE, STAFF, Actor
from app.access.devices import device_name
from app.access.models import Account
from app.base.errors import AppError
from app.base.masks import mask_email, mask_phone
from app.entrances.pages import authenticator
from app.entrances.pages.steps import attempt, forget, page, remember, sent_facts, waiting_code, waiting_id
from app.entrances.services import own
from app.entrances.services.recovery import bound_address
from app.notices.addresses import emails_of, mobiles_of
from app.passcodes.models import CONTACT
from app.web.current import SESSION_TOKEN, current_actor, forget_actor
from app.web.pages import layout_of, open_in_workplaces, own_referrer, page_access

blueprint = Blueprint("own", __name__)
PLACES = {"graduate": (GRADUATE,), "employer": (EMPLOYER,), "staff": STAFF}


def own_url(kind: str, what: str = "show", **values: Any) -> str:
    """The address of the own account for this kind of account."""
    return url_for(f"own.{kind if kind in PLACES else 'staff'}_{what}", **values)


def show() -> ResponseReturnValue:
    """Password, devices, and for graduates the mobile number and e-mail."""
    return account_page()


def change_password() -> ResponseReturnValue:
    """Set a new password; every other device is logged out."""
    actor, form = current_actor(), request.form
    _done, error = attempt(
        lambda: own.change_own_password(
            form.get("current"), form.get("password"), actor=actor, session_token=session.get(SESSION_TOKEN)
        )
    )
    if error is not None:
        return account_page(error, part="password")
    forget_actor()
    flash(_("The new password is set. All other devices are logged out."), "success")
    return redirect(own_url(actor.kind))


def end_device(handle: str) -> ResponseReturnValue:
    """Log one device out."""
    actor = current_actor()
    own.end_own_session(handle, actor=actor)
    flash(_("The device is logged out."), "success")
    return redirect(own_url(actor.kind))


def end_others() -> ResponseReturnValue:
    """Log all other devices out."""
    actor = current_actor()
    own.end_other_sessions(actor=actor, session_token=session.get(SESSION_TOKEN))
    flash(_("All other devices are logged out."), "success")
    return redirect(own_url(actor.kind))


open_in_workplaces(
    blueprint,
    PLACES,
    "/account",
    (
        ("show", "GET", "", show),
        ("change_password", "POST", "/password", change_password),
        ("end_device", "POST", "/devices/<string:handle>/end", end_device),
        ("end_others", "POST", "/devices/end", end_others),
    ),
)


@blueprint.post("/graduate/account/contact")
@page_access(GRADUATE)
def send_contact_code() -> ResponseReturnValue:
    """Send a code to the new mobile number or e-mail address (R1.10)."""
    row, error = attempt(lambda: own.start_contact_change(request.form.get("address"), actor=current_actor()))
    if error is not None:
        return account_page(error, part="contact")
    remember(row)
    return redirect(f"{own_url(GRADUATE)}#contact")


@blueprint.post("/graduate/account/contact/code")
@page_access(GRADUATE)
def take_contact() -> ResponseReturnValue:
    """Take the new address over."""
    code = request.form.get("code", "")
    _done, error = attempt(lambda: own.finish_contact_change(waiting_id(CONTACT), code, actor=current_actor()))
    if error is not None:
        return account_page(error, part="contact")
    forget(CONTACT)
    flash(_("The new address is saved and passed on to the employment management system."), "success")
    return redirect(own_url(GRADUATE))


@blueprint.post("/tour")
@page_access(GRADUATE, EMPLOYER)
def put_away() -> ResponseReturnValue:
    """The tour of the first entry has been seen."""
    put_tour_away(actor=current_actor())
    return redirect(own_referrer() or "/")


def account_page(error: AppError | None = None, part: str = "", recovery_codes: list[str] | None = None) -> Response:
    """The own account, after a refusal with what was wrong."""

    actor = current_actor()
    account = own.own_account(actor)
    waiting = waiting_code(CONTACT) if actor.kind == GRADUATE else None
    return page(
        "entrances/account.html",
        error,
        part=part,
        layout=layout_of(actor.kind),
        me=account,
        rows=_facts(account, actor),
        devices=_devices(actor),
        contact=actor.kind == GRADUATE,
        sent=sent_facts(waiting) if waiting is not None else None,
        must_change=actor.must_change_password,
        factor=authenticator.facts(actor),
        programs=_programs(actor),
        recovery_codes=recovery_codes,
        own_url=lambda what, **values: own_url(actor.kind, what, **values),
    )


def _programs(actor: Actor) -> dict[str, str]:
    """Where accounts that can let programs in do so."""
    place = "employer" if actor.kind == EMPLOYER else "staff"
    if not actor.may("can_list", "api_keys"):
        return {}
    return {"keys": url_for(f"api_keys.{place}_show"), "webhooks": url_for(f"webhooks.{place}_show")}


def _facts(account: Account, actor: Actor) -> list[tuple[str, Any]]:
    rows = [(_("Log-in name"), account.user.username), (_("Name"), account.name)]
    if actor.kind not in (GRADUATE, EMPLOYER):
        return rows
    mobile, email = mobiles_of([account.user_id]), emails_of([account.user_id])
    return [
        *rows,
        (_("Mobile"), mask_phone(mobile.get(account.user_id)) or _("none")),
        (_("E-mail"), mask_email(email.get(account.user_id)) or _("none")),
        (_("A forgotten password is reset by"), _("a code") if bound_address(account) else _("nobody yet")),
    ]


def _devices(actor: Actor) -> list[dict[str, Any]]:
    assert actor.user_id is not None
    return [
        {
            "handle": row.handle,
            "name": device_name(row.agent) or _("Unknown device")
            if row.door != "api"
            else _("A program at the interface"),
            "ip": row.ip or "",
            "since": row.created_at,
            "seen": row.seen_at,
            "current": current,
            "stays": row.device is not None,
        }
        for row, current in sessions.sessions_of(actor.user_id, current=session.get(SESSION_TOKEN))
    ]
