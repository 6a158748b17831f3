"""在线签约管理 for staff: the list with its filters and the review page (R8.3, R8.4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Flask
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from marshmallow import Schema
from sqlalchemy import select

from app.access.actors import STAFF, Actor
from app.codes import queries as codes
from app.database import session
from app.doors import links
from app.doors.review_facts import contact_rows
from app.doors.review_views import ReviewView
from app.doors.search import Equal, SearchFilter, related
from app.doors.sheets import Column
from app.roster.reviewed import forms as verdicts
from app.signing import records
from app.signing.models import OnlineSigning

INITIATORS = {"employer": _("Unit side"), "graduate": _("Student")}


class InitiatorIs(SearchFilter):
    """签约发起方: a unit started every online signing; students start offline ones, in a list of their own."""

    name, arg_name = _("is"), "eq"

    def condition(self, value: Any) -> Any:
        """Everything or nothing."""
        values = value if isinstance(value, list) else [value]
        return self.model.id.is_not(None) if "employer" in values else self.model.id.is_(None)


class OnlineSigningAdmin(ReviewView):
    """The list: filter by initiator, state and graduate; a row opens the review page."""

    workflow = "online_signing"
    route_base = "/staff/online-signings"
    list_title = _("Online signing management")
    review_template = "signing/review.html"
    facts_template = "signing/_review_facts.html"
    event_forms: Mapping[str, type[Schema]] = {
        "approve": verdicts.ApproveForm,
        "reject": verdicts.RejectForm,
        "void": verdicts.VoidForm,
        "edit_category": verdicts.CategoryForm,
    }
    list_columns: Sequence[str] = (
        *("graduate_name", "state_word", "initiator", "department", "level_word", "major", "id_number"),
        *("number", "unit"),
    )
    search_columns: Sequence[str] = ("initiator", "state", "cohort", "graduate_name", "id_number", "number", "unit")
    search_kinds = {
        **ReviewView.search_kinds,
        "initiator": (InitiatorIs,),
        "unit": (related("employer", "name", Equal),),
    }
    search_choices = {"initiator": lambda: [(name, str(label)) for name, label in INITIATORS.items()]}
    label_columns = {
        **ReviewView.label_columns,
        "state_word": _("Signing state"),
        "state": _("Signing state"),
        "initiator": _("Initiator"),
        "unit": _("Signing unit"),
    }
    computed = {
        **ReviewView.computed,
        "initiator": lambda case: str(INITIATORS["employer"]),
        "unit": lambda case: records.employer_facts(case)["name"],
    }
    order_columns: Sequence[str] = ("number",)

    def columns(self) -> Sequence[Column]:
        """The download has what figs. 6 and 8 of the guides show."""
        return [
            *super().columns(),
            Column(_("Job category"), lambda case: codes.label("job_category", case.data["position"]["category"]), 20),
            Column(_("Credit code"), lambda case: records.employer_facts(case).get("uscc"), 22),
        ]

    def uscc_of(self, case: OnlineSigning) -> str | None:
        """The inviting unit's."""
        return case.employer.uscc

    def review_context(self, case: OnlineSigning, actor: Actor) -> Mapping[str, Any]:
        """The letter, the unit, the school's contact, and what was voided or terminated before."""
        return {"records": records, "contact": contact_rows(case), "voided": earlier_voided(case)}

    def dialog_words(self, case: OnlineSigning, event: str) -> Mapping[str, Any]:
        """What a rejection, a change and a void mean, in this workflow's words."""
        name, unit = case.graduate.name, records.employer_facts(case)["name"]
        if event == "reject":
            what = gettext(
                "The signing of %(name)s with %(unit)s fails. Both are told of the reason.", name=name, unit=unit
            )
            cannot = gettext("This cannot be taken back: the unit has to invite again.")
            return {"title": gettext("Reject the signing of %(name)s?", name=name), "what": [what], "cannot": cannot}
        if event == "edit_category":
            what = gettext(
                "The graduate is told, and the employment management system gets the new category. "
                "The agreement stays as it was signed."
            )
            title = gettext("Change the job category of %(name)s?", name=name)
            return {"title": title, "what": [what], "verb": gettext("Save the job category")}
        what = gettext(
            "The agreement %(number)s between %(name)s and %(unit)s loses its force. Both are told; "
            "the employment management system is set to waiting for employment.",
            number=case.number,
            name=name,
            unit=unit,
        )
        return {
            "title": gettext("Void the agreement of %(name)s?", name=name),
            "what": [what],
            "cannot": gettext("A voided agreement cannot be revived."),
            "typed": (case.number or "")[-4:],
        }


def earlier_voided(case: OnlineSigning) -> list[OnlineSigning]:
    """Voided and terminated signings of the same graduate, for the reviewer (R8.3)."""
    query = (
        select(OnlineSigning)
        .where(OnlineSigning.graduate_id == case.graduate_id, OnlineSigning.id != case.id)
        .where(OnlineSigning.state.in_(("voided", "terminated")))
        .options(*OnlineSigning.eager_options())
        .order_by(OnlineSigning.id.desc())
        .limit(10)
    )
    return list(session.scalars(query))


def register(app: Flask) -> None:
    """Open the list under the module's menu."""
    app.appbuilder.add_view(  # type: ignore[attr-defined]
        OnlineSigningAdmin,
        "online_signing",
        label=_("Online signing management"),
        category="students",
        icon="file-pen-line",
        category_label=_("Student management"),
    )
    for kind in STAFF:
        links.declare("online_signing", kind, "OnlineSigningAdmin.show", "pk")
