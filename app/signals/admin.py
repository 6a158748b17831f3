"""Signals on the screens of staff: the list in scope, one signal with what shows it, and how each rule has done."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import flash, redirect, request, url_for
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_appbuilder.views import expose
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from markupsafe import Markup
from sqlalchemy import false, or_

from app.access.actors import STAFF
from app.base.dates import time_text
from app.base.errors import Invalid, texts_of
from app.fab.conditions import Where
from app.fab.datamodel import ScopedInterface
from app.fab.menu import Entry
from app.fab.search import OneOf, SearchFilter, as_text
from app.fab.views import ScopedModelView
from app.signals import services
from app.signals.models import Signal
from app.signals.queries.shown import MODULE, VIEW, effects, evidence_of, in_state, marks_of, own_mark
from app.signals.rules import RULES, SEVERITIES
from app.signals.words import (
    STATE_WORDS,
    TONES,
    VERDICT_WORDS,
    explained,
    record_told,
    rule_word,
    severity_word,
    state_of,
)
from app.web.current import current_actor
from app.web.filters import state_markup


class InState(SearchFilter):
    """New to the reader's office, marked by it, or closed."""

    name, arg_name = _("is one of"), "in"

    def condition(self, value: Any) -> Any:
        """By what the own office has said."""
        states = [as_text(one) for one in (value if isinstance(value, list) else [value])]
        conditions = [in_state(one, current_actor()) for one in states if one in STATE_WORDS]
        return or_(false(), *conditions)


def _state(signal: Signal) -> Any:
    state = state_of(signal, current_actor())
    return state_markup(str(STATE_WORDS[state]), TONES[state])


class SignalView(ScopedModelView):
    """What the rules find odd about records in scope; who may, says what their office holds of it."""

    datamodel = ScopedInterface(Signal)
    route_base = "/staff/signals"
    menu = Entry(VIEW, "eye", "students")
    class_permission_name = VIEW
    base_permissions = ["can_list", "can_show", "can_mark"]
    permission_labels = {"can_mark": _("say what it is worth")}
    open_to = STAFF
    module = MODULE
    list_title = _("Signals")
    search_columns = ["rule", "closed_at", "severity", "found_at"]
    search_kinds = {"rule": (OneOf,), "closed_at": (InState,), "severity": (OneOf,)}
    search_choices = {
        "rule": lambda: [(rule.name, str(rule.label)) for rule in RULES],
        "closed_at": lambda: [(state, str(label)) for state, label in STATE_WORDS.items()],
        "severity": lambda: [(name, str(label)) for name, label in SEVERITIES.items()],
    }
    computed = {
        "unit": str,
        "rule_word": rule_word,
        "why": explained,
        "severity_word": severity_word,
        "state_word": _state,
    }
    formatters_columns = {"found_at": time_text}
    list_columns = ["rule_word", "unit", "why", "severity_word", "found_at", "state_word"]
    order_columns = ["id", "found_at"]
    base_order = ("found_at", "desc")
    label_columns = {
        **dict.fromkeys(("rule", "rule_word"), _("Rule")),
        **dict.fromkeys(("severity", "severity_word"), _("Weight")),
        **dict.fromkeys(("closed_at", "state_word"), _("State")),
        "unit": _("Unit concerned"),
        "why": _("Why it stands here"),
        "found_at": _("Holds since"),
    }

    def list_head(self) -> dict[str, Any]:
        """With the way to the effect of the rules."""
        link = Markup('<a class="button" href="{}">{}</a>')
        lead = gettext(
            "Rules tell what is odd about records and their units, and why. It is a reason to look, no finding: "
            "nothing is decided by it, and neither graduates nor units are told."
        )
        tools = link.format(url_for(f"{self.endpoint}.effect"), gettext("Effect of the rules"))
        return {"lead": lead, "head_tools": tools}

    def read_address(self) -> None:
        """What holds no longer is shown to those who ask for it."""
        super().read_address()
        if not any(name.endswith("_closed_at") for name in request.args):
            self._filters.add_filter("id", Where, Signal.closed_at.is_(None))

    def row_extras(self, rows: Sequence[Any]) -> dict[str, Any]:
        """The row opens the signal."""
        return {
            "row_urls": {row.id: url_for(f"{self.endpoint}.show", pk=row.id) for row in rows},
            "row_tools": {row.id: "" for row in rows},
            "wide_columns": ["severity_word", "found_at"],
            "empty_title": gettext("No rule has found anything odd"),
            "empty_text": gettext("Rules look at each record soon after it is handed in, and tell you here."),
        }

    @expose("/show/<pk>")
    @has_access
    def show(self, pk: Any) -> Any:
        """One signal: why it stands here, which records show it, what offices say."""
        return self._page(self.row(pk), {})

    @expose("/mark/<pk>", methods=["POST"])
    @has_access
    @permission_name("mark")
    def mark(self, pk: Any) -> Any:
        """Keep what the reader's office holds of it."""
        signal = self.row(pk)
        try:
            services.mark(
                signal.id, request.form.get("verdict", ""), request.form.get("note", ""), actor=current_actor()
            )
        except Invalid as error:
            return self._page(signal, error.errors), 422
        flash(gettext("Kept. No record has changed by it, and nobody has been told."), "success")
        return redirect(url_for(f"{self.endpoint}.show", pk=signal.id))

    @expose("/effect")
    @has_access
    @permission_name("list")
    def effect(self) -> str:
        """How often each rule was right, by the marks of the reader's office and of those below it."""
        found = effects(current_actor())
        rows = [(rule, found.get(rule.name)) for rule in RULES]
        return self.render_template(
            "signals/effect.html", title=gettext("Effect of the rules"), rows=rows, back=f"{self.endpoint}.list"
        )

    def _page(self, signal: Signal, errors: Any) -> str:
        actor = current_actor()
        own = own_mark(signal, actor)
        return self.render_template(
            "signals/show.html",
            title=rule_word(signal),
            signal=signal,
            why=explained(signal),
            severity=severity_word(signal),
            state=_state(signal),
            evidence=evidence_of(signal, actor),
            told=lambda case: record_told(case, actor),
            marks=[(one, VERDICT_WORDS[one.verdict]) for one in marks_of(signal, actor)],
            own=own,
            verdicts=[*VERDICT_WORDS.items()],
            errors=texts_of(errors),
            may_mark=actor.writes(MODULE) and actor.may("can_mark", VIEW),
            back=f"{self.endpoint}.list",
            mark_url=url_for(f"{self.endpoint}.mark", pk=signal.id),
        )
