"""The piece of a review page, and of a unit's page, that tells what the rules find odd; loaded after the page."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, render_template, url_for

from app.access.actors import OPERATOR, STAFF, Actor
from app.base.errors import Forbidden
from app.signals.models import Signal
from app.signals.queries.shown import MODULE, VIEW, signals_of_case, signals_of_unit
from app.signals.rules import RULES
from app.signals.words import NOTES, STATE_WORDS, explained, rule_word, state_of
from app.web.current import current_actor
from app.web.pages import page_access
from app.workflow import engine, registry

blueprint = Blueprint("signals", __name__, url_prefix="/staff/signals-beside")


def register(app: Flask) -> None:
    """Limits that cannot be read are told at the start, not by a job at night."""
    del app
    for rule in RULES:
        rule.limits_in_force()


@blueprint.get("/unit/<string:code>")
@page_access(OPERATOR)
def of_unit(code: str) -> str:
    """What is odd about a unit."""
    actor = _reader()
    return _piece(list(signals_of_unit(code[:24], actor)), actor)


@blueprint.get("/<string:workflow>/<int:case_id>")
@page_access(*STAFF)
def of_case(workflow: str, case_id: int) -> str:
    """What is odd about a record and its unit."""
    actor = _reader()
    case = engine.load(registry.get(workflow), case_id, actor=actor)
    return _piece(list(signals_of_case(workflow, case.id, actor)), actor)


def _reader() -> Actor:
    actor = current_actor()
    if not (actor.reads(MODULE) and actor.may("can_show", VIEW)):
        raise Forbidden()
    return actor


def _piece(signals: list[Signal], actor: Actor) -> str:
    rows: list[dict[str, Any]] = [
        {
            "title": rule_word(one),
            "why": explained(one),
            "kind": NOTES.get(one.severity, "info"),
            "state": STATE_WORDS[state_of(one, actor)],
            "url": url_for("SignalView.show", pk=one.id),
        }
        for one in signals
    ]
    return render_template("signals/beside.html", rows=rows)
