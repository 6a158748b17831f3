"""/verify: where the QR code of an agreement leads; open to everybody (R9.4)."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from app.doors.gate import open_to_all
from app.errors import AppError
from app.signing.verification import verify_agreement

blueprint = Blueprint("verify", __name__, url_prefix="/verify", template_folder="../templates")
open_to_all("verify.ask", "verify.tell")


@blueprint.get("")
def ask() -> str:
    """The form; the QR code fills in the number."""
    return render_template("signing/verify.html", number=request.args.get("number", "")[:18], name="", found=None)


@blueprint.post("")
def tell() -> ResponseReturnValue:
    """The answer: state, masked parties, digest of the file; or a miss that says nothing more."""
    number, name = request.form.get("number", ""), request.form.get("name", "")
    try:
        found = verify_agreement(number[:64], name[:64], ip=request.remote_addr)
    except AppError as error:
        page = render_template(
            "signing/verify.html", number=number[:64], name=name[:64], found=None, miss=error.message
        )
        return page, error.status
    return render_template("signing/verify.html", number=number, name=name, found=found)
