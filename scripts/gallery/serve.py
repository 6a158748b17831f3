"""Show every building block of the pages with sample data: `python scripts/gallery/serve.py [port]`, then /gallery."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))

from flask import Flask, render_template, request  # noqa: E402
from flask_babel import Babel  # noqa: E402
from flask_wtf import CSRFProtect  # noqa: E402

from app.web import filters, headers  # noqa: E402

PAGES = {
    "/": "entrance/start.html",
    "/login": "entrance/login.html",
    "/error": "errors/error.html",
    "/gallery": "gallery.html",
}


def sample_data() -> dict[str, Any]:
    """The sample data; {"hours": n} stands for the moment n hours from now."""

    def read(pairs: dict[str, Any]) -> Any:
        return datetime.now(UTC) + timedelta(hours=pairs["hours"]) if set(pairs) == {"hours"} else pairs

    text = (Path(__file__).parent / "sample.json").read_text(encoding="utf-8")
    data: dict[str, Any] = json.loads(text, object_hook=read)
    return data


def gallery_app() -> Flask:
    """The templates and styles alone: no database, no accounts, no rules."""
    app = Flask("app", root_path=str(ROOT / "app"))
    app.config.update(
        SECRET_KEY="gallery",
        BABEL_DEFAULT_LOCALE="zh",
        BABEL_TRANSLATION_DIRECTORIES=str(ROOT / "translations"),
        TEMPLATES_AUTO_RELOAD=True,
    )
    Babel(app)
    CSRFProtect(app)
    filters.register(app)
    headers.register(app)
    data = sample_data()
    app.context_processor(lambda: {"shell": data["shell"]})

    @app.get("/regions.json")
    def regions() -> Any:
        return [["110000", "北京市", ""], ["110100", "市辖区", "110000"], ["110108", "海淀区", "110100"]]

    def page() -> str:
        values = {name: int(text) if text.isdigit() else text for name, text in request.args.items()}
        template = PAGES[request.path]
        return render_template(template, **{"sample": data["sample"], "door": "graduate", "status": 404, **values})

    for path in PAGES:
        app.add_url_rule(path, path, page)
    return app


if __name__ == "__main__":
    gallery_app().run(port=int(sys.argv[1]) if len(sys.argv) > 1 else 5050)
