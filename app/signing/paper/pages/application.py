"""The application for a signing on paper between a browser's flat fields and the nested data of the services."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _

from app.base.errors import AppError
from app.cases.attachments import has
from app.codes import queries as codes
from app.signing.online.pages import letter_fields
from app.signing.paper.attachments import PAPER
from app.signing.paper.forms import read_whole
from app.signing.paper.models import PaperMixin
from app.signing.paper.records import position_rows as position_rows
from app.signing.paper.records import term_rows as term_rows
from app.signing.paper.records import unit_rows as unit_rows
from app.workflow import engine, registry
from app.workflow.table import Context

# The short steps of the form, and the parts of the data that each fills in.
PARTS: dict[str, tuple[str, ...]] = {
    "unit": ("employer",),
    "position": ("signed_on", "position"),
    "terms": ("archive", "hukou", "clauses"),
    "papers": (PAPER,),
    "check": (),
}
_FLAGS = {"archive": ("accept",), "hukou": ("accept", "optional")}


def steps_of(workflow: str) -> list[tuple[str, str]]:
    """Key and name of the steps; pictures come with the paper agreement alone."""
    names = {
        "unit": _("Unit information"),
        "position": _("Position information"),
        "terms": _("Other terms"),
        "papers": _("Pictures"),
        "check": _("Submission"),
    }
    return [(key, name) for key, name in names.items() if key != "papers" or workflow == "supplementary"]


def part_of(fields: Mapping[str, str], step: str) -> dict[str, Any]:
    """What a submitted step says, nested; empty fields are left out."""
    part: dict[str, Any] = {}
    for name in PARTS[step]:
        if name in ("clauses", "signed_on"):
            part[name] = fields.get(name, "")
        elif name != PAPER:
            part[name] = _group(fields, name)
    return part


def _group(fields: Mapping[str, str], group: str) -> dict[str, Any]:
    flags = _FLAGS.get(group, ())
    prefix = f"{group}."
    typed = {name.removeprefix(prefix): value for name, value in fields.items() if name.startswith(prefix)}
    kept = {name: value for name, value in typed.items() if name not in flags and value.strip()}
    return {**kept, **{flag: fields.get(prefix + flag) == "1" for flag in flags}}


def flat(data: Mapping[str, Any]) -> dict[str, Any]:
    """The application as browser fields: employer.name and so on; flags as "1"."""
    fields = letter_fields.flat(data)
    fields.update({f"employer.{name}": value for name, value in (data.get("employer") or {}).items()})
    fields["signed_on"] = data.get("signed_on", "")
    return fields


def labels() -> dict[str, str]:
    """What each field is called, for summaries of errors and for the reviewer's opinions."""
    return {
        "employer.name": _("Unit"),
        "employer.uscc": _("Credit code"),
        "employer.nature": _("Nature of the unit"),
        "employer.industry": _("Industry"),
        "employer.region": _("Place of the unit"),
        "employer.address": _("Address of the unit"),
        "employer.contact": _("Contact person of the unit"),
        "employer.phone": _("Phone of the unit"),
        "signed_on": _("Signed on"),
        **{
            name: label for name, label in letter_fields.labels().items() if name not in ("valid_until", "graduate_ids")
        },
        PAPER: _("Pictures of the paper agreement"),
    }


def options() -> dict[str, list[tuple[str, str]]]:
    """What the selects of the form offer."""
    tables = ("job_category", "employment_form", "employer_nature", "employer_industry")
    return {table: codes.choices(table) for table in tables}


def step_of(path: str) -> str:
    """The step on which a field stands."""
    group = path.partition(".")[0]
    return next((step for step, parts in PARTS.items() if group in parts), "unit")


def missing_of(case: PaperMixin) -> dict[str, list[Any]]:
    """What is missing or wrong before the application can be submitted, at its fields."""
    _clean, errors = read_whole(case.workflow_name, case.data)
    if case.workflow_name == "supplementary" and not has(case, PAPER):
        errors[PAPER] = [_("Please add at least one picture of the paper agreement.")]
    return errors


def within(errors: Mapping[str, list[Any]], step: str) -> dict[str, list[Any]]:
    """The errors that stand on this step."""
    return {path: texts for path, texts in errors.items() if step_of(path) == step}


def why_not(case: PaperMixin, event: str, actor: Any) -> str:
    """Why the event that belongs to the case's state is refused now, in words; "" when it is possible."""
    workflow = registry.get(case.workflow_name)
    for row in workflow.named(event):
        if case.state in row.sources and actor.kind in row.who:
            try:
                engine.check_creation(Context(workflow, row, case, actor))
            except AppError as refusal:
                return str(refusal.message)
    return ""


def opinions_of(case: PaperMixin) -> tuple[str, dict[str, str]]:
    """The reviewer's words of the last return: in all, and at the fields."""
    opinions = case.opinions or {}
    return opinions.get("reason", ""), opinions.get("fields") or {}
