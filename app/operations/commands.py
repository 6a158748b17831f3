"""flask setup: everything before the first start and after each upgrade; flask doctor: what is wrong here."""

from __future__ import annotations

from collections.abc import Iterable

import click
from flask import Flask, current_app
from flask.cli import ScriptInfo
from flask_babel import gettext as _

from app.operations.checks import LABELS, OK, WARNING, WRONG, Finding, findings
from app.operations.queries import has_operator

# Each adds what is missing and leaves the rest alone; what a new release ships arrives with its first start.
STEPS = ("db upgrade", "access sync", "codes load", "notices load", "destinations load")


def run_steps(app: Flask, steps: Iterable[str] = STEPS) -> None:
    """Run each step as `flask <step>` in this process; raises the step's own error.

    Loading the program once is most of the time that they take. For the command line and the trial.
    """
    for step in steps:
        _run(app, step.split())


def _run(app: Flask, words: list[str]) -> None:
    app.cli.main(args=words, prog_name="flask", standalone_mode=False, obj=ScriptInfo(create_app=lambda: app))


def register(app: Flask) -> None:
    """Two commands of their own, as they are what one looks for first."""
    app.cli.add_command(setup)
    app.cli.add_command(doctor)


@click.command("setup")
@click.option("--operator", metavar="USERNAME", help="Make this account of an operator if there is none yet.")
@click.option("--name", help="The operator's own name; asked for where it is not given.")
def setup(operator: str | None, name: str | None) -> None:
    """Tables, roles, code tables, notices and destinations; then the first operator, and what is still missing.

    Safe to run again at any time: each step adds what is missing and leaves the rest alone.
    """
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    run_steps(app)
    if operator and not has_operator():
        _run(app, ["access", "create-operator", operator, *(["--name", name] if name else [])])
    _tell([finding for finding in findings() if finding.state != OK])
    click.echo(_("Everything is up to date."))


@click.command("doctor")
def doctor() -> None:
    """Look at every part and say in a line each what is well, what is not and what to do; ends with 1 if one is wrong."""
    found = list(findings())
    _tell(found)
    if any(finding.state == WRONG for finding in found):
        raise SystemExit(1)


def _tell(found: list[Finding]) -> None:
    colours = {WARNING: "yellow", WRONG: "red"}
    for finding in found:
        mark = click.style(str(LABELS[finding.state]), fg=colours.get(finding.state, "green"))
        click.echo(f"{mark}\t{finding.part}\t{finding.text}")
