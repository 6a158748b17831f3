"""`flask api …`: what other systems are told of the interfaces, as files."""

from __future__ import annotations

import json
from pathlib import Path

import click
from flask.cli import AppGroup
from flask_babel import force_locale

from app.base.settings import settings
from app.ems import openapi as ems
from app.fab import document as platform

group = AppGroup("api", help="The interfaces for programs.")


@group.command("describe")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
def describe(folder: Path) -> None:
    """Write the OpenAPI documents into a folder: this platform's, and the employment system's as it is called here."""
    folder.mkdir(parents=True, exist_ok=True)
    with force_locale(settings().languages[0]):
        for name, document in {"platform": platform.document(), "employment-system": ems.document()}.items():
            (folder / f"{name}.json").write_text(json.dumps(document, ensure_ascii=False, indent=1), encoding="utf-8")
            click.echo(f"{name}.json")
