"""The ways to pay: a new one is one more file here and a line in `_ADAPTERS`."""

from __future__ import annotations

from pathlib import Path

from app.base.settings import once, settings
from app.payments.adapters.base import PaymentAdapter
from app.payments.adapters.batch import BatchAdapter
from app.payments.adapters.gateway import GatewayAdapter
from config import Settings, SettingsError

_ADAPTERS: dict[str, type[PaymentAdapter]] = {"batch": BatchAdapter, "gateway": GatewayAdapter}


def declare(name: str, kind: type[PaymentAdapter]) -> None:
    """Make one more way to pay known; for an extension that brings a bank of its own."""
    _ADAPTERS[name] = kind


@once
def adapter(settings: Settings) -> PaymentAdapter:
    """The way to pay; raises SettingsError for an unknown one."""
    name = settings.payments.get("PAYMENT_ADAPTER") or "batch"
    if name not in _ADAPTERS:
        raise SettingsError(f"PAYMENT_ADAPTER must be {' or '.join(_ADAPTERS)}, not {name!r}; leave it out for batch.")
    return _ADAPTERS[name]()


def folder() -> Path:
    """Where batches and results lie."""
    return settings().var_dir / "payments"


def payer_account() -> str:
    """The account from which the platform pays; empty where the settings name none."""
    return settings().payments.get("PAYMENT_ACCOUNT", "")
