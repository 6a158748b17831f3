"""The description of the whole API and its address: made once from what every API says of itself."""

from __future__ import annotations

import json
from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from apispec.ext.marshmallow.common import resolve_schema_cls
from flask import Response, current_app, request
from flask_babel import get_locale
from flask_babel import gettext as _
from marshmallow import Schema

from app.base.errors import NotFound
from app.base.settings import settings
from app.fab import openapi
from app.fab.api import RoomApi, expose
from app.fab.openapi import describe
from app.fab.shapes import OBJECT

# The first number stands in the address and changes when something is taken away; the second with every addition. What
# has changed is told in docs/api.md under the same number.
VERSION = "1.6"
_BEARER = {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}


class OpenApi(RoomApi):
    """What programs can do here."""

    route_base = "/api"
    class_permission_name = "OpenApi"
    permissions = {"can_get": ()}
    words = {"version": ("v1",)}

    def __init__(self) -> None:
        super().__init__()
        self._made: dict[tuple[str, str], str] = {}  # by the path below which the application is mounted, and language

    @expose("/<string:version>/_openapi", methods=["GET"])
    @describe(OBJECT)
    def get(self, version: str) -> Response:
        """This description."""
        if version != self.version:
            raise NotFound()
        root = request.script_root or "/"
        key = (root, str(get_locale()))
        if key not in self._made:
            self._made[key] = json.dumps(document(root), ensure_ascii=False)
        return Response(self._made[key], mimetype="application/json")


def document(root: str = "/") -> dict[str, Any]:
    """The description of every API of the running application, OpenAPI 3.1, in the reader's language."""
    builder = current_app.appbuilder  # type: ignore[attr-defined]
    apis = [view for view in builder.baseviews if isinstance(view, RoomApi)]
    spec = APISpec(
        title=builder.app_name,
        version=VERSION,
        openapi_version="3.1.0",
        plugins=[MarshmallowPlugin(schema_name_resolver=component_name)],
        info=about(_("Quick start, keys, limits and changes of each version: %(url)s", url=docs_url())),
        servers=[{"url": root}],
    )
    for status, response in openapi.refusals().items():
        spec.components.response(status, response)
    for name in ("jwt", "jwt_refresh"):
        spec.components.security_scheme(name, _BEARER)
    for told in {str(api.resource_name): openapi.tag(api) for api in reversed(apis)}.values():
        spec.tag(told)
    for api in apis:
        api.add_api_spec(spec)
    return spec.to_dict()


def docs_url() -> str:
    """Where integrators read more."""
    return f"{settings().public_url}/docs"


def about(description: str) -> dict[str, Any]:
    """What the head of each description of ours says beside title and version."""
    return {
        "description": str(description),
        "contact": {"name": str(_("Documents for integrators")), "url": docs_url()},
        "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
    }


def component_name(schema: type[Schema] | Schema) -> str:
    """UnitShape is Unit; forms of the same name live in several rooms: signing.online.forms.InviteForm is SigningOnlineInvite."""
    kind: Any = resolve_schema_cls(schema)
    if not kind.__name__.endswith("Form"):
        return str(kind.__name__.removesuffix("Shape"))
    rooms = "".join(part.title() for part in kind.__module__.split(".")[1:-1])
    change = "Change" if getattr(schema, "partial", None) is True else ""
    return f"{rooms}{kind.__name__.removesuffix('Form')}{change}"
