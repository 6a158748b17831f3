"""Records of archive and hukou as people and other systems read them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _

from app.codes import queries as codes
from app.household.models import HouseholdMixin
from app.household.proposals import Letter, binding_case, letter_of
from app.household.types import FIELDS, LABELS, NOT_AT_SCHOOL, TABLES, TO_ORIGIN, TO_UNIT
from app.workflow import history


def record_json(case: HouseholdMixin) -> dict[str, Any]:
    """The record as the employment system is told it: every field of the kind, None where it has none."""
    return {name: case.data.get(name) or None for name in ("transfer_type", *FIELDS[case.workflow_name])}


def type_label(case: HouseholdMixin) -> str:
    """户口迁转类型 or 档案转递类型 as words."""
    return codes.label(TABLES[case.workflow_name], case.data.get("transfer_type"))


def full_address(case: HouseholdMixin) -> str:
    """户口迁转地址: the region down to the county and the rest of the address."""
    return " ".join(part for part in (codes.region_label(case.data.get("region")), case.data.get("address")) if part)


def shown(kind: str, name: str, value: str | None) -> str:
    """One field as people read it."""
    if name == "transfer_type":
        return codes.label(TABLES[kind], value)
    return codes.region_label(value) if name == "region" else value or ""


def record_rows(case: HouseholdMixin) -> list[tuple[Any, str]]:
    """The fields of the record with their labels, those that it has."""
    kind = case.workflow_name
    names = ("transfer_type", *FIELDS[kind])
    return [(LABELS[name], shown(kind, name, case.data[name])) for name in names if case.data.get(name)]


def changes_of(case: HouseholdMixin) -> list[dict[str, Any]]:
    """What reviewers or the employment system have changed in the record: when, by whom, why, before and after."""
    kind = case.workflow_name
    return [
        {
            "at": row.at,
            "actor": row.actor,
            "reason": row.reason,
            "event": row.event,
            "rows": [
                {"label": LABELS[name], "left": shown(kind, name, before), "right": shown(kind, name, after)}
                for name, (before, after) in row.detail["changes"].items()
                if name in LABELS
            ],
        }
        for row in history.of_case(kind, case.id)
        if row.event in ("amend", "ems_change")
    ]


def told_changes(kind: str, changes: Mapping[str, Any]) -> list[str]:
    """The same as sentences of the timeline."""
    return [
        str(
            _(
                "%(label)s: %(old)s → %(new)s",
                label=LABELS[name],
                old=shown(kind, name, before) or "—",
                new=shown(kind, name, after) or "—",
            )
        )
        for name, (before, after) in changes.items()
        if name in LABELS
    ]


def letter_rows(kind: str, letter: Letter) -> list[tuple[Any, Any]]:
    """What the letter of the unit in force says of the archive or the hukou, for reviewers."""
    told = letter.archive if kind == "archive" else letter.hukou
    rows = [(_("Unit"), letter.unit), (_("Takes it"), _("yes") if told.get("accept") else _("no"))]
    names = {"receiver": LABELS["receiver"], "department": _("Department of the unit"), "address": LABELS["address"]}
    names |= {name: LABELS[name] for name in ("postcode", "contact", "phone")}
    return rows + [(label, told[name]) for name, label in names.items() if told.get("accept") and told.get(name)]


def warnings_of(case: HouseholdMixin) -> list[str]:
    """What a reviewer should look at twice, and the graduate before submitting; never a reason to refuse by itself."""
    kind, data, graduate = case.workflow_name, case.data, case.graduate
    found = _about_persons(data, graduate.name)
    letter, chosen = letter_of(binding_case(graduate)), data.get("transfer_type")
    accepts = letter is not None and letter.accepts(kind)
    if chosen == TO_UNIT and not accepts:
        found.append(_("No unit in force has said in its letter that it takes this."))
    if letter is not None and accepts and chosen not in (TO_UNIT, NOT_AT_SCHOOL):
        found.append(
            _("%(unit)s has said in its letter that it takes this, but another type was chosen.", unit=letter.unit)
        )
    region = data.get("region") or ""
    if region.endswith("00"):
        found.append(_("The region does not reach down to the county."))
    if chosen == TO_ORIGIN and region and region[:4] != graduate.origin_region[:4]:
        found.append(
            _("The roster names another place of origin: %(place)s.", place=codes.region_label(graduate.origin_region))
        )
    return [str(text) for text in found]


def _about_persons(data: dict[str, Any], name: str) -> list[Any]:
    """Archives go from organisation to organisation: neither the graduate nor the family may take them."""
    return [
        _("The receiver is the graduate: archives are taken by organisations only.")
        for field in ("receiver", "contact")
        if (data.get(field) or "").replace(" ", "") == name
    ][:1]
