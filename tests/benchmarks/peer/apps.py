"""The peer as an application of Django's."""

from __future__ import annotations

from django.apps import AppConfig


class Peer(AppConfig):
    """Found by its settings."""

    name = "tests.benchmarks.peer"
