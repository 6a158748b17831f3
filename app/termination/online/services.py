"""How one side asks for the end of an agreement: which one, and why (R6.9, R7.5)."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

from app.access.actors import Actor
from app.base.errors import AppError, Invalid
from app.cases.services import Body, Writing, held_record
from app.signing.online.models import OnlineSigning
from app.termination.online.forms import StartForm
from app.termination.online.models import OnlineTermination
from app.workflow import engine, registry
from app.workflow.table import Context


def why_not_to_start(signing: OnlineSigning, *, actor: Actor) -> AppError | None:
    """Why this side cannot ask for the end of the agreement now, None when it can; for pages, changes nothing."""
    workflow = registry.get("online_termination")
    try:
        row = engine.permits_creation(workflow, actor)
        engine.check_creation(Context(workflow, row, _new_case(signing, actor), actor))
    except AppError as refusal:
        return refusal
    return None


def _held_signing(body: Body, actor: Actor) -> OnlineSigning | None:
    """The agreement; held, it cannot be voided meanwhile either."""
    return held_record("online_signing", body.get("signing_id"), actor)


def _open(body: Body, actor: Actor) -> OnlineTermination:
    signing = _held_signing(body, actor)
    if signing is None:
        raise Invalid({"signing_id": [_("Please choose the agreement that shall end.")]})
    return _new_case(signing, actor)


def _write(case: OnlineTermination, body: Body, *, actor: Actor, whole: bool) -> None:
    del actor, whole
    case.data = {"signing_id": case.signing_id, **body}


def _new_case(signing: OnlineSigning, actor: Actor) -> OnlineTermination:
    case: OnlineTermination = OnlineTermination.of(signing.graduate, number=signing.number, **signing.carried(actor))
    return case


WRITING = Writing(form=StartForm, find=_held_signing, open=_open, write=_write, hand_in="")
