"""The ways to pay: a new one is one more file here and a line in `_ADAPTERS`."""

from __future__ import annotations

from pathlib import Path

from app.payments.adapters.base import PaymentAdapter
from app.payments.adapters.batch import BatchAdapter
from config import Settings, SettingsError

_ADAPTERS: dict[str, type[PaymentAdapter]] = {"batch": BatchAdapter}
_in_use: list[PaymentAdapter] = []
_payer: list[str] = []
_folder: list[Path] = []


def use_settings(settings: Settings) -> None:
    """Choose the way to pay once at start; raises SettingsError for an unknown one."""
    name = settings.payments.get("PAYMENT_ADAPTER") or "batch"
    if name not in _ADAPTERS:
        raise SettingsError(f"PAYMENT_ADAPTER must be {' or '.join(_ADAPTERS)}, not {name!r}; leave it out for batch.")
    _payer[:] = [settings.payments.get("PAYMENT_ACCOUNT", "")]
    _folder[:] = [settings.var_dir / "payments"]
    use(_ADAPTERS[name]())


def use(adapter: PaymentAdapter) -> None:
    """Pay this way from now on; for an extension that brings a bank of its own."""
    _in_use[:] = [adapter]


def adapter() -> PaymentAdapter:
    """The way to pay of this process."""
    return _in_use[0]


def folder() -> Path:
    """Where batches and results lie."""
    return _folder[0]


def payer_account() -> str:
    """The account from which the platform pays; empty where the settings name none."""
    return _payer[0]
