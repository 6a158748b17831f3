"""What the trial adds to the product; named by EXTENSIONS, which production leaves empty."""

from __future__ import annotations

from flask import Flask

from app.documents.sealing import use_seal
from config import Settings, SettingsError
from trial.bank import open_bank
from trial.demo.commands import demo
from trial.seal import own_certificate


def register(app: Flask) -> None:
    """Add the commands of the demonstration, and a bank and a seal where the settings name none."""
    settings: Settings = app.config["SETTINGS"]
    if settings.is_production:
        raise SettingsError("EXTENSIONS must not name trial.extension in production: its bank moves no money.")
    app.cli.add_command(demo)
    if not settings.payments.get("PAYMENT_ADAPTER"):
        open_bank(app)
    if settings.seal is None:
        use_seal(*own_certificate(settings.var_dir / "seal"))
