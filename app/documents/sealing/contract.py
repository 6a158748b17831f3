"""python -m app.documents.sealing.contract URL --token TOKEN --certificate FILE: asks a sealing service for the contract.

FILE is the certificate of the seal (PEM, before those above it). Invented hashes are signed. With --subfilter NAME a
service is asked that makes whole signatures by SM2. The contract: app/base/sealservice.py.
"""

from __future__ import annotations

import base64
import hashlib
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding

from app.base import contract
from app.base.contract import Asked, Broken, Contract
from app.base.sealservice import demand_fit
from app.base.sm2 import sm3

_HASHED: Final = b"a paper"


def it_signs_by_sha256(asked: Asked) -> None:
    _sign(asked, "sha256")


def it_signs_by_sha512(asked: Asked) -> None:
    _sign(asked, "sha512")


def it_makes_containers_by_sm2(asked: Asked) -> None:
    from app.documents.sealing.containers import demand_ours  # it needs libraries that the rest does not

    told = asked.call("POST", "/containers", json=_body(asked))
    container = base64.b64decode(told["container"], validate=True)
    demand_ours(container, sm3(_HASHED), _certificate(asked).public_bytes(Encoding.DER))


def strangers_are_refused(asked: Asked) -> None:
    answer = asked.http.post(_place(asked), json=_body(asked), headers={"Authorization": "Bearer stranger"})
    if answer.status_code not in (401, 403):
        raise Broken(f"a stranger is answered {answer.status_code}")


def other_certificates_are_refused(asked: Asked) -> None:
    answer = asked.http.post(_place(asked), json={**_body(asked), "certificate": "0" * 64})
    if not 400 <= answer.status_code < 500:
        raise Broken(f"an unknown certificate is answered {answer.status_code}")


def _sign(asked: Asked, digest: str) -> None:
    told = asked.call("POST", "/signatures", json=_body(asked, digest))
    signature = base64.b64decode(told["signature"], validate=True)
    demand_fit(_certificate(asked), signature, hashlib.new(digest, _HASHED).digest(), digest)


def _place(asked: Asked) -> str:
    return "/containers" if asked.told.subfilter else "/signatures"


def _body(asked: Asked, digest: str = "sha256") -> dict[str, Any]:
    about = {"certificate": _certificate(asked).fingerprint(hashes.SHA256()).hex()}
    if asked.told.subfilter:
        return {
            **about,
            "digest_algorithm": "sm3",
            "digest": sm3(_HASHED).hex(),
            "subfilter": asked.told.subfilter,
        }
    return {**about, "digest_algorithm": digest, "digest": hashlib.new(digest, _HASHED).hexdigest()}


def _certificate(asked: Asked) -> x509.Certificate:
    return x509.load_pem_x509_certificates(asked.told.certificate.read_bytes())[0]


def _contract(*signs: Callable[[Asked], None]) -> Contract:
    return Contract(
        "python -m app.documents.sealing.contract",
        str(__doc__),
        Path(__file__).parents[1] / "data" / "seal_contract.toml",
        (*signs, strangers_are_refused, other_certificates_are_refused),
        options={"--certificate": {"required": True, "type": Path}, "--subfilter": {"default": ""}},
    )


CONTRACT: Final = _contract(it_signs_by_sha256, it_signs_by_sha512)
OF_CONTAINERS: Final = _contract(it_makes_containers_by_sm2)

if __name__ == "__main__":
    sys.exit(contract.main(OF_CONTAINERS if "--subfilter" in sys.argv else CONTRACT))
