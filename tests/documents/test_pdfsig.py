"""The seal as a program of another house judges it: poppler's pdfsig with the certificates of NSS, offices' usual check (B3)."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography import x509

from tests.documents.authority import PEM, chained, curve_key, kept, stamping
from tests.documents.test_seal_keys import sealed

Change = Callable[..., None]

pytestmark = pytest.mark.skipif(
    not (shutil.which("pdfsig") and shutil.which("certutil")),
    reason="no pdfsig or certutil found (apt-get install poppler-utils libnss3-tools; tests/setup_browser.sh does)",
)


def judged(pdf: bytes, root: x509.Certificate, folder: Path) -> str:
    """What pdfsig says of the paper in the hands of who trusts the root alone."""
    store, certificate, paper = folder / "nss", folder / "trusted.pem", folder / "paper.pdf"
    store.mkdir()
    certificate.write_bytes(root.public_bytes(PEM))
    paper.write_bytes(pdf)
    place = ["-d", f"sql:{store}"]
    subprocess.run(["certutil", "-N", *place, "--empty-password"], check=True)
    subprocess.run(["certutil", "-A", *place, "-n", "root", "-t", "C,C,C", "-i", str(certificate)], check=True)
    told = subprocess.run(
        ["pdfsig", "-nssdir", f"sql:{store}", str(paper)], capture_output=True, text=True, check=False
    )
    return told.stdout


@pytest.mark.parametrize("curve", [False, True], ids=["RSA", "EC"])
def test_the_seal_is_valid_and_trusted_by_who_trusts_the_root(
    tmp_path: Path, change_settings: Change, curve: bool
) -> None:
    certificates, key = chained(key=curve_key()) if curve else chained()
    change_settings(seal=kept(tmp_path, certificates, key))
    told = judged(sealed(), certificates[-1], tmp_path)
    assert "Signature Validation: Signature is Valid." in told
    assert "Certificate Validation: Certificate is Trusted." in told
    assert "Total document signed" in told


def test_with_a_time_stamp_as_well(tmp_path: Path, change_settings: Change) -> None:
    certificates, key = chained()
    with stamping(tmp_path) as authority:
        change_settings(seal=kept(tmp_path, certificates, key), seal_tsa=authority)
        pdf = sealed()
    told = judged(pdf, certificates[-1], tmp_path)
    assert "Signature Validation: Signature is Valid." in told
    assert "Certificate Validation: Certificate is Trusted." in told


def test_a_changed_byte_and_a_strange_root_are_found(tmp_path: Path, change_settings: Change) -> None:
    certificates, key = chained()
    change_settings(seal=kept(tmp_path, certificates, key))
    pdf = sealed()
    place = pdf.index(b"/MediaBox")
    changed, strange = tmp_path / "changed", tmp_path / "strange"
    changed.mkdir()
    strange.mkdir()
    harmed = judged(pdf[:place] + b"/mediaBox" + pdf[place + 9 :], certificates[-1], changed)
    assert "Signature is Valid" not in harmed
    others = judged(pdf, chained()[0][-1], strange)
    assert "Signature Validation: Signature is Valid." in others
    assert "Certificate is Trusted" not in others
