"""The peer as a server's processes load it: PEER tells the address of the database and to what its lists are narrowed."""

from __future__ import annotations

import json
import os

from django.core.wsgi import get_wsgi_application

from tests.benchmarks.peer import scopes
from tests.benchmarks.peer.running import configure

told = json.loads(os.environ["PEER"])
scopes.update(told["scopes"])
configure(told["address"])
application = get_wsgi_application()
