"""Log-in by a bound account of another provider: to it and back."""

from __future__ import annotations

import secrets
from typing import Any

from flask import Blueprint, flash, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.base.errors import AppError, NotFound
from app.entrances.pages.login import destination, log_in
from app.entrances.services.channel_login import log_in_by_channel
from app.notices.channels import channels_of_log_in
from app.notices.channels.base import BoundChannel
from app.notices.explanations import channel_label
from app.web.gate import open_to_all
from app.web.pages import own_path

blueprint = Blueprint("channel_login", __name__, url_prefix="/channel-login")
open_to_all("channel_login.start", "channel_login.back")
_DOOR, _QUESTION = "graduate", "channel_login"


def ways(wanted: str | None) -> list[dict[str, Any]]:
    """The channels by which one can log in from this browser: inside a provider's own program only by its own."""
    agent = request.user_agent.string
    return [
        {"label": one.binding.login, "url": url_for("channel_login.start", channel=name, next=own_path(wanted))}
        for name, one in channels_of_log_in().items()
        if one.binding.browser in agent
    ]


@blueprint.get("/<string:channel>")
def start(channel: str) -> ResponseReturnValue:
    """Ask the channel's provider who holds this browser; the question belongs to the browser alone."""
    asked, wanted = _offered(channel), own_path(request.args.get("next"))
    if asked.binding.browser not in request.user_agent.string:
        words = _("Please open this page in %(channel)s to log in with it.", channel=channel_label(channel))
        return _failed(words, wanted)
    state = secrets.token_urlsafe(24)
    session[_QUESTION] = {"channel": channel, "state": state, "next": wanted}
    return redirect(asked.authorize_address(url_for("channel_login.back", channel=channel, _external=True), state))


@blueprint.get("/<string:channel>/return")
def back(channel: str) -> ResponseReturnValue:
    """Take the provider's answer: it must belong to the question that this browser asked, and it counts once."""
    asked, question = _offered(channel), session.pop(_QUESTION, None) or {}
    state, code = request.args.get("state", ""), request.args.get(asked.binding.code, "")
    same = secrets.compare_digest(question.get("state", "").encode(), state.encode())
    if not code or not state or not same or question.get("channel") != channel:
        return _failed(_("The log-in was broken off. Please start again."), question.get("next"))
    try:
        account = log_in_by_channel(asked, code, ip=request.remote_addr)
    except AppError as error:
        return _failed(error.message, question["next"])
    log_in(account, _DOOR, way=channel)
    return redirect(destination(account, question["next"]))


def _offered(channel: str) -> BoundChannel:
    found = channels_of_log_in().get(channel)
    if found is None:
        raise NotFound()
    return found


def _failed(words: str, wanted: str | None) -> ResponseReturnValue:
    flash(words, "danger")
    return redirect(url_for("EntranceView.enter", door=_DOOR, next=wanted))
