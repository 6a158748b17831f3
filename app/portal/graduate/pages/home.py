"""The graduate's home: one card over all workflows, what else is open, and the ways in (R7.13)."""

from __future__ import annotations

from flask import render_template

from app.access.actors import GRADUATE
from app.cases.home import ENDED, Standing, news_of, standing_of, steps_after, ways_for
from app.portal.graduate.pages.signings import blueprint
from app.roster.services.graduates import own_graduate
from app.web.current import current_actor
from app.web.pages import page_access


@blueprint.get("/")
@page_access(GRADUATE)
def home() -> str:
    """Where I stand, who has to act, since when, the one next button; below it what else is open and the ways in."""
    actor = current_actor()
    graduate = own_graduate(actor)
    found = standing_of(actor) if graduate.invalid_since is None else []
    live: list[Standing | None] = [one for one in found if one.rank != ENDED]
    news = news_of(found)
    if news is not None and live:
        live.insert(0, None)  # what was only begun does not cover what has happened since
    return render_template(
        "portal/graduate/home.html",
        graduate=graduate,
        card=live[0] if live else None,
        others=live[1:],
        news=news,
        steps=steps_after(found, graduate),
        ways=ways_for(graduate, actor) if graduate.invalid_since is None else [],
    )
