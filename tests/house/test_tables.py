"""Every workflow does what its table says, judged against the tables that the rooms have written down a second time."""

from __future__ import annotations

import pytest
from flask import Flask

from app.workflow import registry
from tests.house.tables import Expected, all_expected, wrong_beginners, wrong_offers, wrong_steps

pytestmark = pytest.mark.usefixtures("app_context")
each = pytest.mark.parametrize("expected", all_expected(), ids=lambda one: one.workflow)


@each
def test_every_triple_does_what_the_table_says(expected: Expected) -> None:
    """An allowed event leads to the state of the table and leaves its history; a refused one says why, by its code."""
    wrong = list(wrong_steps(expected))
    assert not wrong, "\n".join([f"{len(wrong)} steps of {expected.workflow}:", *wrong])


@each
def test_available_events_are_those_that_can_be_fired(expected: Expected) -> None:
    """The API's `events` and the pages' buttons come from the same table."""
    wrong = list(wrong_offers(expected))
    assert not wrong, "\n".join([f"{len(wrong)} states of {expected.workflow}:", *wrong])


@each
def test_only_who_should_can_begin(expected: Expected) -> None:
    """The others have no creating row."""
    assert not list(wrong_beginners(expected))


@each
def test_the_table_names_every_state_and_event(expected: Expected) -> None:
    """Nothing is missing from the table and nothing was added."""
    assert {state.name for state in expected.table.states} == set(expected.states)
    assert set(expected.table.events) == {expected.begins, *expected.events}


def test_every_workflow_is_walked(app_context: Flask) -> None:
    """A new workflow comes with a table of its own in a file `table.py` of its room's tests."""
    walked = [one.workflow for one in all_expected()]
    assert sorted(walked) == sorted(workflow.name for workflow in registry.all_workflows())
