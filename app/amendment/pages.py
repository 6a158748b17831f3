"""协议变更 in the browser: either side writes the new terms beside those in force; the rest is the page of every case."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Flask, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.access.actors import EMPLOYER, GRADUATE, KINDS
from app.amendment import records
from app.amendment.forms import AMENDABLE
from app.amendment.workflow import AMENDMENT
from app.base.errors import Conflict, Invalid
from app.cases.services import begin_case
from app.signing.online.models import OnlineSigning
from app.signing.online.pages import letter_fields
from app.signing.online.pages.agreements import paper_answer
from app.signing.online.workflow import ONLINE_SIGNING
from app.web.current import actor_or_none, current_actor
from app.web.links import record_url
from app.web.numbers import row_id
from app.web.pages import layout_of, page_access
from app.workflow import engine

units = Blueprint("unit_amendment", __name__, url_prefix="/employer")
graduates = Blueprint("own_amendment", __name__, url_prefix="/graduate")
supplements = Blueprint("supplements", __name__, url_prefix="/agreements")
_DOORS = {GRADUATE: "own_amendment.own_form", EMPLOYER: "unit_amendment.unit_form"}


@graduates.get("/signing/<signing_id>/amend")
@page_access(GRADUATE)
def own_form(signing_id: str) -> str:
    """The terms of the agreement as a form."""
    return _form(_signing(signing_id), {}, {})


@graduates.post("/signing/<signing_id>/amend")
@page_access(GRADUATE)
def own_start(signing_id: str) -> ResponseReturnValue:
    """发起变更; the code of one's own phone comes with it."""
    return _start(signing_id)


@units.get("/signings/<signing_id>/amend")
@page_access(EMPLOYER)
def unit_form(signing_id: str) -> str:
    """The terms of the agreement as a form."""
    return _form(_signing(signing_id), {}, {})


@units.post("/signings/<signing_id>/amend")
@page_access(EMPLOYER)
def unit_start(signing_id: str) -> ResponseReturnValue:
    """发起变更."""
    return _start(signing_id)


@supplements.get("/supplement/<case_id>")
@page_access(*KINDS)
def show(case_id: str) -> ResponseReturnValue:
    """The sealed supplement, to read or with ?download=1 to keep."""
    return paper_answer(engine.load(AMENDMENT, row_id(case_id), actor=current_actor()), "supplement")


def amendments_panel(signing: Any) -> dict[str, Any] | None:
    """What the page of an agreement shows of its amendments; for templates of any room."""
    actor = actor_or_none()
    if actor is None or not isinstance(signing, OnlineSigning) or signing.number is None:
        return None
    found = records.panel(signing, actor)
    door = _DOORS.get(actor.kind)
    return found and {**found, "url": url_for(door, signing_id=signing.id) if door else None}


def _start(signing_id: str) -> ResponseReturnValue:
    actor, signing = current_actor(), _signing(signing_id)
    sent = {name: request.form[name] for name in AMENDABLE if name in request.form}
    changes: dict[str, Any] = {**sent, **{name: request.form.get(name) == "1" for name in letter_fields.FLAGS}}
    body = {"signing_id": signing.id, "changes": changes, "reason": request.form.get("reason", "")}
    try:
        case = begin_case(AMENDMENT.name, body, actor=actor)
    except Invalid as refused:
        return _form(signing, request.form, refused.errors), 422
    except Conflict as refusal:
        flash(refusal.message, "danger")
        return redirect(record_url(ONLINE_SIGNING.name, signing.id, actor.kind) or "/")
    flash(_("Sent. The other side now has to agree; until the school has approved, nothing changes."), "success")
    return redirect(record_url(AMENDMENT.name, case.id, actor.kind) or "/")


def _signing(signing_id: str) -> OnlineSigning:
    found: OnlineSigning = engine.load(ONLINE_SIGNING, row_id(signing_id), actor=current_actor())
    return found


def _form(signing: OnlineSigning, sent: Mapping[str, Any], errors: Mapping[str, Any]) -> str:
    actor = current_actor()
    values = letter_fields.flat(signing.data, whole=False) | dict(sent)
    return render_template(
        "amendment/form.html",
        layout=layout_of(actor.kind),
        signing=signing,
        back=record_url(ONLINE_SIGNING.name, signing.id, actor.kind),
        url=url_for(_DOORS[actor.kind], signing_id=signing.id),
        values=values,
        errors={name.removeprefix("changes."): [str(text) for text in texts] for name, texts in errors.items()},
        labels=AMENDABLE,
        options=letter_fields.options(),
        binding=actor.kind == GRADUATE,
    )


def register(app: Flask) -> None:
    """Let the pages of the agreements show what was amended."""
    app.jinja_env.globals.update(amendments_panel=amendments_panel)
