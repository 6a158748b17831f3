"""The API of a unit's people: who works for it, in which role (B13). No key opens it: people let people in."""

from __future__ import annotations

from typing import Any

from flask import Response
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from marshmallow import fields

from app.access.actors import EMPLOYER
from app.access.models import Account
from app.access.unit_roles import PEOPLE, UNIT_ROLES
from app.base.masks import mask_address
from app.employers.colleagues.services import invitations, people
from app.employers.forms import ColleagueForm, RoleForm
from app.employers.models import ColleagueInvitation
from app.fab.api import RoomApi, describe, expose, json_answer
from app.fab.datamodel import ScopedInterface
from app.fab.listing import Listing
from app.fab.search import Equal, OneOf
from app.fab.shapes import MESSAGE, Moment, Shape, Words, many, one, with_fields, worded
from app.web.numbers import row_id

VERBS = ("can_list", "can_manage")


class ColleagueShape(Shape):
    """A user of the unit."""

    id = fields.Integer()
    name = fields.String()
    username = fields.String(attribute="user.username")
    role = Words(*UNIT_ROLES, attribute="unit_role")


class InvitationShape(Shape):
    """A colleague who has been asked in and has not come yet."""

    id = fields.Integer()
    role = Words(*UNIT_ROLES)
    address = worded(lambda invitation: mask_address(invitation.address))
    invited_by = fields.String()
    created_at = Moment()
    expires_at = Moment()


colleague_json, invitation_json = ColleagueShape().dump, InvitationShape().dump
_SENT = one(with_fields(InvitationShape, ("code",), code={"type": ["string", "null"], "description": "told this once"}))


class ColleaguesApi(RoomApi):
    """The users of the own unit; owners manage them."""

    resource_name = class_permission_name = PEOPLE
    permissions = dict.fromkeys(VERBS, (EMPLOYER,))
    permission_labels = {"can_manage": lazy_gettext("manage who works for the unit (owners)")}
    listing = Listing(ScopedInterface(Account), {"unit_role": (Equal, OneOf)}, ("id", "name"), scoped=False)

    @expose("/", methods=["GET"])
    @describe(many(ColleagueShape), listed=True)
    def get_list(self) -> Response:
        """Who works for my unit, in which role."""
        actor = self.require("can_list")
        own = (Account.kind == EMPLOYER, Account.employer_id == (actor.employer_id or 0), Account.user.has(active=True))
        return self.many(self.listing.page(self.query(), actor, *own), colleague_json)

    @expose("/<int:pk>", methods=["PUT"])
    @describe(one(ColleagueShape), body=RoleForm)
    def put(self, pk: int) -> Response:
        """Give a colleague another role; a unit keeps at least one owner."""
        account = people.change_role(row_id(pk), self.body().get("role"), actor=self.actor())
        return self.one(account.id, colleague_json(account))

    @expose("/<int:pk>", methods=["DELETE"])
    @describe(MESSAGE)
    def delete(self, pk: int) -> Response:
        """Put a colleague out of the unit: logged out at once."""
        people.remove_colleague(row_id(pk), actor=self.actor())
        return json_answer(200, {"message": _("The colleague has been removed and logged out.")})

    @expose("/<int:pk>/hand_over", methods=["POST"])
    @describe(MESSAGE)
    def hand_over(self, pk: int) -> Response:
        """Make a colleague owner in my place; I go on as HR."""
        people.hand_over(row_id(pk), actor=self.actor())
        return json_answer(200, {"message": _("The colleague is owner now; you go on as HR.")})


class ColleagueInvitationsApi(RoomApi):
    """Invitations into the own unit."""

    resource_name = class_permission_name = PEOPLE
    permissions = {"can_manage": (EMPLOYER,)}
    listing = Listing(ScopedInterface(ColleagueInvitation), {"role": (Equal, OneOf)}, ("id",), scoped=False)

    @expose("/invitations", methods=["GET"])
    @describe(many(InvitationShape), listed=True)
    def get_invitations(self) -> Response:
        """The invitations that somebody can still accept."""
        actor = self.require("can_manage")
        open_ones = invitations.open_of_unit(actor.employer_id or 0)
        return self.many(self.listing.page(self.query(), actor, *open_ones), invitation_json)

    @expose("/invitations", methods=["POST"])
    @describe(_SENT, status=201, body=ColleagueForm, untold=("code",), errors=(409,))
    def invite(self) -> Response:
        """Send a colleague the code by which they join; it is told this once."""
        invitation, code = invitations.invite_colleague(self.body(), actor=self.actor())
        told: dict[str, Any] = {**invitation_json(invitation), "code": code}
        return self.created(invitation.id, told)

    @expose("/invitations/<int:pk>", methods=["DELETE"])
    @describe(MESSAGE)
    def withdraw(self, pk: int) -> Response:
        """Withdraw an invitation: its code opens nothing any more."""
        invitations.withdraw_invitation(row_id(pk), actor=self.actor())
        return json_answer(200, {"message": _("The invitation has been withdrawn.")})
