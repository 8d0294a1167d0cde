"""The demo's door for the WSGI server: the whole web, and the outbox beside it."""

from config import settings
from curator.app import build
from curator.demo.loopback import require_loopback
from curator.demo.outbox import blueprint
from curator.web import create_app

_settings = settings()
require_loopback(_settings)
application = create_app(build(_settings), extra_blueprints=[blueprint(_settings.data_dir / "outbox")])
