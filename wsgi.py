"""The door for any WSGI server: `granian --interface wsgi wsgi:application`."""

from config import settings
from curator.app import build
from curator.jobs import watching
from curator.watch.values import ProcessKind
from curator.web import create_app

_app = build(settings())
application = create_app(_app)
# In the embedded set nobody else is left to see that the runner is dead.
watching.begin(_app, kind=ProcessKind.WEB)
