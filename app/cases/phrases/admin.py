"""The page on which a school looks after its own phrases."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for
from flask_appbuilder.baseviews import BaseView
from flask_appbuilder.views import expose
from flask_babel import gettext
from flask_babel import lazy_gettext as _

from app.access.actors import SCHOOL
from app.base.errors import Conflict, Invalid
from app.cases.phrases import queries, services
from app.cases.words import event_label
from app.fab.menu import Entry
from app.web.current import current_actor
from app.web.numbers import row_id
from app.web.pages import flash_refusals, page_access


def _page() -> str:
    return url_for("PhrasesView.own")


class PhrasesView(BaseView):
    """常用语: what the school says again and again when it returns or rejects."""

    route_base = "/staff/phrases"
    default_view = "own"
    open_to = (SCHOOL,)
    menu = Entry(queries.VIEW, "message-square", "", _("Own phrases"))

    @expose("/")
    @page_access(SCHOOL)
    def own(self) -> Any:
        """The phrases by verdict, each with its form, and the form of a new one."""
        return self._shown({}, {})

    @expose("/", methods=["POST"])
    @page_access(SCHOOL)
    def add(self) -> Any:
        """Keep a new one."""
        workflow, _bar, event = request.form.get("verdict", "").partition("|")
        sent = {"workflow": workflow, "event": event, "text": request.form.get("text", "")}
        try:
            services.add_phrase(sent, actor=current_actor())
        except (Conflict, Invalid) as error:
            wrong = error.errors if isinstance(error, Invalid) else {"text": [error.message]}
            at = {"verdict" if name in ("workflow", "event") else name: texts for name, texts in wrong.items()}
            return self._shown(request.form, at), error.status
        flash(gettext("Kept. It is offered from now on."), "success")
        return redirect(_page())

    @expose("/change/<pk>", methods=["POST"])
    @page_access(SCHOOL)
    @flash_refusals(lambda pk: _page())
    def change(self, pk: Any) -> Any:
        """Other words in its place."""
        services.change_phrase(row_id(pk), request.form, actor=current_actor())
        flash(gettext("Kept. It is offered from now on."), "success")
        return redirect(_page())

    @expose("/remove/<pk>", methods=["POST"])
    @page_access(SCHOOL)
    def remove(self, pk: Any) -> Any:
        """Forget it."""
        services.remove_phrase(row_id(pk), actor=current_actor())
        flash(gettext("The phrase is removed."), "success")
        return redirect(_page())

    def _shown(self, sent: Any, errors: Any) -> str:
        actor = current_actor()
        readable = [(flow, event) for flow, event in queries.verdicts() if actor.reads(flow.module)]
        kept = queries.own_phrases(actor)
        groups = [
            {
                "key": f"{flow.name}|{event}",
                "label": f"{flow.label} · {event_label(flow, event, None)}",
                "phrases": [one for one in kept if (one.workflow, one.event) == (flow.name, event)],
                "may": services.may_keep(flow.module, actor),
            }
            for flow, event in readable
        ]
        return self.render_template(
            "phrases/phrases.html",
            title=gettext("Own phrases"),
            groups=groups,
            offered=[(group["key"], group["label"]) for group in groups if group["may"]],
            sent=sent,
            errors=errors,
        )
