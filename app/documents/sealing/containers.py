"""Whole signatures that a service makes by SM2: checked, put into the paper, and read from a file that anybody may send.

Two kinds are told apart by their shape, whatever the paper declares them to be: SignedData of CMS (also with the names
of GM/T 0010), and SES_Signature of GB/T 38540-2020 (version 4). Of both the signature is computed with the key of our
certificate, and the hash it signs is compared with the paper. Who made the picture within an SES_Signature is not asked:
ours is what our certificate signed.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from asn1crypto import cms, core
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import MDPPerm
from pyhanko.sign.signers.cms_embedder import (
    PdfCMSEmbedder,
    SigAppearanceSetup,
    SigIOSetup,
    SigMDPSetup,
    SigObjSetup,
)
from pyhanko.sign.signers.pdf_byterange import SignatureObject

from app.base import clock, sm2

_ROOM, _STEP = 12 * 1024, 4 * 1024  # bytes for a container, and by how much more there is where one was longer


class _Wrapped(core.Sequence):
    """ContentInfo, whose names of content the library does not know all."""

    _fields = [("content_type", core.ObjectIdentifier), ("content", cms.SignedData, {"explicit": 0})]


class _ToSign(core.Sequence):
    _fields = [
        ("version", core.Integer),
        ("seal", core.Any),
        ("time", core.GeneralizedTime),
        ("data_hash", core.OctetBitString),
        ("property", core.IA5String),
        ("more", core.Any, {"explicit": 0, "optional": True}),
    ]


class _SealSignature(core.Sequence):
    """SES_Signature."""

    _fields = [
        ("to_sign", _ToSign),
        ("certificate", core.OctetString),
        ("algorithm", core.ObjectIdentifier),
        ("signature", core.OctetBitString),
        ("stamp", core.Any, {"explicit": 0, "optional": True}),
    ]


@dataclass(frozen=True)
class Contained:
    """A signature by SM2 that is sound: the certificate as DER, and when it was made as it says itself."""

    certificate: bytes
    made_at: datetime | None


def contained(container: bytes, hashed: bytes, ours: Collection[bytes]) -> Contained | None:
    """What a container says that signs this hash (SM3) by one of our certificates (DER); None where it does not."""
    for read in (_signed_data, _seal_signature):
        try:
            found = read(container, hashed, ours)
        except Exception:  # noqa: S112 - whatever a stranger has put there: it is no seal of ours
            continue
        if found:
            return found
    return None


def _signed_data(container: bytes, hashed: bytes, ours: Collection[bytes]) -> Contained | None:
    signed = _Wrapped.load(container)["content"]
    signer = signed["signer_infos"][0]
    certificate = next(one.chosen.dump() for one in signed["certificates"] if one.chosen.dump() in ours)
    said = {one["type"].dotted: one["values"][0] for one in signer["signed_attrs"]}
    agreed = (
        signer["digest_algorithm"]["algorithm"].dotted == sm2.SM3
        and signer["signature_algorithm"]["algorithm"].dotted in sm2.SIGNATURES
        and said["1.2.840.113549.1.9.4"].native == hashed
        and said["1.2.840.113549.1.9.3"].dotted == signed["encap_content_info"]["content_type"].dotted
    )
    if not (agreed and _is_of(certificate, signer["signature"].native, signer["signed_attrs"].untag().dump())):
        return None
    time = said.get("1.2.840.113549.1.9.5")
    return Contained(certificate, time.native if time is not None else None)


def _seal_signature(container: bytes, hashed: bytes, ours: Collection[bytes]) -> Contained | None:
    told = _SealSignature.load(container)
    certificate, signs = told["certificate"].native, told["to_sign"]
    agreed = certificate in ours and told["algorithm"].dotted in sm2.SIGNATURES and signs["data_hash"].native == hashed
    if not (agreed and _is_of(certificate, told["signature"].native, signs.dump())):
        return None
    return Contained(certificate, signs["time"].native)


def _is_of(certificate: bytes, signature: bytes, message: bytes) -> bool:
    key = sm2.key_in(certificate)
    return key is not None and key.fits(signature, message)


def demand_ours(container: bytes, hashed: bytes, certificate: bytes) -> None:
    """Raise ValueError unless the container signs this hash by this certificate (DER)."""
    if contained(container, hashed, {certificate}) is None:
        raise ValueError("the container is no signature by SM2 of this hash and this certificate")


_longest: Final = [_ROOM]  # met in this process: a service makes all of one kind


def put_into(
    writer: Callable[[], IncrementalPdfFileWriter],
    field: str,
    subfilter: str,
    ask: Callable[[bytes], bytes],
    *,
    look: Any,
    reason: str,
) -> bytes:
    """The paper with the container in its field, declared as `subfilter`; nothing in it may change any more.

    `ask` gives the container for the hash of the paper. A container longer than the room that was left for it is asked
    for again, of a paper with more room.
    """
    while True:
        flow = PdfCMSEmbedder().write_cms(field, writer())
        next(flow)
        flow.send(_set_up(subfilter, _longest[0], look, reason))
        prepared, output = flow.send(SigIOSetup(md_algorithm="sm3"))
        container = ask(prepared.document_digest)
        if len(container) <= _longest[0]:
            flow.send(container)
            return bytes(output.getbuffer())
        _longest[0] = -(-len(container) // _STEP) * _STEP


def _set_up(subfilter: str, room: int, look: Any, reason: str) -> SigObjSetup:
    now = clock.now()
    made = SignatureObject(timestamp=now, reason=reason, bytes_reserved=2 * room)
    made[pdf_name("/SubFilter")] = pdf_name(f"/{subfilter}")
    return SigObjSetup(
        sig_placeholder=made,
        mdp_setup=SigMDPSetup(md_algorithm="sha256", certify=True, docmdp_perms=MDPPerm.NO_CHANGES),
        appearance_setup=SigAppearanceSetup(style=look, timestamp=now, name=None),
    )
