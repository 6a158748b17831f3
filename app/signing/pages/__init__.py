"""Pages of the signings: for units and for graduates."""

from __future__ import annotations

from flask import Flask

from app.access.actors import EMPLOYER, GRADUATE
from app.doors import links
from app.signing import snapshots
from app.signing.pages import (
    agreements,
    employer,
    favorites,
    graduate,
    home,
    invitations,
    jobs,
    letter_templates,
    mine,  # noqa: F401 - a page of the graduate's blueprint
    paper,
    paper_form,
    papers,
    upload,
    verify,
)


def register(app: Flask) -> None:
    """Open the pages; tell the rules where the public check of an agreement lies."""
    snapshots.use_verify_page(app.config["SETTINGS"].public_url + "/verify")
    for room in (
        employer,
        favorites,
        invitations,
        jobs,
        letter_templates,
        graduate,
        agreements,
        paper,
        papers,
        upload,
        verify,
    ):
        app.register_blueprint(room.blueprint)
    jobs.declare()
    home.declare()
    paper.declare()
    paper_form.declare()
    links.declare("online_signing", EMPLOYER, "employer.signing")
    links.declare("online_signing", GRADUATE, "graduate.signing")
