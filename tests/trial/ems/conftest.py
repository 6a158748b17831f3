"""A real stand-in over HTTP: one process for all tests of this folder, healthy at the start of each."""

from __future__ import annotations

from tests.fixtures.standin import school, standin, standin_process, student_of

__all__ = ["school", "standin", "standin_process", "student_of"]
