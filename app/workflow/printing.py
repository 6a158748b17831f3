"""Prints a workflow from its table: text for people, Mermaid for pictures, Markdown for the documentation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from app.workflow.table import Workflow


def as_markdown(workflow: Workflow) -> str:
    """States, events and picture of one workflow, as the documentation carries it."""
    return "\n".join((*_states(workflow), "", *_events(workflow), "", "```mermaid", as_mermaid(workflow), "```", ""))


def documentation(workflows: Iterable[Workflow]) -> str:
    """All workflows as one document; docs/workflows.md is this text and a test compares them."""
    head = "# The workflows\n\nPrinted from the code: `flask workflow docs > docs/workflows.md`.\n\n"
    return head + "\n".join(as_markdown(workflow) for workflow in sorted(workflows, key=lambda one: one.name))


def as_mermaid(workflow: Workflow) -> str:
    """The states and events as a Mermaid state diagram."""
    lines = ["stateDiagram-v2"]
    lines += [f"    {state.name} : {state.name}\\n{state.label}" for state in workflow.states]
    lines += [f"    [*] --> {row.target_name} : {row.event} ({', '.join(row.who)})" for row in workflow.initial]
    for row in workflow.transitions:
        for source in row.sources:
            stays = not isinstance(row.target, str) and row.target.stays
            for target in (source,) if stays else row.targets:
                lines.append(f"    {source} --> {target} : {row.event} ({', '.join(row.who)})")
    return "\n".join(lines)


def _states(workflow: Workflow) -> Iterator[str]:
    yield from (
        f"## {workflow.name} {workflow.label}",
        "",
        "| state | label | stage | colour | due |",
        "|---|---|---|---|---|",
    )
    for state in workflow.states:
        tone, due = f"{state.tone}{', final' if state.final else ''}", state.due
        limit = f"{due.limit}, then {due.then}" if due else ""
        yield f"| `{state.name}` | {state.label} | {state.stage} | {tone} | {limit} |"


def _events(workflow: Workflow) -> Iterator[str]:
    yield from ("| event | from | who | to | guards | effects |", "|---|---|---|---|---|---|")
    for row in (*workflow.initial, *workflow.transitions):
        guards = ", ".join(guard.__name__ for guard in row.guards)
        effects = ", ".join(effect.__name__ for effect in row.effects)
        sources = ", ".join(f"`{source}`" for source in row.sources) or "—"
        yield f"| `{row.event}` | {sources} | {', '.join(row.who)} | `{row.target_name}` | {guards} | {effects} |"
    common = ", ".join(guard.__name__ for guard in workflow.common_guards)
    yield from ("", f"Before every event: {common or 'nothing more'}.")
