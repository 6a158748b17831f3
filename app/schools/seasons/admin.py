"""办理期限: how long things may wait in a cohort, set by school and province; and how approved destinations change."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import flash, redirect, request, url_for
from flask_appbuilder.baseviews import BaseView
from flask_appbuilder.views import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext

from app.access.actors import PROVINCE, READ_WRITE, SCHOOL, Actor
from app.base.errors import Forbidden, Invalid
from app.fab.menu import Entry
from app.schools import queries
from app.schools.seasons.forms import LIMITS, LONGEST
from app.schools.seasons.models import FREE, REVIEWED
from app.schools.seasons.queries import changes_until, limits_for, season_of_province, season_of_school
from app.schools.seasons.services import save_province_season, save_school_season
from app.schools.services import PROVINCE_SETTINGS, SCHOOL_SETTINGS
from app.web.current import current_actor
from app.web.pages import page_access
from app.web.shell import chosen_cohort

CHANGES = {
    FREE: lazy_gettext("The graduate voids it alone, or has a change of it reviewed"),
    REVIEWED: lazy_gettext("Only by a change that the school reviews"),
}
_RIGHTS = {SCHOOL: ("can_save", SCHOOL_SETTINGS), PROVINCE: ("can_open", PROVINCE_SETTINGS)}


class SeasonSettings(BaseView):
    """One page for both; what is empty comes from above."""

    route_base = "/staff/settings/deadlines"
    menu = Entry("season_settings", "clock", "", lazy_gettext("Time limits"))
    default_view = "show"
    open_to = (SCHOOL, PROVINCE)

    @expose("/")
    @page_access(SCHOOL, PROVINCE)
    def show(self) -> Any:
        """The limits of the cohort, as they are set here and as they hold."""
        return self._page(_reader(), {})

    @expose("/", methods=["POST"])
    @page_access(SCHOOL, PROVINCE)
    def save(self) -> Any:
        """Save what was typed; what was emptied comes from above again."""
        actor, cohort = _reader(), chosen_cohort()
        if not _may_change(actor):
            raise Forbidden()
        write: Any = save_school_season if actor.kind == SCHOOL else save_province_season
        try:
            write(_sent(actor), cohort, actor=actor)
        except Invalid as refused:
            errors = {name.removeprefix("deadlines."): texts for name, texts in refused.errors.items()}
            return self._page(actor, errors), 422
        flash(_("Saved. It holds for what begins to wait from now on."), "success")
        return redirect(url_for("SeasonSettings.show", cohort=cohort))

    def _page(self, actor: Actor, errors: Mapping[str, Any]) -> str:
        cohort = chosen_cohort()
        school = queries.school_visible_to(actor) if actor.kind == SCHOOL else None
        province = school.province if school else queries.province_visible_to(actor)
        above = season_of_province(province.id, cohort)
        own: Any = season_of_school(school.id, cohort) if school else above
        sent = request.form if errors else {}
        return self.render_template(
            "schools/seasons.html",
            place=school or province,
            is_province=school is None,
            cohort=cohort,
            labels=LIMITS,
            most=LONGEST,
            values={name: sent.get(name, (own.deadlines if own else {}).get(name, "")) for name in LIMITS},
            in_force=vars(limits_for(school.id if school else None, province.id, cohort)),
            change=sent.get("destination_change", above.destination_change if above else FREE),
            changes=CHANGES,
            until=sent.get("changes_until", changes_until(above, cohort)),
            may_change=_may_change(actor),
            errors={name: [str(text) for text in texts] for name, texts in errors.items()},
        )


def _reader() -> Actor:
    actor = current_actor()
    if not actor.may("can_show", _RIGHTS[actor.kind][1]):
        raise Forbidden()
    return actor


def _may_change(actor: Actor) -> bool:
    # Open or not: this opens nothing.
    return actor.may(*_RIGHTS[actor.kind]) and actor.holds("employment") == READ_WRITE


def _sent(actor: Actor) -> dict[str, Any]:
    days = {name: _days(request.form[name]) for name in LIMITS if name in request.form}
    rest = ("destination_change", "changes_until") if actor.kind == PROVINCE else ()
    return {"deadlines": days, **{name: request.form[name] or None for name in rest if name in request.form}}


def _days(typed: str) -> Any:
    typed = typed.strip()
    return (int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 4 else typed) or None
