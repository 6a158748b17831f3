"""档案与户口 of a graduate: one card each, with what is in force, what is on its way and the one next step."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext

from app.access.actors import GRADUATE, Actor
from app.household.home import Standing, item_of, last_day_of_changes, standing_of
from app.household.types import KINDS
from app.roster.services.graduates import own_graduate
from app.web.current import current_actor
from app.web.pages import page_access
from app.web.shell import contribute

blueprint = Blueprint("household", __name__, url_prefix="/graduate/household")

TITLES = {"archive": lazy_gettext("Archive registration"), "hukou": lazy_gettext("Hukou registration")}
MEANINGS = {
    "archive": lazy_gettext("Tell the school where your archive is sent after graduation. Everybody does this."),
    "hukou": lazy_gettext("Tell the school where your hukou moves, or that it was never moved to the school."),
}
ICONS = {"archive": "folder", "hukou": "house"}


@contribute
def frame(actor: Actor) -> dict[str, Any]:
    """The way here from 我的."""
    return {"urls": {"household": url_for("household.overview")}} if actor.kind == GRADUATE else {}


@blueprint.get("/")
@page_access(GRADUATE)
def overview() -> str:
    """Both registrations at a glance."""
    actor = current_actor()
    graduate = own_graduate(actor)
    return render_template(
        "household/overview.html",
        graduate=graduate,
        cards=[_card(standing_of(kind, graduate, actor), actor) for kind in KINDS],
        last_day=last_day_of_changes(graduate.cohort),
    )


def record_address(case: Any) -> str:
    """The page of a record."""
    kind = case.workflow_name
    return url_for(f"graduate_{kind}.record", **{f"{kind}_id": case.id})


def _card(standing: Standing, actor: Actor) -> dict[str, Any]:
    """What the card of one kind says: the state of what matters most, and the button."""
    kind, case = standing.kind, standing.shown
    card: dict[str, Any] = {
        "kind": kind,
        "title": TITLES[kind],
        "meaning": MEANINGS[kind],
        "icon": ICONS[kind],
        "standing": standing,
        "in_force": item_of(standing.in_force, actor) if standing.in_force else None,
        "moving": item_of(standing.moving, actor) if standing.moving else None,
        "failed": item_of(standing.failed, actor) if standing.failed else None,
        "begin": url_for(f"graduate_{kind}.begin"),
    }
    if case is not None:
        card["url"] = record_address(case)
        card["verb"] = {"draft": _("Continue"), "returned": _("Correct and submit again")}.get(
            case.state, _("See the details")
        )
    return card
