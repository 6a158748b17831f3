"""Reference data for the browser: the regions behind the cascaded selects, and how a typed value is understood."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from flask import Blueprint, Flask, Response, jsonify, request

from app.access.actors import KINDS
from app.base.errors import NotFound
from app.base.values import Unreadable, credit_codes
from app.codes import forms, queries
from app.web.gate import open_to_all
from app.web.pages import page_access

blueprint = Blueprint("codes", __name__, url_prefix="/codes")

# The kinds that a page may ask for; each is read as the field of its kind reads it.
READERS: Final[dict[str, Callable[[str], Any]]] = {
    "person_name": forms.PersonName.reader,
    "place_name": forms.PlaceName.reader,
    "id_number": forms.IdNumber.reader,
    "uscc": forms.CreditCode.reader,
    "phone": forms.Phone.reader,
    "mobile": forms.Mobile.reader,
    "postcode": forms.Postcode.reader,
    "web_address": forms.WebAddress.reader,
    "money": forms.Money.reader,
    "day": forms.Day.reader,
    "account": forms.AccountNumber.reader,
    "bank_code": forms.BankCode.reader,
}
_LONGEST: Final = 300  # signs; no field of these kinds takes more


def register(app: Flask) -> None:
    """Strangers fill in forms too: those with which they become known; the picker of regions stands in any room."""
    app.jinja_env.globals["region_path"] = queries.region_path
    app.jinja_env.globals["region_lists"] = queries.region_lists
    open_to_all("codes.understand")


@blueprint.get("/regions.json")
@page_access(*KINDS)
def regions() -> Response:
    """The places below the region `of` and below those above it, level by level; browsers keep it for a day."""
    path = queries.region_path(request.args.get("of", ""))
    response = jsonify({"path": path, "lists": [queries.regions_under(above) for above in path]})
    response.headers["Cache-Control"] = "private, max-age=86400"
    return response


@blueprint.post("/values/<kind>")
def understand(kind: str) -> Response:
    """How `value` is understood when its field is left: the form that will be kept, what is wrong, what is odd.

    Open to strangers; it reads nothing but what is sent, and keeps none of it. POST, so that no log has it.
    """
    reader = READERS.get(kind)
    if reader is None:
        raise NotFound()
    typed = request.form.get("value", "")[:_LONGEST].strip()
    told: dict[str, str] = {"value": typed, "error": "", "warning": ""}
    try:
        told["value"] = str(reader(typed)) if typed else ""
    except Unreadable as error:
        told["error"] = str(error.reason)
    if kind == "uscc" and (warning := credit_codes.warning_of(told["value"])):
        told["warning"] = str(warning)
    return jsonify(told)
