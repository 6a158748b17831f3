"""Which destination is mine: a few questions, or the whole list; what to prepare before one starts (R7.9, R4.4)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from app.access.actors import GRADUATE, Actor
from app.base.database import session
from app.base.errors import NotFound
from app.base.official import official
from app.cases.services import begin_case, edit_case, is_editable
from app.codes import queries as codes
from app.destination import finder
from app.destination.catalogue import type_of, types_open_to
from app.destination.forms import check_record
from app.destination.home import why_not
from app.destination.models import Destination
from app.destination.types.declared import DestinationType
from app.destination.warnings import unusual_education
from app.destination.workflow import DESTINATION
from app.roster.services.graduates import own_graduate
from app.web.current import current_actor
from app.web.numbers import row_id
from app.web.pages import flash_refusals, page_access
from app.workflow import engine
from app.workflow.stages import Stage

blueprint = Blueprint("destination_types", __name__, url_prefix="/graduate/destinations/types")


@blueprint.get("/")
@page_access(GRADUATE)
def find() -> ResponseReturnValue:
    """One question of the way to the right type, or all types in groups."""
    actor = current_actor()
    offered, case = offered_to(actor), _changed_case(actor)
    if len(offered) == 1:
        return redirect(url_for("destination_types.prepare", code=offered[0].code, **_kept(case)))
    place = request.args.get("at", finder.START)
    question = finder.question_at(place, offered)
    if question is None:
        raise NotFound()
    return render_template(
        "destination/find.html",
        question=question,
        place=place,
        back=finder.way_to(place)[-1:],
        groups=_groups(offered) if place == finder.START else [],
        hints={one.code: one.hint for one in offered},
        kept=_kept(case),
        closed=why_not(own_graduate(actor), actor),
    )


@blueprint.get("/<code>")
@page_access(GRADUATE)
def prepare(code: str) -> str:
    """What this type is for, what will be asked, which papers are needed."""
    actor = current_actor()
    kind, graduate = _offered(code, actor), own_graduate(actor)
    return render_template(
        "destination/prepare.html",
        kind=kind,
        unusual=unusual_education(kind, graduate.education),
        parent=codes.label("destination", kind.parent),
        case=_changed_case(actor),
        others=len(offered_to(actor)) > 1,
        closed=why_not(graduate, actor),
    )


@blueprint.post("/<code>")
@page_access(GRADUATE)
@flash_refusals(lambda code: url_for("destination_types.prepare", code=code))
def begin(code: str) -> ResponseReturnValue:
    """Start filling in this type; a draft of it that was begun is gone on with, a draft of another may change to it."""
    actor = current_actor()
    kind, case = _offered(code, actor), _changed_case(actor)
    if case is not None:
        record, _odd = check_record(kind, case.record, complete=False)
        edit_case("destination", case.id, {"type": kind.code, "data": record}, actor=actor)
        flash(_("It is now: %(label)s. What fits was kept.", label=official(kind.label)), "success")
    else:
        case = _begun(kind, actor) or begin_case(
            "destination", {"type": kind.code, "data": {}}, submit=False, actor=actor
        )
    return redirect(url_for("destination_forms.edit", case_id=case.id))


def offered_to(actor: Actor) -> Sequence[DestinationType]:
    """The types that this graduate may register today (R4.4)."""
    return types_open_to(own_graduate(actor).training_mode)


def _offered(code: str, actor: Actor) -> DestinationType:
    kind = type_of(code)
    if kind is None or kind not in offered_to(actor):
        raise NotFound()
    return kind


def _groups(offered: Sequence[DestinationType]) -> list[tuple[str, list[DestinationType]]]:
    """The types under their parents, in the order in which they are offered."""
    found: dict[str, list[DestinationType]] = {}
    for one in offered:
        found.setdefault(codes.label("destination", one.parent) or _("Other destinations"), []).append(one)
    return list(found.items())


def _changed_case(actor: Actor) -> Destination | None:
    """The draft whose type is to be changed, where the address names one."""
    number = request.values.get("case")
    if not number:
        return None
    case: Destination = engine.load(DESTINATION, row_id(number), actor=actor)
    if not is_editable(case):
        raise NotFound()
    return case


def _kept(case: Destination | None) -> dict[str, Any]:
    return {"case": case.id} if case else {}


def _begun(kind: DestinationType, actor: Actor) -> Destination | None:
    query = select(Destination).where(
        Destination.graduate_id == actor.graduate_id,
        Destination.type == kind.code,
        Destination.stage == Stage.DRAFT,
        Destination.invalid_since.is_(None),
    )
    return session.scalars(query.order_by(Destination.id.desc()).limit(1)).first()
