"""The stand-in bank's counter: what an account has received. Only where the stand-in pays, never in production."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, Response, jsonify, render_template, request
from sqlalchemy import select

from app.base.clock import moment
from app.base.crypto import blind_index
from app.base.database import session
from app.base.errors import NotFound
from app.payments import adapters
from app.payments.models import SENT, PaymentOrder
from app.web.gate import open_to_all

blueprint = Blueprint("standin_bank", __name__, url_prefix="/standin/bank")
_LONGEST = 40


def statement(account: str) -> list[dict[str, Any]]:
    """What the account has received, newest first."""
    if adapters.adapter().name != "standin":
        raise NotFound()
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
    return render_template("payments/bank.html", account=account[:_LONGEST], rows=statement(account))


@blueprint.get("/statement")
def statement_json() -> Response:
    """The same for programs: ?account= → {"result": [{payee, amount, payer, at}]}."""
    return jsonify({"result": statement(request.args.get("account", ""))})


def register(app: Flask) -> None:
    """Open the counter."""
    app.register_blueprint(blueprint)
    open_to_all("standin_bank.counter", "standin_bank.statement_json")
