"""What an operator hands over for the seal: every usual file works, every wrong one is told at the start, in one line."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
import time_machine
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from flask import Flask
from flask.testing import FlaskClient
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import SignatureCoverageLevel, validate_pdf_signature, validate_pdf_timestamp
from pyhanko_certvalidator import ValidationContext
from sqlalchemy import select

from app.base.database import session
from app.base.sealkeys import seal_key
from app.documents import services
from app.documents.agreement import lasting_agreement
from app.documents.lasting import place_of_seal, print_lasting
from app.documents.queries import is_unmade
from app.documents.sealing import SealUnavailable, seal
from app.documents.sealing.queries import seal_found
from app.documents.sealing.signers import known
from app.signing.online.models import OnlineSigning
from app.workflow import delivery
from app.workflow.models import OutboxMessage
from config import SettingsError, settings_from
from tests.documents.authority import DAY, chained, curve_key, issued, kept, packed, stamping
from tests.documents.samples import snapshot
from tests.documents.test_documents import order_of, signed, stage  # noqa: F401 - fixtures

Change = Callable[..., None]


def sealed() -> bytes:
    """An agreement with the seal of the settings in use."""
    pdf = print_lasting(lasting_agreement(snapshot()))
    return seal(pdf, place_of_seal(pdf))


def trusts(root: x509.Certificate, pdf: bytes) -> bool:
    """Whether who knows the root alone finds the seal sound."""
    from concurrent.futures import ThreadPoolExecutor

    context = ValidationContext(trust_roots=known([root]))
    signature = PdfFileReader(io.BytesIO(pdf)).embedded_signatures[0]
    with ThreadPoolExecutor(1) as pool:
        status = pool.submit(validate_pdf_signature, signature, context).result()
    return bool(status.intact and status.valid and status.trusted)


@pytest.mark.parametrize("order", [1, -1])
def test_leaf_and_chain_in_one_file_seal_and_the_chain_is_on_the_paper(
    tmp_path: Path, change_settings: Change, order: int
) -> None:
    certificates, key = chained()
    change_settings(seal=kept(tmp_path, certificates[::order], key))
    pdf = sealed()
    assert trusts(certificates[-1], pdf)
    assert not trusts(issued("CA other")[0], pdf)
    found = seal_found(pdf)
    assert found is not None
    assert found.whole
    assert "平台" in found.certificate


def test_encrypted_key_and_one_file_for_all(tmp_path: Path, change_settings: Change) -> None:
    certificates, key = chained(key=curve_key())
    change_settings(seal=kept(tmp_path, certificates, key, b"secret"), seal_password="secret")
    assert trusts(certificates[-1], sealed())
    file = packed(tmp_path, certificates, key, b"secret")
    change_settings(seal=(file, file), seal_password="secret")
    assert trusts(certificates[-1], sealed())


def test_one_file_needs_no_key_beside_it(tmp_path: Path, environment: dict[str, str]) -> None:
    file = packed(tmp_path, *chained(), b"secret")
    assert settings_from({**environment, "SEAL_CERTIFICATE": str(file)}).seal == (file, file)


def wrong_key(folder: Path) -> dict[str, Any]:
    return {"seal": kept(folder, chained()[0], chained()[1])}


def no_issuer(folder: Path) -> dict[str, Any]:
    certificates, key = chained()
    return {"seal": kept(folder, certificates[:1], key)}


def not_for_signatures(folder: Path) -> dict[str, Any]:
    certificates, key = chained(for_signatures=False)
    return {"seal": kept(folder, certificates, key)}


def for_web_servers(folder: Path) -> dict[str, Any]:
    certificates, key = chained(purposes=[x509.ExtendedKeyUsageOID.SERVER_AUTH])
    return {"seal": kept(folder, certificates, key)}


def short(folder: Path) -> dict[str, Any]:
    certificates, key = chained(key=rsa.generate_private_key(public_exponent=65537, key_size=1024))
    return {"seal": kept(folder, certificates, key)}


def password_missing(folder: Path) -> dict[str, Any]:
    return {"seal": kept(folder, *chained(), b"secret")}


def password_wrong(folder: Path) -> dict[str, Any]:
    return {**password_missing(folder), "seal_password": "other"}


def no_certificate(folder: Path) -> dict[str, Any]:
    files = kept(folder, *chained())
    files[0].write_text('{"certificate": "none"}')
    return {"seal": files}


def not_packed(folder: Path) -> dict[str, Any]:
    files = no_certificate(folder)["seal"]
    return {"seal": (files[0], files[0])}


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (wrong_key, "SEAL_KEY is not the key of any certificate"),
        (no_issuer, "lacks the certificate of who issued it .CN=CA between"),
        (not_for_signatures, "not made for signatures"),
        (for_web_servers, "not made for documents"),
        (short, "1024 bits"),
        (password_missing, "SEAL_KEY_PASSWORD must say"),
        (password_wrong, "SEAL_KEY_PASSWORD is not its password"),
        (no_certificate, "certificate.pem holds no certificate"),
        (not_packed, "cannot be opened"),
    ],
)
def test_what_cannot_seal_is_told_in_one_line(
    tmp_path: Path, change_settings: Change, given: Callable[[Path], dict[str, Any]], words: str
) -> None:
    change_settings(**given(tmp_path))
    with pytest.raises(SettingsError, match=words) as told:
        seal_key()
    assert "\n" not in str(told.value)


@pytest.mark.parametrize("days", [(-9, -1), (1, 9)])
def test_out_of_its_time_nothing_is_sealed_and_the_paper_waits(
    signed: OnlineSigning,  # noqa: F811
    application: Flask,
    tmp_path: Path,
    change_settings: Change,
    days: tuple[int, int],
) -> None:
    begins, ends = (datetime.now(UTC) + DAY * day for day in days)
    good = chained()
    change_settings(seal=kept(tmp_path, *chained(begins=begins, ends=ends)))
    with pytest.raises(SealUnavailable):
        sealed()
    assert not delivery.deliver(order_of(signed).id)
    waiting = session.scalars(select(OutboxMessage).where(is_unmade())).one()
    assert waiting.status == "queued"
    assert "签章证书" in (waiting.error_detail or "")
    change_settings(seal=kept(tmp_path, *good))
    delivery.retry([waiting.id])
    assert delivery.deliver(order_of(signed).id)
    assert services.document_file(signed) is not None


def test_days_left_are_told_to_supervisors_and_operators(
    tmp_path: Path, change_settings: Change, client: FlaskClient, browse: Callable[[str], FlaskClient]
) -> None:
    certificates, key = chained(ends=datetime.now(UTC) + 20 * DAY + DAY / 2)
    change_settings(seal=kept(tmp_path, certificates, key))
    assert client.get("/health").get_json()["seal_days_left"] == 20
    page = browse("operator").get("/staff/").get_data(as_text=True)
    assert "还有20天" in page
    assert "签章证书" not in browse("school10001").get("/staff/").get_data(as_text=True)
    change_settings(seal=None)
    assert "seal_days_left" not in client.get("/health").get_json()


def test_seal_is_seen_and_heard_where_the_text_ends(tmp_path: Path, change_settings: Change) -> None:
    change_settings(seal=kept(tmp_path, *chained()))
    pdf = sealed()
    document = pypdfium2.PdfDocument(pdf)
    document.init_forms()
    drawn = document[len(document) - 1].render(scale=1).to_pil().convert("RGB")
    red = sum(1 for r, g, b in drawn.getdata() if r > 150 and g < 90 and b < 90)
    assert red > 800
    document.close()
    root = PdfFileReader(io.BytesIO(pdf)).root
    field = root["/AcroForm"]["/Fields"][0]
    tag = root["/StructTreeRoot"]["/ParentTree"]["/Nums"][-1]
    assert field["/TU"] == tag["/Alt"] == "平台存证签章"
    assert tag["/S"] == "/Form"
    assert field["/StructParent"] == root["/StructTreeRoot"]["/ParentTree"]["/Nums"][-2]
    assert tag["/K"]["/Obj"]["/FT"] == "/Sig"


def test_with_a_time_stamp_the_seal_is_sound_years_after_its_certificate(
    tmp_path: Path, change_settings: Change
) -> None:
    certificates, key = chained(ends=datetime.now(UTC) + 30 * DAY)
    with stamping(tmp_path) as authority:
        change_settings(seal=kept(tmp_path, certificates, key), seal_tsa=authority)
        pdf = sealed()
    found = seal_found(pdf)
    assert found is not None
    assert found.whole
    assert found.sealed_bytes < len(pdf)
    assert found.sealed_at is not None
    with time_machine.travel(datetime.now(UTC) + 400 * DAY):
        assert not trusts(certificates[-1], pdf), "by its own dates it is over"
        assert lasts([certificates[-1], *x509.load_pem_x509_certificates(authority[1].read_bytes())], pdf)
    assert not seal_found(pdf[:-10] + b"0123456789") or not seal_found(pdf + b"\n%more\n").whole  # type: ignore[union-attr]


def lasts(roots: list[x509.Certificate], pdf: bytes) -> bool:
    """Whether the stamps in the file are sound today, and the seal was at the time that they prove."""
    from concurrent.futures import ThreadPoolExecutor

    reader = PdfFileReader(io.BytesIO(pdf))
    seal_on_it, stamp_on_it = reader.embedded_regular_signatures[0], reader.embedded_timestamp_signatures[0]

    def judged(moment: datetime | None = None) -> Any:
        return validate_pdf_signature(seal_on_it, ValidationContext(trust_roots=known(roots), moment=moment))

    with ThreadPoolExecutor(1) as pool:
        over_all = pool.submit(
            lambda: validate_pdf_timestamp(stamp_on_it, ValidationContext(trust_roots=known(roots)))
        ).result()
        today = pool.submit(judged).result().timestamp_validity
        then = pool.submit(judged, today.timestamp).result()
    assert over_all.trusted
    assert over_all.coverage >= SignatureCoverageLevel.ENTIRE_REVISION
    assert today.trusted
    assert "/DSS" in reader.root
    return bool(then.intact and then.valid and then.trusted and then.docmdp_ok)


def test_without_an_answer_of_who_stamps_the_paper_waits(tmp_path: Path, change_settings: Change) -> None:
    with stamping(tmp_path) as authority:
        pass
    change_settings(seal=kept(tmp_path, *chained()), seal_tsa=authority)
    with pytest.raises(SealUnavailable):
        sealed()
