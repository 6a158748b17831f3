"""/verify: where the QR code of an agreement leads; open to everybody (R9.4)."""

from __future__ import annotations

import io
from collections.abc import Callable

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.datastructures import FileStorage

from app.base.errors import AppError, Invalid, NotFound
from app.documents.sealing.records import known_certificates
from app.employers.verification.authorization import is_letter_number
from app.signing.queries import MOST_BYTES, Verified, verify_agreement, verify_file
from app.web.gate import open_to_all
from app.web.jobs import as_download
from app.web.payload import uploaded

blueprint = Blueprint("verify", __name__, url_prefix="/verify")
MOST_FILES = 20  # at once, for an office
open_to_all("verify.ask", "verify.tell", "verify.tell_of_file", "verify.certificates", "verify.certificate")


@blueprint.get("")
def ask() -> str:
    """The form; the QR code fills in the number."""
    number = request.args.get("number", "")[:40]
    letter = is_letter_number(number)
    return render_template("signing/verify.html", number="" if letter else number, name="", found=None, letter=letter)


@blueprint.post("")
def tell() -> ResponseReturnValue:
    """The answer to number and name: standing and masked facts; or a miss that says nothing more."""
    number, name = request.form.get("number", "")[:64], request.form.get("name", "")[:64]
    return _answer(lambda: verify_agreement(number, name, ip=request.remote_addr), number=number, name=name)


@blueprint.post("/file")
def tell_of_file() -> ResponseReturnValue:
    """The three answers to a file, or to each of several: as it was made, sealed by us, in force."""
    sent = [file for file in request.files.getlist("file") if file.filename]
    if len(sent) > 1:
        return render_template("signing/verify_several.html", found=[_told(file) for file in sent[:MOST_FILES]])
    return _answer(lambda: verify_file(uploaded_paper(), ip=request.remote_addr))


@blueprint.get("/certificates")
def certificates() -> str:
    """The certificates of the seal, of today and before, for whoever checks a paper without us."""
    return render_template("signing/certificates.html", certificates=known_certificates())


@blueprint.get("/certificates/<fingerprint>.pem")
def certificate(fingerprint: str) -> Response:
    """One of them for programs."""
    found = next((one for one in known_certificates() if one.fingerprint == fingerprint.lower()), None)
    if found is None:
        raise NotFound()
    name = f"seal-{found.serial}.pem"
    return as_download(io.BytesIO(found.pem.encode()), name, "application/x-pem-file", plain=name)


def uploaded_paper() -> bytes:
    """The file that was sent; raises UnsupportedMedia, Invalid, TooLarge."""
    return uploaded(most=MOST_BYTES, too_large=_too_large())[0]


def _too_large() -> str:
    return _("The file is larger than %(most)s MB, so it is no agreement of this platform.", most=5)


def _told(file: FileStorage) -> tuple[str, Verified | None, str]:
    """The name of a file, and what is said of it or why nothing is."""
    content = file.stream.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        return file.filename or "", None, _too_large()
    try:
        return file.filename or "", verify_file(content, ip=request.remote_addr), ""
    except AppError as error:
        return file.filename or "", None, str(error.message)


def _answer(check: Callable[[], Verified], *, number: str = "", name: str = "") -> tuple[str, int]:
    try:
        found, miss, status = check(), "", 200
    except Invalid as error:
        found, miss, status = None, str(error.errors["file"][0]), error.status
    except AppError as error:
        found, miss, status = None, str(error.message), error.status
    return render_template("signing/verify.html", number=number, name=name, found=found, miss=miss), status
