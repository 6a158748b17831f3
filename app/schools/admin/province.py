"""功能设置: what a province opens, asked twice, for good (R2.2)."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for
from flask_appbuilder.baseviews import BaseView
from flask_appbuilder.views import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext

from app.access.actors import MODULES, PROVINCE, Actor, module_refusal
from app.base.errors import Conflict, Forbidden, NotFound
from app.fab.menu import Entry
from app.schools import queries
from app.schools.admin.words import AGREEMENT_TEXTS, AGREEMENT_TYPES, title_of
from app.schools.models import Province
from app.schools.services import PROVINCE_SETTINGS, open_province_module
from app.web.current import current_actor
from app.web.modules import LABELS
from app.web.pages import page_access
from app.web.shell import chosen_cohort

WHAT_FOLLOWS = {
    "employment": (
        lazy_gettext("Schools can make their signing settings; after that their graduates and units can sign."),
        lazy_gettext("Every agreement of the province has this type. Buttons, notices and papers follow it."),
    ),
    "archive": (lazy_gettext("Schools can make their settings; after that graduates register where archives go."),),
    "hukou": (lazy_gettext("Schools can make their settings; after that graduates register where the hukou goes."),),
}


class ProvinceSettings(BaseView):
    """Three modules, each opened by itself."""

    route_base = "/staff/settings/province"
    menu = Entry(PROVINCE_SETTINGS, "sliders-horizontal", "", lazy_gettext("Function settings"))
    default_view = "overview"
    open_to = (PROVINCE,)

    @expose("/")
    @page_access(PROVINCE)
    def overview(self) -> Any:
        """What is open, and what the schools have set."""
        actor, cohort = _reader(), chosen_cohort()
        province = queries.province_visible_to(actor)
        schools = queries.schools_of(province.id)
        return self.render_template(
            "schools/province.html",
            province=province,
            labels=LABELS,
            texts=WHAT_FOLLOWS,
            agreement_types=AGREEMENT_TYPES,
            agreement_texts=AGREEMENT_TEXTS,
            opened=queries.opened_modules(province.id),
            can_open={module: actor.writes(module) and actor.may("can_open", PROVINCE_SETTINGS) for module in MODULES},
            readable=[module for module in MODULES if actor.reads(module)],
            schools=schools,
            settings=queries.settings_of_schools([school.id for school in schools], cohort),
            settings_title=title_of,
            cohort=cohort,
        )

    @expose("/<string:module>", methods=["GET", "POST"])
    @page_access(PROVINCE)
    def open(self, module: str) -> Any:
        """The two questions before a module is opened: what follows and which type, then the number of schools."""
        actor = _reader()
        if module not in MODULES:
            raise NotFound()
        if not actor.writes(module):
            raise module_refusal(actor, module)
        province = queries.province_visible_to(actor)
        count = len(queries.schools_of(province.id))
        kind, errors = request.form.get("agreement_type", ""), {}
        if queries.has_opened(province.id, module):
            return self._done(_("This module is already open. It cannot be changed or closed."), "info")
        if request.method == "GET":
            return self._ask(1, province, module, count)
        if module == "employment" and kind not in AGREEMENT_TYPES:
            errors["agreement_type"] = [_("Please choose from the list.")]
            return self._ask(1, province, module, count, errors=errors), 422
        typed = request.form.get("confirm_number")
        if typed is None:
            return self._ask(2, province, module, count, kind=kind)
        if typed.strip() != str(count):
            errors["confirm_number"] = [_("This is not the number of schools concerned. Please read it again.")]
            return self._ask(2, province, module, count, kind=kind, errors=errors), 422
        return self._open(module, kind, actor)

    def _open(self, module: str, kind: str, actor: Actor) -> Any:
        try:
            open_province_module(module, kind or None, actor=actor)
        except Conflict as error:  # somebody else of the province was quicker
            return self._done(error.message, "danger")
        return self._done(_("%(module)s is open for all schools of the province.", module=LABELS[module]), "success")

    def _done(self, text: str, category: str) -> Any:
        flash(text, category)
        return redirect(url_for("ProvinceSettings.overview"))

    def _ask(
        self, step: int, province: Province, module: str, count: int, *, kind: str = "", errors: Any = None
    ) -> str:
        return self.render_template(
            "schools/open_module.html",
            step=step,
            province=province,
            module=module,
            label=LABELS[module],
            follows=WHAT_FOLLOWS[module],
            agreement_types=AGREEMENT_TYPES,
            agreement_texts=AGREEMENT_TEXTS,
            kind=kind,
            count=count,
            errors=errors or {},
        )


def _reader() -> Actor:
    actor = current_actor()
    if not actor.may("can_show", PROVINCE_SETTINGS):
        raise Forbidden()
    return actor
