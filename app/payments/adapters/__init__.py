"""The ways to pay: a new one is one more file here and a line in `_ADAPTERS`."""

from __future__ import annotations

from pathlib import Path

from app.payments.adapters.base import PaymentAdapter
from app.payments.adapters.batch import BatchAdapter
from app.payments.adapters.standin import StandinBank
from config import Settings, SettingsError

_ADAPTERS: dict[str, type[PaymentAdapter]] = {"batch": BatchAdapter, "standin": StandinBank}
# An invented account of an invented platform, for the trial alone.
_TRIAL_PAYER = "12109000000000785T"
_in_use: list[PaymentAdapter] = []
_payer: list[str] = [_TRIAL_PAYER]
_folder: list[Path] = []


def use_settings(settings: Settings) -> None:
    """Choose the way to pay once at start; raises SettingsError for an unknown one, or the stand-in in production."""
    name = settings.payments.get("PAYMENT_ADAPTER") or ("batch" if settings.is_production else "standin")
    if name not in _ADAPTERS or (settings.is_production and name == "standin"):
        raise SettingsError(f"PAYMENT_ADAPTER must be batch in production, not {name!r}.")
    _payer[:] = [settings.payments.get("PAYMENT_ACCOUNT") or _TRIAL_PAYER]
    _folder[:] = [settings.var_dir / "payments"]
    _in_use[:] = [_ADAPTERS[name]()]


def adapter() -> PaymentAdapter:
    """The way to pay of this process."""
    return _in_use[0]


def folder() -> Path:
    """Where batches and results lie."""
    return _folder[0]


def payer_account() -> str:
    """The account from which the platform pays."""
    return _payer[0]
