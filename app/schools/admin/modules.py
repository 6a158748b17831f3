"""功能切换: the choice of the module after log-in, and the switch at the top of staff pages (R8.1)."""

from __future__ import annotations

from typing import Any

from flask import redirect, url_for
from flask_appbuilder.baseviews import BaseView
from flask_appbuilder.views import expose
from flask_babel import lazy_gettext as _

from app.access.actors import DEPARTMENT, SCHOOL, Actor
from app.web import modules
from app.web.current import current_actor
from app.web.pages import page_access
from app.web.shell import contribute

_ICONS = {"employment": "file-pen-line", "archive": "folder", "hukou": "house"}
_TEXTS = {
    "employment": _("Manage the destinations of graduates and what they sign."),
    "archive": _("Manage where the archives of graduates are sent."),
    "hukou": _("Manage where the household registration of graduates moves."),
}


class ModuleChoice(BaseView):
    """Where school and department staff choose what they work on."""

    route_base = "/staff/modules"
    default_view = "choose"

    @expose("/")
    @page_access(SCHOOL, DEPARTMENT)
    def choose(self) -> Any:
        """All modules; a locked one says why."""
        actor = current_actor()
        ways = [
            {
                "label": label,
                "text": _TEXTS[module],
                "icon": _ICONS[module],
                "url": url_for("ModuleChoice.enter", module=module),
                "locked": modules.lock_reason(actor, module),
            }
            for module, label in modules.LABELS.items()
        ]
        return self.render_template("schools/modules.html", ways=ways)

    @expose("/<string:module>")
    @page_access(SCHOOL, DEPARTMENT)
    def enter(self, module: str) -> Any:
        """Work in this module from now on; its home follows."""
        modules.choose_module(module)
        return redirect(url_for("StaffHome.home"))


@contribute
def switch(actor: Actor) -> dict[str, Any]:
    """The module switch of the frame."""
    if not modules.works_in_modules(actor):
        return {}
    return {"modules": lambda: _choices(actor)}


def _choices(actor: Actor) -> list[dict[str, Any]]:
    chosen = modules.chosen_module(actor)
    return [
        {
            "label": label,
            "url": url_for("ModuleChoice.enter", module=module),
            "current": module == chosen,
            "locked": modules.lock_reason(actor, module),
        }
        for module, label in modules.LABELS.items()
    ]
