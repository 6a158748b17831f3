"""三员分立: three shipped roles of operators beside the whole one, none of which can do what the others do (R1.3).

The system administrator looks after accounts and reference data, the security administrator after roles, the auditor
reads the trail; none of them sees a record of a graduate. Nobody holds two of them, or one beside another role.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from flask_babel import lazy_gettext as _

from app.access.permissions import Pair
from app.base.errors import Conflict

SYSTEM_POST, SECURITY_POST, AUDIT_POST = "SystemAdministrator", "SecurityAdministrator", "Auditor"
POSTS: Final = (SYSTEM_POST, SECURITY_POST, AUDIT_POST)
POST_NAMES: Final = {
    SYSTEM_POST: _("System administrator"),
    SECURITY_POST: _("Security administrator"),
    AUDIT_POST: _("Auditor"),
}
# What belongs to a post and to no other role: its holders cannot do themselves what they let others do.
AUTHORIZE: Final[Pair] = ("can_authorize", "roles")  # give permissions beyond the own ones, never to oneself
APPOINT: Final[Pair] = ("can_appoint", "accounts")  # make accounts beyond the own permissions, by link alone
_MENU = "menu_access"
_THINGS: Final[Mapping[str, frozenset[str]]] = {
    SYSTEM_POST: frozenset(
        (
            *("accounts", "code_entries", "departments", "destination_types", "dictionaries", "jobs"),
            *("minimum_wages", "notice_templates", "notifications", "province_settings", "provinces"),
            *("retention", "regions", "school_settings", "schools", "sync", "universities"),
        )
    ),
    SECURITY_POST: frozenset(("dictionaries", "notifications", "roles")),
    AUDIT_POST: frozenset(("audit", "dictionaries", "notifications")),
}
_ENTRIES: Final[Mapping[str, frozenset[str]]] = {
    SYSTEM_POST: frozenset(
        (
            *("access", "accounts", "codes", "departments", "destination_types", "minimum_wages"),
            *("retention", "notice_templates", "operations", "places", "provinces", "reference", "regions", "schools"),
            *("sync", "universities"),
        )
    ),
    SECURITY_POST: frozenset(("access", "accounts", "Roles")),
    AUDIT_POST: frozenset(("access", "audit")),
}
_MORE: Final[Mapping[str, frozenset[Pair]]] = {
    SYSTEM_POST: frozenset((APPOINT,)),
    SECURITY_POST: frozenset((AUTHORIZE, ("can_list", "accounts"), ("can_show", "accounts"))),
    AUDIT_POST: frozenset(),
}


def seeds_of_posts(operator: Iterable[Pair]) -> dict[str, set[Pair]]:
    """What each post is given of the whole operator's permissions, and what is its own."""
    pairs = set(operator)
    return {
        post: set(_MORE[post])
        | {pair for pair in pairs if pair[1] in (_ENTRIES if pair[0] == _MENU else _THINGS)[post]}
        for post in POSTS
    }


def refuse_two_posts(names: Iterable[str]) -> None:
    """Raise Conflict `separate_posts` where somebody would hold a post beside another role."""
    held = set(names)
    if len(held) > 1 and held & set(POSTS):
        raise Conflict(
            _(
                "System administrator, security administrator and auditor are held by different people, and none of "
                "them beside another role. Please give the account one role only."
            ),
            "separate_posts",
        )
