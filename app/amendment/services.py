"""How one side proposes to change an agreement: which one, what, and why."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

from app.access.actors import Actor
from app.amendment.forms import StartForm, proposed
from app.amendment.models import Amendment
from app.base.errors import Invalid
from app.cases.services import Body, Writing, held_record
from app.signing.online.models import OnlineSigning


def _held_signing(body: Body, actor: Actor) -> OnlineSigning | None:
    return held_record("online_signing", body.get("signing_id"), actor)


def _open(body: Body, actor: Actor) -> Amendment:
    signing = _held_signing(body, actor)
    if signing is None:
        raise Invalid({"signing_id": [_("Please choose the agreement that shall change.")]})
    case: Amendment = Amendment.of(signing.graduate, **signing.carried(actor))
    return case


def _write(case: Amendment, body: Body, *, actor: Actor, whole: bool) -> None:
    del actor, whole
    changes = proposed(case.signing.data, body["changes"])
    case.data = {"signing_id": case.signing_id, "changes": changes, "reason": body.get("reason") or None}


WRITING = Writing(form=StartForm, find=_held_signing, open=_open, write=_write, hand_in="")
