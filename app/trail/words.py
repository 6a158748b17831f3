"""What was done and to what, in words for people."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _

from app.access.actors import GRADUATE, SYSTEM_KIND
from app.access.words import KIND_NAMES
from app.cases.progress import proof_words, role_name
from app.workflow import registry

ACTIONS: dict[str, Any] = {
    "login": _("Logged in"),
    "logout": _("Logged out"),
    "login_failed": _("Log-in failed"),
    "locked_out": _("Log-in held up"),
    "unlock": _("Log-in made free again"),
    "read": _("Looked at"),
    "read_list": _("Looked at a list"),
    "download": _("Downloaded"),
    "export": _("Exported"),
    "discard": _("Draft deleted"),
    "assigned": _("Assigned to a reviewer"),
    "given_back": _("Assigned to nobody any more"),
    "reveal": _("Shown in full"),
    "password": _("Password changed"),
    "password_given": _("Password for one log-in given"),
    "contact": _("Contact changed"),
    "channel_bound": _("Way to be told bound"),
    "channel_unbound": _("Way to be told no longer bound"),
    "activated": _("Account activated"),
    "registered": _("Account registered"),
    "account_created": _("Account created"),
    "account_changed": _("Account changed"),
    "account_confirmed": _("Account confirmed"),
    "account_roles": _("Roles given"),
    "setup_link": _("Set-up link sent"),
    "setup_done": _("Own password set by link"),
    "second_by_maker": _("Second review by who once gave the first reviewer's password"),
    "end_sessions": _("Log-ins ended"),
    "session_ended": _("Log-in of a device ended"),
    "password_way": _("Reset link sent"),
    "totp_on": _("Second factor set up"),
    "totp_off": _("Second factor removed"),
    "totp_dropped": _("Second factor removed"),
    "role_made": _("Role created"),
    "role_changed": _("Role changed"),
    "role_removed": _("Role removed"),
    "can_add": _("Reference data added"),
    "can_edit": _("Reference data changed"),
    "roster_remove": _("Removed from the roster"),
    "roster_restore": _("Restored to the roster"),
    "warning_added": _("Flagged unit added"),
    "warning_changed": _("Flagged unit changed"),
    "warning_removed": _("Flagged unit removed"),
    "colleague_invited": _("Colleague invited into the unit"),
    "colleague_uninvited": _("Invitation of a colleague withdrawn"),
    "colleague_joined": _("Joined the unit"),
    "colleague_left": _("Left the unit"),
    "colleague_role": _("Role in the unit changed"),
    "record_answered": _("A unit has said whether a record that names it is its own"),
    "colleague_removed": _("Colleague removed from the unit"),
    "graduates_guessed": _("Search for graduates held up"),
    "compared": _("Compared with the employment system"),
    "mended": _("Differences to the employment system mended"),
    "chain_sealed": _("Sealed history"),
    "retention": _("Old data let go of"),
    "settings": _("Settings changed"),
    "open_module": _("Module opened"),
    "roster_commit": _("Roster imported"),
    "roster_undo": _("Roster import undone"),
    "key_made": _("API key made"),
    "key_rotated": _("API key replaced"),
    "key_deleted": _("API key deleted"),
    "webhook_made": _("Webhook set up"),
    "webhook_changed": _("Webhook changed"),
    "webhook_removed": _("Webhook deleted"),
    "webhook_off": _("Webhook switched off by the program"),
}
_MOST_DETAIL = 300  # signs
_SUBJECTS: dict[str, Any] = {
    "graduates": _("Basic information"),
    "accounts": _("Account"),
    "jobs": _("Results of a long job"),
}


def action_label(action: str) -> str:
    """The action in words; those that have none by their name."""
    return str(ACTIONS.get(action, action))


def subject_label(subject: str | None) -> str:
    """A case by its workflow and number, other records by their name in the trail."""
    kind, _blank, number = (subject or "").partition(" ")
    workflows = {workflow.name: workflow.label for workflow in registry.all_workflows()}
    if kind in workflows:
        return f"{workflows[kind]} #{number}" if number else str(workflows[kind])
    if kind in _SUBJECTS:
        return str(_SUBJECTS[kind])
    return subject or ""


def role_label(role: str | None) -> str:
    """The kind of account; strangers are those who have not shown to be anybody."""
    if role == "stranger":
        return str(_("Not logged in"))
    return str(KIND_NAMES.get(role or "", role or ""))


def doer(role: str, proof: Mapping[str, Any] | None) -> str:
    """Who acted, as the person reads it whose record it is: they themselves, a link, somebody's account, the program."""
    if role == GRADUATE:
        return str(_("You yourself"))
    return str(_("Through a link")) if (proof or {}).get("kind") == "link" else role_name(role)


def shown_by(role: str, proof: Mapping[str, Any] | None) -> str:
    """By what it is known who acted, in a sentence."""
    if proof:
        return proof_words(proof)
    if role == GRADUATE:
        return str(_("By your account, logged in; this step asked for no code"))
    if role == SYSTEM_KIND:
        return str(_("By the program itself, because of another step or of time"))
    return str(_("By an account of that place, logged in"))


def detail_text(detail: Mapping[str, Any]) -> str:
    """The details as one short line."""
    parts = [
        f"{name}: {value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)}"
        for name, value in detail.items()
    ]
    return " · ".join(parts)[:_MOST_DETAIL]
