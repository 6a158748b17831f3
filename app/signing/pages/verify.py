"""/verify: where the QR code of an agreement leads; open to everybody (R9.4)."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.base.errors import AppError, Invalid
from app.signing.queries import MOST_BYTES, Verified, verify_agreement, verify_file
from app.web.gate import open_to_all
from app.web.payload import uploaded

blueprint = Blueprint("verify", __name__, url_prefix="/verify")
open_to_all("verify.ask", "verify.tell", "verify.tell_of_file")


@blueprint.get("")
def ask() -> str:
    """The form; the QR code fills in the number."""
    return render_template("signing/verify.html", number=request.args.get("number", "")[:18], name="", found=None)


@blueprint.post("")
def tell() -> ResponseReturnValue:
    """The answer to number and name: standing and masked facts; or a miss that says nothing more."""
    number, name = request.form.get("number", "")[:64], request.form.get("name", "")[:64]
    return _answer(lambda: verify_agreement(number, name, ip=request.remote_addr), number=number, name=name)


@blueprint.post("/file")
def tell_of_file() -> ResponseReturnValue:
    """The three answers to a file: as it was made, sealed by us, in force."""
    return _answer(lambda: verify_file(uploaded_paper(), ip=request.remote_addr))


def uploaded_paper() -> bytes:
    """The file that was sent; raises UnsupportedMedia, Invalid, TooLarge."""
    words = _("The file is larger than %(most)s MB, so it is no agreement of this platform.", most=5)
    return uploaded(most=MOST_BYTES, too_large=words)[0]


def _answer(check: Callable[[], Verified], *, number: str = "", name: str = "") -> tuple[str, int]:
    try:
        found, miss, status = check(), "", 200
    except Invalid as error:
        found, miss, status = None, str(error.errors["file"][0]), error.status
    except AppError as error:
        found, miss, status = None, str(error.message), error.status
    return render_template("signing/verify.html", number=number, name=name, found=found, miss=miss), status
