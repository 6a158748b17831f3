"""How a graduate writes an application to be released from a signing on paper (R7.7)."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _

from app.access.actors import Actor
from app.base.errors import Invalid
from app.cases.services import Body, Writing, begin_case, held_graduate
from app.codes.forms import read
from app.termination.offline.forms import ApplicationForm, ReasonForm, SigningForm
from app.termination.offline.models import OfflineTermination
from app.termination.offline.queries import unfinished_application
from app.workflow import engine, registry


def go_on_with_termination(signing_workflow: str, signing_id: int, *, actor: Actor) -> OfflineTermination:
    """The graduate's unfinished application about this signing, or a new empty draft; raises as begin_case()."""
    about = {"signing_workflow": signing_workflow, "signing_id": signing_id}
    found = unfinished_application(_signing(about, actor), actor)
    if found is None:
        found = begin_case("offline_termination", about, actor=actor, submit=False)
    return found


def _signing(body: Body, actor: Actor) -> Any:
    about = read(SigningForm, body)
    return engine.load(registry.get(about["signing_workflow"]), about["signing_id"], actor=actor)


def _open(body: Body, actor: Actor) -> OfflineTermination:
    signing = _signing(body, actor)
    case: OfflineTermination = OfflineTermination.of(
        held_graduate(signing.graduate_id),
        number=signing.number,
        signing_workflow=signing.workflow_name,
        signing_id=signing.id,
        agreement_type=signing.agreement_type,
        unit={"name": signing.employer.name, "uscc": signing.employer.uscc},
    )
    return case


def _write(case: OfflineTermination, body: Body, *, actor: Actor, whole: bool) -> None:
    del actor, whole
    stays = {name: getattr(case, name) for name in ("signing_workflow", "signing_id")}
    if any(body.get(name, value) != value for name, value in stays.items()):
        raise Invalid({"signing_id": [_("An application stays with its agreement. Please start a new one.")]})
    clean = read(ReasonForm, body)
    case.reason_code, case.reason = clean["reason_code"] or None, clean["reason"] or None
    case.data = {**stays, "reason_code": case.reason_code, "reason": case.reason}


WRITING = Writing(form=ApplicationForm, open=_open, write=_write)
