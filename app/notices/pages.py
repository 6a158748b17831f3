"""The inbox of graduates, units and staff: one list, a click marks read and leads to the record (R7.14)."""

from __future__ import annotations

import secrets
from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import selectinload

from app.access.actors import EMPLOYER, GRADUATE, KINDS, STAFF, Actor
from app.base.errors import Malformed, NotFound
from app.notices import channels, services
from app.notices.addresses import bound_addresses
from app.notices.channels.base import Refused, Unavailable
from app.notices.channels.wechat import NAME as WECHAT
from app.notices.channels.wechat import WechatChannel
from app.notices.explanations import channel_label, status_label
from app.notices.links import OPEN_PATH
from app.notices.models import Notification
from app.notices.queries import notifications_visible_to, unread_count
from app.web import links
from app.web.current import current_actor
from app.web.numbers import row_id
from app.web.pages import page_access
from app.web.paging import page_of
from app.web.shell import contribute

blueprint = Blueprint("notices", __name__)
_STATE = "wechat_state"


def inbox_url(actor: Actor) -> str:
    """Where this kind of account reads its notices."""
    places = {GRADUATE: "notices.graduate_inbox", EMPLOYER: "notices.employer_inbox"}
    return url_for(places.get(actor.kind, "notices.staff_inbox"))


@contribute
def frame(actor: Actor) -> dict[str, Any]:
    """The bell of every page: where it leads and how many notices are unread."""
    return {"urls": {"messages": inbox_url(actor)}, "unread": unread_count(actor)}


@blueprint.get("/graduate/messages")
@page_access(GRADUATE)
def graduate_inbox() -> str:
    """The graduate's inbox."""
    return _inbox("layouts/graduate.html")


@blueprint.get("/employer/messages")
@page_access(EMPLOYER)
def employer_inbox() -> str:
    """The inbox of a unit's user."""
    return _inbox("layouts/employer.html")


@blueprint.get("/staff/messages")
@page_access(*STAFF)
def staff_inbox() -> str:
    """The same inbox in the frame of the staff's pages."""
    return _inbox("staff/base.html", appbuilder=current_app.appbuilder)  # type: ignore[attr-defined]


def _inbox(layout: str, **frame: Any) -> str:
    actor = current_actor()
    page = page_of(notifications_visible_to(actor).options(selectinload(Notification.deliveries)))
    return render_template(
        "notices/inbox.html",
        layout=layout,
        page=page,
        rows=[_row(notice) for notice in page.rows],
        wechat=_wechat_card(actor),
        **frame,
    )


def _row(notice: Notification) -> dict[str, Any]:
    return {
        "title": notice.title,
        "text": notice.text,
        "url": url_for("notices.open_notice", notice_id=notice.id),
        "at": notice.created_at,
        "unread": notice.read_at is None,
        "channels": [(channel_label(row.channel), status_label(row.status)) for row in notice.deliveries],
    }


@blueprint.get(f"{OPEN_PATH}/<notice_id>")
@page_access(*KINDS)
def open_notice(notice_id: str) -> ResponseReturnValue:
    """Mark the notice as read and lead to its record; the address that goes out by WeChat."""
    actor = current_actor()
    notice = services.mark_read(row_id(notice_id), actor=actor)
    return redirect(links.record_url(notice.workflow, notice.case_id, actor.kind) or inbox_url(actor))


@blueprint.post(f"{OPEN_PATH}/read")
@page_access(*KINDS)
def read_all() -> ResponseReturnValue:
    """Mark all as read."""
    actor = current_actor()
    services.mark_all_read(actor=actor)
    return redirect(inbox_url(actor))


def _wechat() -> WechatChannel:
    channel = channels.channel(WECHAT)
    if not isinstance(channel, WechatChannel):
        raise NotFound()
    return channel


def _wechat_card(actor: Actor) -> dict[str, Any] | None:
    """Whether WeChat is bound; None where this installation does not send by it."""
    if actor.user_id is None or not isinstance(channels.channel(WECHAT), WechatChannel):
        return None
    return {"bound": bool(bound_addresses(WECHAT, [actor.user_id]))}


@blueprint.post(f"{OPEN_PATH}/wechat")
@page_access(*KINDS)
def bind_wechat() -> ResponseReturnValue:
    """Ask WeChat who the reader is; it comes back to bound_wechat."""
    channel = _wechat()
    if "MicroMessenger" not in request.user_agent.string:
        flash(_("Please open this page in WeChat to bind your account."), "warning")
        return redirect(inbox_url(current_actor()))
    session[_STATE] = secrets.token_urlsafe(24)
    return redirect(channel.authorize_address(url_for("notices.bound_wechat", _external=True), session[_STATE]))


@blueprint.get(f"{OPEN_PATH}/wechat")
@page_access(*KINDS)
def bound_wechat() -> ResponseReturnValue:
    """WeChat's answer: keep the address if it belongs to the question of this session."""
    channel, actor = _wechat(), current_actor()
    expected, code = session.pop(_STATE, ""), request.args.get("code", "")
    if not code or not secrets.compare_digest(expected.encode(), request.args.get("state", "").encode()):
        raise Malformed(_("WeChat's answer does not belong to this page. Please bind again."))
    try:
        services.bind_address(WECHAT, channel.openid_for(code), actor=actor)
    except (Refused, Unavailable):
        flash(_("WeChat did not confirm your account. Please try again."), "danger")
    else:
        flash(_("Notices will also reach you in WeChat."), "success")
    return redirect(inbox_url(actor))


@blueprint.post(f"{OPEN_PATH}/wechat/unbind")
@page_access(*KINDS)
def unbind_wechat() -> ResponseReturnValue:
    """Send nothing more by WeChat."""
    actor = current_actor()
    services.unbind_address(WECHAT, actor=actor)
    flash(_("Notices no longer reach you in WeChat. You still find all of them here."), "success")
    return redirect(inbox_url(actor))
