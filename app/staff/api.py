"""The API of accounts of staff (R1.4–R1.6)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask import Response
from marshmallow import fields

from app.access.actors import KINDS, NO_ACCESS, OPERATOR, PROVINCE, READ_ONLY, READ_WRITE, SCHOOL
from app.access.lifetimes import confirm_by
from app.access.models import Account
from app.access.passwords import suggest_password
from app.base.clock import moment
from app.base.masks import mask_address
from app.fab.api import RoomApi, describe, expose
from app.fab.datamodel import ScopedInterface
from app.fab.listing import Listing
from app.fab.search import Contains, Equal, OneOf, SearchFilter, related
from app.fab.shapes import Moment, Shape, Words, enum, many, one, worded
from app.staff import guards, queries, services, setting_up
from app.staff.forms import ChangeForm, CreateForm
from app.web.numbers import row_id

_MANAGERS = (OPERATOR, PROVINCE, SCHOOL)
_WITH_A_LINK = ("sent_to", "setup_url")


def _named_role(kind: type[SearchFilter]) -> type[SearchFilter]:
    """The API calls role what the table calls kind."""

    class OfRole(kind):  # type: ignore[misc, valid-type]
        @property
        def column(self) -> Any:
            """The column behind the name."""
            return self.model.kind

        def typed(self, value: Any) -> Any:
            """A text."""
            return str(value)

    return OfRole


def _link_facts(account: Account) -> dict[str, str | None]:
    return {"sent_to": mask_address(setting_up.contact_of(account)), "setup_url": setting_up.shown_link(account)}


def _time(value: datetime | None) -> str | None:
    return moment(value.replace(tzinfo=UTC)) if value else None


class AccountShape(Shape):
    """An account of staff; never its password."""

    id = fields.Integer()
    username = fields.String(attribute="user.username")
    name = fields.String()
    role = Words(*KINDS, attribute="kind")
    province = fields.String(attribute="province.code", allow_none=True)
    school = fields.String(attribute="school.code", allow_none=True)
    school_name = fields.String(attribute="school.name", allow_none=True)
    department = fields.String(attribute="department.name", allow_none=True)
    level = worded(lambda one: one.level or ("all" if one.kind in guards.WITH_LEVEL else None), allow_none=True)
    modules = fields.Function(
        lambda one: dict(one.modules) if one.kind in guards.WITH_MODULES else {},
        metadata={"type": "object", "additionalProperties": enum((READ_WRITE, READ_ONLY, NO_ACCESS))},
    )
    active = fields.Boolean(attribute="user.active")
    must_change_password = fields.Boolean(metadata={"description": "Has a password from somebody else"})
    expires_on = fields.Date(allow_none=True)
    confirmed_at = Moment()
    confirm_by = worded(lambda one: moment(confirm_by(one)) if confirm_by(one) else None, allow_none=True)
    # The library keeps the time of the log-in without its zone.
    last_login = worded(lambda one: _time(one.user.last_login), allow_none=True)
    created_at = Moment()


class MadeShape(AccountShape):
    """The new account."""

    password = fields.String(
        allow_none=True,
        metadata={"description": "Where no password and no contact was sent: for one log-in, shown this once"},
    )
    sent_to = fields.String(metadata={"description": "Where the link went by which the person sets the password"})
    setup_url = fields.String(allow_none=True, metadata={"description": "In a trial only, where nothing is sent"})


account_json = AccountShape().dump


class AccountsApi(RoomApi):
    """Who works at the offices, and how far they reach."""

    resource_name = class_permission_name = guards.VIEW
    permissions = dict.fromkeys(("can_list", "can_show", "can_create", "can_edit"), _MANAGERS)
    listing = Listing(
        ScopedInterface(Account, eager=queries.account_options),
        {
            "id": (Equal, OneOf),
            "username": (related("user", "username", Equal), related("user", "username", Contains)),
            "name": (Contains, Equal),
            "role": (_named_role(Equal), _named_role(OneOf)),
            "level": (Equal, OneOf),
            "active": (related("user", "active", Equal),),
            "school": (related("school", "code", Equal),),
            "department": (related("department", "name", Equal), related("department", "name", Contains)),
        },
        ("id", "name"),
        find=(("username", related("user", "username", Contains)), ("name", Contains)),
    )

    @expose("/", methods=["GET"])
    @describe(many(AccountShape), listed=True)
    def get_list(self) -> Response:
        """Accounts of staff in my scope."""
        actor = self.require("can_list")
        guards.may_see_accounts(actor)
        page = self.listing.page(self.query(), actor, queries.accounts_visible_to(actor))
        return self.many(page, account_json)

    @expose("/<int:pk>", methods=["GET"])
    @describe(one(AccountShape))
    def get(self, pk: int) -> Response:
        """One account in my scope."""
        account = queries.account_visible_to(self.actor(), row_id(pk))
        guards.may_see_accounts(self.require("can_show"))
        return self.one(pk, account_json(account))

    @expose("/", methods=["POST"])
    @describe(one(MadeShape(partial=_WITH_A_LINK)), status=201, body=CreateForm, untold=("password",), errors=(404,))
    def post(self) -> Response:
        """Make an account of the level below; a department is found by name, other name or code."""
        actor, sent, shown = self.actor(), self.body(), None
        if "password" not in sent and not sent.get("contact"):
            shown = suggest_password()
            sent = {**sent, "password": shown}
        account = services.create_account(sent, actor=actor)
        given = "password" in sent and not guards.appoints(account.kind, actor)
        told = {"password": shown, **({} if given else _link_facts(account))}
        return self.created(account.id, {**account_json(account), **told})

    @expose("/<int:pk>", methods=["PUT"])
    @describe(one(AccountShape), body=ChangeForm)
    def put(self, pk: int) -> Response:
        """Change an account of the level below; whatever is absent stays as it is."""
        account = services.change_account(row_id(pk), self.body(), actor=self.actor())
        return self.one(pk, account_json(account))

    @expose("/<int:pk>/confirm", methods=["POST"])
    @describe(one(AccountShape))
    def confirm(self, pk: int) -> Response:
        """Say that an account of the level below is still needed, as is due once a year."""
        services.confirm_accounts([row_id(pk)], actor=self.actor())
        return self.one(pk, account_json(queries.account_visible_to(self.actor(), row_id(pk))))
