"""The inbox of graduates, units and staff: one list, a click marks read and leads to the record (R7.14)."""

from __future__ import annotations

import secrets
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import selectinload
from werkzeug.routing import BaseConverter

from app.access.actors import EMPLOYER, GRADUATE, KINDS, STAFF, Actor
from app.base.errors import Malformed, NotFound
from app.notices import channels, services
from app.notices.addresses import channels_bound_by
from app.notices.channels.base import BoundChannel, Refused, Unavailable
from app.notices.explanations import channel_label, standing_of, status_label
from app.notices.links import OPEN_PATH
from app.notices.models import Notification
from app.notices.queries import notifications_visible_to, unread_count
from app.web import links
from app.web.current import current_actor
from app.web.headers import allow_forms_to
from app.web.numbers import row_id
from app.web.pages import page_access
from app.web.paging import page_of
from app.web.shell import contribute


class ChannelName(BaseConverter):
    """The name of a channel in an address, where the id of a notice may stand as well."""

    regex = "[a-z][a-z_]*"
    weight = BaseConverter.weight - 1  # before the ids


blueprint = Blueprint("notices", __name__)
blueprint.record(lambda made: made.app.url_map.converters.update(channel=ChannelName))


def inbox_url(actor: Actor) -> str:
    """Where this kind of account reads its notices."""
    places = {GRADUATE: "notices.graduate_inbox", EMPLOYER: "notices.employer_inbox"}
    return url_for(places.get(actor.kind, "notices.staff_inbox"))


@contribute
def frame(actor: Actor) -> dict[str, Any]:
    """The bell of every page: where it leads and how many notices are unread."""
    return {"urls": {"messages": inbox_url(actor)}, "unread": lambda: unread_count(actor)}


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
    return _inbox("staff/base.html")


def _inbox(layout: str) -> str:
    actor = current_actor()
    page = page_of(notifications_visible_to(actor).options(selectinload(Notification.deliveries)))
    return render_template(
        "notices/inbox.html",
        layout=layout,
        page=page,
        rows=[_row(notice) for notice in page.rows],
        cards=_cards(actor),
    )


def _row(notice: Notification) -> dict[str, Any]:
    return {
        "title": notice.title,
        "text": notice.text,
        "url": url_for("notices.open_notice", notice_id=notice.id),
        "at": notice.created_at,
        "unread": notice.read_at is None,
        "channels": [(channel_label(row.channel), status_label(standing_of(row))) for row in notice.deliveries],
    }


@blueprint.get(f"{OPEN_PATH}/<notice_id>")
@page_access(*KINDS)
def open_notice(notice_id: str) -> ResponseReturnValue:
    """Mark the notice as read and lead to its record; the address that messages outside carry."""
    actor = current_actor()
    notice = services.mark_read(row_id(notice_id), actor=actor)
    found = links.record_url(notice.workflow, notice.case_id, actor.kind)
    if found is None and notice.case_id is None and actor.kind in STAFF:  # about several records at once
        found = links.assigned_url(notice.workflow)
    return redirect(found or inbox_url(actor))


@blueprint.post(f"{OPEN_PATH}/read")
@page_access(*KINDS)
def read_all() -> ResponseReturnValue:
    """Mark all as read."""
    actor = current_actor()
    services.mark_all_read(actor=actor)
    return redirect(inbox_url(actor))


def _bindable(name: str) -> BoundChannel:
    channel = channels.channel(name)
    if not isinstance(channel, BoundChannel):
        raise NotFound()
    return channel


def _cards(actor: Actor) -> list[dict[str, Any]]:
    """The channels that the reader can bind or has bound; those that this installation does not send by are left out."""
    found = [one for one in channels.channels_in_use().values() if isinstance(one, BoundChannel)]
    bound = channels_bound_by(actor.user_id) if found and actor.user_id is not None else {}
    for one in found:
        allow_forms_to(one.authorize_address("", ""))
    return [
        {
            "name": one.name,
            "label": channel_label(one.name),
            "offer": one.binding.offer,
            "bound": one.name in bound,
            "opens": bound.get(one.name, False),
            "login": one.binding.login if actor.kind == GRADUATE else None,
        }
        for one in found
    ]


@blueprint.post(f"{OPEN_PATH}/<channel:channel>")
@page_access(*KINDS)
def bind(channel: str) -> ResponseReturnValue:
    """Ask the channel's provider who the reader is; it comes back to `bound`."""
    asked, label = _bindable(channel), channel_label(channel)
    if asked.binding.browser not in request.user_agent.string:
        flash(_("Please open this page in %(channel)s to bind your account.", channel=label), "warning")
        return redirect(inbox_url(current_actor()))
    state = session[f"{channel}_state"] = secrets.token_urlsafe(24)
    return redirect(asked.authorize_address(url_for("notices.bound", channel=channel, _external=True), state))


@blueprint.get(f"{OPEN_PATH}/<channel:channel>")
@page_access(*KINDS)
def bound(channel: str) -> ResponseReturnValue:
    """The provider's answer: keep the address if it belongs to the question of this session."""
    asked, actor, label = _bindable(channel), current_actor(), channel_label(channel)
    expected, code = session.pop(f"{channel}_state", ""), request.args.get(asked.binding.code, "")
    if not code or not secrets.compare_digest(expected.encode(), request.args.get("state", "").encode()):
        raise Malformed(_("The answer of %(channel)s does not belong to this page. Please bind again.", channel=label))
    try:
        services.bind_address(channel, asked.address_for(code), actor=actor)
    except (Refused, Unavailable):
        flash(_("%(channel)s did not confirm your account. Please try again.", channel=label), "danger")
    else:
        flash(_("Notices will also reach you by %(channel)s.", channel=label), "success")
    return redirect(inbox_url(actor))


@blueprint.post(f"{OPEN_PATH}/<channel:channel>/unbind")
@page_access(*KINDS)
def unbind(channel: str) -> ResponseReturnValue:
    """Send nothing more by this channel."""
    if channel not in channels.declared():
        raise NotFound()
    actor, label = current_actor(), channel_label(channel)
    services.unbind_address(channel, actor=actor)
    flash(_("Notices no longer reach you by %(channel)s. You still find all of them here.", channel=label), "success")
    return redirect(inbox_url(actor))
