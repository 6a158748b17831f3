"""A bank that stands in for a real one: pays at once, and shows its statements at /standin/bank."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, Response, jsonify, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select

from app.base.clock import moment
from app.base.crypto import blind_index
from app.base.database import session
from app.payments import adapters
from app.payments.adapters.base import PAID, Remittance, Statement
from app.payments.models import SENT, PaymentOrder
from app.web.gate import open_to_all

blueprint = Blueprint("standin_bank", __name__, url_prefix="/standin/bank")
_LONGEST = 40


class StandinBank:
    """Every order is paid; the rows of the orders are its statement."""

    name = "standin"

    def send(self, remittance: Remittance) -> str:
        """Paid."""
        del remittance
        return PAID

    def outcome(self, reference: str) -> str:
        """Paid."""
        del reference
        return PAID

    def statement(self, account: str) -> Statement:
        """The bank's counter, which is open to everybody."""
        label = _("Trial only: look at the statement of the stand-in bank")
        return Statement(label, url_for("standin_bank.counter", account=account))


def received(account: str) -> list[dict[str, Any]]:
    """What the account has received, newest first."""
    number = "".join(account.split())[:_LONGEST]
    if not number or not number.isascii() or "\x00" in number:
        return []
    query = select(PaymentOrder).where(PaymentOrder.account_index == blind_index(number), PaymentOrder.status == SENT)
    rows = session.scalars(query.order_by(PaymentOrder.id.desc()).limit(20))
    return [
        {"payee": row.payee, "amount": row.amount, "payer": adapters.payer_account(), "at": moment(row.settled_at)}
        for row in rows
    ]


@blueprint.get("/")
def counter() -> str:
    """The page."""
    account = request.args.get("account", "")
    return render_template("trial/bank.html", account=account[:_LONGEST], rows=received(account))


@blueprint.get("/statement")
def statement_json() -> Response:
    """The same for programs: ?account= → {"result": [{payee, amount, payer, at}]}."""
    return jsonify({"result": received(request.args.get("account", ""))})


def open_bank(app: Flask) -> None:
    """Make this way to pay known, and open the bank's counter."""
    adapters.declare(StandinBank.name, StandinBank)
    app.register_blueprint(blueprint)
    open_to_all("standin_bank.counter", "standin_bank.statement_json")
