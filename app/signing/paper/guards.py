"""What must be true before an event of the signings on paper."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _

from app.access.actors import GRADUATE
from app.base.errors import Conflict, Invalid
from app.cases.attachments import has
from app.cases.guards import holds_no_other_claim
from app.schools.guards import refuse_closed
from app.schools.queries import closures_of
from app.signing.paper.attachments import PAPER, STAMPED
from app.signing.paper.forms import read_whole
from app.signing.paper.models import PaperMixin
from app.workflow.table import Context


def school_has_opened(context: Context[PaperMixin]) -> None:
    """线下 and 补登 open with the school's switch of signing; the setting is held until the commit (R3.2)."""
    graduate = context.case.graduate
    refuse_closed(graduate, closures_of([graduate], hold=True).get(graduate.id))


def nothing_else_binds(context: Context[PaperMixin]) -> None:
    """One at a time, also when the unit hands in the copy: then it is told whom to ask."""
    try:
        holds_no_other_claim(context)
    except Conflict as refusal:
        if context.actor.kind == GRADUATE:
            raise
        raise Conflict(
            _("The graduate is bound to another agreement or destination at the moment. Please ask the graduate."),
            refusal.code,
        ) from refusal


def category_changes(context: Context[PaperMixin]) -> None:
    """An edit that changes nothing would only send useless notices."""
    data, typed = context.case.data, context.data
    old = {"category": data["position"]["category"], **{k: data["employer"].get(k) for k in ("nature", "industry")}}
    named = {name: typed[name] for name in old if typed.get(name)}
    if named.get("category") and all(old[name] == value for name, value in named.items()):
        raise Conflict(_("These are already the present values. Please change at least one."), "unchanged")


# Forms: the fields of an event, and what else must be complete ------------------------------------------------------


def complete_application(context: Context[PaperMixin]) -> dict[str, Any]:
    """W2: the whole application; W3: its pictures too. Raises Invalid with the fields and the missing attachments."""
    case = context.case
    clean, errors = read_whole(case.workflow_name, case.data)
    if case.workflow_name == "supplementary" and not has(case, PAPER):
        errors[PAPER] = [_("Please add at least one picture of the paper agreement.")]
    if errors:
        raise Invalid(errors)
    return {"application": clean}


def stamped_copy(context: Context[PaperMixin]) -> dict[str, Any]:
    """Nothing can be reviewed without the copy that the unit has stamped."""
    if not has(context.case, STAMPED):
        raise Invalid({STAMPED: [_("Please add the agreement with the unit's stamp first.")]})
    return {}
