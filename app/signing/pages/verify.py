"""/verify: where the QR code of an agreement leads; open to everybody (R9.4)."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.base.errors import AppError, Invalid, TooLarge
from app.signing.queries import MOST_BYTES, Verified, verify_agreement, verify_file
from app.web.gate import open_to_all

blueprint = Blueprint("verify", __name__, url_prefix="/verify")
open_to_all("verify.ask", "verify.tell", "verify.tell_of_file")


@blueprint.get("")
def ask() -> str:
    """The form; the QR code fills in the number."""
    return render_template("signing/verify.html", number=request.args.get("number", "")[:18], name="", found=None)


@blueprint.post("")
def tell() -> ResponseReturnValue:
    """The answer to number and name: state, masked parties, digest of the file; or a miss that says nothing more."""
    number, name = request.form.get("number", "")[:64], request.form.get("name", "")[:64]
    return _answer(lambda: verify_agreement(number, name, ip=request.remote_addr), number=number, name=name)


@blueprint.post("/file")
def tell_of_file() -> ResponseReturnValue:
    """The answer to a file: whether it is the very one that was made here, and whether the agreement is in force."""
    return _answer(lambda: verify_file(_uploaded(), ip=request.remote_addr), by_file=True)


def _uploaded() -> bytes:
    file = request.files.get("file")
    if file is None or not file.filename:
        raise Invalid({"file": [_("Please choose a file.")]})
    content = file.stream.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise TooLarge(_("The file is larger than %(most)s MB, so it is no agreement of this platform.", most=5))
    return content


def _answer(
    check: Callable[[], Verified], *, number: str = "", name: str = "", by_file: bool = False
) -> tuple[str, int]:
    try:
        found, miss, status = check(), "", 200
    except Invalid as error:
        found, miss, status = None, str(error.errors["file"][0]), error.status
    except AppError as error:
        found, miss, status = None, str(error.message), error.status
    page = render_template("signing/verify.html", number=number, name=name, found=found, miss=miss, by_file=by_file)
    return page, status
