"""The operators' queue of verifications: list and review page with the papers beside the typed data (R5.4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import request, url_for
from flask.typing import ResponseReturnValue
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_appbuilder.views import expose
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy import select

from app.access.actors import OPERATOR
from app.base.database import session
from app.base.dates import time_text
from app.base.values.credit_codes import is_credit_code, warning_of
from app.cases import progress
from app.cases.admin.units import WithPapers, badge_of
from app.cases.attachments import files_of
from app.cases.words import state_word
from app.documents.scans.queries import sheets_of
from app.employers import forms
from app.employers.guards import natures_of
from app.employers.models import EmployerUser, EmployerVerification
from app.employers.units.records import unit_rows
from app.employers.verification import records
from app.employers.verification.attachments import LETTER
from app.employers.verification.authorization import is_letter_number, letter_facts, says_this
from app.employers.verification.queries import duplicates_of, earlier_of, typed_facts
from app.employers.verification.services import applicants
from app.employers.verification.sheets import METHOD_LABELS, verification_columns
from app.employers.verification.workflow import VERIFICATION
from app.fab.menu import Entry
from app.fab.search import ContainsUnit, Equal, OneOf, related
from app.roster.pages import masked_place, place_page, revealed_place
from app.web.current import current_actor
from app.web.numbers import row_id
from app.web.sheets import Column
from app.web.shell import contribute


class VerificationAdmin(WithPapers):
    """What waits for review, and everything before it."""

    workflow = "verification"
    open_to = (OPERATOR,)  # other lists of cases are for all staff
    route_base = "/staff/verifications"
    menu = Entry("verification", "badge-check", "units")
    list_title = _("Employer verification")
    list_columns: Sequence[str] = ("unit_name", "uscc", "method_word", "state_word", "changed")
    search_columns: Sequence[str] = ("state", "method", "unit_name")
    search_kinds = {
        "state": (OneOf,),
        "method": (OneOf,),
        "unit_name": (related("employer", "name", ContainsUnit), related("employer", "name", Equal)),
    }
    search_choices = {
        "state": lambda: [(state.name, str(state.label)) for state in VERIFICATION.states],
        "method": lambda: [(name, str(label)) for name, label in METHOD_LABELS.items()],
    }
    label_columns = {
        "unit_name": _("Name of the unit"),
        "uscc": _("Credit code"),
        "method_word": _("Method"),
        "method": _("Method"),
        "state_word": _("State"),
        "state": _("State"),
        "changed": _("Last change"),
        "updated_at": _("Last change"),
    }
    computed = {
        "state_word": state_word,
        "changed": lambda case: time_text(case.updated_at),
        "unit_name": lambda case: typed_facts(case)["name"],
        "uscc": lambda case: typed_facts(case)["uscc"],
        "method_word": lambda case: str(METHOD_LABELS[case.method]),
    }
    template = "employers/review.html"

    def columns(self) -> Sequence[Column]:
        """The download."""
        return verification_columns()

    def name_of(self, case: EmployerVerification) -> str:
        """The unit as it was typed."""
        return str(typed_facts(case)["name"])

    def verdict(self) -> dict[str, Any]:
        """With an opinion at each field that is wrong."""
        opinions = {name: request.form.get(f"fields.{name}", "").strip() for name in forms.OPINION_FIELDS}
        return {**super().verdict(), "fields": {name: words for name, words in opinions.items() if words}}

    def following(self, case: EmployerVerification) -> int:
        """What waits next."""
        return _next_waiting(case.id) or case.id

    @expose("/person/<pk>", methods=["POST"])
    @has_access
    @permission_name("show")
    def person(self, pk: Any) -> ResponseReturnValue:
        """The applicant's numbers in full, for a reason."""
        number, actor = row_id(pk), current_actor()
        place = revealed_place(lambda sent: applicants.reveal_applicant(number, sent, actor=actor))
        case = self._case(pk)
        person = applicants.applicant_of(case)
        assert person is not None
        return place_page(self, {**self._place(case, person), **place}, person.name or "")

    def _place(self, case: EmployerVerification, person: EmployerUser) -> dict[str, Any]:
        url = url_for(f"{self.endpoint}.person", pk=case.id)
        return {**masked_place(applicants.masked_rows(person), url, current_actor()), "of_unit": True}

    def facts(self, case: EmployerVerification) -> Mapping[str, Any]:
        """The typed data, the papers beside them, and what the program has checked itself."""
        facts, person = typed_facts(case), applicants.applicant_of(case)
        return {
            "method": METHOD_LABELS[case.method],
            "rows": unit_rows(facts),
            "person": applicants.person_rows(person) if person else None,
            "personal": self._place(case, person) if person else None,
            "checks": [*checks_of(case, facts), *_check_of_letter(case, facts, person)],
            "papers": [(records.kind_labels()[file.kind], file) for file in files_of(case)],
            "paper": f"{self.endpoint}.paper",
            "uscc": facts.get("uscc") if is_credit_code(facts.get("uscc") or "") else None,
            "unit_name": facts["name"],
            "duplicates": duplicates_of(case, facts),
            "earlier": [_line(one) for one in earlier_of(case, facts)],
            "timeline": records.timeline(case),
            "opinion_fields": records.field_labels(),
        }


def checks_of(case: EmployerVerification, facts: Mapping[str, Any]) -> list[tuple[str, bool]]:
    """What the program has checked itself: sentence and whether it is well."""
    return [
        _check_of_code(facts.get("uscc") or ""),
        (
            gettext("Type and nature of the unit go together."),
            facts.get("nature") in natures_of(facts.get("type") or ""),
        ),
        (
            gettext("The unit is verified already; the applicant asks to join it.")
            if case.employer.verified_at
            else gettext("No other user has been verified for this unit."),
            True,
        ),
    ]


def _check_of_code(code: str) -> tuple[str, bool]:
    if not is_credit_code(code):
        return gettext("The credit code is wrong."), False
    odd = warning_of(code)
    return (str(odd), False) if odd else (gettext("The check character of the credit code is right."), True)


def _check_of_letter(
    case: EmployerVerification, facts: Mapping[str, Any], person: EmployerUser | None
) -> list[tuple[str, bool]]:
    """What the code on the letter says, once the picture has been read."""
    sheets = [sheet for _file, sheet in sheets_of(case, LETTER) if sheet is not None]
    numbers = [sheet.number for sheet in sheets if sheet.number and is_letter_number(sheet.number)]
    if not sheets:
        return []
    if not numbers:
        return [(gettext("No code can be read on the authorization letter; please compare its words."), False)]
    if any(says_this(number, facts, letter_facts(person)) for number in numbers):
        return [(gettext("The authorization letter was printed from what is typed here."), True)]
    return [(gettext("The authorization letter was printed from other words than those typed here."), False)]


def _line(case: EmployerVerification) -> dict[str, Any]:
    return {
        "name": typed_facts(case)["name"],
        "method": METHOD_LABELS[case.method],
        "label": VERIFICATION.label_of(case, current_actor()),
        "tone": progress.tone_for(case, current_actor()),
        "at": case.state_since,
        "url": url_for("VerificationAdmin.show", pk=case.id),
    }


contribute(badge_of(VERIFICATION))


def _next_waiting(after: int) -> int | None:
    query = select(EmployerVerification.id).where(EmployerVerification.waits_for == OPERATOR)
    return session.scalar(query.order_by(EmployerVerification.id > after, EmployerVerification.id).limit(1))
