"""Whether a file bears a seal of this platform, asked of a file that anybody may have sent (R9.4)."""

from __future__ import annotations

import hashlib
import io
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from cryptography.hazmat.primitives.serialization import Encoding

from app.base.sealkeys import certificates_in, seal_key
from app.base.settings import once, settings
from app.base.sm2 import sm3
from app.documents.sealing import aside
from config import Settings

# What a signature covers: all of the file but its own value, which stands between the two ranges as <hexadecimal>.
_RANGES: Final = re.compile(rb"/ByteRange\s*\[\s*0\s+(\d{1,9})\s+(\d{1,9})\s+(\d{1,9})\s*\]")
_VALUE: Final = re.compile(rb"<([0-9A-Fa-f]+)>")


@dataclass(frozen=True)
class SealFound:
    """A seal of this platform on a file: by which certificate, when, and whether nothing was added to the file since."""

    certificate: str  # whom it names, and its serial number
    sealed_at: datetime | None
    whole: bool
    sealed_bytes: int  # as many from the start are as they were sealed


def seal_found(pdf: bytes) -> SealFound | None:
    """The newest seal of ours on a file that anybody may have sent; None where there is none or a byte was changed.

    The file is not parsed: what the seal covers is taken from its bytes, so that a hostile file does no harm. Sealed
    by ours is what bears the certificate of today or one of `SEAL_FORMER`.
    """
    ours = _certificates()
    if not ours:
        return None
    places = reversed([match.groups() for match in _RANGES.finditer(pdf)][-_MOST_SEALS:])
    return next(filter(None, (_seal_at(pdf, ours, *map(int, place)) for place in places)), None)


_MOST_SEALS: Final = 5  # each costs a check; ours have one


@once
def _certificates(settings: Settings) -> dict[bytes, Any]:
    """The certificates of the seal, of today and before, by their encoding."""
    from asn1crypto import x509

    found, former = seal_key(), settings.seal_former
    every = [*([found.certificate] if found else []), *(certificates_in(former) if former else [])]
    return {der: x509.Certificate.load(der) for der in (one.public_bytes(Encoding.DER) for one in every)}


def _seal_at(pdf: bytes, ours: dict[bytes, Any], first: int, second: int, length: int) -> SealFound | None:
    value = _VALUE.fullmatch(pdf[first:second])
    end = second + length
    if value is None or end > len(pdf):
        return None
    from asn1crypto import cms
    from pyhanko.sign.validation.generic_cms import validate_sig_integrity

    from app.documents.sealing.containers import contained

    container, covered = bytes.fromhex(value[1].decode()), pdf[:first] + pdf[second:end]
    by_sm2 = contained(container, sm3(covered), ours)
    if by_sm2:
        certificate = ours[by_sm2.certificate]
        return SealFound(_named(certificate), by_sm2.made_at, end == len(pdf), end)
    try:
        signed = cms.ContentInfo.load(container)["content"]
        signer = signed["signer_infos"][0]
        certificate = next(one.chosen for one in signed["certificates"] if one.chosen.dump() in ours)
        digest = hashlib.new(signer["digest_algorithm"]["algorithm"].native, covered).digest()
        intact, valid = validate_sig_integrity(signer, certificate, "data", digest)
        times = [one["values"][0].native for one in signer["signed_attrs"] if one["type"].native == "signing_time"]
    except Exception:  # whatever a stranger has put there: it is no seal of ours
        return None
    if not (intact and valid):
        return None
    times = times or [one for one in (_stamped(signer),) if one]
    whole = end == len(pdf) or (settings().seal_tsa is not None and _grew_by_proof_alone(pdf))
    return SealFound(_named(certificate), next(iter(times), None), whole, end)


def _named(certificate: Any) -> str:
    return f"{certificate.subject.human_friendly} · {certificate.serial_number:x}"


def _grew_by_proof_alone(pdf: bytes) -> bool:
    """Whether all that follows the seal is the proof of its time and of its certificates, as sealing appends it.

    What it covers is ours; the rest is read by the library that tells changes apart, whatever a stranger put there.
    """
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign.diff_analysis import ModificationLevel
    from pyhanko.sign.validation import validate_pdf_signature
    from pyhanko_certvalidator import ValidationContext

    roots = [*_certificates().values(), *_stampers().values()]

    def judged() -> Any:
        signature = PdfFileReader(io.BytesIO(pdf)).embedded_regular_signatures[0]
        return validate_pdf_signature(signature, ValidationContext(trust_roots=roots, allow_fetching=False))

    if not pdf.rstrip(b"\r\n").endswith(b"%%EOF"):
        return False
    try:
        status = aside(judged)
        return bool(status.docmdp_ok and status.modification_level <= ModificationLevel.LTA_UPDATES)
    except Exception:  # whatever a stranger has put there: it is not as we made it
        return False


@once
def _stampers(settings: Settings) -> dict[bytes, Any]:
    """The certificates of who stamps the time, by their encoding."""
    from app.documents.sealing.signers import known

    found = settings.seal_tsa
    return {one.dump(): one for one in known(certificates_in(found[1]))} if found else {}


def _stamped(signer: Any) -> datetime | None:
    """The time that was stamped onto a signature, where it is by who stamps for us."""
    from pyhanko.sign.validation.generic_cms import validate_sig_integrity

    tokens = [
        one["values"][0] for one in signer["unsigned_attrs"] if one["type"].native == "signature_time_stamp_token"
    ]
    if not tokens:
        return None
    try:
        token = tokens[0]["content"]
        told, by = token["encap_content_info"]["content"], token["signer_infos"][0]
        serial = by["sid"].chosen["serial_number"].native
        certificate = next(one for one in _stampers().values() if one.serial_number == serial)
        digest = hashlib.new(by["digest_algorithm"]["algorithm"].native, told.contents).digest()
        ours = hashlib.new(
            told.parsed["message_imprint"]["hash_algorithm"]["algorithm"].native, signer["signature"].native
        )
        sound = validate_sig_integrity(by, certificate, "tst_info", digest) == (True, True)
        of_this = told.parsed["message_imprint"]["hashed_message"].native == ours.digest()
        return told.parsed["gen_time"].native if sound and of_this else None
    except Exception:  # whatever a stranger has put there: no time is known
        return None
