"""What saving a school's setting would change, and the rules that refuse it (R3.1–R3.6); writes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask_babel import lazy_gettext as _

from app.access.actors import Actor
from app.base.cohorts import current_cohort, shown_cohorts
from app.base.database import session
from app.base.errors import Conflict, Invalid
from app.codes import queries as codes
from app.codes.forms import sort_out
from app.schools import guards
from app.schools.forms import SettingForm
from app.schools.models import (
    DEPARTMENT_FIRST,
    LEVELS,
    SCHOOL_ONLY,
    WHOLE_SCHOOL,
    AgreementContact,
    School,
    SchoolSetting,
)
from app.schools.queries import contacts_of

# The code table of what can be offered in a module; signing has none.
TYPES_OF = {"archive": "archive_transfer_type", "hukou": "hukou_transfer_type"}

Errors = dict[str, list[Any]]


@dataclass
class Change:
    """What saving would do to a setting: shown before it is done where it cannot be undone."""

    school: School
    cohort: int
    module: str
    setting: SchoolSetting | None
    before: dict[str, Any] = field(default_factory=dict)  # what changes, as it is
    after: dict[str, Any] = field(default_factory=dict)  # and as it will be
    contacts: list[dict[str, Any]] = field(default_factory=list)  # the new ones

    @property
    def opens(self) -> bool:
        """Whether the switch is turned on."""
        return self.after.get("open") is True

    @property
    def closes(self) -> bool:
        """Whether the switch is turned off again."""
        return self.before.get("open") is True

    @property
    def cannot_be_undone(self) -> bool:
        """Contacts are for good; an opened switch is as soon as somebody has used it (R3.2, R3.5)."""
        return self.opens or bool(self.contacts)


def judged_change(
    changes: Mapping[str, Any], school: School, cohort: int | None, module: str, *, actor: Actor, version: int | None
) -> Change:
    """The change that these values make to the school's setting, when no rule refuses it; part of a transaction.

    Called by the services, which have checked the actor and hold the school's row. Raises Forbidden (contact of
    another level), Conflict, Invalid.
    """
    guards.province_has_opened(school, module)
    change = Change(school, known_cohort(cohort), module, None)
    change.setting = session.get(
        SchoolSetting, (school.id, change.cohort, module), with_for_update={"key_share": True}, populate_existing=True
    )
    clean, errors = sort_out(SettingForm, changes)
    submitted = contacts_of(school.id, change.cohort)
    change.contacts = [one for one in clean.pop("contacts", []) if _is_new(one, submitted)]
    _compare(change, clean)
    _refuse_stale(change, version)
    _refuse_rules(change, submitted, actor)
    errors.update(_odd_combinations(change, errors))
    if errors:
        raise Invalid(errors)
    return change


def known_cohort(cohort: Any) -> int:
    """The cohort that is meant: the current one where none is named. Raises Invalid."""
    if cohort is None:
        return current_cohort()
    if type(cohort) is not int or cohort not in shown_cohorts():
        raise Invalid({"cohort": [_("There is no such cohort. Please choose from the list.")]})
    return cohort


def _is_new(contact: Mapping[str, Any], submitted: Mapping[str, AgreementContact]) -> bool:
    """Whether this is not simply what was submitted before, sent once more."""
    there = submitted.get(contact.get("level", ""))
    return there is None or any(getattr(there, name) != value for name, value in contact.items())


def _compare(change: Change, clean: Mapping[str, Any]) -> None:
    setting = change.setting
    if setting is None:
        every_type = [code for code, _label in codes.choices(TYPES_OF.get(change.module, ""))]
        wanted = {"open": False, "review_mode": SCHOOL_ONLY, "max_terminations": 0, "types": every_type, **clean}
        change.after = wanted
        return
    for name, value in clean.items():
        if getattr(setting, name) != value:
            change.before[name], change.after[name] = getattr(setting, name), value


def _refuse_stale(change: Change, version: int | None) -> None:
    if version is not None and version != (change.setting.version if change.setting else 0):
        raise Conflict(
            _("Somebody else has changed these settings meanwhile. Please reload the page and decide again."), "stale"
        )


def _refuse_rules(change: Change, submitted: Mapping[str, AgreementContact], actor: Actor) -> None:
    school, cohort, module, setting = change.school, change.cohort, change.module, change.setting
    if not actor.is_system:
        guards.cohort_can_still_act(cohort)
    if setting is not None and change.after.get("open") is False:
        guards.nobody_has_acted(school.id, cohort, module)
    if setting is not None and "review_mode" in change.after:
        guards.nothing_is_on_its_way(school.id, cohort, module)
    mode = change.after.get("review_mode") or (setting.review_mode if setting else None)
    if mode == DEPARTMENT_FIRST and ("review_mode" in change.after or change.opens):
        guards.every_department_has_reviewer(school.id, cohort, module)
    guards.contacts_can_be_added([one for one in change.contacts if "level" in one], submitted, actor)


def _odd_combinations(change: Change, errors: Mapping[str, Any]) -> Errors:
    odd: Errors = {}
    levels = [one.get("level") for one in change.contacts]
    if "types" not in errors:
        odd.update(_wrong_types(change))
    if change.contacts and change.module != "employment":
        odd["contacts"] = [_("The agreement contact belongs to the settings of online signing.")]
    elif len(set(levels)) < len(levels):
        odd["contacts"] = [_("Each level has one agreement contact.")]
    elif WHOLE_SCHOOL in levels and set(levels) & set(LEVELS):
        odd["contacts"] = [_("Please name either one contact for the whole school or one for each level.")]
    return odd


def _wrong_types(change: Change) -> Errors:
    table, setting = TYPES_OF.get(change.module), change.setting
    kept = set(setting.types) if setting else set()  # a code that has ended since may stay
    types = change.after.get("types", setting.types if setting else [])
    if any(code not in kept and (table is None or not codes.exists(table, code)) for code in types):
        return {"types": [_("Please choose from the list.")]}
    is_open = change.after.get("open", setting.open if setting else False)
    if table is not None and is_open and not types and ("types" in change.after or change.opens):
        return {"types": [_("Please offer at least one type, else graduates can register nothing.")]}
    return {}
