"""The client of an OpenID Connect provider: authorization code with PKCE, state and nonce (R1.2)."""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote_plus

import httpx
from authlib.common.urls import add_params_to_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from app.base.outward import Outward, OutwardError
from app.base.settings import once
from config import IdentityProvider, Settings

_SECONDS = 10.0
_LONGEST = 1024 * 1024
_LEEWAY = 120  # seconds by which clocks may differ
# Signatures by a public key only: "none" and shared secrets are not taken.
_ALGORITHMS = ["RS256", "PS256", "ES256", "EdDSA"]


class IdentityRefused(Exception):
    """The provider did not say, in a way that can be believed, who this is."""


@dataclass(frozen=True)
class Question:
    """One log-in under way; kept in the browser's session until the answer comes."""

    address: str
    state: str
    nonce: str
    verifier: str


def ask(provider: IdentityProvider, return_to: str) -> Question:
    """Where to send the browser, and what the answer must fit. Raises IdentityRefused."""
    state, nonce, verifier = (secrets.token_urlsafe(48) for _one in range(3))
    asked = {
        "response_type": "code",
        "client_id": provider.client_id,
        "redirect_uri": return_to,
        "scope": provider.scope,
        "state": state,
        "nonce": nonce,
        "code_challenge": create_s256_code_challenge(verifier),
        "code_challenge_method": "S256",
    }
    address = add_params_to_uri(_metadata(provider)["authorization_endpoint"], list(asked.items()))
    return Question(address, state, nonce, verifier)


def answer(provider: IdentityProvider, return_to: str, question: Mapping[str, str], code: str) -> dict[str, Any]:
    """The claims of the person who comes back with this code, signed by the provider. Raises IdentityRefused."""
    places = _metadata(provider)
    try:
        token = _tokens(provider, places["token_endpoint"], return_to, question["verifier"], code)
        claims = _verified(provider, places, token["id_token"], question["nonce"])
        if places.get("userinfo_endpoint"):
            bearer = {"Authorization": f"Bearer {token['access_token']}"}
            claims = _joined(claims, _json("GET", places["userinfo_endpoint"], headers=bearer))
    except (OutwardError, JoseError, ValueError, KeyError, TypeError) as error:
        raise IdentityRefused(f"{type(error).__name__}: {error}"[:200]) from error
    return claims


def _tokens(provider: IdentityProvider, place: str, return_to: str, verifier: str, code: str) -> dict[str, Any]:
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": return_to,
        "code_verifier": verifier,
        "client_id": provider.client_id,
    }
    # By the standard both parts are written as in a form before they are joined (RFC 6749, 2.3.1).
    secret = httpx.BasicAuth(quote_plus(provider.client_id), quote_plus(provider.client_secret))
    return _json("POST", place, data=form, auth=secret)


@once
def _outward(settings: Settings) -> Outward:
    """The way to the provider: its endpoints are full addresses, which its metadata name."""
    return Outward(seconds=_SECONDS, longest=_LONGEST, by_proxy=True)


def _json(method: str, place: str, **options: Any) -> dict[str, Any]:
    """An answer below 300. A refusal is an answer too: nobody's wrong code closes the way for others."""
    answer = _outward().call(method, place, lambda answer: answer, tries=2 if method == "GET" else 1, **options)
    if answer.status >= 300:
        raise ValueError(f"answered {answer.status}")
    return answer.json()


def _metadata(provider: IdentityProvider) -> dict[str, Any]:
    try:
        places = _json("GET", f"{provider.issuer}/.well-known/openid-configuration")
    except (OutwardError, TypeError, ValueError) as error:
        raise IdentityRefused(type(error).__name__) from error
    needed = ("authorization_endpoint", "token_endpoint", "jwks_uri")
    if str(places.get("issuer", "")).rstrip("/") != provider.issuer or not all(places.get(name) for name in needed):
        raise IdentityRefused("metadata")
    return places


def _verified(provider: IdentityProvider, places: Mapping[str, Any], id_token: str, nonce: str) -> dict[str, Any]:
    """The claims of the ID token after signature, issuer, audience, time and nonce have been checked."""
    keys: Any = _json("GET", places["jwks_uri"])
    token = jwt.decode(id_token, KeySet.import_key_set(keys), algorithms=_ALGORITHMS)
    registry = jwt.JWTClaimsRegistry(
        now=int(time.time()),
        leeway=_LEEWAY,
        iss={"essential": True, "value": places["issuer"]},
        aud={"essential": True, "value": provider.client_id},
        exp={"essential": True},
        sub={"essential": True},
        nonce={"essential": True, "value": nonce},
    )
    registry.validate(token.claims)
    return dict(token.claims)


def _joined(claims: dict[str, Any], more: dict[str, Any]) -> dict[str, Any]:
    """With what the provider tells of the same person elsewhere; of another person it counts for nothing."""
    if more.get("sub") != claims["sub"]:
        raise ValueError("userinfo of somebody else")
    return {**more, **claims}
