"""The staff's start page: what waits for me, total and parts, each a link; the school's agreement contact (R8.2, R1.11)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Flask, current_app, redirect, url_for
from flask_appbuilder.baseviews import BaseView
from flask_appbuilder.views import expose
from flask_babel import gettext as _

from app.access.actors import DEPARTMENT, MODULES, OPERATOR, PROVINCE, SCHOOL, STAFF, Actor
from app.base import clock
from app.base.dates import day_text
from app.base.errors import Malformed
from app.base.sealkeys import SOON, seal_key
from app.cases.admin.lists import WorkflowModelView
from app.cases.admin.review import ReviewView
from app.cases.admin.waiting import Waiting, states_in_scope, waiting_for
from app.cases.records import said_rows
from app.fab.menu import Entry, open_view
from app.portal.staff.home import operations_today, unusual
from app.schools.queries import contacts_of, opened_modules
from app.web import modules
from app.web.current import current_actor
from app.web.pages import page_access
from app.web.shell import chosen_cohort, contribute, picked_cohort
from app.workflow import registry

# Entries of the menu behind which several workflows lie.
TOGETHER = {
    "online_signing": ("online_signing", "offline_signing"),
    "termination": ("online_termination", "offline_termination"),
}


class StaffHome(BaseView):
    """Where staff arrive after log-in."""

    route_base = "/staff"
    default_view = "home"
    open_to = STAFF

    @expose("/")
    @page_access(*STAFF)
    def home(self) -> Any:
        """Counts of the chosen module that wait for me, or for those who only read, an overview of the cohort."""
        actor, cohort = current_actor(), chosen_cohort()
        if modules.must_choose(actor):
            return redirect(url_for("ModuleChoice.choose"))
        decides = actor.kind in (SCHOOL, DEPARTMENT)
        figures = waiting_for(actor, picked_cohort()) if decides else states_in_scope(actor, cohort)
        asked = [one for one in waiting_for(actor, picked_cohort()) if one.total] if actor.kind == PROVINCE else []
        named = {one.workflow.name for one in asked}
        signs = modules.belongs_here("employment")
        return self.render_template(
            "portal/staff/home.html",
            title=place_of(actor),
            decides=decides,
            groups=_groups(
                [
                    one
                    for one in figures
                    if modules.belongs_here(one.workflow.module) and one.workflow.name not in named
                ],
                decides,
            ),
            asked=_groups(asked, decides=True),
            locked=[] if modules.usable_modules(actor) else _locked(actor),
            contacts=contacts_of(actor.school_id, cohort) if actor.school_id and signs else {},
            opens_modules=url_for("ProvinceSettings.overview") if _must_open(actor) else None,
            today=operations_today(actor)
            if actor.kind == OPERATOR
            else unusual(waiting_for(actor, picked_cohort()), actor, _list_of),
            cohort=cohort,
            seal_told=_seal_told(actor),
        )


def _must_open(actor: Actor) -> bool:
    """Whether this province still has a module that its reader could open."""
    if actor.kind != PROVINCE or actor.province_id is None:
        return False
    return any(actor.writes(module) for module in set(MODULES) - set(opened_modules(actor.province_id)))


def _seal_told(actor: Actor) -> str:
    """How long papers can still be sealed, for those who have to see to it."""
    seal = seal_key() if actor.kind == OPERATOR else None
    if seal is None:
        return ""
    if not seal.is_good:
        return _(
            "Nothing is sealed: the certificate of the seal has ended or has not begun. Agreements wait for a new one."
        )
    until = day_text(seal.until)
    if seal.until - clock.now() < SOON:
        return _(
            "The certificate of the seal ends on %(day)s, in %(days)s days. Please order a new one now: without it no "
            "agreement is made.",
            day=until,
            days=seal.days_left,
        )
    return _("The certificate of the seal is good until %(day)s (%(days)s days).", day=until, days=seal.days_left)


@contribute
def frame(actor: Actor) -> dict[str, Any]:
    """Place, home, menu and badges of staff pages, whoever makes the page: Flask-AppBuilder or a room itself."""
    if actor.kind not in STAFF:
        return {}
    return {
        "account": {"role": kind_label(actor.kind)},
        "place": place_of(actor),
        "urls": {"home": url_for("StaffHome.home")},
        "entries": current_app.appbuilder.menu.get_list,  # type: ignore[attr-defined]
        "badges": lambda: (
            _badges(waiting_for(actor, _cohort_of_page())) if actor.kind in (PROVINCE, SCHOOL, DEPARTMENT) else {}
        ),
    }


def _cohort_of_page() -> int | None:
    try:
        return picked_cohort()
    except Malformed:  # the page that says so has a frame too
        return None


def _badges(figures: Sequence[Waiting]) -> dict[str, int]:
    """What waits behind each entry of the menu; lists that share an entry are counted together."""
    badges: dict[str, int] = {}
    for one in figures:
        name = _entry_of(one.workflow.name)
        badges[name] = badges.get(name, 0) + one.total
    return badges


def _entry_of(workflow: str) -> str:
    """The name of the menu entry under which staff find this workflow's list."""
    return next((entry for entry, names in TOGETHER.items() if workflow in names), workflow)


def kind_label(kind: str) -> str:
    """What a kind of staff account is called."""
    return {
        OPERATOR: _("Operator"),
        PROVINCE: _("Province account"),
        SCHOOL: _("School account"),
        DEPARTMENT: _("Department account"),
    }[kind]


def place_of(actor: Actor) -> str:
    """The province, school or department the account works for."""
    return actor.place or _("Operations centre")


def _locked(actor: Actor) -> list[tuple[str, str]]:
    return [(str(label), modules.lock_reason(actor, module)) for module, label in modules.LABELS.items()]


def _tone(one: Waiting, state: str, decides: bool) -> str:
    if decides:
        return "mine"
    tone = one.workflow.state(state).tone
    return "theirs" if tone == "waiting" else tone


def _groups(figures: Sequence[Waiting], decides: bool) -> list[dict[str, Any]]:
    """One group for each entry of the menu, with the tiles of all its lists (R8.2)."""
    entries: dict[str, list[Waiting]] = {}
    for one in figures:
        entries.setdefault(_entry_of(one.workflow.name), []).append(one)
    return [_group(together, decides) for together in entries.values()]


def _group(together: Sequence[Waiting], decides: bool) -> dict[str, Any]:
    first = together[0].workflow
    view = _view_in(current_app, first.name)
    return {
        "label": view.list_title if view and len(together) > 1 else first.label,
        "total": sum(one.total for one in together),
        "url": _list_of(first.name),
        "tiles": [tile for one in together for tile in _tiles(one, decides)],
    }


def _tiles(one: Waiting, decides: bool) -> list[dict[str, Any]]:
    order = [state.name for state in one.workflow.states]
    address = _list_of(one.workflow.name)
    return [
        {
            "label": str(one.workflow.state(state).label),
            "figure": number,
            "url": f"{address}?_flt_0_state={state}" if address else None,
            "tone": _tone(one, state, decides) if number else None,
        }
        for state, number in sorted(one.parts.items(), key=lambda part: order.index(part[0]))
    ]


def _view_in(app: Flask, workflow: str) -> Any:
    views = app.appbuilder.baseviews  # type: ignore[attr-defined]
    return next((view for view in views if isinstance(view, WorkflowModelView) and view.workflow == workflow), None)


def _list_of(workflow: str) -> str | None:
    """The address of the list on which staff work through the cases of a workflow."""
    view = _view_in(current_app, workflow)
    return url_for(f"{view.endpoint}.list") if view else None


class PlainReview(ReviewView):
    """The list and review page of a workflow whose room has none of its own."""

    facts_template = "portal/facts.html"

    def review_context(self, case: Any, actor: Actor) -> Mapping[str, Any]:
        """What the case says."""
        del actor
        return {"rows": said_rows(case)}


def register(app: Flask) -> None:
    """Open a list for each workflow whose room has none of its own."""
    for workflow in registry.all_workflows():
        if hasattr(workflow.model, "graduate_id") and _view_in(app, workflow.name) is None:
            name = "".join(part.capitalize() for part in workflow.name.split("_")) + "Review"
            own = {"workflow": workflow.name, "route_base": f"/staff/cases/{workflow.name}"}
            entry = Entry(workflow.name, "file-text", "students", workflow.label)
            open_view(app, type(name, (PlainReview,), {**own, "menu": entry}))
