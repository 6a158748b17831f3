"""The sheet of the one-time code: what I bind myself to, the code, and what to do when none comes (R7.3)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Flask, Response, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _

from app.access.accounts import account_of_user
from app.access.actors import GRADUATE
from app.base.errors import AppError, Conflict, Invalid, NotFound, Throttled
from app.cases.proof import Named, act_named, asks_for_code
from app.cases.records import paper_of, said_rows
from app.entrances.pages.steps import sent_facts
from app.notices import channels
from app.notices.explanations import channel_label, explained
from app.notices.messages import SMS
from app.passcodes.acts import PAUSE, check, send_code, waiting_code
from app.passcodes.models import VerificationCode
from app.passcodes.phones import settled_bindings
from app.passcodes.services import shown_code
from app.portal.graduate.pages.signings import blueprint
from app.web.current import current_actor
from app.web.numbers import row_id
from app.web.pages import own_referrer, page_access, refusal_text


@blueprint.post("/code")
@page_access(GRADUATE)
def send_code_for() -> Response:
    """Send a code for the step that the page names, and show the sheet in which it is entered."""
    named, row, refusal = _named(), None, None
    try:
        row = send_code(named.act, actor=current_actor(), channel=request.args.get("channel"))
    except (Conflict, Throttled) as error:
        row, refusal = waiting_code(named.act), error
    if request.headers.get("X-Sheet"):
        return _sheet(named, row, refusal)
    if refusal:
        flash(refusal_text(refusal), "danger")
    elif row is not None:
        flash(sent_words(row), "info")
    return make_response(redirect(own_referrer() or url_for("graduate.home")))


@blueprint.post("/code/check")
@page_access(GRADUATE)
def check_code_for() -> Response:
    """Whether the code is right: 204, then the page goes on by itself; else the sheet once more."""
    named = _named()
    try:
        check([named.act], current_actor().code)
    except Invalid as refusal:
        return _sheet(named, waiting_code(named.act), refusal)
    return Response(status=204)


@blueprint.get("/code/state")
@page_access(GRADUATE)
def code_state() -> str:
    """How far the sending is, for the sheet that is open; a broken provider is told at once."""
    return render_template("portal/_proof_state.html", sent=_sent(waiting_code(_named().act)))


def sent_words(row: VerificationCode) -> str:
    """Where a code went, in one line for pages without the sheet; in a trial with the code."""
    shown = shown_code(row)
    told = [_("Nothing is really sent here. The message would read: code %(code)s", code=shown)] if shown else []
    return " ".join((_where_to(row), *told))


def _where_to(row: VerificationCode) -> str:
    if row.channel == SMS:
        return _(
            "A code was sent to your own number %(to)s. It holds for %(minutes)s minutes and for this step only.",
            **sent_facts(row),
        )
    return _(
        "A code was sent to your bound %(by)s. It holds for %(minutes)s minutes and for this step only.",
        **sent_facts(row),
    )


def proof_url(workflow: str, event: str, case_id: int | None = None) -> str:
    """Where the page of a step finds the sheet of its code; empty for steps that ask for none. For templates."""
    if not asks_for_code(workflow, event):
        return ""
    return url_for("graduate.send_code_for", workflow=workflow, event=event, id=case_id)


def _named() -> Named:
    number = request.args.get("id")
    try:
        return act_named(
            request.args.get("workflow"),
            request.args.get("event"),
            row_id(number) if number else None,
            actor=current_actor(),
        )
    except Invalid as error:
        raise NotFound() from error


def _sheet(named: Named, row: VerificationCode | None, refusal: AppError | None = None) -> Response:
    place: dict[str, Any] = {"workflow": named.act.workflow, "event": named.act.event, "id": named.act.case_id}
    response = make_response(
        render_template(
            "portal/_proof.html",
            title=named.label,
            binds=named.binds,
            also=named.also,
            paper=paper_of(named.case),
            facts=said_rows(named.case) if named.case is not None else [],
            sent=_sent(row),
            error=refusal_text(refusal) if refusal else "",
            ways=_other_ways(row, place),
            urls={
                name: url_for(f"graduate.{name}", **place) for name in ("send_code_for", "check_code_for", "code_state")
            },
        )
    )
    response.status_code = refusal.status if refusal else 200
    return response


def _other_ways(row: VerificationCode | None, place: dict[str, Any]) -> list[tuple[Any, str]]:
    """Where the code could go instead: what it is called, and the address that sends it there."""
    account = account_of_user(current_actor().user_id or 0)
    found = [*settled_bindings(account), *([SMS] if account.mobile and channels.channel(SMS) else [])]
    used = row.channel if row else SMS
    return [
        (channel_label(one), url_for("graduate.send_code_for", channel=one, **place)) for one in found if one != used
    ]


def _sent(row: VerificationCode | None) -> dict[str, Any] | None:
    if row is None:
        return None
    told = sent_facts(row)
    pause = timedelta(seconds=0 if told["development"] else PAUSE.window)
    return {**told, "words": _where_to(row), "failed": explained(row), "again_at": row.created_at + pause}


def register(app: Flask) -> None:
    app.jinja_env.globals["proof_url"] = proof_url
