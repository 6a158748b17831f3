"""`flask payments …`: batches to the bank and results from it."""

from __future__ import annotations

import click
from flask import Flask
from flask.cli import AppGroup

from app.payments import adapters
from app.payments.services import read_results, write_batch

group = AppGroup("payments", help="Small remittances that prove a unit's account.")


@group.command("batch")
def batch() -> None:
    """Write all waiting orders into one CSV file for the bank."""
    written = write_batch(adapters.folder())
    click.echo(f"written: {written}" if written else "nothing waits")


@group.command("results")
def results() -> None:
    """Read the bank's answers from VAR_DIR/payments/in."""
    counts = read_results(adapters.folder())
    click.echo(", ".join(f"{name}: {count}" for name, count in counts.items()))


def register(app: Flask) -> None:
    """A way to pay that cannot be is told at the start."""
    adapters.adapter()
