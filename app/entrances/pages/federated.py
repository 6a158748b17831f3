"""使用统一身份登录: to the identity provider and back (R1.2, R1.10)."""

from __future__ import annotations

import secrets

from flask import Blueprint, current_app, flash, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.base.errors import AppError, NotFound
from app.base.settings import settings
from app.entrances import oidc
from app.entrances.pages.login import log_in, workplace
from app.entrances.services.federated import enter_by_identity
from app.web.gate import open_to_all
from config import IdentityProvider

blueprint = Blueprint("federated", __name__, url_prefix="/identity")
open_to_all("federated.start", "federated.back")
_QUESTION = "identity"


@blueprint.get("")
def start() -> ResponseReturnValue:
    """Send the browser to the provider."""
    provider = _provider()
    try:
        question = oidc.ask(provider, _return_to())
    except oidc.IdentityRefused:
        return _failed(_("The unified identity cannot be reached at the moment. Please try again later."))
    session[_QUESTION] = {"state": question.state, "nonce": question.nonce, "verifier": question.verifier}
    return redirect(question.address)


@blueprint.get("/return")
def back() -> ResponseReturnValue:
    """Take the provider's answer: it must belong to the question that this browser asked, and it counts once."""
    provider, question = _provider(), session.pop(_QUESTION, None) or {}
    state, code = request.args.get("state", ""), request.args.get("code", "")
    if not code or not question or not secrets.compare_digest(question["state"].encode(), state.encode()):
        return _failed(_("The log-in was broken off. Please start again."))
    try:
        claims = oidc.answer(provider, _return_to(), question, code)
        account = enter_by_identity({fact: claims.get(name) for fact, name in provider.claims.items()})
    except oidc.IdentityRefused as error:
        current_app.logger.warning("identity provider: %s", error)
        return _failed(_("The unified identity did not confirm who you are. Please start again."))
    except AppError as error:
        return _failed(error.message)
    log_in(account, "graduate")
    return redirect(workplace(account.kind))


def _provider() -> IdentityProvider:
    provider: IdentityProvider | None = settings().oidc
    if provider is None:
        raise NotFound()
    return provider


def _return_to() -> str:
    return f"{settings().public_url}{url_for('federated.back')}"


def _failed(words: str) -> ResponseReturnValue:
    flash(words, "danger")
    return redirect(url_for("EntranceView.enter", door="graduate"))
