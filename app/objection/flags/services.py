"""How a unit begins an objection to a mark on it."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from marshmallow import ValidationError

from app.access.actors import Actor
from app.base.database import session
from app.base.errors import Conflict, NotFound
from app.cases.services import Body, Writing
from app.employers.models import Employer
from app.objection.flags.forms import FlagObjectionForm
from app.objection.flags.models import FlagObjection
from app.objection.flags.queries import MarkOnUnit, marks_on


def _meant(body: Body, actor: Actor) -> MarkOnUnit:
    try:
        number = FlagObjectionForm().fields["warning_id"].deserialize(body.get("warning_id"))
    except ValidationError:
        raise NotFound() from None
    found = marks_on(actor, number)
    if not found:
        raise NotFound()
    return found[0]


def _open(body: Body, actor: Actor) -> FlagObjection:
    meant = _meant(body, actor)
    if meant.objection is not None:
        raise Conflict(_("Your unit has objected to this mark already. It can object once."), "objected")
    mark, school = meant.warning, meant.school
    data = {
        "school": school.name,
        "kinds": list(mark.kinds),
        "reason": mark.reason,
        "evidence": mark.evidence or "",
        "marked_on": mark.created_at.isoformat(),
    }
    return FlagObjection(
        warning_id=mark.id,
        uscc=mark.uscc,
        employer=session.get_one(Employer, actor.employer_id),
        school_id=school.id,
        province_id=school.province_id,
        version=1,
        data=data,
    )


def _write(case: FlagObjection, body: Body, *, actor: Actor, whole: bool) -> None:
    del actor, whole
    case.data = {**case.data, "text": body["text"]}


WRITING = Writing(form=FlagObjectionForm, open=_open, write=_write, find=_meant, hand_in="")
