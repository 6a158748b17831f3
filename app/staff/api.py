"""The API of accounts of staff (R1.4–R1.6)."""

from __future__ import annotations

from datetime import UTC
from typing import Any

from flask import Flask, Response

from app.access.actors import OPERATOR, PROVINCE, SCHOOL
from app.access.models import Account
from app.base.clock import moment
from app.base.crypto import blind_index
from app.fab.api import RoomApi, expose
from app.fab.datamodel import ScopedInterface
from app.fab.listing import Listing
from app.fab.search import Contains, Equal, OneOf, SearchFilter, related
from app.staff import guards, queries, services
from app.web.numbers import row_id

_MANAGERS = (OPERATOR, PROVINCE, SCHOOL)


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


class AccountsApi(RoomApi):
    """账号管理 for programs."""

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
    )

    @expose("/", methods=["GET"])
    def get_list(self) -> Response:
        """Accounts in my scope.
        ---
        get:
          summary: Accounts of staff in my scope
          parameters:
            - in: query
              name: q
              content: {application/json: {schema: {$ref: '#/components/schemas/ListQuery'}}}
          responses:
            200:
              description: Accounts
              content: {application/json: {schema: {type: object}}}
        """
        actor = self.require("can_list")
        guards.may_see_accounts(actor)
        count, rows = self.listing.page(self.query(), actor, queries.accounts_visible_to(actor))
        return self.many(count, rows, account_json)

    @expose("/<int:pk>", methods=["GET"])
    def get(self, pk: int) -> Response:
        """One account.
        ---
        get:
          summary: One account in my scope
          parameters:
            - {in: path, name: pk, required: true, schema: {type: integer, minimum: 1}}
          responses:
            200:
              description: The account
              content: {application/json: {schema: {type: object}}}
        """
        account = queries.account_visible_to(self.actor(), row_id(pk))
        guards.may_see_accounts(self.require("can_show"))
        return self.one(pk, account_json(account))

    @expose("/", methods=["POST"])
    def post(self) -> Response:
        """Make an account.
        ---
        post:
          summary: Make an account of the level below; a department must be exactly as on the roster
          requestBody:
            required: true
            content:
              application/json:
                schema:
                  type: object
                  required: [username, password, name, role]
                  properties:
                    username: {type: string, minLength: 4, maxLength: 64, pattern: '^[A-Za-z0-9][A-Za-z0-9._@-]*$'}
                    password: {type: string, minLength: 10, maxLength: 128}
                    name: {type: string, minLength: 1, maxLength: 64}
                    role: {type: string, enum: [operator, province, school, department]}
                    province: {type: string, description: Code, for accounts of provinces}
                    school: {type: string, description: Code of five digits}
                    department: {type: string, description: Exactly as on the roster}
                    level: {type: string, enum: [all, undergraduate, postgraduate]}
                    must_change_password: {type: boolean, description: Before anything else at the first log-in}
                    modules:
                      type: object
                      properties:
                        employment: {type: string, enum: [rw, ro, none]}
                        archive: {type: string, enum: [rw, ro, none]}
                        hukou: {type: string, enum: [rw, ro, none]}
          responses:
            201:
              description: The account
              content: {application/json: {schema: {type: object}}}
        """
        actor = self.actor()

        def produce() -> tuple[int, dict[str, Any]]:
            account = services.create_account(self.body(), actor=actor)
            return 201, {"id": account.id, "result": account_json(account)}

        return self.once(produce)

    @expose("/<int:pk>", methods=["PUT"])
    def put(self, pk: int) -> Response:
        """Change an account.
        ---
        put:
          summary: Change an account of the level below; whatever is absent stays as it is
          parameters:
            - {in: path, name: pk, required: true, schema: {type: integer, minimum: 1}}
          requestBody:
            required: true
            content:
              application/json:
                schema:
                  type: object
                  properties:
                    name: {type: string, minLength: 1, maxLength: 64}
                    level: {type: string, enum: [all, undergraduate, postgraduate]}
                    active: {type: boolean}
                    password: {type: string, minLength: 10, maxLength: 128}
                    modules:
                      type: object
                      properties:
                        employment: {type: string, enum: [rw, ro, none]}
                        archive: {type: string, enum: [rw, ro, none]}
                        hukou: {type: string, enum: [rw, ro, none]}
          responses:
            200:
              description: The account
              content: {application/json: {schema: {type: object}}}
        """
        account = services.change_account(row_id(pk), self.body(), actor=self.actor())
        return self.one(pk, account_json(account))

    def _sent(self) -> Any:
        """What makes a repeated call the same; the password only as a keyed digest."""
        sent = dict(self.body())
        if isinstance(sent.get("password"), str):
            sent["password"] = blind_index(sent["password"].encode("utf-8", "replace").hex()).hex()
        return sent


def account_json(account: Account) -> dict[str, Any]:
    """An account as programs see it; never its password."""
    user: Any = account.user
    return {
        "id": account.id,
        "username": user.username,
        "name": account.name,
        "role": account.kind,
        "province": account.province.code if account.province else None,
        "school": account.school.code if account.school else None,
        "school_name": account.school.name if account.school else None,
        "department": account.department.name if account.department else None,
        "level": account.level or ("all" if account.kind in guards.WITH_LEVEL else None),
        "modules": dict(account.modules) if account.kind in guards.WITH_MODULES else {},
        "active": bool(user.active),
        "last_login": moment(user.last_login.replace(tzinfo=UTC)) if user.last_login else None,
        "created_at": moment(account.created_at),
    }


def register(app: Flask) -> None:
    app.appbuilder.add_api(AccountsApi)  # type: ignore[attr-defined]
