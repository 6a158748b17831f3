"""The agreement as a paper: from its frozen data to a PDF that has been read back (R9.1)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any, Literal

from flask_babel import lazy_gettext as _
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from app.base.clock import SHANGHAI
from app.base.official import is_first_language, official
from app.codes.fields import AGREEMENT, Field, Kind
from app.codes.graduate_fields import fields_in
from app.codes.words import masked as masked_value
from app.documents.amounts import money
from app.documents.errors import UnprintableText
from app.documents.lasting import Lasting
from app.documents.texts.queries import wording_for
from app.documents.texts.words import Wording, filler
from app.documents.typefaces import cleaned, unprintable
from app.documents.words import AGREEMENT_NUMBER, FILES, TITLES, TYPES

TEMPLATES = Path(__file__).parent / "templates"

# How it comes into force: confirmed by all on the platform, or printed, stamped and signed.
Way = Literal["online", "stamped"]
KINDS: dict[Way, str] = {"online": "agreement", "stamped": "offline_agreement"}

# Of the graduate: what has a cell in documents/_tables.html.
_ON_FORM = frozenset(
    (
        *("name", "sex", "id_type", "id_number", "ethnicity", "school", "political_status", "department", "education"),
        *("major", "duration", "student_number", "graduated_on", "address", "mobile"),
    )
)
_AID = _("What these clauses say, in your language. Only the Chinese text above is binding.")
_LABELS = {
    "employer.name": _("Name of the unit"),
    "employer": _("Information of the unit"),
    "graduate.name": _("Name of the graduate"),
    "graduate.address": _("Home address"),
    "graduate": _("Information of the graduate"),
    "school": _("Information of the school"),
    "position.title": _("Name of the position"),
    "position": _("Terms of the position"),
    "archive": _("Archive terms"),
    "hukou": _("Hukou terms"),
    "clauses": _("Supplementary terms"),
    "confirmations": _("Confirmations"),
}


def lasting_agreement(snapshot: Mapping[str, Any], way: Way = "online", wording: Wording | None = None) -> Lasting:
    """The agreement as a paper to be set; the same snapshot gives the same bytes.

    `way` "stamped" is the paper of an offline signing: room for stamps and signatures, number and code on every page
    (R9.2). `snapshot` has the shape of AgreementSnapshot, with number and at least one confirmation; `wording` is
    another text than it names. Raises UnprintableText when a character cannot be printed. Needs no request.
    """
    check_printable(snapshot)
    context = agreement_html_context(snapshot, way=way, wording=wording)
    return Lasting(
        kind=KINDS[way],
        title=TITLES["agreement"],
        subtitle=TYPES[snapshot["agreement_type"]],
        number=snapshot["number"],
        number_name=AGREEMENT_NUMBER,
        body=environment().get_template("documents/_agreement_text.html").render(**context),
        made_at=max(row["at"] for row in context["agreement"]["confirmations"]),
        address=snapshot.get("verify_url"),
        by_hand=way == "stamped",
        file_name=f"{FILES['agreement']} {snapshot['number']}.pdf",
        version=context["wording"].version,
    )


def agreement_of(way: Way) -> Callable[[Any], Lasting | None]:
    """What a workflow declares among its `papers`: the agreement of a case, from its snapshot; None without one."""
    return lambda case: lasting_agreement(case.snapshot, way) if case.snapshot else None


def agreement_html_context(
    snapshot: Mapping[str, Any], *, masked: bool = False, way: Way = "online", wording: Wording | None = None
) -> dict[str, Any]:
    """What the templates documents/_agreement_text.html (PDF) and documents/_agreement_preview.html (screen) need.

    `snapshot` has the shape of AgreementSnapshot; a preview may lack number, confirmations and verify_url. With
    `masked` the ID number and the mobile are shown as on every screen: 110101********1234, 138****5678.
    """
    facts = cleaned(snapshot)
    position = facts["position"]
    agreement = {
        "number": None,
        "verify_url": None,
        **facts,
        "way": way,
        "graduate": _graduate(facts["graduate"], hide=masked),
        "position": {
            "department": None,
            "probation_months": None,
            **dict.fromkeys(("employment_form", "workplace_unit", "service_months", "report_place")),
            **position,
            "place": _place(position["region"], position.get("address")),
            "report_by": _day(position["report_by"]),
            "salary": money(position["salary_month"]),
            "probation_salary": money(position.get("probation_salary")),
            "damages": money(position.get("liquidated_damages")),
        },
        "clauses": (facts.get("clauses") or "").strip("\n").split("\n") if (facts.get("clauses") or "").strip() else [],
        "confirmations": [_confirmation(row, facts) for row in facts.get("confirmations") or ()],
    }
    context = {"agreement": agreement, "wording": wording or wording_for(snapshot)}
    return {**context, "filled": filler(context)}


def preview_of(snapshot: Mapping[str, Any], way: Way = "online") -> Markup:
    """The agreement for the screen, word for word what the paper will say, for whoever is about to be bound by it;
    who reads another language finds there what its clauses say.
    """
    context = {**agreement_html_context(snapshot, masked=True, way=way), "said": official}
    context |= {"aid": None if is_first_language() else _AID}
    html = environment().get_template("documents/_agreement_preview.html").render(**context)
    return Markup(html)  # noqa: S704 - the template escapes what people typed


def _graduate(frozen: Mapping[str, Any], *, hide: bool) -> dict[str, Any]:
    """What was frozen of the graduate, and what the ruled form has no cell of its own for: `more`, by heading."""
    fields = [field for field in fields_in(AGREEMENT) if field.name in frozen]
    values = {field.name: masked_value(field, frozen[field.name]) if hide else frozen[field.name] for field in fields}
    values |= {field.name: _day(frozen[field.name]) for field in fields if field.kind is Kind.DAY}
    more = [(_heading(field), values[field.name]) for field in fields if field.name not in _ON_FORM]
    return {"id_type": None, **frozen, **values, "more": more}


def _heading(field: Field) -> str:
    return field.sheet.heading if field.sheet else str(field.label)


def check_printable(snapshot: Mapping[str, Any]) -> None:
    """Raise UnprintableText for the first field that holds a character which no face of ours has."""
    for field, text in _texts(snapshot):
        missing = unprintable(text)
        if missing:
            raise UnprintableText(missing, field, _LABELS.get(field) or _LABELS.get(field.split(".")[0], field))


def _texts(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _texts(inner, f"{path}.{name}" if path else name)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _texts(inner, path)


def _place(region: str, address: str | None) -> str:
    # People often begin the address with the province although it is chosen beside it.
    province = region.split(" ")[0]
    if address and province and address.startswith(province):
        return address
    return region.replace(" ", "") + (address or "")


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _confirmation(row: Mapping[str, Any], facts: Mapping[str, Any]) -> dict[str, Any]:
    party = {
        "employer": facts["employer"]["name"],
        "graduate": facts["graduate"]["name"],
        "department": facts["graduate"]["department"],
        "school": facts["school"]["name"],
    }[row["role"]]
    return {**row, "party": party, "at": datetime.fromisoformat(row["at"]).astimezone(SHANGHAI)}


@cache
def environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
