"""How one side proposes to change an agreement: which one, what, and why."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _

from app.access.actors import Actor
from app.amendment.forms import StartForm, proposed
from app.amendment.models import Amendment
from app.base.errors import Invalid, NotFound
from app.cases.services import Body, Writing
from app.signing.online.models import OnlineSigning
from app.workflow import engine, registry


def _held_signing(body: Body, actor: Actor) -> OnlineSigning | None:
    """The agreement, held meanwhile: of both sides starting at once one comes second. None for what can be none."""
    signing_id: Any = body.get("signing_id")
    if isinstance(signing_id, bool) or not isinstance(signing_id, int):
        return None
    if not 0 < signing_id < 2**63:
        raise NotFound()
    found: OnlineSigning = engine.load(registry.get("online_signing"), signing_id, actor=actor, lock=True)
    return found


def _open(body: Body, actor: Actor) -> Amendment:
    signing = _held_signing(body, actor)
    if signing is None:
        raise Invalid({"signing_id": [_("Please choose the agreement that shall change.")]})
    case: Amendment = Amendment.of(
        signing.graduate,
        signing=signing,
        signing_id=signing.id,
        employer=signing.employer,
        employer_id=signing.employer_id,
        started_by=actor.kind,
        agreement_type=signing.agreement_type,
    )
    return case


def _write(case: Amendment, body: Body, *, actor: Actor, whole: bool) -> None:
    del actor, whole
    changes = proposed(case.signing.data, body["changes"])
    case.data = {"signing_id": case.signing_id, "changes": changes, "reason": body.get("reason") or None}


WRITING = Writing(form=StartForm, find=_held_signing, open=_open, write=_write, hand_in="")
