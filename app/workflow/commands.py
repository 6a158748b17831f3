"""`flask workflow …` prints the tables."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from app.workflow import printing, registry

workflow_group = AppGroup("workflow", help="Look at the workflow tables.")


@workflow_group.command("list")
def list_workflows() -> None:
    """The names of all workflows."""
    for workflow in registry.all_workflows():
        click.echo(workflow.name)


@workflow_group.command("show")
@click.argument("name")
@click.option("--mermaid", is_flag=True, help="Only the picture.")
def show(name: str, mermaid: bool) -> None:
    """States, events, guards and effects of one workflow, printed from its table."""
    workflow = registry.get(name)
    click.echo(printing.as_mermaid(workflow) if mermaid else printing.as_markdown(workflow))


@workflow_group.command("docs")
def docs() -> None:
    """All workflows as one Markdown document, as docs/workflows.md carries it."""
    click.echo(printing.documentation(registry.all_workflows()), nl=False)
