"""The papers with which the school explains a record."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

from app.access.actors import SCHOOL, Actor
from app.base.errors import Conflict, Forbidden
from app.cases.attachments import Files, Kind
from app.objection.models import Objection

EXPLANATION = "explanation"


def _school_explains(case: Objection, kind: str, actor: Actor) -> None:
    del kind
    if actor.kind != SCHOOL:
        raise Forbidden()
    if case.waits_for != SCHOOL:
        raise Conflict(
            _("Papers can be added while the school is asked to explain, not before or after."), "wrong_state"
        )


FILES = Files((Kind(EXPLANATION, _("Papers of the explanation"), pdf=True),), may_change=_school_explains)
