"""The API of signals: the list in scope, one signal with what shows it, what the own office holds of it, and the effect
of the rules. No record changes by any of it.
"""

from __future__ import annotations

from typing import Any

from flask import Response, request
from flask_babel import lazy_gettext as _
from marshmallow import fields
from sqlalchemy import or_

from app.access.actors import STAFF, Actor
from app.base.database import session
from app.base.errors import Malformed, NotFound
from app.codes.forms import read
from app.fab.api import RoomApi, describe, expose, json_answer
from app.fab.datamodel import ScopedInterface
from app.fab.listing import Listing
from app.fab.search import Equal, OneOf
from app.fab.shapes import Moment, Shape, Words, enum, group, list_of, many, one, with_fields, worded
from app.signals import services
from app.signals.forms import MarkForm
from app.signals.models import VERDICTS, Signal
from app.signals.queries.shown import MODULE, VIEW, effects, evidence_of, in_state, marks_of, signal_for
from app.signals.rules import RULES, SEVERITIES
from app.signals.words import STATE_WORDS, explained, rule_word, state_of
from app.web.current import current_actor
from app.web.numbers import row_id

_STATE = {"state": enum(STATE_WORDS, description="As the own office sees it; without it all that still hold")}


class SignalShape(Shape):
    """What a rule finds odd; a reason to look, no finding."""

    id = fields.Integer()
    rule = fields.String()
    label = worded(lambda signal: str(rule_word(signal)))
    why = worded(lambda signal: str(explained(signal)))
    severity = Words(*SEVERITIES)
    state = fields.Function(
        lambda signal: state_of(signal, current_actor()), metadata={"type": "string", "enum": [*STATE_WORDS]}
    )
    units = fields.List(fields.String(), metadata={"description": "Credit codes of the units concerned"})
    found_at = Moment()
    looked_at = Moment()
    closed_at = Moment(allow_none=True)


class MarkShape(Shape):
    """What an office of the reader's scope holds of it."""

    verdict = Words(*VERDICTS)
    note = fields.String()
    marked_by = fields.String()
    marked_at = Moment()
    school_id = fields.Integer(allow_none=True)
    province_id = fields.Integer(allow_none=True)


class ShowingShape(Shape):
    """A record in scope that shows it."""

    workflow = fields.String(attribute="workflow_name")
    id = fields.Integer()


class RuleShape(Shape):
    """How a rule has done by the marks of the reader's scope."""

    rule = fields.String()
    label = fields.String()
    open = fields.Integer()
    confirmed = fields.Integer()
    false = fields.Integer()
    pending = fields.Integer()
    share = fields.Float(
        allow_none=True, metadata={"description": "Of what was decided, how much was found to be true"}
    )


signal_json, mark_json, showing_json, rule_json = (
    SignalShape().dump,
    MarkShape(many=True).dump,
    ShowingShape(many=True).dump,
    RuleShape(many=True).dump,
)
_WHOLE = one(
    with_fields(
        SignalShape,
        ("records", "outside", "marks"),
        records=list_of(ShowingShape),
        outside={"type": ["integer", "null"], "description": "How many records lie outside the scope; null for a few"},
        marks=list_of(MarkShape),
    )
)


class SignalsApi(RoomApi):
    """What declared rules find odd about records and units, for the staff who review them."""

    resource_name = class_permission_name = VIEW
    module = MODULE
    permissions = dict.fromkeys(("can_list", "can_show", "can_mark"), STAFF)
    permission_label = _("Signals")
    permission_labels = {"can_mark": _("say what it is worth")}
    listing = Listing(
        ScopedInterface(Signal),
        {"id": (Equal, OneOf), "rule": (Equal, OneOf), "severity": (Equal, OneOf)},
        ("id", "found_at"),
        choices={"rule": lambda: [rule.name for rule in RULES], "severity": lambda: [*SEVERITIES]},
    )

    @expose("/", methods=["GET"])
    @describe(many(SignalShape), query=_STATE, listed=True)
    def get_list(self) -> Response:
        """Signals that records in my scope show, newest first; those that hold no longer are asked for by state."""
        actor = self.require("can_list")
        return self.many(self.listing.page(self.query(), actor, _in_state(actor)), signal_json)

    @expose("/<int:pk>", methods=["GET"])
    @describe(_WHOLE)
    def get(self, pk: int) -> Response:
        """One signal: why it stands there, which records in my scope show it, what offices say of it."""
        signal = self._found(pk)
        return self.one(signal.id, self._whole(signal, self.require("can_show")))

    @expose("/<int:pk>/mark", methods=["POST"])
    @describe(_WHOLE, body=MarkForm)
    def mark(self, pk: int) -> Response:
        """Say what my office holds of it; a later word takes the place of the earlier one."""
        sent, actor = self.body(), self.actor()
        if signal_for(row_id(pk), actor) is None:
            raise NotFound()
        self.require("can_mark")
        clean = read(MarkForm, sent)
        services.mark(row_id(pk), clean["verdict"], clean["note"] or "", actor=actor)
        session.expire_all()
        signal = self._found(pk)
        return self.one(signal.id, self._whole(signal, actor))

    @expose("/effects", methods=["GET"])
    @describe(group(("result",), result=list_of(RuleShape)))
    def effects(self) -> Response:
        """How often each rule was right, by the marks of my office and of those below it."""
        actor = self.require("can_list")
        found = effects(actor)
        rows = [
            {
                "rule": rule.name,
                "label": str(rule.label),
                **{name: getattr(found.get(rule.name), name, 0) for name in ("open", *VERDICTS)},
                "share": getattr(found.get(rule.name), "share", None),
            }
            for rule in RULES
        ]
        return json_answer(200, {"result": rule_json(rows)})

    def _found(self, pk: int) -> Signal:
        signal = signal_for(row_id(pk), self.actor())
        if signal is None:
            raise NotFound()
        return signal

    def _whole(self, signal: Signal, actor: Actor) -> dict[str, Any]:
        evidence = evidence_of(signal, actor)
        return {
            **signal_json(signal),
            "records": showing_json(evidence.cases),
            "outside": None if evidence.few else evidence.outside,
            "marks": mark_json(marks_of(signal, actor)),
        }


def _in_state(actor: Actor) -> Any:
    states = [one for one in request.args.get("state", "").split(",") if one]
    if any(state not in STATE_WORDS for state in states):
        raise Malformed(_("Please choose from the list."))
    if not states:
        return Signal.closed_at.is_(None)
    return or_(*(in_state(state, actor) for state in states))
