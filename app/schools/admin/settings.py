"""签约设置 and 登记设置: what a school sets for a cohort (R3); provinces and operators read the same page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import flash, redirect, request, url_for
from flask_appbuilder.baseviews import BaseView
from flask_appbuilder.views import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext

from app.access.actors import OPERATOR, PROVINCE, SCHOOL, Actor, module_refusal
from app.base.cohorts import is_operable
from app.base.errors import Conflict, Forbidden, Invalid, texts_of
from app.codes import queries as codes
from app.fab.menu import Entry
from app.schools import guards, queries
from app.schools.admin import inputs, words
from app.schools.changes import TYPES_OF, Change
from app.schools.models import School
from app.schools.seasons.queries import WINDOWS, Window, season_of_school, window_in
from app.schools.seasons.services import save_school_season
from app.schools.services import SCHOOL_SETTINGS, preview_school_setting, save_school_setting
from app.web.current import current_actor
from app.web.numbers import seen_version
from app.web.pages import page_access
from app.web.shell import chosen_cohort

_SAVERS = {"leaving": "save_days", "checking": "save_checking"}
_PREFIXES = {"leaving": "", "checking": "checking."}  # of the names of its fields on the page


class SchoolSettingsView(BaseView):
    """The settings of one module; a subclass for each, so that menu and module switch know them apart."""

    module = ""
    default_view = "show"
    open_to = (SCHOOL,)

    @expose("/")
    @page_access(SCHOOL, PROVINCE, OPERATOR)
    def show(self) -> Any:
        """The form, or the facts where they cannot be changed by the reader."""
        actor = self._reader()
        school = queries.school_visible_to(actor, request.args.get("school"))
        return self._page(school, actor)

    @expose("/", methods=["POST"])
    @page_access(SCHOOL)
    def save(self) -> Any:
        """Check, show what cannot be undone and ask again where there is something of that kind, save."""
        actor, cohort = self._reader(), chosen_cohort()
        school = queries.school_visible_to(actor)
        changes = inputs.changes_from(request.form, self.module)
        version = seen_version(request.form.get("version"))
        if not self._may_change(actor):
            raise Forbidden()
        try:
            change = preview_school_setting(changes, cohort, self.module, actor=actor, version=version)
            if change.cannot_be_undone and "confirmed" not in request.form:
                return self._confirm(change)
            save_school_setting(changes, cohort, self.module, actor=actor, version=version)
        except Invalid as refused:
            return self._page(school, actor, errors=inputs.errors_at_fields(refused.errors, changes)), 422
        except Conflict as refused:
            return self._page(school, actor, refusal=refused), 409
        flash(self._outcome(change), "success")
        return redirect(url_for(f"{self.endpoint}.show", cohort=cohort))

    def _reader(self) -> Actor:
        actor = current_actor()
        if not actor.reads(self.module):
            raise module_refusal(actor, self.module)
        if not actor.may("can_show", SCHOOL_SETTINGS):
            raise Forbidden()
        return actor

    def _may_change(self, actor: Actor) -> bool:
        return actor.kind == SCHOOL and actor.writes(self.module) and actor.may("can_save", SCHOOL_SETTINGS)

    def _outcome(self, change: Change) -> str:
        if not change.after and not change.contacts:
            return _("Nothing was changed.")
        return _("Saved. It holds from now on; records that have been submitted keep the review that they began with.")

    def _page(
        self,
        school: School,
        actor: Actor,
        *,
        errors: Mapping[str, Any] | None = None,
        refusal: Conflict | None = None,
    ) -> str:
        module, cohort = self.module, chosen_cohort()
        setting = queries.setting_of(school.id, cohort, module)
        # What somebody else has saved meanwhile is shown instead of what was sent.
        sent = request.form if request.method == "POST" and not (refusal and refusal.code == "stale") else None
        submitted = queries.contacts_of(school.id, cohort) if module == "employment" else {}
        return self.render_template(
            "schools/settings.html",
            title=words.title_of(module),
            words=words,
            module=module,
            school=school,
            province=school.province,
            cohort=cohort,
            setting=setting,
            fixed=guards.what_is_fixed(setting, school.id, cohort, module),
            frozen=self._why_read_only(actor, cohort),
            values=inputs.shown_values(setting, sent),
            field_labels=inputs.labels(words, module),
            types=codes.choices(TYPES_OF.get(module, "")),
            submitted=submitted,
            on_offer=guards.contact_levels_open_to(submitted, actor.level) if module == "employment" else (),
            missing=queries.departments_without_reviewer(school.id, cohort, module),
            history=_history(school, cohort, module),
            action_url=url_for(f"{self.endpoint}.save", cohort=cohort),
            back_url=url_for("ProvinceSettings.overview") if actor.kind == PROVINCE else None,
            **self.days(school, actor, cohort),
            errors=errors or {},
            refusal=refusal.message if refusal else "",
        )

    def days(self, school: School, actor: Actor, cohort: int) -> Mapping[str, Any]:
        """The days that stand beside the settings; only those of signing have any."""
        del school, actor, cohort
        return {}

    def _why_read_only(self, actor: Actor, cohort: int) -> str:
        if actor.kind != SCHOOL:
            return _("Only the school itself can change its settings.")
        if not self._may_change(actor):
            return _("Your account may only look at these settings. Changing them needs read and write permission.")
        return "" if is_operable(cohort) else _("The season of this cohort is over: its settings can only be read.")

    def _confirm(self, change: Change) -> str:
        after = {**change.after, "contacts": change.contacts}
        return self.render_template(
            "schools/confirm_settings.html",
            title=words.title_of(self.module),
            rows=words.change_rows(change.before, after, self.module),
            change=change,
            module=self.module,
            sent=inputs.sent_again(request.form),
            action_url=url_for(f"{self.endpoint}.save", cohort=change.cohort),
            back_url=url_for(f"{self.endpoint}.show", cohort=change.cohort),
        )


class SchoolSettingsEmployment(SchoolSettingsView):
    """签约设置."""

    module = "employment"
    route_base = "/staff/settings/employment"
    menu = Entry("employment_settings", "settings", "", lazy_gettext("Signing settings"))

    @expose("/days", methods=["POST"])
    @page_access(SCHOOL)
    def save_days(self) -> Any:
        """Set between which days graduates confirm that they leave, or close it."""
        return self._save_window("leaving")

    @expose("/checking", methods=["POST"])
    @page_access(SCHOOL)
    def save_checking(self) -> Any:
        """Set between which days graduates check what the roster says of them, or close it."""
        return self._save_window("checking")

    def _save_window(self, name: str) -> Any:
        actor, cohort = self._reader(), chosen_cohort()
        school = queries.school_visible_to(actor)
        typed = inputs.window_from(request.form, _PREFIXES[name])
        try:
            save_school_season({name: typed}, cohort, actor=actor)
        except Invalid as refused:
            return self._page(school, actor, errors=texts_of(refused.errors)), 422
        flash(_("Saved."), "success")
        return redirect(url_for(f"{self.endpoint}.show", cohort=cohort))

    def days(self, school: School, actor: Actor, cohort: int) -> Mapping[str, Any]:
        """Those of the leaving confirmation, and of the checking of the student data."""
        season, may = season_of_school(school.id, cohort), self._may_change(actor)
        return {"calendars": [self._calendar(name, window_in(season, name), cohort, may) for name in WINDOWS]}

    def _calendar(self, name: str, window: Window | None, cohort: int, may: bool) -> Mapping[str, Any]:
        endpoint = f"{self.endpoint}.{_SAVERS[name]}"
        sent = inputs.window_from(request.form, _PREFIXES[name]) if request.endpoint == endpoint else None
        kept = {"from": window.since.isoformat(), "until": window.until.isoformat()} if window else {}
        told = {"name": name, "prefix": _PREFIXES[name], "title": words.WINDOW_TITLES[name]}
        told["text"] = words.WINDOW_TEXTS[name]
        return {
            **told,
            "window": window,
            "values": sent or kept,
            "url": url_for(endpoint, cohort=cohort) if may else "",
        }


class SchoolSettingsArchive(SchoolSettingsView):
    """登记设置 of the archive module."""

    module = "archive"
    route_base = "/staff/settings/archive"
    menu = Entry("archive_settings", "settings", "", lazy_gettext("Archive registration settings"))


class SchoolSettingsHukou(SchoolSettingsView):
    """登记设置 of the hukou module."""

    module = "hukou"
    route_base = "/staff/settings/hukou"
    menu = Entry("hukou_settings", "settings", "", lazy_gettext("Hukou registration settings"))


def _history(school: School, cohort: int, module: str) -> list[dict[str, Any]]:
    lines = queries.changes_of(queries.school_subject(school, cohort, module))
    return [
        {
            "at": line.at,
            "actor": line.actor,
            "first": not line.detail["before"] and "open" in line.detail["after"],
            "rows": words.change_rows(line.detail["before"], line.detail["after"], module),
        }
        for line in lines
    ]
