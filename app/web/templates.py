"""The templates of all pages, compiled before the first visitor waits for one."""

from __future__ import annotations

from flask import Flask


def compile_all(app: Flask) -> None:
    """Compile every template once; processes forked afterwards share them. Called at the start of web servers."""
    for name in app.jinja_env.list_templates(extensions=["html", "txt", "xml"]):
        app.jinja_env.get_template(name)
