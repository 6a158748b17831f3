"""What the trial adds to the product; named by EXTENSIONS, which production leaves empty."""

from __future__ import annotations

from dataclasses import replace

from flask import Flask

from app.base.settings import settings, use_settings
from config import SettingsError
from trial.bank import StandinBank, open_bank
from trial.demo.commands import demo
from trial.seal import own_certificate
from trial.wechat import open_wechat


def register(app: Flask) -> None:
    """Add the commands of the demonstration, and a bank, a WeChat and a seal where the settings name none."""
    given = settings()
    if given.is_production:
        raise SettingsError("EXTENSIONS must not name trial.extension in production: its bank moves no money.")
    app.cli.add_command(demo)
    if not given.beginning_with("WECHAT_"):
        open_wechat(app)
    if not given.payments.get("PAYMENT_ADAPTER"):
        open_bank(app)
        given = replace(given, payments={**given.payments, "PAYMENT_ADAPTER": StandinBank.name})
    if given.seal is None:
        given = replace(given, seal=own_certificate(given.var_dir / "seal"))
    use_settings(given)
