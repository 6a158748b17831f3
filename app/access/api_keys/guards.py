"""What the scopes of a key open: `<resource>:read|write|decide`, and nothing that they do not name.

`decide` is to review, sign or terminate: whatever binds somebody or judges a record. Which steps of a workflow these
are follows from its table.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from flask_babel import lazy_gettext as _

from app.access.actors import SYSTEM_KIND, Actor
from app.access.permissions import Pair
from app.access.reveals import CAN_REVEAL
from app.access.reveals import VIEW as PERSONAL
from app.base.errors import Forbidden
from app.workflow import registry
from app.workflow.stages import AUTHORED, Stage
from app.workflow.table import Transition, Workflow

READ, WRITE, DECIDE = "read", "write", "decide"
EVENTS, FOLLOW = "events", "can_follow"  # the feed of events, and the right to hear of a workflow without reading it
# Own log-in, password and second factor, keys themselves, who works for a unit, and the codes with which graduates bind
# themselves.
CLOSED: Final = frozenset(("security", "me", "api_keys", "colleagues"))
_FREE: Final = frozenset(("me", "dictionaries"))  # whose account it is, and the code tables: for every key
_WHOLE: Final = "graduates"  # who shall see masked data whole must be able to write here, in lists of others too
_JUDGED: Final = frozenset(("signals", "recognitions"))  # no workflow, but what is written there is a judgement
_BRINGING: Final = frozenset(("attachments", "upload_link"))
_DECIDED: Final = (Stage.REVIEW, Stage.IN_FORCE, Stage.VOIDED)
_READING: Final = frozenset(("GET", "HEAD", "OPTIONS"))
_LOOKS: Final = {"can_list": (READ,), "can_export": (READ,), "can_show": (READ, WRITE, DECIDE)}


def refuse_beyond_scopes(actor: Actor, method: str, path: str) -> None:
    """Raise Forbidden where the actor came by a key whose scopes do not open this call; `path` is below /api/v1/."""
    if actor.key is None:
        return
    scope = scope_of(method, path)
    if scope is None:
        raise Forbidden(_("This is not open to API keys. Please log in with the account itself."), "closed_to_keys")
    if not scope or scope in actor.key.scopes or (scope == f"{EVENTS}:{READ}" and _hears(actor)):
        return
    raise Forbidden(_("This API key has no scope “%(scope)s”. Please make a key that has it.", scope=scope), "scope")


def scope_of(method: str, path: str) -> str | None:
    """The scope that a key needs for a call; "" where every key may make it, None where none may."""
    resource, *more = path.strip("/").split("/")
    if resource in _FREE and method in _READING and (resource != "me" or not more):
        return ""
    return None if resource in CLOSED else f"{resource}:{action_of(resource, method, more)}"


def action_of(resource: str, method: str, more: list[str]) -> str:
    """What a call does: read, write or decide; `more` are the parts of its path behind the resource."""
    if method in _READING:
        return READ
    if resource in _JUDGED:
        return DECIDE
    workflow = _workflow(resource)
    if workflow is None or method != "POST" or (more and more[-1] in _BRINGING):
        return WRITE
    if not more:
        return DECIDE if workflow.ends else WRITE
    return WRITE if more[-1] in authored_events(workflow) else DECIDE


def authored_events(workflow: Workflow) -> frozenset[str]:
    """The events that hand in what one has written, or remind of, lengthen or take back what nobody has answered."""
    own = [row for row in (*workflow.initial, *workflow.transitions) if set(row.who) != {SYSTEM_KIND}]
    deciding = {row.event for row in own if not _is_authored(workflow, row)}
    return frozenset(row.event for row in own) - deciding


def actions_of(resource: str) -> tuple[str, ...]:
    """Which scopes a resource has."""
    if resource == EVENTS:
        return (READ,)
    if resource in _JUDGED:
        return (READ, DECIDE)
    return (READ, WRITE, DECIDE) if _workflow(resource) is not None else (READ, WRITE)


def narrowed(permissions: frozenset[Pair], scopes: Iterable[str]) -> frozenset[Pair]:
    """Of what the maker may do today with records what the scopes open too; other calls are judged by their address."""
    own = frozenset(scopes)
    workflows = {workflow.name: workflow for workflow in registry.all_workflows()}
    kept = {pair for pair in permissions if pair[1] not in workflows or _opens(own, pair, workflows[pair[1]])}
    if f"{_WHOLE}:{WRITE}" not in own:
        kept.discard((CAN_REVEAL, PERSONAL))
    heard = {name for permission, name in permissions if permission == "can_list" and name in workflows}
    heard = {name for name in heard if f"{EVENTS}:{READ}" in own or f"{name}:{READ}" in own}
    return frozenset(kept | {(FOLLOW, name) for name in heard})


def _opens(scopes: frozenset[str], pair: Pair, workflow: Workflow) -> bool:
    permission, name = pair
    looks = _LOOKS.get(permission)
    if looks is None:
        event = permission.removeprefix("can_")
        creates = event in {row.event for row in workflow.initial} and not workflow.ends
        looks = (WRITE,) if creates or event in authored_events(workflow) else (DECIDE,)
    return any(f"{name}:{action}" in scopes for action in looks)


def _is_authored(workflow: Workflow, row: Transition) -> bool:
    if not row.sources:
        return not workflow.ends
    return all(_from_author(workflow, row, source) for source in row.sources)


def _from_author(workflow: Workflow, row: Transition, source: str) -> bool:
    state = workflow.state(source)
    if state.stage in AUTHORED:
        return True
    others_turn = state.waits_for is not None and state.waits_for not in row.who
    return others_turn and not any(workflow.state(one).stage in _DECIDED for one in row.targets)


def _hears(actor: Actor) -> bool:
    return any(permission == FOLLOW for permission, _workflow in actor.permissions)


def _workflow(name: str) -> Workflow | None:
    return next((workflow for workflow in registry.all_workflows() if workflow.name == name), None)
