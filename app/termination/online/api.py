"""The API of the online terminations."""

from __future__ import annotations

from app.cases.api import CaseApi


class OnlineTerminationApi(CaseApi):
    """W4: one side asks to end an agreement, the other answers, the school reviews."""

    workflow = "online_termination"
