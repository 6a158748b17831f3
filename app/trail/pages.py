"""谁看过我的信息: a graduate sees who looked at or downloaded their records."""

from __future__ import annotations

from itertools import groupby

from flask import Blueprint, render_template

from app.access.actors import GRADUATE
from app.base.clock import SHANGHAI
from app.base.dates import day_text, moment_of
from app.trail.queries import MOST_READERS, published_days, readers_of
from app.web.current import current_actor
from app.web.gate import open_to_all
from app.web.pages import page_access

blueprint = Blueprint("trail", __name__)
open_to_all("trail.chain")


@blueprint.get("/graduate/readers")
@page_access(GRADUATE)
def readers() -> str:
    """Who saw my records, day by day, newest first."""
    found = readers_of(current_actor())
    rows = [(day_text(one.at), f"{moment_of(one.at).astimezone(SHANGHAI):%H:%M}", one) for one in found]
    days = [(day, list(group)) for day, group in groupby(rows, key=lambda row: row[0])]
    return render_template("trail/readers.html", days=days, most=MOST_READERS, full=len(found) == MOST_READERS)


@blueprint.get("/chain")
def chain() -> str:
    """The sealed ends of all histories: what they are for, and each day's file."""
    return render_template("trail/chain.html", days=published_days())
