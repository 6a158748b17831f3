"""去向登记管理: the list, the review page, and 修改去向, the correction by the reviewer (R8.6, R8.13)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import flash, redirect, request, url_for
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_appbuilder.views import expose
from flask_babel import gettext
from flask_babel import lazy_gettext as _

from app.access.actors import Actor
from app.base.errors import Conflict, Invalid
from app.cases.admin.review import ReviewView
from app.cases.api import refuse_impossible
from app.cases.queries import VoidedRecord, voided_records
from app.codes import queries as codes
from app.destination.catalogue import types_open_to
from app.destination.entry import groups_of, labels_of, sent_record
from app.destination.forms import check_record
from app.destination.models import Destination
from app.destination.queries import (
    amendments_of,
    compared,
    opinion_fields,
    place_of,
    record_rows,
    type_choices,
    type_label,
)
from app.destination.sheets import destination_columns
from app.destination.types.declared import DestinationType
from app.destination.warnings import warnings_of
from app.destination.workflow import DESTINATION
from app.fab.conditions import Lasting
from app.fab.menu import Entry
from app.fab.search import OneOf
from app.web.current import current_actor
from app.web.links import record_url
from app.web.numbers import row_id, seen_version
from app.web.sheets import Column
from app.workflow import engine
from app.workflow.stages import Stage


class DestinationAdmin(ReviewView):
    """The list of the registrations; a row opens the review page."""

    workflow = "destination"
    route_base = "/staff/destinations"
    menu = Entry("destination", "map-pin", "students")
    list_title = _("Destination management")
    review_template = "destination/review.html"
    facts_template = "destination/_review_facts.html"
    drawn_events = (*ReviewView.drawn_events, "amend")
    list_columns: Sequence[str] = (
        *("graduate_name", "state_word", "type_word", "place", "department", "level_word", "major", "id_number"),
        "updated_at",
    )
    search_columns: Sequence[str] = (*("state", "type", "department", "level", "graduate_name", "id_number", "cohort"),)
    search_kinds = {
        **ReviewView.search_kinds,
        "type": (OneOf,),
    }
    search_choices = {
        "type": type_choices,
        "state": lambda: [(state.name, str(state.label)) for state in DESTINATION.states if state.stage != Stage.DRAFT],
    }
    # A draft is the graduate's own business until it is handed in.
    base_filters = [["id", Lasting, Destination.stage != Stage.DRAFT]]
    label_columns = {
        "type": _("Destination"),
        "type_word": _("Destination"),
        "place": _("Unit or school"),
    }
    computed = {
        "type_word": lambda case: type_label(case.type),
        "place": place_of,
    }
    order_columns: Sequence[str] = ("updated_at",)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        # A correction is one record's: it has a form of its own, and is no action on many.
        self.actions.pop("amend", None)

    def row_extras(self, rows: Sequence[Any]) -> dict[str, Any]:
        """What small desks leave out; an empty list says what comes here."""
        return {
            **super().row_extras(rows),
            "wide_columns": ["place", "updated_at"],
            "empty_title": gettext("No registration fits"),
            "empty_text": gettext("What graduates register and submit is listed here."),
        }

    def columns(self) -> Sequence[Column]:
        """Every field that any type has, in words."""
        return destination_columns()

    def uscc_of(self, case: Destination) -> str | None:
        """The credit code that was filled in."""
        return case.record.get("uscc")

    def opinion_fields(self, case: Destination) -> Sequence[tuple[str, Any]]:
        """Type, fields and proofs."""
        return opinion_fields(case)

    def review_context(self, case: Destination, actor: Actor) -> Mapping[str, Any]:
        """The record in words, what is odd about it, corrections so far, and what was voided before."""
        return {
            "facts": [row for row in record_rows(case)[1:] if row[1]],
            "type": type_label(case.type),
            "odd": warnings_of(case),
            "amendments": amendments_of(case),
            "compared": compared(case),
            "voided": [voided_row(one, actor) for one in voided_records(case.graduate_id, actor=actor, but=case)],
            "amend_url": url_for(f"{self.endpoint}.amend", pk=case.id),
        }

    def dialog_words(self, case: Destination, event: str) -> Mapping[str, Any]:
        """What a rejection means here."""
        del event
        return {
            "title": gettext("Reject the registration of %(name)s?", name=case.graduate.name),
            "what": [gettext("The record is void. The graduate is told the reason and has to register anew.")],
            "cannot": gettext("This cannot be taken back. To have something corrected, return it for edit instead."),
        }

    @expose("/amend/<pk>", methods=["GET"])
    @has_access
    @permission_name("amend")
    def amend(self, pk: Any) -> Any:
        """修改去向: the record as a form, of another type where the address names one."""
        case, refusal = self._amendable(pk)
        if refusal is not None:
            return refusal
        return self._amend_page(case, self._chosen(case, request.args.get("type")), case.record, {})

    @expose("/amend/<pk>", methods=["POST"])
    @has_access
    @permission_name("amend")
    def correct(self, pk: Any) -> Any:
        """Put the reviewer's record in the place of the graduate's, who is told."""
        case, refusal = self._amendable(pk)
        if refusal is not None:
            return refusal
        kind = self._chosen(case, request.form.get("type"))
        sent, reason = sent_record(kind, request.form), request.form.get("reason", "").strip()
        body = {"type": kind.code, "data": sent, **({"reason": reason} if reason else {})}
        seen = seen_version(request.form.get("version"))
        try:
            engine.fire(self.workflow, case.id, "amend", actor=current_actor(), data=body, version=seen)
        except Invalid as error:
            case = engine.load(DESTINATION, case.id, actor=current_actor())
            return self._amend_page(case, kind, sent, error.errors), 422
        except Conflict as error:
            flash(error.message, "danger")
            return redirect(url_for(f"{self.endpoint}.show", pk=case.id))
        flash(gettext("Corrected. %(name)s has been told.", name=case.graduate.name), "success")
        return redirect(url_for(f"{self.endpoint}.show", pk=case.id))

    def _amendable(self, pk: Any) -> tuple[Destination, Any]:
        actor = current_actor()
        case: Destination = engine.load(DESTINATION, row_id(pk), actor=actor)
        refuse_impossible(DESTINATION, "amend", actor)
        if "amend" in engine.available(case, actor):
            return case, None
        flash(gettext("Only a registration that waits for your review can be corrected."), "danger")
        return case, redirect(url_for(f"{self.endpoint}.show", pk=case.id))

    def _chosen(self, case: Destination, code: str | None) -> DestinationType:
        """The named type if this graduate may register it, else the record's own, else the first."""
        offered = {one.code: one for one in types_open_to(case.graduate.training_mode)}
        return offered.get(code or "") or offered.get(case.type) or next(iter(offered.values()))

    def _amend_page(
        self, case: Destination, kind: DestinationType, values: Mapping[str, Any], errors: Mapping[str, Sequence[Any]]
    ) -> str:
        if kind.code != case.type and not errors:
            values, _odd = check_record(kind, values, complete=False)
        return self.render_template(
            "destination/amend.html",
            case=case,
            title=case.graduate.name,
            kind=kind,
            types=_grouped(types_open_to(case.graduate.training_mode)),
            groups=groups_of(kind, values, errors),
            labels={**labels_of(kind), "reason": gettext("Why it is corrected")},
            errors=errors,
            before=[row for row in record_rows(case) if row[1]],
            amend_url=url_for(f"{self.endpoint}.amend", pk=case.id),
            show_url=url_for(f"{self.endpoint}.show", pk=case.id),
            back_url=self.back_url(),
            list_title=self.list_title,
        )


def voided_row(one: VoidedRecord, actor: Actor) -> dict[str, Any]:
    """A voided record as lists show it."""
    case = one.case
    unit = getattr(case, "employer", None)
    what = f"{type_label(case.type)} {place_of(case)}" if isinstance(case, Destination) else (unit.name if unit else "")
    return {
        "label": str(one.workflow.label),
        "what": what.strip(),
        "number": case.number,
        "at": case.state_since,
        "reason": one.reason,
        "url": record_url(case.workflow_name, case.id, actor.kind),
    }


def _grouped(types: Sequence[DestinationType]) -> list[tuple[str, list[tuple[str, str]]]]:
    found: dict[str, list[tuple[str, str]]] = {}
    for one in types:
        found.setdefault(codes.label("destination", one.parent), []).append((one.code, one.label))
    return list(found.items())
